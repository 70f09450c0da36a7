/**
 * How a consultation goes, for those in it and for the relay: what measures it is fetched once there is something to
 * measure.
 */

import { Emitter } from "./events.js";

/** @typedef {import("./protocol.js").RelayQuality} RelayQuality */
/** @typedef {ReturnType<typeof import("./watches.js").watch>} Watches */

/** @type {typeof import("./watches.js").watch | null} */
let watch = null;

/** Fetches what measures; a second consultation of the page has it at once. */
export async function fetchWatches() {
  ({ watch } = await import("./watches.js"));
}

export class Observation {
  /** @type {Emitter<{ verdict: { participant: string | null, direction: import("./protocol.js").Direction, verdict: import("./protocol.js").Verdict } }>} */
  events = new Emitter();
  /** @type {Watches | null} */
  #watches = null;
  /** What the relay has said before. @type {RelayQuality[]} */
  #early = [];
  #isOver = false;

  /** @param {Omit<Parameters<typeof import("./watches.js").watch>[0], "events">} about */
  constructor(about) {
    this.about = about;
    about.media.events.on("status", (status) => {
      if (status !== "up") return;
      if (watch) this.#begin();
      // The next time that a connection is up it is tried again.
      else fetchWatches().then(() => this.#begin(), () => {});
    });
  }

  /** @param {RelayQuality} message */
  handle(message) {
    if (this.#watches) this.#watches.handle(message);
    else this.#early.push(message);
  }

  /** @param {string} participant Who left. */
  forget(participant) {
    this.#watches?.forget(participant);
    this.#early = this.#early.filter((message) => message.participant !== participant);
  }

  stop() {
    this.#isOver = true;
    this.#watches?.stop();
  }

  #begin() {
    if (this.#watches || this.#isOver || !watch) return;
    this.#watches = watch({ ...this.about, events: this.events });
    for (const message of this.#early.splice(0)) this.#watches.handle(message);
  }
}
