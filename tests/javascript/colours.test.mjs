// Colour scales.

import assert from "node:assert/strict";
import test from "node:test";

import { colourScale, inkOn, luminance, pixelScale } from "../../viz_app/components/common/colours.js";

const DIVERGING = ["#0000ff", "#f0f0f0", "#ff8000"];
const SEQUENTIAL = ["#000000", "#336699", "#ffffff"];

/** Red, green, blue and opacity of a pixel, whose lowest byte is the red one. */
const parts = (pixel) => [pixel & 255, pixel >>> 8 & 255, pixel >>> 16 & 255, pixel >>> 24];

test("the ends and the middle of a scale are its stops", () => {
  const scale = colourScale(SEQUENTIAL, 2, 6);
  assert.deepEqual(scale(2), [0, 0, 0]);
  assert.deepEqual(scale(4), [0x33, 0x66, 0x99]);
  assert.deepEqual(scale(6), [255, 255, 255]);
  assert.deepEqual(scale(3), [26, 51, 77]);
});

test("zero is neutral on a diverging scale, whatever its ends", () => {
  for (const most of [1e-12, 0.7, 3, 1e9]) {
    assert.deepEqual(colourScale(DIVERGING, -most, most)(0), [0xf0, 0xf0, 0xf0]);
    const [r, g, b] = parts(pixelScale(DIVERGING, -most, most)(0));
    for (const part of [r, g, b]) assert.ok(Math.abs(part - 0xf0) <= 1, String([r, g, b]));
  }
});

test("numbers of opposite signs are as far from neutral", () => {
  const scale = colourScale(["#000000", "#808080", "#ffffff"], -1, 1);
  for (const size of [0.1, 0.5, 0.99]) {
    const [above] = scale(size), [below] = scale(-size);
    assert.ok(above > 128 && below < 128);
    assert.ok(Math.abs(above + below - 256) <= 1);
  }
});

test("what lies beyond an end has the colour of the end", () => {
  const scale = colourScale(SEQUENTIAL, 0, 1), pixel = pixelScale(SEQUENTIAL, 0, 1);
  assert.deepEqual(scale(-5), scale(0));
  assert.deepEqual(scale(5), scale(1));
  assert.equal(pixel(-5), pixel(0));
  assert.equal(pixel(5), pixel(1));
});

test("what is no number is magenta, on every scale", () => {
  for (const wrong of [NaN, Infinity, -Infinity]) {
    assert.deepEqual(colourScale(DIVERGING, -1, 1)(wrong), [255, 0, 255]);
    assert.deepEqual(parts(pixelScale(DIVERGING, -1, 1)(wrong)), [255, 0, 255, 255]);
  }
});

test("a scale without width has colours all the same", () => {
  assert.deepEqual(colourScale(SEQUENTIAL, 3, 3)(3), [0, 0, 0]);
  assert.deepEqual(parts(pixelScale(SEQUENTIAL, 3, 3)(3)), [0, 0, 0, 255]);
});

test("a pixel has the colour of the scale up to a 256th, and is opaque", () => {
  const scale = colourScale(SEQUENTIAL, -2, 5), pixel = pixelScale(SEQUENTIAL, -2, 5);
  for (let value = -2; value <= 5; value += 0.01) {
    const [r, g, b, opacity] = parts(pixel(value));
    assert.equal(opacity, 255);
    scale(value).forEach((part, k) => assert.ok(Math.abs(part - [r, g, b][k]) <= 1));
  }
});

test("scales of other colours do not mix", () => {
  assert.notEqual(pixelScale(SEQUENTIAL, 0, 1)(1), pixelScale(DIVERGING, 0, 1)(1));
  assert.equal(pixelScale(SEQUENTIAL, 0, 1)(1), pixelScale([...SEQUENTIAL], 0, 9)(9));
});

test("what is printed on a colour can be read", () => {
  assert.equal(luminance([255, 255, 255]), 1);
  assert.equal(luminance([0, 0, 0]), 0);
  // As published for a grey of #777777 beside white: 4.48 to 1.
  assert.ok(Math.abs(1.05 / (luminance([0x77, 0x77, 0x77]) + 0.05) - 4.48) < 0.01);
  for (let red = 0; red < 256; red += 15) {
    for (let green = 0; green < 256; green += 15) {
      for (let blue = 0; blue < 256; blue += 15) {
        const own = luminance([red, green, blue]) + 0.05;
        const contrast = inkOn([red, green, blue]) === "white" ? 1.05 / own : own / 0.05;
        assert.ok(contrast >= 4.5, String([red, green, blue, contrast]));
      }
    }
  }
});
