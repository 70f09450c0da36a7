/**
 * How a consultation goes, from the first `join` to its end: who this page is, and the one word that people are told.
 */

import { wallClock_ms } from "./clock.js";
import { failure } from "./errors.js";
import { stateOf } from "./state.js";
import { fetchMoreWords, fetchWords, haveCome } from "./words/index.js";

/** @typedef {import("./public.js").ConsultationEvents} ConsultationEvents */

export class Course {
  /** @type {import("./protocol.js").Role | null} */
  role = null;
  /** Why it is over; `null` while it is not. @type {import("./errors.js").ConsultationError | null} */
  ended = null;
  wasConnected = false;
  isOffline = false;
  /** Sound and picture have not come through at once. */
  isSlow = false;
  /** The last `state` event; `null` before the first. @type {ConsultationEvents["state"] | null} */
  state = null;

  /**
   * @param {object} about
   * @param {import("./events.js").Emitter<ConsultationEvents>} about.events
   * @param {Pick<ReturnType<typeof import("./assembly.js").assemble>, "roster" | "standing" | "line" | "media" | "crossing">} about.parts
   * @param {import("./words/index.js").Words} about.words
   */
  constructor({ events, parts, words }) {
    this.events = events;
    this.parts = parts;
    this.words = words;
  }

  /** This page's own id, role and rights, and whether it confers in private; `null` before it has a seat. */
  get self() {
    const { rights, isPrivate } = this.parts.standing;
    return this.role ? { id: this.parts.roster.self, role: this.role, rights, private: isPrivate } : null;
  }

  /** Waits until there are words for what may happen; the relay that sent this file has them, too. */
  async speak() {
    const { ended } = this;
    try {
      await fetchWords(this.words);
    } catch (cause) {
      throw failure(this.words.lang, "unreachable", { cause });
    }
    if (this.ended && this.ended !== ended) throw this.ended;
  }

  /**
   * What people are told of a failure: where the relay was not reached and a clock does not fit their link, that it may be the clock.
   *
   * @param {import("./errors.js").ConsultationError} error
   * @param {import("./token.js").TokenFacts} facts
   */
  async explained(error, facts) {
    if (error.code !== "unreachable") return error;
    const [doubt] = await Promise.all([import("./clock_doubt.js"), fetchMoreWords(this.words)]).catch(() => []);
    const isInDoubt = doubt?.isClockInDoubt(facts, wallClock_ms() / 1_000);
    return isInDoubt ? failure(this.words.lang, "clock_wrong", { cause: error }) : error;
  }

  begin() {
    this.ended = null;
    this.isSlow = false;
    this.refresh();
  }

  /**
   * It is over. What fails because of that is no news.
   *
   * @param {import("./errors.js").ConsultationError} error
   * @returns {import("./errors.js").ConsultationError} Why it is over: the first that was said since it began.
   */
  end(error) {
    this.ended ??= error;
    this.refresh();
    return this.ended;
  }

  /** Tells how it stands now, where that is new. */
  refresh() {
    const { roster, standing, line, media, crossing } = this.parts;
    if (line.isGoingOver || (!this.ended && !haveCome(this.words))) return;
    const absent = roster.others.filter((other) => roster.isAbsent(other)).length;
    const { state, reason } = stateOf({
      ended: this.ended?.code ?? null,
      waiting: standing.waiting?.reason ?? null,
      wasConnected: this.wasConnected,
      attached: line.attached,
      media: media.status,
      offline: this.isOffline,
      slow: this.isSlow,
      present: roster.others.length - absent,
      absent,
    });
    if (this.state?.state === state && this.state.reason === reason) return;
    // Who goes over first leaves the others behind for a moment, and they come after.
    if (reason === "alone" && this.state?.state === "connected" && crossing.isUnderWay) return;
    const words = this.ended && state === "left" ? this.ended.words : this.words.state(state, reason, this.role);
    this.events.emit("state", (this.state = { state, reason, words, error: this.ended }));
  }
}
