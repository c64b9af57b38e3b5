// What `controls/settings/network.py` says of the texts of a run.

/** What can be put in. */
export interface Part {
  word: string;
  text: string;
  /** What may stand behind the word. */
  knows: string;
  /** What is put in behind a vector; empty if that is the same. */
  vector_text: string;
}

export interface Menus {
  layers: Part[];
  /** By the name of the setting. */
  parts: Record<string, Part[]>;
  titles: Record<string, string>;
}

/** What is known of the text of a network. */
export interface Report {
  number: number;
  /** One a line in which layers begin: the output of the last of them, and what all of them cost. */
  rows: { line: number; shape: string; params: number; adds: number }[];
  total: { params: number; of_image: number; adds: number; batch: number };
  /** Where it is in the text; from -1 if it is nowhere. */
  fault: { text: string; start: number; stop: number } | null;
  note: string;
  /** The text as it stands here once it is trained; empty if it cannot be. */
  written: string;
}

/** What is wrong with the text of another setting. */
export interface Judged {
  number: number;
  name: string;
  fault: string;
  /** What it means in numbers; empty if there is nothing to say. */
  explained: string;
}
