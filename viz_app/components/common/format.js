// Numbers as text.

/**
 * A number as people read it: a true minus, no needless zeros, powers of ten when tiny or huge.
 * @param {number} value
 */
export function format(value, digits = 3) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1e4 || size < 1e-3
    ? value.toExponential(Math.max(0, digits - 2)).replace("e+", "e")
    : String(Number(value.toPrecision(digits)));
  return text.replace(/-/g, "−");
}

/**
 * A number in single precision, in which cells are drawn, as far as that holds it. Wherever many
 * digits of one number are told, they are of this: the last ones would differ otherwise.
 * @param {number} value
 */
export function single(value) {
  const rounded = Math.fround(value);
  return Math.abs(rounded) >= 2 ** -126 && Number.isFinite(rounded) ? rounded : value;
}

/**
 * A number with all its digits: the fewest that tell it from any other one in single precision, or,
 * where it is none of those, in double precision. Programs can read it.
 * @param {number} value
 */
export function exact(value) {
  if (Math.fround(value) !== value) return String(value);
  // Of so many digits each number can be told from its neighbours; six always come back.
  for (const digits of [6, 7, 8]) {
    const found = Number(value.toPrecision(digits));
    if (Math.fround(found) === value) return String(found);
  }
  return String(Number(value.toPrecision(9)));
}

/**
 * A number without the zero in front of its point: `−.04`.
 * @param {number} value
 * @param {number} digits
 */
export function withoutZero(value, digits) {
  return format(value, digits).replace(/^(−?)0\./, "$1.");
}

/**
 * A number in as few characters as tell it: `−.04` for −0.042; fewer if it is small beside `other`.
 * @param {number} value
 */
export function short(value, other = value) {
  return withoutZero(value, Math.abs(value) < Math.abs(other) / 10 ? 1 : 2);
}

/**
 * Both ends of a range in few letters; a point behind the dots would look like one of them.
 * @param {number} low
 * @param {number} high
 */
export function inShort(low, high) {
  const from = short(low, high), to = short(high, low);
  return low === -high ? `±${to}` : low < 0 ? `${from}…${to.replace(/^(−?)\./, "$10.")}` : `${from}–${to}`;
}
