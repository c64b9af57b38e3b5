// What `handout_step` of `viz_app/handout/sheet.py` says of a step; texts are HTML unless they are
// said to be plain.

import type { Numbers, Pair } from "../board/scene.js";
import type { Content } from "../lesson/content.js";

/** One matrix of a question, or as much of it as that needs. */
export interface Matrix {
  /** Plain. */
  key: string;
  title: string;
  /** Which channel or sample it is, plain; empty if there is one only. */
  label: string;
  /** Which rows and columns are printed, plain; empty if all are. */
  note: string;
  /** What marked cells are, plain; empty if none is. */
  sign: string;
  total: Pair;
  starts: Pair;
  /** Row by row; 0 where a cell is empty. */
  values: Numbers;
  rows: number[];
  columns: number[];
  /** Of each cell: whether it holds no number, is named by the step, is padding, is marked. */
  empty: Numbers;
  lit: Numbers;
  ring: Numbers;
  marked: Numbers;
  rounding: number;
  gradient: boolean;
}

/** An answer, and one sentence why. */
export interface Key { said: string; why: string }

type Asked = Pick<Content, "ask" | "kind" | "asks" | "options" | "labels" | "terms" | "heads" | "symbol" | "why" | "array">;

/** One step of a lesson. */
export interface Sheet extends Asked {
  /** Tells one hand-out from the next. */
  number: number;
  lesson: string;
  learns: string;
  minutes: number;
  count: number;
  step: number;
  heading: string;
  text: string;
  /** Why nothing can be asked, plain. */
  error?: string;
  matrices?: Matrix[];
  /** Null where nothing is asked. */
  key?: Key | null;
}
