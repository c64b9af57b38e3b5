/** A file that somebody chose. */
export type Chosen = {
  /** Its name, with the folders in which it was chosen. */
  path: string;
  file: File;
};

/** What Python is told of a file, see `ChosenFile` of `run/own_data.py`. */
export type Entry = {
  name: string;
  /** Bytes that are sent of it. */
  size: number;
  width?: number;
  height?: number;
  scaled?: boolean;
  broken?: boolean;
  passed_over?: boolean;
};

/** How somebody wants the classes; an empty name leaves a class out. */
export type Wanted = { names: string[]; mixed: boolean };

/** What `controls/own/own_data.py` has found in the files. */
export type FoundData = {
  number: number;
  title: string;
  /** How many images there are, and of which size. */
  about: string;
  notes: string[];
  outcome: Outcome;
  /** Whether mixing all images and splitting them anew is a remedy. */
  canMix: boolean;
  mixed: boolean;
  /** Why the classes cannot be taken so, if they cannot. */
  fault: string;
  /** Pixels of a picture. */
  width: number;
  height: number;
  classes: FoundClass[];
};

/** What would be trained on. */
export type Outcome = {
  /** How the classes are wanted. */
  names: string[];
  /** How many classes and images that is. */
  text: string;
  /** What is odd about them, with what to do. */
  remarks: string[];
};

export type FoundClass = {
  name: string;
  train: number;
  test: number;
  /** Some of its pictures, as base64 of red, green and blue, one picture after the other. */
  pictures: string;
};
