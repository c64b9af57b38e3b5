// What Panel and Bokeh give to our scripts; neither brings types along.

/** A component's properties as Python has set them, and the way to and from Python. */
export type Model<Properties> = Properties & {
  /** Call back when a property has changed, on "msg:custom" from Python, and on "remove". */
  on(event: string, callback: (message: any) => void): void;
  send_msg(message: unknown): void;
};

/** What a component's `render` is called with. */
export type Rendered<Properties> = { model: Model<Properties>; el: HTMLElement };

declare global {
  const Bokeh: { documents: { is_idle: boolean; idle: Signal }[] };
  type Signal = { connect(slot: () => void): void; disconnect(slot: () => void): void };
}
