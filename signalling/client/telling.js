/**
 * Brings what the relay says to the parts of a consultation, and what they make of it to its page, as events: people
 * instead of ids, and sentences.
 */

import { relayFailure } from "./errors.js";
import { remoteTrack } from "./remote_tracks.js";

/** @typedef {import("./public.js").ConsultationEvents} ConsultationEvents */

export class Telling {
  /**
   * @param {object} about
   * @param {import("./events.js").Emitter<ConsultationEvents>} about.events
   * @param {ReturnType<typeof import("./assembly.js").assemble>} about.parts
   * @param {import("./words/index.js").Words} about.words
   */
  constructor({ events, parts, words }) {
    this.events = events;
    this.parts = parts;
    this.words = words;
  }

  /** @param {import("./seat_line.js").Attached} joined */
  start(joined) {
    const { standing, roster, media } = this.parts;
    if (joined.standing === "waiting" || joined.participant !== roster.self) this.#forgetMedia();
    standing.start(joined);
    this.roster(roster.start(joined));
    if (joined.leg) media.goOver();
  }

  /**
   * @param {import("./protocol.js").RelayMessage} message
   * @param {{ id: string, role: import("./protocol.js").Role } | null} self
   */
  relay(message, self) {
    const { standing, media, roster, slots, quality } = this.parts;
    standing.apply(message);
    if (message.type === "waiting" || message.type === "moved") this.#forgetMedia();
    media.handleStanding(message);
    this.roster(roster.apply(message));
    if (message.type === "slots") this.tracks(slots.bind(message.bindings));
    else if (message.type === "more_slots") media.renegotiate({ audio: message.audio, video: message.video });
    else if (message.type === "renegotiate") media[message.reason === "path" ? "networkChanged" : "renegotiate"]();
    else if (message.type === "connection") media.handleLegState(message);
    else if (message.type === "error") this.events.emit("error", relayFailure(this.words.lang, message));
    else if (message.type === "speaking") this.#speaking(message, self);
    else if (message.type === "quality") quality.handle(message);
    else if (message.type === "subscriptions") quality.takeSubscriptions(message);
    else if (message.type === "silences") quality.takeSilences(message.silences);
    this.#pictures();
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

  /** @param {{ participant: string | null, direction: import("./public.js").Direction, verdict: import("./public.js").Verdict }} verdict */
  quality({ participant, direction, verdict }) {
    const person = participant === null ? null : (this.parts.roster.find(participant) ?? null);
    const words = this.words.quality(person?.role ?? null, direction, verdict);
    this.events.emit("quality", { participant: person, direction, verdict, words });
  }

  /** @param {import("./public.js").Source[]} sources */
  interruption(sources) {
    this.events.emit("interruption", { sources, words: this.words.interrupted(sources) });
  }

  /** Of what went through a connection that is no more: the relay tells anew of the next one. */
  #forgetMedia() {
    this.parts.quality.takeSubscriptions(null);
    this.tracks(this.parts.slots.bind([]));
    this.parts.quality.takeSilences([]);
  }

  #pictures() {
    for (const picture of this.parts.pictures.changes()) this.events.emit("picture", picture);
  }

  /**
   * @param {import("./protocol.js").Speaking} message
   * @param {{ id: string, role: import("./protocol.js").Role } | null} self
   */
  #speaking({ participant: id, speaking }, self) {
    const participant = this.parts.roster.find(id) ?? self;
    if (participant) this.events.emit("speaking", { participant, speaking });
  }
}
