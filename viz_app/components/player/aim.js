// What is dragged asks again and again, but only once the answer before is there.

// How far the keys of a slider go, in steps and in pages; see the pattern of the ARIA guide.
/** @type {Record<string, [steps: number, pages: number]>} */
const KEYS = {
  ArrowRight: [1, 0], ArrowUp: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [-1, 0],
  PageUp: [0, 1], PageDown: [0, -1], Home: [-Infinity, 0], End: [Infinity, 0],
};
const LONGEST = 2000; // ms after which an answer is not waited for any more

/** Asks for one of many places; of those that are aimed at meanwhile the last one is asked for then. */
export class Aim {
  #aimed = NaN;
  #asked = NaN;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waits;

  /** @param {(aimed: number) => void} send */
  constructor(send) {
    this.send = send;
  }

  /**
   * Ask for a place, unless it was the last one that was asked for.
   * @param {number} to
   * @param {boolean} [isNew] ask for it anyway
   */
  at(to, isNew = false) {
    this.#aimed = to;
    if (isNew) this.#asked = NaN;
    this.#ask();
  }

  /**
   * Where one will be when all is answered.
   * @param {number} here where one is now
   */
  from(here) {
    return this.#waits === undefined ? here : this.#aimed;
  }

  /** An answer has come. */
  arrived() {
    clearTimeout(this.#waits);
    this.#waits = undefined;
    this.#ask();
  }

  /**
   * Follow the keys of a slider; it counts from where one is going to be.
   * @param {HTMLElement} slider
   * @param {number} page how many places PageUp goes on
   * @param {() => { first: number, here: number, last: number }} range
   */
  follow(slider, page, range) {
    slider.addEventListener("keydown", (event) => {
      const far = KEYS[event.key];
      if (!far || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const { first, here, last } = range(), [steps, pages] = far;
      this.at(Math.max(first, Math.min(last, this.from(here) + steps + page * pages)), true);
    });
  }

  #ask() {
    if (this.#waits !== undefined || this.#aimed === this.#asked || Number.isNaN(this.#aimed)) return;
    this.#asked = this.#aimed;
    this.#waits = setTimeout(() => this.arrived(), LONGEST);
    this.send(this.#aimed);
  }
}
