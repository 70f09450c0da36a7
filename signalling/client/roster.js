/**
 * Who is in the room, from the relay's messages.
 *
 * @typedef {import("./protocol.js").ParticipantInfo} ParticipantInfo
 * @typedef {import("./protocol.js").TrackInfo} TrackInfo
 * @typedef {"joined" | "left" | "interrupted" | "back" | "private" | "public"} Change
 * @typedef {{ type: "participant", participant: ParticipantInfo, change: Change }
 *   | { type: "muted", participant: ParticipantInfo, track: TrackInfo }} RosterEvent
 */

import { Emitter } from "./events.js";

// A socket that comes back within this time took no picture or sound with it: nobody need read about it.
const ABSENT_AFTER_MS = 3_000;

export class Roster {
  /**
   * `absence`: somebody counts as away, or no longer.
   *
   * @type {Emitter<{ absence: undefined }>}
   */
  events = new Emitter();
  /** @type {Map<string, number>} */
  #lost_ms = new Map();
  /** @type {Map<string, ParticipantInfo>} */
  #others = new Map();
  /** @type {Map<string, ParticipantInfo>} */
  #gone = new Map();

  /** @param {import("./clock.js").Clock} clock */
  constructor(clock) {
    this.clock = clock;
  }

  /** The participant that is this page. */
  self = "";

  /** @returns {ParticipantInfo[]} */
  get others() {
    return [...this.#others.values()];
  }

  /**
   * @param {string} id
   * @returns {ParticipantInfo | undefined}
   */
  find(id) {
    return this.#others.get(id);
  }

  /**
   * Whether somebody's connection has been lost for longer than a moment.
   *
   * @param {ParticipantInfo} participant
   */
  isAbsent({ id, connected }) {
    return !connected && this.clock.now_ms() - (this.#lost_ms.get(id) ?? -ABSENT_AFTER_MS) >= ABSENT_AFTER_MS;
  }

  /**
   * Somebody who is here, was here (tracks end after their owner), or is about to be announced.
   *
   * @param {string} id
   * @returns {ParticipantInfo}
   */
  known(id) {
    return this.#others.get(id) ?? this.#gone.get(id) ?? { id, role: "observer", connected: true, tracks: [] };
  }

  /**
   * @param {string} trackId
   * @returns {TrackInfo | undefined}
   */
  track(trackId) {
    return this.others.flatMap(({ tracks }) => tracks).find(({ id }) => id === trackId);
  }

  /**
   * Takes the room as it was found on joining or coming back.
   *
   * @param {Pick<import("./protocol.js").Joined, "participant" | "room">} joined
   * @returns {RosterEvent[]} What changed while away.
   */
  start({ participant, room }) {
    const before = this.#others;
    this.self = participant;
    this.#others = new Map();
    for (const other of room.participants) {
      if (other.id !== participant) this.#others.set(other.id, copied(other));
    }
    /** @type {RosterEvent[]} */
    const events = [];
    for (const [id, other] of before) {
      if (this.#others.has(id)) continue;
      this.#gone.set(id, other);
      events.push({ type: "participant", participant: other, change: "left" });
    }
    for (const [id, other] of this.#others) {
      const known = before.get(id);
      if (!known) events.push({ type: "participant", participant: other, change: "joined" });
      else if (known.connected !== other.connected) events.push(connectionEvent(other));
      for (const track of other.tracks) {
        const knownTrack = known?.tracks.find(({ id: trackId }) => trackId === track.id);
        if (knownTrack && knownTrack.muted !== track.muted) events.push({ type: "muted", participant: other, track });
      }
    }
    return events;
  }

  /**
   * @param {import("./protocol.js").RelayMessage} message
   * @returns {RosterEvent[]}
   */
  apply(message) {
    switch (message.type) {
      case "waiting":
        return this.start({ participant: this.self, room: { participants: [] } });
      case "admitted":
      case "moved":
        return this.start({ participant: message.type === "moved" ? message.participant : this.self, room: message.room });
      case "participant_joined": {
        if (message.participant.id === this.self) return [];
        const participant = copied(message.participant);
        this.#others.set(participant.id, participant);
        return [{ type: "participant", participant, change: "joined" }];
      }
      case "participant_left": {
        const participant = this.#others.get(message.participant);
        this.#others.delete(message.participant);
        if (participant) this.#gone.set(participant.id, participant);
        return participant ? [{ type: "participant", participant, change: "left" }] : [];
      }
      case "participant_changed": {
        const participant = this.#others.get(message.participant);
        if (!participant) return [];
        const { private: isPrivate = false } = message;
        const was = participant.private ?? false;
        participant.private = isPrivate;
        if (participant.connected === message.connected) {
          return was === isPrivate ? [] : [{ type: "participant", participant, change: isPrivate ? "private" : "public" }];
        }
        participant.connected = message.connected;
        if (message.connected) this.#lost_ms.delete(participant.id);
        else {
          this.#lost_ms.set(participant.id, this.clock.now_ms());
          this.clock.after(ABSENT_AFTER_MS, () => this.events.emit("absence", undefined));
        }
        return [connectionEvent(participant)];
      }
      case "track_published":
      case "track_unpublished": {
        const participant = this.#others.get(message.participant);
        if (!participant) return [];
        const id = message.type === "track_published" ? message.track.id : message.track;
        participant.tracks = participant.tracks.filter((track) => track.id !== id);
        if (message.type === "track_published") participant.tracks.push({ ...message.track });
        return [];
      }
      case "track_muted": {
        const participant = this.#others.get(message.participant);
        const track = participant?.tracks.find(({ id }) => id === message.track);
        if (!participant || !track || track.muted === message.muted) return [];
        track.muted = message.muted;
        return [{ type: "muted", participant, track }];
      }
      default:
        return [];
    }
  }
}

/**
 * @param {ParticipantInfo} participant
 * @returns {RosterEvent}
 */
function connectionEvent(participant) {
  return { type: "participant", participant, change: participant.connected ? "back" : "interrupted" };
}

/**
 * @param {ParticipantInfo} participant
 * @returns {ParticipantInfo}
 */
function copied(participant) {
  return { ...participant, tracks: participant.tracks.map((track) => ({ ...track })) };
}
