// What the files of a class say together: which of them count, and the numbers of each question
// and of each student.

/** @import { Answers, Question, Try } from "./read.js" */

/** @typedef {{ file: string, why: string }} LeftOut */
/**
 * What a question was answered with, by all who answered it.
 * @typedef {object} OfQuestion
 * @property {Question} question
 * @property {number} answered by how many
 * @property {number} first how many were right at their first try
 * @property {number} tries median, up to the first right answer
 * @property {number} seconds median, up to the same
 * @property {[mistake: string, count: number][]} mistakes of all answers, the most frequent first; those that are no typical mistake, "", at the end
 */
/**
 * @typedef {object} OfStudent
 * @property {string} name or that of the file
 * @property {string} file
 * @property {number} first how many questions were right at the first try
 * @property {number} answered
 * @property {number} tries
 * @property {number} seconds
 * @property {number} last when the last answer was given, in seconds; 0 if none was
 * @property {(number | null)[]} results for each question at which try it was right; 0 if never, null without an answer
 */
/**
 * @typedef {object} Summary
 * @property {string} title of the lesson; empty if no file counts
 * @property {OfQuestion[]} questions
 * @property {OfStudent[]} students
 * @property {LeftOut[]} leftOut
 */

/**
 * @param {Answers[]} all
 * @returns {Summary}
 */
export function summaryOf(all) {
  const { answers, leftOut } = counting(all);
  const questions = answers[0]?.questions ?? [];
  return {
    title: answers[0]?.title ?? "",
    questions: questions.map((question) => ofQuestion(question, answers)),
    students: answers.map((one) => ofStudent(one, questions)),
    leftOut,
  };
}

/**
 * The files that count: of the lesson of which there are most, and of each student's the longest.
 * @param {Answers[]} all
 */
export function counting(all) {
  /** @type {LeftOut[]} */
  const leftOut = [];
  const lessons = grouped(all, ({ lesson, digest }) => `${lesson} ${digest}`);
  const most = lessons.reduce((one, other) => (other.length > one.length ? other : one), lessons[0] ?? []);
  for (const group of lessons) {
    const isSame = group !== most && group[0].lesson === most[0].lesson;
    const why = isSame ? "of another version of this lesson" : `of another lesson: ${group[0].title}`;
    if (group !== most) leftOut.push(...group.map(({ file }) => ({ file, why })));
  }
  const answers = [];
  // Nobody else gives the same answer at the same millisecond.
  for (const group of grouped(most, ({ tries, name }) => JSON.stringify(tries[0] ?? name))) {
    const longest = group.reduce((one, other) => (other.tries.length > one.tries.length ? other : one));
    answers.push(longest);
    for (const { file, tries } of group) {
      const what = tries.length < longest.tries.length ? "an earlier state of" : "the same answers as";
      if (file !== longest.file || tries !== longest.tries) leftOut.push({ file, why: `twice: ${what} ${longest.file}` });
    }
  }
  return { answers, leftOut };
}

/**
 * @template T
 * @param {T[]} all
 * @param {(one: T) => string} key
 * @returns {T[][]} in order
 */
function grouped(all, key) {
  /** @type {Map<string, T[]>} */
  const groups = new Map();
  for (const one of all) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return [...groups.values()];
}

/**
 * The answers to a question up to the first right one.
 * @param {Try[]} tries
 * @param {number} step
 */
function triesAt(tries, step) {
  const here = tries.filter((one) => one.step === step), right = here.findIndex(({ is_right }) => is_right);
  return right < 0 ? here : here.slice(0, right + 1);
}

/** @param {Try[]} tries */
const secondsOf = (tries) => tries.reduce((sum, { took }) => sum + took, 0);

/**
 * @param {Question} question
 * @param {Answers[]} answers
 * @returns {OfQuestion}
 */
function ofQuestion(question, answers) {
  const each = answers.map(({ tries }) => triesAt(tries, question.step)).filter((tries) => tries.length);
  const wrong = grouped(each.flat().filter(({ is_right }) => !is_right), ({ mistake }) => mistake);
  return {
    question,
    answered: each.length,
    first: each.filter(([first]) => first.is_right).length,
    tries: median(each.map(({ length }) => length)),
    seconds: median(each.map(secondsOf)),
    mistakes: wrong.map((group) => /** @type {[string, number]} */ ([group[0].mistake, group.length]))
      .sort(([one, count], [other, more]) => Number(!one) - Number(!other) || more - count),
  };
}

/**
 * @param {Answers} answers
 * @param {Question[]} questions
 * @returns {OfStudent}
 */
function ofStudent({ name, file, tries }, questions) {
  const each = questions.map(({ step }) => triesAt(tries, step));
  const counted = each.flat();
  return {
    name: name || file,
    file,
    first: each.filter(([first]) => first?.is_right).length,
    answered: each.filter(({ length }) => length).length,
    tries: counted.length,
    seconds: secondsOf(counted),
    last: Math.max(0, ...tries.map(({ at }) => at)),
    results: each.map((here) => (here.length ? (here[here.length - 1].is_right ? here.length : 0) : null)),
  };
}

/**
 * @param {number[]} values
 * @returns {number} 0 of none
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length >> 1;
  if (!sorted.length) return 0;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
