// Whether Python answers: what is sent to it, a beat, comes back.

/** The longest time until a silent line is noticed is the sum of both. */
const BEAT = 800; // ms from an answer to the next beat
const PATIENCE = 3000; // ms without any sign of life
const ASLEEP = 1000; // ms that a timer is late when the page itself was asleep

export class Watch {
  #sent = 0;
  #back = 0;
  #silent = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {(beat: number) => void} send sends a beat to Python, which gives it back
   * @param {(silent: boolean) => void} tell is told when Python falls silent, and when no more
   * @param {boolean} goesOn whether an answer is followed by a beat
   */
  constructor(send, tell, goesOn) {
    this.send = send;
    this.tell = tell;
    this.goesOn = goesOn;
  }

  /** Send a beat; all that was sent before it is answered when it is back. */
  beat() {
    const waits = this.#sent > this.#back;
    this.#sent += 1;
    this.send(this.#sent);
    if (!waits) this.#wait();
    return this.#sent;
  }

  /**
   * A beat has come back.
   * @param {number} beat
   */
  answered(beat) {
    this.#back = Math.max(this.#back, beat);
    this.alive();
  }

  /** Something came from Python. */
  alive() {
    if (!this.#sent) return;
    if (this.#sent > this.#back) this.#wait();
    else if (this.goesOn) this.#then(() => this.beat(), BEAT);
    else this.stop();
    if (this.#silent) {
      this.#silent = false;
      this.tell(false);
    }
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #wait() {
    const due = Date.now() + PATIENCE;
    this.#then(() => {
      // What has come meanwhile is taken in after the timers of a page that wakes up.
      if (Date.now() - due > ASLEEP) {
        this.#wait();
      } else if (!this.#silent) {
        this.#silent = true;
        this.tell(true);
      }
    }, PATIENCE);
  }

  /**
   * @param {() => void} action
   * @param {number} later ms
   */
  #then(action, later) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, later);
  }
}
