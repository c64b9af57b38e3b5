// What `Composing` says of the draft; texts are as they are typed unless they are said to be HTML.

/** A text, texts, or keys with texts. */
export type Value = string | string[] | Record<string, string>[];

export interface Fault {
  /** Of the field: "title", "text", a key of the block, or "block". */
  key: string;
  text: string;
}

/** The part in hand. */
export interface Form {
  title?: string;
  text?: string;
  /** As text. */
  block: string;
  /** By key; null where the form has no place for one of them. */
  fields: Record<string, Value> | null;
  /** Keys that have no field. */
  more: string[];
  /** Of the question; empty if there is none. */
  kind?: string;
  /** Whether its rule is made by clicking. */
  clicks?: boolean;
  /** HTML. */
  shown?: { title: string; text: string; ask?: string };
  /** What the iteration answers: HTML, and whether that is clear. */
  answer?: { said: string; why: string; fair: boolean };
  fault: Fault | null;
}

export interface Composed {
  /** Of the draft. */
  key: string;
  /** The last entry that was taken in. */
  count: number;
  /** HTML. */
  title: string;
  /** Their titles are HTML. */
  steps: { title: string; kind: string; faulty: boolean }[];
  /** Number of the step in hand, from 1; 0 for the head. */
  chosen: number;
  /** Whether something is wrong with the head. */
  faulty: boolean;
  undo: boolean;
  said: string;
  /** What a click on a cell is for: "ask", "point" or nothing. */
  pick: string;
  away: boolean;
  form: Form;
}

/** What a browser keeps of a draft; `late` has not arrived at Python yet. */
export interface Kept {
  key: string;
  text: string;
  step: number;
  title: string;
  at: number;
  late: Entry[];
}

export interface Entry {
  number: number;
  key: string;
  value: Value;
  count: number;
}

/** What can be chosen from. */
export interface Menus {
  /** What each kind of question asks for, by its key. */
  kinds: Record<string, string>;
  /** Of the page. */
  controls: string[];
  /** Names of mistakes, and the kinds that have them. */
  mistakes: string[];
  named: string[];
}
