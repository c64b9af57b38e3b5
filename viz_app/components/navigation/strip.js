// The network as a strip of cards: the image, one a layer with its activation or gradient, and the
// likeliest classes.

import { pixelScale } from "../common/colours.js";
import { centre, choice, contextOf, el, write } from "../common/elements.js";
import { format } from "../common/format.js";
import { unpacked } from "../common/unpack.js";

/** @import { Packed } from "../common/unpack.js" */
/** @import { Rendered } from "../common/panel.js" */

// With more layers than these, pictures stand above their words.
const FEW = 6;
const SPARE = 16; // px by which the words beside the classes may become wider

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
 * The colours of activations: where some are negative, they part at zero.
 * @param {Palettes} palettes
 * @param {number} low
 * @param {number} high
 */
function activationScale(palettes, low, high) {
  const most = Math.max(-low, high);
  return low < 0 ? pixelScale(palettes.diverging, -most, most) : pixelScale(palettes.sequential, 0, high);
}

/**
 * Where a number is covered, nothing is drawn.
 * @param {(value: number) => number} scale
 * @param {boolean} covered whether any is
 * @returns {(value: number) => number}
 */
const withHoles = (scale, covered) => (covered ? (value) => (Number.isNaN(value) ? 0 : scale(value)) : scale);

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

/**
 * Draw an image (1 or 3, H, W) of numbers from 0 to 1 as it looks: grey, or in its own colours.
 * @param {HTMLCanvasElement} canvas
 * @param {Numbers} array
 * @param {[number, number, number]} shape
 */
function drawPicture(canvas, array, [depth, height, width]) {
  canvas.width = width;
  canvas.height = height;
  const context = contextOf(canvas);
  const image = context.createImageData(width, height), size = width * height;
  for (let k = 0; k < size; k++) {
    const parts = [0, 1, 2].map((c) => Math.round(255 * array[(c % depth) * size + k]));
    // Nothing is drawn where a part of the colour is covered.
    image.data.set([...parts, parts.some(Number.isNaN) ? 0 : 255], 4 * k);
  }
  context.putImageData(image, 0, 0);
}

/**
 * What `ends_of` of `strip.py` gives.
 * @typedef {object} Ends
 * @property {Numbers} image
 * @property {[number, number, number]} channels
 * @property {Numbers} range
 * @property {string[]} samples
 * @property {number} sample
 * @property {string} augmented what was done to it before; empty if nothing is
 * @property {boolean} picture whether the image can be seen as it looks
 * @property {{ name: string, score: number, is_share: boolean, true: boolean, predicted: boolean }[]} classes with
 *   probabilities, or the outputs where the loss makes none
 * @property {boolean} asked whether the network is asked about a picture, against a class
 */

/** The image, and the choice of another one of the batch. */
class Source {
  /** @param {(sample: number) => void} onChoose */
  constructor(onChoose) {
    this.picture = el("canvas", { role: "img" });
    this.choice = choice({ ariaLabel: "Sample", title: "Which image of the batch is shown" },
      (sample) => onChoose(Number(sample)));
    this.about = el("div", { className: "note" });
    this.node = el("div", { className: "card source" },
      el("div", { className: "pictures" }, this.picture),
      el("div", { className: "words" }, el("div", { className: "title" }, "image"), this.choice, this.about));
  }

  /**
   * @param {Ends} ends
   * @param {Palettes} palettes
   * @param {boolean} covered see `strip.py`
   */
  draw({ image, channels, range: [low, high], samples, sample, augmented, picture }, palettes, covered) {
    const [depth, height, width] = channels;
    if (picture) drawPicture(this.picture, image, channels);
    else drawChannels(this.picture, image, channels, withHoles(activationScale(palettes, low, high), covered));
    const names = samples.map((name, k) => (name ? `${k} · ${name}` : String(k)));
    if ([...this.choice.children].map((option) => option.textContent).join("\n") !== names.join("\n")) {
      this.choice.replaceChildren(...names.map((name, k) => el("option", { value: String(k) }, name)));
    }
    this.choice.value = String(sample);
    const size = depth > 1 ? `${depth}×${height}×${width}` : `${height}×${width}`;
    this.about.textContent = augmented ? `${size}, ${augmented}` : size;
    this.picture.ariaLabel = [`image ${names[sample]}`, this.about.textContent].join(", ");
    this.choice.hidden = samples.length < 2;
    this.node.title = `from ${format(low, 3)} to ${format(high, 3)}`;
  }
}

/**
 * The likeliest classes with their probabilities, or with what the network gives for each.
 * @param {HTMLElement} node
 * @param {Ends["classes"]} classes
 * @param {boolean} asked
 */
function drawClasses(node, classes, asked) {
  node.hidden = !classes.length;
  node.replaceChildren(...classes.map(({ name, score, is_share: isShare, true: right, predicted }) => el("div", {
    className: ["class", right ? "true" : "", predicted ? "predicted" : ""].join(" "),
  },
  el("span", { className: "name", title: name }, name),
  // An output is no share of anything, and may be negative.
  el("span", { className: "share" }, ...(isShare ? [el("i", { style: `width: ${100 * score}%` })] : [])),
  el("span", { className: "number" }, isShare ? score.toFixed(2) : format(score, 3)),
  el("span", { className: "verdict" }, [predicted ? (isShare ? "predicted" : "largest") : "", right ? (asked ? "asked" : "true") : ""].filter(Boolean).join(", ")))));
}

