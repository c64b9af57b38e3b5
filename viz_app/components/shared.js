// Shared by all components: colour scales, number format, elements.

const parse = (hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));

/** A colour scale: value → [r, g, b], from evenly spaced hex stops between low and high. */
function colourScale(stops, low, high) {
  const colours = stops.map(parse);
  const span = high - low || 1;
  return (value) => {
    if (!Number.isFinite(value)) return [255, 0, 255];
    const at = Math.max(0, Math.min(1, (value - low) / span)) * (colours.length - 1);
    const k = Math.min(colours.length - 2, Math.floor(at));
    const part = at - k;
    return colours[k].map((c, i) => Math.round(c + (colours[k + 1][i] - c) * part));
  };
}

const TABLES = new Map();

/** The same colours in 256 steps as 32-bit pixels, for pictures of many small cells. */
function pixelScale(stops, low, high) {
  const key = stops.join();
  if (!TABLES.has(key)) {
    const scale = colourScale(stops, 0, 255);
    TABLES.set(key, Uint32Array.from({ length: 256 }, (_, k) => {
      const [r, g, b] = scale(k);
      return (255 << 24 | b << 16 | g << 8 | r) >>> 0;
    }));
  }
  const table = TABLES.get(key), factor = 255 / (high - low || 1);
  return (value) => (Number.isFinite(value)
    ? table[Math.max(0, Math.min(255, Math.round((value - low) * factor)))] : 0xffff00ff);
}

/** A number as people read it: a true minus, no needless zeros, powers of ten when tiny or huge. */
function format(value, digits = 3) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1e4 || size < 1e-3
    ? value.toExponential(Math.max(0, digits - 2)).replace("e+", "e")
    : String(Number(value.toPrecision(digits)));
  return text.replace(/-/g, "−");
}

/** A number in as few characters as tell it: `−.04` for −0.042; fewer if it is small beside `other`. */
const short = (value, other = value) =>
  format(value, Math.abs(value) < Math.abs(other) / 10 ? 1 : 2).replace(/^(−?)0\./, "$1.");

/** Both ends of a range in few letters; a point behind the dots would look like one of them. */
function inShort(low, high) {
  const from = short(low, high), to = short(high, low);
  return low === -high ? `±${to}` : low < 0 ? `${from}…${to.replace(/^(−?)\./, "$10.")}` : `${from}–${to}`;
}

/** Make an element: el("div", {className: "x"}, child, "text"). */
function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) node[name] = value; else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** What `packed` of `wire.py` was given; its arrays are views of one. */
function unpacked({ text, numbers }) {
  const { buffer, byteOffset, BYTES_PER_ELEMENT: size } = numbers;
  const Kind = size === 8 ? Float64Array : Float32Array;
  return JSON.parse(text, (_, item) => (item?.floats
    ? new Kind(buffer, byteOffset + size * item.floats[0], item.floats[1] - item.floats[0])
    : item));
}

/** Bring `node` to the middle of its component, if that is narrower than what it holds. */
function centre(node) {
  const { host } = node.getRootNode();
  const box = node.getBoundingClientRect(), frame = host.getBoundingClientRect();
  if (host.scrollWidth > host.clientWidth) {
    host.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
  }
}
