/**
 * Microphones and cameras, opened one question to the person at a time, and those that the person chose.
 */

import { capture } from "./capture.js";

/** @typedef {import("./capture.js").Device} Device */

export class OpenDevices {
  /** @type {Promise<unknown>} */
  #turn = Promise.resolve();
  #opening = 0;

  /**
   * @param {string} lang
   * @param {import("./device_memory.js").Chosen} chosen
   */
  constructor(lang, chosen) {
    this.lang = lang;
    this.chosen = chosen;
  }

  get isOpening() {
    return this.#opening > 0;
  }

  /**
   * @param {Device[]} devices
   * @param {import("./device_memory.js").Chosen} [chosen] Others than those that the person chose.
   * @returns {Promise<import("./capture.js").Captured>}
   */
  open(devices, chosen = this.chosen) {
    // Two questions at once confuse people and some browsers.
    this.#opening += 1;
    const opened = this.#turn.then(() => capture(this.lang, devices, chosen)).finally(() => (this.#opening -= 1));
    this.#turn = opened;
    return opened;
  }
}
