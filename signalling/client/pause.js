/** The wait between two attempts: one at a time, cut short by news of the network. */

export class Pause {
  /** @type {() => void} */
  #wake = () => {};
  #isAsked = false;

  /** @param {import("./clock.js").Clock} clock */
  constructor(clock) {
    this.clock = clock;
  }

  /**
   * @param {number} delay_ms
   * @param {boolean} [isAsked] By the relay: hurry does not cut it short.
   * @returns {Promise<void>} Ends in time, or when it is cut short.
   */
  take(delay_ms, isAsked = false) {
    this.#isAsked = isAsked;
    return new Promise((resolve) => {
      const cancel = this.clock.after(delay_ms, () => resolve());
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  /** What it waits for may be there. */
  hurry() {
    if (!this.#isAsked) this.#wake();
  }

  /** Nobody waits any more. */
  end() {
    this.#wake();
  }
}
