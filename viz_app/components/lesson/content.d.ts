// What `Lessons` says of the step in sight; texts are HTML unless they are said to be plain.

export interface Term {
  /** Which of the terms it is. */
  label: string;
  /** Plain. */
  factors: string[];
  blank: boolean;
  /** Empty while it is asked. */
  value: string;
}

/** The right answer. */
export interface Told {
  said: string;
  explain: boolean;
}

export interface Verdict {
  right: boolean;
  /** What a wrong answer comes from; empty if that is not known. */
  mistake: string;
}

export interface Over {
  learns: string;
  right: number;
  asked: number;
  done: boolean;
  /** Name of the next lesson; empty if there is none. */
  following: string;
  /** The heading of docs/mathematics.md that derives it, plain; empty if there is none. */
  mathematics: string;
}

/** How far somebody is in a lesson, and what they answered. */
export interface Kept {
  /** Of the lesson; empty if none is on. */
  key: string;
  /** The file of answers, whole. */
  text: string;
  /** The same in at most 4096 characters: what does not fit is left out. */
  short: string;
  step: number;
  /** Share of the questions that were right at the first try. */
  score: number;
  /** Whether all was seen and answered. */
  done: boolean;
}

/** An answer: the number of a sentence, a sign, labels in order, texts of numbers. */
export type Given = number | string | string[] | null;

export interface Content {
  /** Tells one question from the next. */
  number: number;
  lesson: string;
  step: number;
  count: number;
  heading: string;
  text: string;
  /** Plain. */
  error: string;
  away?: boolean;
  /** Whether it is seen by who composes it. */
  tried: boolean;
  over?: Over;
  /** Whether it can be asked with other numbers. */
  again?: boolean;
  ask?: string;
  kind?: string;
  /** What is to be done, plain. */
  title?: string;
  asks?: boolean;
  options?: string[];
  /** Plain. */
  labels?: string[];
  terms?: Term[];
  /** What is multiplied in every term; empty where each has its own. */
  heads?: string[];
  /** Of what a sum makes. */
  symbol?: string;
  why?: string;
  array?: string;
  chosen?: { index: number[]; words: string }[];
  /** Once there is an answer, or it is shown without one. */
  told?: Told;
  verdict?: Verdict;
  /** Whether the answer can be shown: before a class. */
  showable?: boolean;
  given?: Given;
}
