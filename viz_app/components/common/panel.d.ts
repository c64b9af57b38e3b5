// What Panel and Bokeh give to our scripts; neither brings types along.

/** A component's properties as Python has set them, and the way to and from Python. */
export type Model<Properties> = Properties & {
  /** Call back when a property has changed, on "msg:custom" from Python, and on "remove". */
  on(event: string, callback: (message: any) => void): void;
  send_msg(message: unknown): void;
  document: BokehDocument;
};

/** What a component's `render` is called with. */
export type Rendered<Properties> = { model: Model<Properties>; el: HTMLElement };

export type BokehModel = { id: string; type: string; name: string | null; title?: unknown };

/** A change of a document; `sync` tells one of the page, which Python is told. */
export type Changed = { sync: boolean } & (
  | { kind: "ModelChanged"; model: BokehModel; attr: string }
  | { kind: "MessageSent"; msg_data: { event_name: string; origin?: BokehModel; data?: any } }
  | { kind: "other" }
);

export type BokehDocument = {
  is_idle: boolean;
  idle: Signal;
  all_models: Set<BokehModel>;
  on_event(name: string, callback: () => void): void;
  on_change(callback: (event: Changed) => void, batches: boolean): void;
  create_json_patch(events: Changed[]): unknown;
  /** Models that the page has made, and that Python does not know. */
  _new_models: Set<BokehModel>;
  _apply_json_patch(patch: { events: unknown }, buffers?: Map<string, ArrayBuffer>): void;
};

/** What of the page can be taken along; each part answers "cs-taking" with itself. */
export type Seen = {
  /** Where and what, in words and as an equation. */
  head: HTMLElement;
  board: {
    node: HTMLElement;
    /**
     * Draw all of it another way as long as `then` takes: on something else than its canvases, with
     * so many pixels for each one of the page, or light, for paper.
     */
    drawn<T>(how: { contextOf?: ContextOf; zoom?: number; printed?: boolean }, then: () => T): T;
    /** The numbers of all matrices. */
    csv(): string;
  };
};

/** Gives what is drawn on in place of a canvas. */
export type ContextOf = (canvas: HTMLCanvasElement) => CanvasRenderingContext2D;

declare global {
  const Bokeh: { documents: BokehDocument[] };
  type Signal = { connect(slot: () => void): void; disconnect(slot: () => void): void };
  interface DocumentEventMap {
    "cs-keep": CustomEvent<import("../lesson/content.js").Kept>;
    "cs-kept": CustomEvent<{ key: string; text: string | null }>;
    "cs-leaving": CustomEvent<Promise<unknown>[]>;
    "cs-taking": CustomEvent<Partial<Seen>>;
  }
}
