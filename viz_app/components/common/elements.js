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
 * Write a text, unless it stands there: what is written again is laid out again, and said again by a
 * screen reader.
 * @param {Node} node
 * @param {string} text
 */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * The markup that was written last into a node; read back it would be spelt otherwise.
 * @type {WeakMap<Element, string>}
 */
const MARKUP = new WeakMap();

/**
 * Write markup, unless it stands there: see `write`. Nothing else may write into the node.
 * @param {Element} node
 * @param {string} html
 * @returns {boolean} whether it was written
 */
export function writeMarkup(node, html) {
  if ((MARKUP.get(node) ?? "") === html) return false;
  node.innerHTML = html;
  MARKUP.set(node, html);
  return true;
}

/**
 * A choice of one. Made by hand, it gives the focus back, so that the arrow keys step again; whoever
 * chooses by keys goes on in it.
 * @param {Record<string, unknown>} properties see `el`
 * @param {(value: string) => void} onChoose
 * @param {...HTMLOptionElement} options
 */
export function choice(properties, onChoose, ...options) {
  let byKeys = false;
  const node = el("select", {
    ...properties,
    onpointerdown: () => { byKeys = false; },
    onkeydown: () => { byKeys = true; },
    onchange: () => {
      onChoose(node.value);
      if (!byKeys) node.blur();
    },
  }, ...options);
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

/** The element that really has the focus, inside shadow roots too. */
export function focused() {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node;
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
