// What `message` of `scene.py` sends; what each field means stands there.

export type Axis = [name: string, size: number][];
export type Coordinates = Record<string, number>;
export type Pair = [number, number];
export type Numbers = Float32Array | Float64Array;

export interface Tile {
  values: Numbers;
  shape: Pair;
  fixed: Coordinates;
  prefix: number[];
  row_start: number;
  column_start: number;
  /** Rows above and below, columns left and right that are padding. */
  ring: [number, number, number, number];
  /** Whether a NaN stands for a number that is not computed yet; see `TileView.seen`. */
  partial?: boolean;
  label: string;
  marks: Numbers | null;
  range: Pair | null;
  bins: Pair | null;
  colours: Numbers | null;
  /** Which cells are covered until somebody has answered; left out where none is. */
  covered?: Numbers;
}

/** Words as markup, and for what can hold none. */
export interface Note { html: string; plain: string }

export interface Panel {
  key: string;
  /** What the axes of the array are called. */
  axes: string[];
  title: string;
  plain: string;
  tiles: Tile[];
  rows: Axis;
  columns: Axis;
  row_total: number;
  column_total: number;
  index: "rc" | "cr" | "r" | "c" | "" | "dims";
  scale: string;
  range: Pair;
  notes: Note[];
  unit: string;
  now: boolean;
  square: boolean;
  empty: boolean;
  enough: number;
  rounding: number;
  gradient: boolean;
  named: boolean;
  picture: boolean | null;
}

export interface Geometry {
  kernel: Pair;
  stride: Pair;
  padding: Pair;
  output: Pair;
  dilation: Pair;
  groups: Pair | null;
}

export type Item = string | Item[] | { table: Item[] } | { grid: (Item | null)[][]; heads?: string[] };

export interface Offer {
  key: string;
  title: string;
  pinned: boolean;
}

/** What `result.py` says of the cells that are computed one by one. */
export interface CellsMessage {
  grain: string;
  at: number[];
  count: number | null;
  result: string;
  name: string;
  operands: string[];
  made: string[];
  later: string[];
  /** Changes with the place that was arrived at. */
  moment: number;
}

/**
 * Told to the other components: how far the result is, what the next press computes, and whether
 * another cell is lit by now than the one that is explained.
 */
export interface Progress { done: number; total: number; next: string; ahead: boolean }


export interface Scene {
  panels: Record<string, Panel>;
  layout: Item[];
  geometry?: Geometry | null;
  names?: Record<string, string[]>;
  scroll?: Record<string, number>;
  start?: Record<string, number>;
  offered?: Offer[];
  phase?: string;
  stage?: number;
  layer?: string;
  iteration?: number;
  cells?: CellsMessage;
  /** Whether it must not be seen what belongs to a cell. */
  apart?: boolean;
}
