/**
 * How a consultation goes, for those in it and for the relay: what watches it is fetched once a device is open, for a call
 * that comes in interrupts a wait, too, or once there is something to measure.
 */

import { Emitter } from "./events.js";
import { fetchMoreWords } from "./words/index.js";

/** @typedef {import("./protocol.js").RelayQuality} RelayQuality */
/** @typedef {ReturnType<typeof import("./watches.js").watch>} Watches */

/** @type {typeof import("./watches.js").watch | null} */
let watch = null;
/** @type {typeof import("./silences.js").SilenceBook | null} */
let SilenceBook = null;

/** Fetches what watches; a second consultation of the page has it at once. */
export async function fetchWatches() {
  ({ watch } = await import("./watches.js"));
}

/** Fetches what says who is not heard or seen, once the relay knows of somebody. */
export async function fetchSilences() {
  ({ SilenceBook } = await import("./silences.js"));
}

export class Observation {
  /**
   * `verdict`: of one direction between two people, or of the own network. `interruption`: what is withheld or gone now.
   * `path`: which way sound and picture take, where that is another. `silence`: somebody is not heard or seen, or is again.
   * `subscriptions`: what is sent here of each picture.
   *
   * @type {Emitter<{ verdict: { participant: string | null, direction: import("./protocol.js").Direction, verdict: import("./protocol.js").Verdict }, interruption: import("./protocol.js").Source[], path: import("./paths.js").Path, silence: import("./public.js").Silence, subscriptions: import("./public.js").Reception }>}
   */
  events = new Emitter();
  /** @type {Watches | null} */
  #watches = null;
  /** What the relay has said before. @type {RelayQuality[]} */
  #early = [];
  /** What it sends here, as it says. @type {import("./protocol.js").Subscriptions | null} */
  #sends = null;
  /** All whom it knows not to be heard or seen. @type {import("./protocol.js").RelaySilence[]} */
  #silences = [];
  /** @type {import("./silences.js").SilenceBook | null} */
  #book = null;
  #isOver = false;

  /** @param {Omit<import("./watches.js").Watched, "tell" | "interrupted">} about */
  constructor(about) {
    this.about = about;
    const begin = () => {
      // Without them less is said; the next time they are asked for again, and so is what watches.
      fetchMoreWords(about.words).catch(() => {});
      if (watch) this.#begin();
      else fetchWatches().then(() => this.#begin(), () => {});
    };
    about.media.events.on("status", (status) => status === "up" && begin());
    about.publisher.events.on("local", () => this.#isOver || begin());
  }

  /** Which way sound and picture take; `null` until it is known. */
  get path() {
    return this.#watches?.paths.now ?? null;
  }

  /** What is sent here of each picture; `null` until it is known. */
  get subscriptions() {
    return (this.#sends && this.#watches?.reception(this.#sends)) ?? null;
  }

  /** Who is not heard or seen just now; what this side can mend is first. */
  get silences() {
    return this.#book?.standing ?? [];
  }

  /** @param {RelayQuality} message */
  handle(message) {
    if (this.#watches) this.#watches.handle(message);
    else this.#early.push(message);
  }

  /** @param {import("./protocol.js").Subscriptions | null} sends `null`: nothing any more. */
  takeSubscriptions(sends) {
    this.#sends = sends;
    const { subscriptions } = this;
    if (subscriptions) this.events.emit("subscriptions", subscriptions);
  }

  /** @param {import("./protocol.js").RelaySilence[]} silences All that the relay knows of. */
  takeSilences(silences) {
    this.#silences = silences;
    if (SilenceBook) this.#tellSilences();
    // The next time that it says so it is tried again.
    else if (silences.length > 0) fetchSilences().then(() => this.#tellSilences(), () => {});
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
    this.#watches = watch({
      ...this.about,
      tell: (verdict) => this.events.emit("verdict", verdict),
      interrupted: (sources) => this.events.emit("interruption", sources),
    });
    this.#watches.paths.events.on("path", (path) => this.events.emit("path", path));
    for (const message of this.#early.splice(0)) this.#watches.handle(message);
    this.takeSubscriptions(this.#sends);
  }

  #tellSilences() {
    if (!SilenceBook) return;
    this.#book ??= new SilenceBook(this.about);
    for (const silence of this.#book.take(this.#silences)) this.events.emit("silence", silence);
  }
}
