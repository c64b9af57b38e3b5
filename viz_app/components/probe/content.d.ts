// What Python sends to the panel of a probe, see `content_of` and `gallery_of` of `probe.py`.

export type Content = {
  /** Channels, rows and columns of what can be drawn on; empty if nothing can. */
  shape: [number, number, number] | [];
  /** Of each channel, from 0 to 255. */
  background: number[];
  classes: string[];
  /** Of the last drawing that was heard. */
  number: number;
  /** Whether a lesson says what is seen. */
  led: boolean;
  said: string[];
  /** Of each class, or of the likeliest; without numbers as long as nothing is asked. */
  bars: { name: string, value: number | null, share: number, first: boolean }[];
  answer: Answer | null;
  /** What was asked about before the training batch came back; empty if nothing was. */
  before: string;
};

export type Answer = {
  words: string;
  source: "test" | "drawn" | "opened";
  /** Bytes in base64, channel by channel. */
  pixels: string;
  /** The class that the loss is asked against; null without classes. */
  label: number | null;
  /** Whether that one stays, whatever the network says: a person chose it, or drew on a test image of it. */
  chosen: boolean;
  loss: number;
  iteration: number;
  gradient: Float32Array | Float64Array;
  /** The largest size of a number of it. */
  most: number;
  /** What the gradient is called, as markup. */
  title: string;
  /** Of two runs that are compared, whose answer it is, and the other one; empty without. */
  runs: string;
};

export type Gallery = {
  /** With the class that a wrong one is taken for. */
  items: { number: number, name: string, answer: string }[];
  pixels: string;
  more: boolean;
  tested: { iteration: number, done: number, total: number, wrong: number } | null;
  finding: boolean;
  can_find: boolean;
};
