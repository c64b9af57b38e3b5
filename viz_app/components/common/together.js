// What components of one dashboard tell each other in the browser. Several dashboards may stand on
// one page, as in a notebook: none hears what is told in another one.

/** @import { Model } from "./panel.js" */

/**
 * The dashboard's own root element, through shadow roots.
 * @param {HTMLElement} host
 */
export function rootOf(host) {
  let node = host;
  /** @type {Node | null} */
  let up = node;
  while (up) {
    if (up instanceof HTMLElement && up.matches(".cs-dashboard")) node = up;
    up = up.parentNode ?? (up instanceof ShadowRoot ? up.host : null);
  }
  return node;
}

/**
 * Tell the other components something.
 * @param {HTMLElement} host of who tells it
 * @param {string} name
 * @param {unknown} [said]
 * @returns {boolean} whether one of them has taken it upon itself
 */
export function say(host, name, said) {
  const detail = { root: rootOf(host), said };
  return !document.dispatchEvent(new CustomEvent(`cs-${name}`, { detail, cancelable: true }));
}

/**
 * Call back when another component tells something, until this one is removed.
 * @template Said
 * @param {Model<object>} model
 * @param {HTMLElement} host of who hears it
 * @param {string} name
 * @param {(said: Said) => boolean | void} then returns whether it takes it upon itself
 */
export function hear(model, host, name, then) {
  /** @param {Event} event */
  const heard = (event) => {
    if (event instanceof CustomEvent && event.detail.root === rootOf(host) && then(event.detail.said)) {
      event.preventDefault();
    }
  };
  document.addEventListener(`cs-${name}`, heard);
  model.on("remove", () => document.removeEventListener(`cs-${name}`, heard));
}
