// What page.py tells the page, what Python says to it, and what it uses of Bokeh, which has no types.

interface Part {
  name: string;
  file: string;
  size: number;
  modes: string[];
}

interface Rendering {
  title: string;
  css: string[];
  roots: string[];
  doc: unknown;
}

interface Site {
  version: string;
  parts: Part[];
  rendering: Rendering;
  styles: Record<string, string>;
  /** Those of which an address that leads to a moment has at least one. */
  words: string[];
  /** Titles of the presets by name, and the name of the one that is drawn at first. */
  presets: Record<string, string>;
  preset: string;
  /** Name of the lesson that it opens and reports, as a package for a learning platform; or empty. */
  lesson: string;
}

/** As a stream. */
type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

/** Told how many bytes have come. */
type Progress = (bytes: number) => void;

/** What first_look.py records: changes of the document by stage and inner stage. */
interface Recorded {
  player: string;
  places: unknown[][];
}

/** What the worker says, by type. */
interface FromPython {
  alive: { rendering: string | null };
  patch: { patch: string; buffers: [id: string, bytes: Uint8Array<ArrayBuffer>][] };
  done: { memory: number };
  error: { error: string };
  failed: { error: string };
}

interface Changed {
  kind: string;
  /** Whether it is for Python; false of what comes from there. */
  sync: boolean;
  msg_data?: { origin?: { id: string }; data?: any };
}

interface BokehDocument {
  apply_json_patch(patch: unknown, buffers: Map<string, ArrayBuffer>): void;
  create_json_patch(events: Changed[]): unknown;
  on_change(callback: (event: Changed) => void, batch: boolean): void;
}

declare const Bokeh: {
  embed: {
    embed_items(docs: Record<string, unknown>, items: object[]): Promise<
      { roots: Map<string, { model: { document: BokehDocument } }> }[]
    >;
  };
};

/** The run-time API of SCORM 1.2, which a window of the learning platform has. */
interface LearningPlatform {
  LMSInitialize(nothing: ""): string;
  LMSFinish(nothing: ""): string;
  LMSGetValue(name: string): string;
  LMSSetValue(name: string, value: string): string;
  LMSCommit(nothing: ""): string;
  LMSGetLastError(): string;
  LMSGetErrorString(code: string): string;
}

/** How far somebody is in a lesson, and what they answered: see `LessonPanel.kept`. */
interface Kept {
  key: string;
  short: string;
  step: number;
  score: number;
  done: boolean;
}

interface DocumentEventMap {
  "cs-keep": CustomEvent<Kept>;
  "cs-kept": CustomEvent<{ key: string; text: string | null }>;
}

interface Convscope {
  patience: number;
  memory: number;
  readonly worker: Worker | null;
  readonly alive: boolean;
}

declare var convscope: Convscope;

interface Window {
  API?: LearningPlatform;
  importShim?: (address: string) => Promise<unknown>;
  csPart: (file: string, text: string) => void;
}

interface Uint8ArrayConstructor {
  /** Not in every browser. */
  fromBase64?(text: string): Uint8Array<ArrayBuffer>;
}
