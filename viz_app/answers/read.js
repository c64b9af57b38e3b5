// Reads files of answers, and says what is wrong with one.

/**
 * One answer, see `Try` of `progress.py`.
 * @typedef {{ step: number, seed: number, level: number, given: unknown, is_right: boolean, mistake: string, at: number, took: number }} Try
 */
/** @typedef {{ step: number, title: string, ask: string }} Question */
/**
 * What a file says.
 * @typedef {object} Answers
 * @property {string} file its name
 * @property {string} name of the person; may be empty
 * @property {string} lesson
 * @property {string} digest of the lesson's file
 * @property {string} title of the lesson
 * @property {Question[]} questions
 * @property {Try[]} tries
 */

const FORMAT = "convscope answers 1";
export const MOST_BYTES = 600_000;
// How a file ends; the code is of all that stands before it.
const CHECK = ' "check": "', END = /^[0-9a-f]{8}"\n\}$/;

/**
 * The CRC-32 of bytes, as zlib computes it.
 * @param {Uint8Array} bytes
 */
export function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/**
 * @param {string} file its name
 * @param {Uint8Array} bytes
 * @returns {Answers}
 * @throws {Error} it is left out; the message says why
 */
export function readAnswers(file, bytes) {
  const text = new TextDecoder().decode(bytes), isOurs = text.includes(FORMAT);
  /** @type {any} */
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error(isOurs ? "damaged: it was changed or cut off" : "no file of answers");
  }
  if (content?.format !== FORMAT) throw new Error(isOurs ? "damaged: it was changed" : "no file of answers");
  // Written in ASCII: a character is a byte.
  const end = text.lastIndexOf(CHECK), code = text.slice(end + CHECK.length);
  if (end < 0 || !END.test(code) || crc32(bytes.subarray(0, end)) !== parseInt(code, 16)) {
    throw new Error("changed: its check code does not fit");
  }
  const { name = "", title = "", lesson, digest, questions, tries } = content;
  if (![name, title, lesson, digest].every(isText) || !isList(questions, isQuestion) || !isList(tries, isTry)) {
    throw new Error("damaged: it holds what no lesson writes");
  }
  return { file, name, title, lesson, digest, questions, tries };
}

/** @param {unknown} value */
const isText = (value) => typeof value === "string" && value.length < 2000;

/** @param {unknown} value */
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

/**
 * @param {unknown} list
 * @param {(one: any) => boolean} isOne
 */
const isList = (list, isOne) => Array.isArray(list) && list.every((one) => one && isOne(one));

/** @param {Question} question */
const isQuestion = ({ step, title, ask }) => isNumber(step) && isText(title) && isText(ask);

/** @param {Try} one */
const isTry = ({ step, seed, level, is_right, mistake, at, took }) => [step, seed, level, at, took].every(isNumber)
  && typeof is_right === "boolean" && isText(mistake);
