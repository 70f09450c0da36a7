/**
 * How this page stands in the room: let in or waiting, with which rights; and what moderators see of the waiting room.
 */

import { Emitter } from "./events.js";

/** @typedef {import("./public.js").StandingEvents} StandingEvents */

export class Standing {
  /** @type {Emitter<StandingEvents>} */
  events = new Emitter();
  /** @type {import("./protocol.js").Right[]} */
  rights = [];
  /** One's place in the waiting room; `null` while let in. @type {StandingEvents["waiting"] | null} */
  waiting = null;
  /** @type {StandingEvents["waiting-room"]} */
  waitingRoom = { people: [], total: 0, notice: "" };
  /** @type {import("./protocol.js").Source[]} */
  heldBack = [];
  /** @type {StandingEvents["room"]} */
  room = { locked: false };
  isPrivate = false;
  self = "";

  /** @param {Pick<import("./words/index.js").Words, "place">} words Of one's place. */
  constructor(words) {
    this.words = words;
  }

  /**
   * What was told before counts no more: the relay tells again what still holds.
   *
   * @param {import("./protocol.js").Joined} joined
   */
  start({ participant, standing, rights = [], room, private: isPrivate = false }) {
    this.rights = rights;
    this.isPrivate = isPrivate;
    this.#forget();
    this.#enter(participant, standing, room);
  }

  /** @param {import("./protocol.js").RelayMessage} message */
  apply(message) {
    if (message.type === "waiting") {
      const { place, notice = "", reason = this.waiting?.reason ?? "waiting_room" } = message;
      this.isPrivate = false;
      this.#tell("waiting", (this.waiting = { place, notice, reason, words: this.words.place(place) }));
    } else if (message.type === "admitted") this.#enter(this.self, "admitted", message.room);
    else if (message.type === "moved") {
      this.#forget();
      this.#enter(message.participant, message.standing, message.room);
    } else if (message.type === "waiting_room") {
      const { people, total, notice = "" } = message;
      this.#tell("waiting-room", (this.waitingRoom = { people, total, notice }));
    } else if (message.type === "held_back") this.#tell("held-back", { sources: (this.heldBack = message.sources) });
    else if (message.type === "room_changed") this.#tell("room", (this.room = facts(message)));
    else if (message.type === "participant_changed" && message.participant === this.self) this.isPrivate = message.private === true;
  }

  #forget() {
    if (this.waitingRoom.total > 0) this.#tell("waiting-room", (this.waitingRoom = { people: [], total: 0, notice: "" }));
    if (this.heldBack.length > 0) this.#tell("held-back", { sources: (this.heldBack = []) });
  }

  /**
   * @param {string} self
   * @param {string} [standing]
   * @param {import("./protocol.js").RoomInfo} [room]
   */
  #enter(self, standing, room) {
    this.self = self;
    if (standing !== "waiting") this.waiting = null;
    else this.waiting ??= { place: 0, notice: "", reason: "waiting_room", words: "" };
    this.#tell("room", (this.room = facts(room ?? {})));
  }

  /**
   * @template {keyof StandingEvents} Type
   * @param {Type} type
   * @param {StandingEvents[Type]} detail
   */
  #tell(type, detail) {
    this.events.emit(type, detail);
  }
}

/**
 * Waits, in the waiting room, as long as it takes.
 *
 * @param {Emitter<import("./public.js").ConsultationEvents>} events
 * @param {() => boolean} isWaiting
 * @returns {Promise<void>} Rejects when the consultation ends before.
 */
export function letIn(events, isWaiting) {
  if (!isWaiting()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const stop = events.on("state", ({ error }) => {
      if (!error && isWaiting()) return;
      stop();
      if (error) reject(error);
      else resolve();
    });
  });
}

/** @param {{ locked?: boolean, ends_in_s?: number }} room */
function facts({ locked = false, ends_in_s }) {
  return { locked, ...(ends_in_s !== undefined && { ends_in_s }) };
}