class Card {
  /** @param {() => void} onChoose */
  constructor(onChoose) {
    this.title = el("div", { className: "title" });
    this.activation = el("canvas", { className: "activation" });
    this.gradient = el("canvas", { className: "gradient" });
    this.note = el("div", { className: "note" });
    this.node = el("button", { className: "card", type: "button", onclick: onChoose },
      el("div", { className: "pictures" }, this.activation, this.gradient),
      el("div", { className: "words" }, this.title, this.note));
  }

  /** @param {Layer} layer */
  describe(layer) {
    // A nested layer's own name is the end of its name.
    write(this.title, layer.name.split(".").pop() ?? "");
    this.node.classList.toggle("nested", layer.name.includes("."));
    write(this.note, layer.shape);
  }

  /**
   * @param {Layer} layer
   * @param {Palettes} palettes
   * @param {boolean} covered see `strip.py`
   */
  draw(layer, palettes, covered) {
    const [low, high] = layer.activation_range;
    const [most] = layer.gradient_range;
    // Nothing but zeros is neutral.
    const end = most || 1;
    drawChannels(this.activation, layer.activation, layer.channels, withHoles(activationScale(palettes, low, high), covered));
    drawChannels(this.gradient, layer.gradient, layer.channels,
      withHoles(pixelScale(palettes.diverging, -end, end), covered));
    // Its name is what stands on it.
    this.node.title = `${layer.name}: ${layer.spec}, ${layer.params} params; activation from ` +
      `${format(low, 2)} to ${format(high, 2)}, gradient up to ${format(most, 2)} in size`;
  }
}

/**
 * @typedef {object} Properties
 * @property {Packed} layers
 * @property {Packed} ends
 * @property {{ layer: string, phase: string }} at
 * @property {Palettes} palettes
 * @property {boolean} covered
 */

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  const root = el("div", { className: "strip", role: "group", ariaLabel: "network" });
  host.append(root);
  const source = new Source((sample) => model.send_msg({ sample }));
  const classes = el("div", { className: "classes", role: "group", ariaLabel: "prediction" });
  const arrow = () => el("span", { className: "arrow" }), last = arrow();
  /** @type {Card[]} */
  let cards = [];
  /** @type {Layer[]} */
  let layers = [];

  function draw() {
    layers = unpacked(model.layers);
    if (cards.length !== layers.length) {
      cards = layers.map((_, k) => new Card(() => model.send_msg({ layer: layers[k].name })));
      root.replaceChildren(source.node, ...cards.flatMap((card) => [arrow(), card.node]), last, classes);
      root.classList.toggle("many", cards.length > FEW);
    }
    layers.forEach((layer, k) => {
      cards[k].describe(layer);
      cards[k].draw(layer, model.palettes, model.covered);
    });
    crowd();
    mark();
  }

  /** Stand closer where all would not be in sight otherwise; whoever steps sees nothing move. */
  function crowd() {
    root.classList.remove("crowd");
    root.style.width = "max-content";
    const isWide = root.offsetWidth + SPARE > host.clientWidth;
    root.style.width = "";
    root.classList.toggle("crowd", isWide);
  }

  function drawEnds() {
    const ends = unpacked(model.ends);
    if (!ends.image) return;
    source.draw(ends, model.palettes, model.covered);
    drawClasses(classes, ends.classes, ends.asked);
    last.hidden = classes.hidden;
  }

  function mark() {
    const { layer, phase } = model.at;
    root.dataset.phase = phase;
    root.classList.toggle("back", phase === "backward" || phase === "update");
    const at = layers.findIndex(({ name }) => name === layer);
    cards.forEach((card, k) => {
      card.node.classList.toggle("on", k === at);
      // What this iteration has not come to yet.
      card.node.classList.toggle("later", at >= 0 && (phase === "forward" ? k > at : phase === "backward" && k < at));
    });
    classes.classList.toggle("later", phase === "forward");
    const here = cards.find((card) => card.node.classList.contains("on"));
    if (here) centre(here.node);
    root.querySelectorAll(".arrow").forEach((arrow, k) => {
      write(arrow, phase === "backward" ? "←" : "→");
      // Each leads from the card before to the one behind it.
      arrow.classList.toggle("later", at >= 0 && (phase === "forward" ? k > at : phase === "backward" && k <= at));
    });
  }

  model.on("layers", draw);
  model.on("ends", drawEnds);
  model.on("palettes", () => { draw(); drawEnds(); });
  model.on("at", mark);
  // The first time there is no width yet.
  const room = new ResizeObserver(() => { crowd(); mark(); });
  room.observe(host);
  model.on("remove", () => room.disconnect());
  draw();
  drawEnds();
}
