/**
 * A consultation, as a page holds it: `new Consultation({ token })`, `on`, `join`, `publish`, `send`, `leave`.
 *
 * It assembles the SDK's parts and decides nothing itself; see docs/embedding.md.
 */

import { assemble } from "./assembly.js";
import { messageUntrusted } from "./channel.js";
import { listDevices, watchDevices } from "./devices.js";
import { ConsultationError, failure, relayFailure } from "./errors.js";
import { Emitter } from "./events.js";
import { watchNetwork } from "./network.js";
import { remoteTrack } from "./remote_tracks.js";
import { stateOf } from "./state.js";
import { changeWords, mutedWords, qualityWords } from "./telling.js";
import { wordsFor } from "./words/index.js";

export { ConsultationError };

/** @typedef {import("./public.js").ConsultationEvents} ConsultationEvents */
/** @typedef {import("./protocol.js").Source} Source */

export class Consultation {
  /** @type {Emitter<ConsultationEvents>} */
  #events = new Emitter();
  #parts;
  #words;
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

  /** This page's own id and role; `null` before it was admitted. */
  get self() {
    return this.#role ? { id: this.#parts.roster.self, role: this.#role } : null;
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
    if (this.#wasConnected) throw failure(this.lang, "already_joined");
    this.#ended = null;
    this.#refresh();
    try {
      await this.#parts.line.open(takeover);
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
    return { ...(await listDevices()), ...this.#parts.publisher.inUse };
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
      this.#tellRoster(this.#parts.roster.start(joined));
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
    media.on("received", (received) => this.#tellTracks(this.#parts.slots.receive(received)));
    media.on("channel", (channel) => this.#parts.channel.use(channel));
    media.on("data", (text) => {
      const message = messageUntrusted(text);
      if (message) this.#events.emit("message", message);
    });
    this.#parts.roster.events.on("absence", () => this.#refresh());
    this.#parts.publisher.events.on("local", () => this.#events.emit("local", this.local));
    this.#parts.publisher.events.on("problem", (error) => this.#events.emit("error", error));
    this.#parts.quality.events.on("verdict", (verdict) => this.#events.emit("quality", qualityWords(this.#words, this.#parts.roster, verdict)));
  }

  #connectBrowser() {
    this.#cleanup.push(
      ...[this.#parts.quality.stop, this.#parts.health.stop],
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
    this.#tellRoster(this.#parts.roster.apply(message));
    if (message.type === "slots") this.#tellTracks(this.#parts.slots.bind(message.bindings));
    else if (message.type === "more_slots") this.#parts.media.renegotiate({ audio: message.audio, video: message.video });
    else if (message.type === "renegotiate") this.#parts.media[message.reason === "path" ? "networkChanged" : "renegotiate"]();
    else if (message.type === "connection") this.#parts.media.handleLegState(message);
    else if (message.type === "error") this.#events.emit("error", relayFailure(this.lang, message));
    else if (message.type === "speaking") {
      const participant = this.#parts.roster.find(message.participant) ?? this.self;
      if (participant) this.#events.emit("speaking", { participant, speaking: message.speaking });
    } else if (message.type === "quality") this.#parts.quality.handle(message);
    if (message.type === "silences") for (const one of this.#parts.silences.take(message.silences)) this.#events.emit("silence", one);
    for (const picture of this.#parts.pictures.changes()) this.#events.emit("picture", picture);
    this.#refresh();
  }

  /** @param {import("./roster.js").RosterEvent[]} events */
  #tellRoster(events) {
    for (const event of events) {
      if (event.type === "participant" && event.change === "left") this.#parts.quality.forget(event.participant.id);
      if (event.type === "muted") this.#events.emit("muted", mutedWords(this.#words, event));
      else this.#events.emit("participant", changeWords(this.#words, event));
    }
  }

  /** @param {{ added: import("./slots.js").Placed[], removed: import("./slots.js").Placed[] }} change */
  #tellTracks({ added, removed }) {
    for (const placed of removed) this.#events.emit("track-ended", remoteTrack(this.#parts.roster, placed));
    for (const placed of added) this.#events.emit("track", remoteTrack(this.#parts.roster, placed));
  }

  async #tellDevices() {
    this.#events.emit("devices", await this.devices());
  }

  #refresh() {
    const { others } = this.#parts.roster;
    const absent = others.filter((other) => this.#parts.roster.isAbsent(other)).length;
    const { state, reason } = stateOf({
      ended: this.#ended?.code ?? null,
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
