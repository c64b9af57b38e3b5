// What is dragged asks again and again, but only once the answer before is there.

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

  #ask() {
    if (this.#waits !== undefined || this.#aimed === this.#asked || Number.isNaN(this.#aimed)) return;
    this.#asked = this.#aimed;
    this.#waits = setTimeout(() => this.arrived(), LONGEST);
    this.send(this.#aimed);
  }
}
