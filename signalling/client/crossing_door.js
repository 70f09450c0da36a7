/**
 * The way to another relay: what goes it is fetched when this relay asks for it.
 */

import { joinWith, Signalling } from "./signalling.js";

/** @typedef {Extract<import("./protocol.js").RelayMessage, { type: "relocate" }>} Relocate */

/** @type {typeof import("./crossing.js").Crossing | null} */
let Crossing = null;

/** Fetches what goes over; a second consultation of the page has it at once. */
export async function fetchCrossing() {
  ({ Crossing } = await import("./crossing.js"));
}

export class CrossingDoor {
  /** @type {import("./crossing.js").Crossing | null} */
  #crossing = null;
  /** What was asked for last, and has not been taken back. @type {Relocate | null} */
  #asked = null;

  /** @param {Omit<ConstructorParameters<typeof import("./crossing.js").Crossing>[0], "signal" | "joinWith">} about */
  constructor(about) {
    this.about = about;
    about.line.events.on("message", (message) => {
      if (message.type === "relocate" && message.url) this.#ask(message);
      // Whoever takes people elsewhere has changed their mind.
      else if ((message.type === "waiting" && message.reason) || message.type === "moved") this.giveUp();
    });
    about.line.events.on("ended", () => this.giveUp());
  }

  get isUnderWay() {
    return this.#crossing?.isUnderWay ?? false;
  }

  /** Stays here; the other relay hears that nobody comes. */
  giveUp() {
    this.#asked = null;
    this.#crossing?.giveUp();
  }

  /** @param {Relocate} asked */
  #ask(asked) {
    this.#asked = asked;
    if (Crossing) this.#go();
    // It is asked for again, or the relay does without.
    else fetchCrossing().then(() => this.#go(), () => {});
  }

  #go() {
    const { about } = this;
    const asked = this.#asked;
    this.#asked = null;
    if (!asked?.url || !Crossing) return;
    const signal = (/** @type {string} */ url) => new Signalling({ ...about.line.about, url });
    this.#crossing ??= new Crossing({ ...about, signal, joinWith });
    this.#crossing.cross(asked.url, asked.ticket);
  }
}
