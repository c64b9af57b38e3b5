// Images of the test split to choose from, those that the network gets wrong first.

import { el, write } from "../common/elements.js";
import { bytesOf, paintBytes } from "./paint.js";

/** @import { Gallery } from "./content.js" */
/** @import { Shape } from "./brush.js" */

/** How many of them are wrong. @param {Gallery} gallery */
function found({ tested, finding }) {
  if (!tested) return "";
  const { iteration, done, total, wrong } = tested;
  const asked = done < total ? `${done} of ${total} asked` : `all ${total} asked`;
  return `Iteration ${iteration}: ${wrong} wrong, ${asked}${finding || done === total ? "" : ", stopped"}.`;
}

/**
 * @param {(said: object) => void} send
 */
export function makeGallery(send) {
  const title = el("h3", {}, "Test images");
  const find = el("button", { type: "button" });
  const said = el("p", { className: "hint", role: "status" });
  const bar = el("progress", { hidden: true, ariaLabel: "Test images asked" });
  const list = el("div", { className: "images", role: "group", ariaLabel: "Test images" });
  const more = el("button", { type: "button", onclick: () => send({ more: true }) }, "More images");
  const node = el("section", { className: "gallery" }, el("div", { className: "row" }, title, find), said, bar, list, more);
  let shown = "";

  /**
   * @param {Gallery} gallery
   * @param {Shape | []} shape
   * @param {boolean} off
   * @param {number | null} chosen
   */
  function draw(gallery, shape, off, chosen) {
    const { tested, finding, items, pixels } = gallery;
    if (!items) return;
    write(find, finding ? "Stop" : tested ? "Look again" : "Find the wrong ones");
    find.hidden = !gallery.can_find;
    find.onclick = () => send({ find: !finding });
    write(said, found(gallery));
    bar.hidden = !finding;
    if (tested) Object.assign(bar, { max: tested.total, value: tested.done });
    more.hidden = !gallery.more;
    const key = JSON.stringify([items, pixels.length]);
    if (key !== shown) {
      shown = key;
      list.replaceChildren(...items.map((item, k) => image(item, k, bytesOf(pixels), shape)));
    }
    for (const button of list.querySelectorAll("button")) {
      button.disabled = off;
      button.setAttribute("aria-pressed", String(Number(button.dataset.number) === chosen));
    }
  }

  /**
   * @param {Gallery["items"][number]} item
   * @param {number} k
   * @param {Uint8Array} bytes
   * @param {Shape | []} shape
   */
  function image({ number, name, answer }, k, bytes, shape) {
    const words = answer ? `${name}, taken for ${answer}` : name;
    const label = `Test image ${number}${words ? `: ${words}` : ""}`;
    const button = el("button", {
      type: "button", title: label, ariaLabel: label, className: answer ? "wrong" : "", "data-number": number,
      onclick: () => send({ test: number }),
    });
    if (shape.length) {
      const canvas = el("canvas"), size = shape[0] * shape[1] * shape[2];
      paintBytes(canvas, bytes.subarray(k * size, (k + 1) * size), shape);
      button.append(canvas);
    } else {
      button.append(String(number));
    }
    if (answer) button.append(el("small", {}, `${name} → ${answer}`));
    return button;
  }

  return { node, draw };
}
