/**
 * What the parts of a consultation know, as the events its page hears: people instead of ids, and sentences.
 */

import { remoteTrack } from "./remote_tracks.js";

/** @typedef {import("./public.js").ConsultationEvents} ConsultationEvents */

export class Telling {
  /**
   * @param {object} about
   * @param {import("./events.js").Emitter<ConsultationEvents>} about.events
   * @param {Pick<ReturnType<typeof import("./assembly.js").assemble>, "roster" | "pictures" | "quality" | "subscriptions">} about.parts
   * @param {import("./words/index.js").Words} about.words
   */
  constructor({ events, parts, words }) {
    this.events = events;
    this.parts = parts;
    this.words = words;
  }

  /** @param {import("./roster.js").RosterEvent[]} events */
  roster(events) {
    for (const event of events) {
      const { role, id } = event.participant;
      if (event.type === "muted") {
        const { source, muted } = event.track;
        this.events.emit("muted", { ...event, muted, words: this.words.muted(role, source, muted) });
      } else {
        if (event.change === "left") this.parts.quality.forget(id);
        this.events.emit("participant", { ...event, words: this.words.participant(role, event.change) });
      }
    }
  }

  /** @param {{ added: import("./slots.js").Placed[], removed: import("./slots.js").Placed[] }} change */
  tracks({ added, removed }) {
    const { roster } = this.parts;
    for (const placed of removed) this.events.emit("track-ended", remoteTrack(roster, placed));
    for (const placed of added) this.events.emit("track", remoteTrack(roster, placed));
  }

  pictures() {
    for (const picture of this.parts.pictures.changes()) this.events.emit("picture", picture);
  }

  subscriptions() {
    const { now } = this.parts.subscriptions;
    if (now) this.events.emit("subscriptions", now);
  }

  /** @param {{ participant: string | null, direction: import("./public.js").Direction, verdict: import("./public.js").Verdict }} verdict */
  quality({ participant, direction, verdict }) {
    const person = participant === null ? null : (this.parts.roster.find(participant) ?? null);
    const words = this.words.quality(person?.role ?? null, direction, verdict);
    this.events.emit("quality", { participant: person, direction, verdict, words });
  }
}
