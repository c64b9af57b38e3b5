// The network as a strip of cards, one a layer, each with its activation and gradient.

import { pixelScale } from "../common/colours.js";
import { centre, contextOf, el } from "../common/elements.js";
import { format, inShort, short } from "../common/format.js";
import { unpacked } from "../common/unpack.js";

/** @import { Packed } from "../common/unpack.js" */
/** @import { Rendered } from "../common/panel.js" */

/** @typedef {Float32Array | Float64Array} Numbers */
/** @typedef {{ sequential: string[], diverging: string[] }} Palettes */

/**
 * What `network_layers` of `strip.py` gives of a layer.
 * @typedef {object} Layer
 * @property {string} name
 * @property {string} spec
 * @property {string} shape
 * @property {number} params
 * @property {[number, number, number]} channels
 * @property {Numbers} activation
 * @property {Numbers} gradient
 * @property {Numbers} activation_range
 * @property {Numbers} gradient_range
 */

/**
 * Draw the channels of an array (C, H, W) side by side on a canvas, a gap of one pixel apart.
 * @param {HTMLCanvasElement} canvas
 * @param {Numbers} array
 * @param {[number, number, number]} shape
 * @param {(value: number) => number} scale
 */
function drawChannels(canvas, array, shape, scale) {
  const [channels, height, width] = shape;
  const columns = Math.ceil(Math.sqrt(channels * height / width));
  const rows = Math.ceil(channels / columns);
  const gap = height * width > 1 ? 1 : 0;
  const across = columns * (width + gap) - gap, down = rows * (height + gap) - gap;
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
  }
  const context = contextOf(canvas);
  const image = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let c = 0; c < channels; c++) {
    const top = Math.floor(c / columns) * (height + gap);
    const left = (c % columns) * (width + gap);
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        pixels[(top + i) * canvas.width + left + j] = scale(array[(c * height + i) * width + j]);
      }
    }
  }
  context.putImageData(image, 0, 0);
}

class Card {
  /** @param {() => void} onChoose */
  constructor(onChoose) {
    this.title = el("div", { className: "title" });
    this.activation = el("canvas");
    this.gradient = el("canvas");
    this.activationRange = el("div", { className: "range" });
    this.gradientRange = el("div", { className: "range" });
    this.note = el("div", { className: "note" });
    this.node = el("button", { className: "card", type: "button", onclick: onChoose },
      this.title,
      el("div", { className: "pictures" }, this.activation, this.gradient),
      el("div", { className: "ranges" }, this.activationRange, this.gradientRange),
      this.note);
  }

  /** @param {Layer} layer */
  describe(layer) {
    // A nested layer's own name is the end of its name.
    this.title.textContent = layer.name.split(".").pop() ?? "";
    this.node.classList.toggle("nested", layer.name.includes("."));
    const { params } = layer, about = params < 1000 ? params : `${(params / 1000).toPrecision(2)}k`;
    this.note.textContent = layer.shape + (params ? ` · ${about} par` : "");
    this.node.title = `${layer.name}: ${layer.spec}, ${layer.params} params`;
  }

  /**
   * @param {Layer} layer
   * @param {Palettes} palettes
   */
  draw(layer, palettes) {
    const [low, high] = layer.activation_range;
    const [most] = layer.gradient_range;
    // Nothing but zeros is neutral.
    const end = most || 1;
    drawChannels(this.activation, layer.activation, layer.channels,
      pixelScale(palettes.sequential, low, high));
    drawChannels(this.gradient, layer.gradient, layer.channels,
      pixelScale(palettes.diverging, -end, end));
    this.activationRange.textContent = inShort(low, high);
    this.gradientRange.textContent = `±${short(most)}`;
    this.node.setAttribute("aria-label",
      `${layer.name}, output ${layer.shape}, activation from ${format(low, 2)} to ${format(high, 2)}, ` +
      `gradient up to ${format(most, 2)} in size`);
  }
}

/**
 * @typedef {object} Properties
 * @property {Packed} layers
 * @property {{ layer: string, phase: string }} at
 * @property {Palettes} palettes
 */

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  const root = el("div", { className: "strip", role: "group", ariaLabel: "network" });
  host.append(root);
  /** @type {Card[]} */
  let cards = [];
  /** @type {Layer[]} */
  let layers = [];

  function draw() {
    layers = unpacked(model.layers);
    if (cards.length !== layers.length) {
      cards = layers.map((_, k) => new Card(() => model.send_msg(layers[k].name)));
      root.replaceChildren(...cards.flatMap((card, k) =>
        k ? [el("span", { className: "arrow" }), card.node] : [card.node]));
    }
    layers.forEach((layer, k) => {
      cards[k].describe(layer);
      cards[k].draw(layer, model.palettes);
    });
    mark();
  }

  function mark() {
    const { layer, phase } = model.at;
    root.dataset.phase = phase;
    cards.forEach((card, k) => card.node.classList.toggle("on", layers[k].name === layer));
    const here = cards.find((card) => card.node.classList.contains("on"));
    if (here) centre(here.node);
    for (const arrow of root.querySelectorAll(".arrow")) {
      arrow.textContent = phase === "backward" ? "‹" : "›";
    }
  }

  model.on("layers", draw);
  model.on("at", mark);
  // The first time there is no width yet.
  new ResizeObserver(mark).observe(host);
  draw();
}
