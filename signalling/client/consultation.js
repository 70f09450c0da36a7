/**
 * A consultation, as a page holds it: `new Consultation({ token })`, `on`, `join`, `publish`, `send`, `leave`.
 *
 * It assembles the SDK's parts and decides nothing itself; see docs/embedding.md.
 */

import { assemble } from "./assembly.js";
import { messageUntrusted } from "./channel.js";
import { orWrongClock } from "./clock_doubt.js";
import { Course } from "./course.js";
import { listDevices, watchDevices } from "./devices.js";
import { ConsultationError, failure } from "./errors.js";
import { Emitter } from "./events.js";
import { watchNetwork } from "./network.js";
import { remoteTrack } from "./remote_tracks.js";
import { letIn } from "./standing.js";
import { Telling } from "./telling.js";
import { wordsFor } from "./words/index.js";

export { ConsultationError };

/** @typedef {import("./public.js").ConsultationEvents} ConsultationEvents */
/** @typedef {import("./protocol.js").Source} Source */

export class Consultation {
  /** @type {Emitter<ConsultationEvents>} */
  #events = new Emitter();
  #words;
  #parts;
  #course;
  #telling;
  /** @type {(() => void)[]} */
  #cleanup = [];

  /** @param {import("./public.js").ConsultationOptions} options */
  constructor(options) {
    this.#words = wordsFor(options.lang ?? globalThis.document?.documentElement.lang);
    this.#parts = assemble(options, this.#words.lang);
    const about = { events: this.#events, parts: this.#parts, words: this.#words };
    this.#course = new Course(about);
    this.#telling = new Telling(about);
    this.#connectParts();
    this.#connectBrowser();
  }

  /**
   * Calls `listener` on each event of this type (docs/embedding.md lists them).
   *
   * @template {keyof ConsultationEvents} Type
   * @param {Type} type
   * @param {(detail: ConsultationEvents[Type]) => void} listener
   * @returns {() => void} Stops listening.
   */
  on(type, listener) {
    return this.#events.on(type, listener);
  }

  /** The last `state` event; `null` before `join`. */
  get state() {
    return this.#course.state;
  }

  /** The language of all `words`. */
  get lang() {
    return this.#words.lang;
  }

  /** The others in the room. */
  get participants() {
    return this.#parts.roster.others;
  }

  /** This page's own id, role and rights, and whether it confers in private; `null` before it has a seat. */
  get self() {
    return this.#course.self;
  }

  /** How this page stands: its place while it waits, who waits (for those who may admit), what moderators muted, the room. */
  get standing() {
    const { waiting, waitingRoom, heldBack, room } = this.#parts.standing;
    return { waiting, waitingRoom, heldBack, room };
  }

  /** What is sent from here, and a stream of it for a self view. */
  get local() {
    return { sources: this.#parts.publisher.sources, stream: this.#parts.publisher.stream };
  }

  /** Everything that can be played now. */
  get tracks() {
    return this.#parts.slots.placed.map((placed) => remoteTrack(this.#parts.roster, placed));
  }

  /** The pictures that cannot be seen just now, and why. */
  get pictures() {
    return this.#parts.pictures.hidden;
  }

  /** What is sent here of each picture, and what the own network carries; `null` until the relay has said it. */
  get subscriptions() {
    return this.#parts.subscriptions.now;
  }

  /** Who is not heard or seen just now though they should be; what this side can mend is first. */
  get silences() {
    return this.#parts.silences.standing;
  }

  /**
   * Names what plays a stream, so that both sides are told when it does not; gives what forgets it.
   *
   * @param {import("./players.js").Player} player
   * @param {MediaStream | null} [stream] Of a `track` event; needed for an `AudioContext`.
   */
  watch(player, stream = null) {
    return this.#parts.players.watch(player, stream);
  }

  /**
   * Takes the seat and connects sound and picture.
   *
   * @param {{ takeover?: boolean }} [how] `takeover` closes another window that holds the same seat (`seat_taken`).
   * @returns {Promise<void>} Resolves when admitted and connected; may be called again after a rejection.
   */
  async join({ takeover = false } = {}) {
    if (this.#course.wasConnected || this.#parts.standing.waiting) throw failure(this.lang, "already_joined");
    this.#course.begin();
    try {
      if (this.#parts.lack) throw failure(this.lang, this.#parts.lack);
      await this.#parts.line.open(takeover);
      await letIn(this.#events, () => this.#parts.standing.waiting !== null);
      await this.#parts.media.connected();
    } catch (error) {
      this.#parts.line.close();
      if (!(error instanceof ConsultationError)) throw error;
      const told = orWrongClock(this.lang, error, this.#parts.facts);
      this.#course.end(told);
      throw told;
    }
  }

  /**
   * Opens microphone, camera or screen and sends it; may be called before `join` has resolved.
   *
   * @param {import("./public.js").PublishWish} wish
   * @returns {Promise<import("./public.js").PublishResult>} Rejects when nothing opened.
   */
  publish(wish) {
    return this.#parts.publisher.publish(wish);
  }

  /**
   * Stops sending a source.
   *
   * @param {Source} source
   */
  unpublish(source) {
    return this.#parts.publisher.unpublish(source);
  }

  /**
   * Silences or hides a source and tells the others; a camera's light goes out.
   *
   * @param {Source} source
   * @param {boolean} [muted]
   */
  mute(source, muted = true) {
    return this.#parts.publisher.mute(source, muted);
  }

  /**
   * Says what of a picture is given up last where a network does not carry all of it.
   *
   * @param {Source} source `camera` or `screen`.
   * @param {import("./public.js").Keeps | null} keeps `motion` for hands that sign, `detail` for a wound; `null` takes it back.
   */
  mark(source, keeps) {
    return this.#parts.publisher.mark(source, keeps);
  }

  /**
   * Goes on with another microphone or camera.
   *
   * @param {"microphone" | "camera"} device
   * @param {string} id From `devices()`.
   */
  async switchDevice(device, id) {
    await this.#parts.publisher.switchDevice(device, id);
    await this.#tellDevices();
  }

  /** Which devices there are, and which are in use. */
  async devices() {
    return { ...(await listDevices()), ...this.#parts.publisher.inUse };
  }

  /**
   * Sends a message to the others over the data channel.
   *
   * @param {import("./public.js").OutgoingMessage} message
   * @returns {Promise<void>} Resolves when it is on its way.
   */
  send(message) {
    if (this.#course.ended) return Promise.reject(failure(this.lang, "left"));
    return this.#parts.channel.send(message);
  }

  /**
   * Does something with the others or the room, as far as the token permits (docs/embedding.md lists all).
   *
   * @param {import("./public.js").Command} command
   * @returns {Promise<void>} Rejects with the relay's refusal; nothing has changed then.
   */
  async moderate(command) {
    await this.#parts.line.request("moderate", { command });
  }

  /** Leaves, gives the seat up and closes camera and microphone. */
  async leave() {
    if (!this.#course.ended) this.#course.end(failure(this.lang, "left"));
    this.#close();
    await this.#parts.line.leave();
  }

  #connectParts() {
    const line = this.#parts.line.events;
    line.on("attached", (joined) => {
      this.#course.role = joined.role;
      if (joined.standing === "waiting") this.#course.wasConnected = false;
      this.#telling.start(joined);
      this.#course.refresh();
    });
    line.on("detached", () => this.#course.refresh());
    line.on("over", () => this.#course.refresh());
    line.on("ended", (error) => {
      this.#course.end(error);
      this.#close();
    });
    line.on("message", (message) => {
      if (message.type === "waiting" || (message.type === "moved" && !message.keeps_leg)) this.#course.wasConnected = false;
      this.#telling.relay(message, this.self);
      this.#course.refresh();
    });
    const media = this.#parts.media.events;
    media.on("status", (status) => {
      this.#course.wasConnected ||= status === "up";
      this.#course.refresh();
    });
    media.on("received", (received) => this.#telling.tracks(this.#parts.slots.receive(received)));
    media.on("channel", (channel) => this.#parts.channel.use(channel));
    media.on("data", (text) => {
      const message = messageUntrusted(text);
      if (message) this.#events.emit("message", message);
    });
    for (const type of /** @type {const} */ (["waiting", "waiting-room", "held-back", "room"])) {
      this.#parts.standing.events.on(type, (detail) => this.#events.emit(type, detail));
    }
    this.#parts.roster.events.on("absence", () => this.#course.refresh());
    this.#parts.publisher.events.on("local", () => this.#events.emit("local", this.local));
    this.#parts.publisher.events.on("problem", (error) => this.#events.emit("error", error));
    this.#parts.quality.events.on("verdict", (verdict) => this.#telling.quality(verdict));
  }

  #connectBrowser() {
    this.#cleanup.push(
      ...[this.#parts.quality.stop, this.#parts.health.stop],
      watchDevices(() => this.#tellDevices()),
      watchNetwork({
        changed: () => (this.#parts.line.hurry(), this.#parts.media.networkChanged()),
        shown: () => this.#parts.line.hurry(),
        offline: (isOffline) => ((this.#course.isOffline = isOffline), this.#course.refresh()),
      }),
    );
  }

  async #tellDevices() {
    this.#events.emit("devices", await this.devices());
  }

  #close() {
    this.#parts.crossing.giveUp();
    for (const stop of this.#cleanup.splice(0)) stop();
    this.#parts.channel.close();
    this.#parts.publisher.close();
    this.#parts.media.close();
  }
}
