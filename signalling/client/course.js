/**
 * How a consultation goes, from the first `join` to its end: who this page is, and the one word that people are told.
 */

import { stateOf } from "./state.js";

/** @typedef {import("./public.js").ConsultationEvents} ConsultationEvents */

export class Course {
  /** @type {import("./protocol.js").Role | null} */
  role = null;
  /** Why it is over; `null` while it is not. @type {import("./errors.js").ConsultationError | null} */
  ended = null;
  wasConnected = false;
  isOffline = false;
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

  begin() {
    this.ended = null;
    this.refresh();
  }

  /** @param {import("./errors.js").ConsultationError} error */
  end(error) {
    this.ended = error;
    this.refresh();
  }

  /** Tells how it stands now, where that is new. */
  refresh() {
    const { roster, standing, line, media, crossing } = this.parts;
    if (line.isGoingOver) return;
    const absent = roster.others.filter((other) => roster.isAbsent(other)).length;
    const { state, reason } = stateOf({
      ended: this.ended?.code ?? null,
      waiting: standing.waiting?.reason ?? null,
      wasConnected: this.wasConnected,
      attached: line.attached,
      media: media.status,
      offline: this.isOffline,
      present: roster.others.length - absent,
      absent,
    });
    if (this.state?.state === state && this.state.reason === reason) return;
    // Who goes over first leaves the others behind for a moment, and they come after.
    if (reason === "alone" && this.state?.state === "connected" && crossing.isUnderWay) return;
    const words = this.ended && state === "left" ? this.ended.words : this.words.state(state, reason, this.role);
    this.state = { state, reason, words, error: this.ended };
    this.events.emit("state", this.state);
  }
}
