/**
 * A consultation, as a page holds it: `new Consultation({ token })`, `on`, `join`, `publish`, `send`, `leave`.
 *
 * It assembles the SDK's parts and decides nothing itself; see docs/embedding.md.
 */

import { assemble } from "./assembly.js";
import { messageUntrusted } from "./channel.js";
import { letIn } from "./standing.js";
import { listDevices, watchDevices } from "./devices.js";
import { ConsultationError, failure, relayFailure } from "./errors.js";
import { Emitter } from "./events.js";
import { watchNetwork } from "./network.js";
import { remoteTrack } from "./remote_tracks.js";
import { stateOf } from "./state.js";
import { telling } from "./telling.js";
import { wordsFor } from "./words/index.js";

export { ConsultationError };

/** @typedef {import("./public.js").ConsultationEvents} ConsultationEvents */
/** @typedef {import("./protocol.js").Source} Source */

export class Consultation {
  /** @type {Emitter<ConsultationEvents>} */
  #events = new Emitter();
  #parts;
  #words;
  #tell;
  /** @type {import("./protocol.js").Role | null} */
  #role = null;
  /** @type {ConsultationError | null} */
  #ended = null;
  #wasConnected = false;
  #offline = false;
  /** @type {ConsultationEvents["state"] | null} */
  #state = null;
  /** @type {(() => void)[]} */
  #cleanup = [];

  /** @param {import("./public.js").ConsultationOptions} options */
  constructor(options) {
    this.#words = wordsFor(options.lang ?? globalThis.document?.documentElement.lang);
    this.#parts = assemble(options, this.#words.lang);
    this.#tell = telling(this.#events, this.#parts, this.#words);
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
    return this.#state;
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
    const { rights, isPrivate } = this.#parts.standing;
    return this.#role ? { id: this.#parts.roster.self, role: this.#role, rights, private: isPrivate } : null;
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

  /**
   * Takes the seat and connects sound and picture.
   *
   * @param {{ takeover?: boolean }} [how] `takeover` closes another window that holds the same seat (`seat_taken`).
   * @returns {Promise<void>} Resolves when admitted and connected; may be called again after a rejection.
   */
  async join({ takeover = false } = {}) {
    if (this.#wasConnected || this.#parts.standing.waiting) throw failure(this.lang, "already_joined");
    this.#ended = null;
    this.#refresh();
    try {
      await this.#parts.line.open(takeover);
      await letIn(this.#events, () => this.#parts.standing.waiting !== null);
      await this.#parts.media.connected();
    } catch (error) {
      this.#parts.line.close();
      if (error instanceof ConsultationError) this.#end(error);
      throw error;
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
    const microphone = this.#parts.publisher.chosen("microphone");
    const camera = this.#parts.publisher.chosen("camera");
    return { ...(await listDevices()), ...(microphone && { microphone }), ...(camera && { camera }) };
  }

  /**
   * Sends a message to the others over the data channel.
   *
   * @param {import("./public.js").OutgoingMessage} message
   * @returns {Promise<void>} Resolves when it is on its way.
   */
  send(message) {
    if (this.#ended) return Promise.reject(failure(this.lang, "left"));
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
    if (!this.#ended) this.#end(failure(this.lang, "left"));
    this.#close();
    await this.#parts.line.leave();
  }

  #connectParts() {
    const line = this.#parts.line.events;
    line.on("attached", (joined) => {
      this.#role = joined.role;
      this.#parts.standing.start(joined);
      this.#tell.roster(this.#parts.roster.start(joined));
      this.#refresh();
    });
    line.on("detached", () => this.#refresh());
    line.on("ended", (error) => {
      this.#end(error);
      this.#close();
    });
    line.on("message", (message) => this.#handle(message));
    const media = this.#parts.media.events;
    media.on("status", (status) => {
      this.#wasConnected ||= status === "up";
      this.#refresh();
    });
    media.on("received", (received) => this.#tell.tracks(this.#parts.slots.receive(received)));
    media.on("channel", (channel) => this.#parts.channel.use(channel));
    media.on("data", (text) => {
      const message = messageUntrusted(text);
      if (message) this.#events.emit("message", message);
    });
    for (const type of /** @type {const} */ (["waiting", "waiting-room", "held-back", "room"])) {
      this.#parts.standing.events.on(type, (detail) => this.#events.emit(type, detail));
    }
    this.#parts.roster.events.on("absence", () => this.#refresh());
    this.#parts.publisher.events.on("local", () => this.#events.emit("local", this.local));
    this.#parts.publisher.events.on("problem", (error) => this.#events.emit("error", error));
    this.#parts.quality.events.on("verdict", (verdict) => this.#tell.quality(verdict));
  }

  #connectBrowser() {
    this.#cleanup.push(
      this.#parts.quality.stop,
      watchDevices(() => this.#tellDevices()),
      watchNetwork({
        changed: () => (this.#parts.line.hurry(), this.#parts.media.networkChanged()),
        shown: () => this.#parts.line.hurry(),
        offline: (isOffline) => ((this.#offline = isOffline), this.#refresh()),
      }),
    );
  }

  /** @param {import("./protocol.js").RelayMessage} message */
  #handle(message) {
    this.#parts.standing.apply(message);
    if (message.type === "waiting" || (message.type === "moved" && !message.keeps_leg)) this.#wasConnected = false;
    this.#parts.media.handleStanding(message);
    this.#tell.roster(this.#parts.roster.apply(message));
    if (message.type === "slots") this.#tell.tracks(this.#parts.slots.bind(message.bindings));
    else if (message.type === "more_slots") this.#parts.media.renegotiate({ audio: message.audio, video: message.video });
    else if (message.type === "renegotiate") this.#parts.media.renegotiate();
    else if (message.type === "connection") this.#parts.media.handleLegState(message);
    else if (message.type === "error") this.#events.emit("error", relayFailure(this.lang, message));
    else if (message.type === "speaking") {
      const participant = this.#parts.roster.find(message.participant) ?? this.self;
      if (participant) this.#events.emit("speaking", { participant, speaking: message.speaking });
    } else if (message.type === "quality") this.#parts.quality.handle(message);
    for (const picture of this.#parts.pictures.changes()) this.#events.emit("picture", picture);
    this.#refresh();
  }

  async #tellDevices() {
    this.#events.emit("devices", await this.devices());
  }

  #refresh() {
    const { others } = this.#parts.roster;
    const absent = others.filter((other) => this.#parts.roster.isAbsent(other)).length;
    const { state, reason } = stateOf({
      ended: this.#ended?.code ?? null,
      waiting: this.#parts.standing.waiting?.reason ?? null,
      wasConnected: this.#wasConnected,
      attached: this.#parts.line.attached,
      media: this.#parts.media.status,
      offline: this.#offline,
      present: others.length - absent,
      absent,
    });
    if (this.#state?.state === state && this.#state.reason === reason) return;
    const words = this.#ended && state === "left" ? this.#ended.words : this.#words.state(state, reason, this.#role);
    this.#state = { state, reason, words, error: this.#ended };
    this.#events.emit("state", this.#state);
  }

  /** @param {ConsultationError} error */
  #end(error) {
    this.#ended = error;
    this.#refresh();
  }

  #close() {
    for (const stop of this.#cleanup.splice(0)) stop();
    this.#parts.channel.close();
    this.#parts.publisher.close();
    this.#parts.media.close();
  }
}
