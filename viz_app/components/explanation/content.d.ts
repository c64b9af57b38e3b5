// What `message` of `explanation.py`, and that of `trail.py`, give.

/** A number of a term; `symbol` and `title` tell its cell, if it lies in one. */
export type Factor = {
  value: number; linked: boolean; rounding: boolean; symbol: string; title: string;
};

/** A term; `place` is its number among all of them, `label` its index along the table. */
export type Term = {
  label: string; place: number; note: string; value: number; factors: Factor[];
  because: Factor[]; reasons: number;
  /** Places of numbers that are covered, of the factors and the reasons behind them. */
  covered?: number[];
};

/** So many terms have the same columns: the heads of these, and that of their indices. */
export type Group = { count: number; heads: string[]; letters: string };

export type Check = {
  analytic: number; numeric: number; error: number; note: string; kink: boolean; zero: boolean;
  small: boolean; good: boolean; moved: string; step: number; below: number; above: number;
};

/** An explanation; without a name nothing is selected. */
export type Content = {
  number: number; name?: string; phase: string; heading: string; symbol: string; aside: string; why: string;
  formula: string; own: string; terms: Term[]; groups: Group[];
  rest: { count: number; value: number }; by_size: boolean; sum: number; total: number;
  stored: number; rounding: boolean; operation: "sum" | "max" | "argmax" | "function";
  function: string; onward: { symbol: string; title: string } | null; gradient: boolean;
  check: Check | null;
  /** Whether the number is one of the model, and can be changed. */
  editable?: boolean;
  /** Whether the number is covered: nothing but its name is told. */
  covered?: boolean;
  /** Whether a number that it is computed from is covered: the result is not told. */
  misses?: boolean;
  /** The number in both runs, while two are compared. */
  beside?: Beside;
};

/** A number in both runs; `run` is the one that is explained. */
export type Beside = { run: "a" | "b"; a: number; b: number | null; less: number | null };

/** A visited number; `away` is how many stops on it lies, or back. */
export type Chip = { symbol: string; title: string; elsewhere: boolean; away: number };

export type Trail = { chips?: Chip[]; back: boolean; forward: boolean };
