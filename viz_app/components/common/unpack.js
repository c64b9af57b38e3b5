// Messages with many small arrays, which Python sends as one text and one array.

/**
 * What `packed` of `wire.py` makes of a message.
 * @typedef {{ text: string, numbers: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> }} Packed
 */

/**
 * What `packed` of `wire.py` was given; its arrays are views of one.
 * @param {Packed} message
 * @returns {any} as it was sent
 */
export function unpacked({ text, numbers }) {
  const { buffer, byteOffset, BYTES_PER_ELEMENT: size } = numbers;
  const Kind = size === 8 ? Float64Array : Float32Array;
  return JSON.parse(text, (_, item) => (item?.floats
    ? new Kind(buffer, byteOffset + size * item.floats[0], item.floats[1] - item.floats[0])
    : item));
}
