// Elements of the page.

/**
 * Make an element: el("div", {className: "x"}, child, "text").
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} properties what the element has no property for is an attribute
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) Reflect.set(node, name, value); else node.setAttribute(name, String(value));
  }
  node.append(...children);
  return node;
}

/**
 * What one draws on in a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function contextOf(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (!context) throw new Error("this browser gives no canvas to draw on");
  return context;
}

/**
 * The element that a node's shadow root belongs to.
 * @param {Node} node
 */
export function hostOf(node) {
  const root = node.getRootNode();
  if (!(root instanceof ShadowRoot)) throw new Error("a component is drawn outside of a shadow root");
  return /** @type {HTMLElement} */ (root.host);
}

/**
 * Bring `node` to the middle of what scrolls it, if that is narrower than what it holds.
 * @param {Element} node
 * @param {Element} [scroller] its component, if not given
 */
export function centre(node, scroller = hostOf(node)) {
  const box = node.getBoundingClientRect(), frame = scroller.getBoundingClientRect();
  if (scroller.scrollWidth > scroller.clientWidth) {
    scroller.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
  }
}
