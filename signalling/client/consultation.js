/**
 * A consultation, as a page holds it: `new Consultation({ token })`, `on`, `join`, `publish`, `send`, `leave`.
 *
 * It assembles the SDK's parts and decides nothing itself; see docs/embedding.md.
 */

import { assemble } from "./assembly.js";
import { lacking } from "./capture.js";
import { Course } from "./course.js";
import { devicesInUse, listDevices } from "./devices.js";
import { ConsultationError, failure } from "./errors.js";
import { Emitter } from "./events.js";
import { remoteTrack } from "./remote_tracks.js";
import { letIn } from "./standing.js";
import { Telling } from "./telling.js";
import { TEXT_TYPE, TextDoor } from "./text_door.js";
import { wireBrowser, wireParts } from "./wiring.js";
import { fetchWords, haveCome, wordsFor } from "./words/index.js";

export { ConsultationError };

/** @typedef {import("./public.js").ConsultationEvents} ConsultationEvents */
/** @typedef {import("./protocol.js").Source} Source */

const fetchAudioOnly = () => import("./audio_only.js");
const fetchDeviceSwitch = () => import("./device_switch.js");

export class Consultation {
  /** Whether pictures are neither sent nor taken here. */
  isAudioOnly = false;
  /** @type {Promise<import("./audio_only.js").AudioOnly> | null} */
  #audioOnly = null;
  /** @type {Emitter<ConsultationEvents>} */
  #events = new Emitter();
  #words;
  #parts;
  #course;
  #texts;
  #cleanup;

  /** @param {import("./public.js").ConsultationOptions} options */
  constructor(options) {
    this.#words = wordsFor(options.lang ?? globalThis.document?.documentElement.lang);
    this.#parts = assemble(options, this.#words.lang);
    const about = { events: this.#events, parts: this.#parts, words: this.#words };
    this.#course = new Course(about);
    this.#texts = new TextDoor({
      ...this.#parts,
      self: () => this.self,
      send: (to, body) => this.send({ to, type: TEXT_TYPE, body }),
      tell: (line) => this.#events.emit("text", line),
      failure: (code) => failure(this.lang, code),
    });
    const wired = { ...about, course: this.#course, telling: new Telling(about), texts: this.#texts };
    wireParts({ ...wired, local: () => this.local, close: () => this.#close() });
    this.#cleanup = wireBrowser({ parts: this.#parts, course: this.#course }, () => this.#tellDevices());
    // On their way before anybody asks; whoever needs them hears where they do not come.
    fetchWords(this.#words).catch(() => {});
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
    return this.#parts.quality.subscriptions;
  }

  /** Which way sound and picture take; `null` until it is known. */
  get path() {
    return this.#parts.quality.path;
  }

  /** Who is not heard or seen just now though they should be; what this side can mend is first. */
  get silences() {
    return this.#parts.quality.silences;
  }

  /**
   * Names what plays a stream, so that both sides are told when it does not; gives what forgets it.
   *
   * @param {import("./player_list.js").Player} player
   * @param {MediaStream | null} [stream] Of a `track` event; needed for an `AudioContext`.
   */
  watch(player, stream = null) {
    return this.#parts.players.watch(player, stream);
  }

  /**
   * Takes the seat and connects sound and picture.
   *
   * @param {{ takeover?: boolean }} [how] `takeover` closes another window that holds the same seat (`seat_taken`).
   * @returns {Promise<void>} Resolves when admitted and connected; may be called again after a rejection, until it is over: then
   *   it rejects with `left`, and another `Consultation` begins anew.
   */
  async join({ takeover = false } = {}) {
    if (this.#parts.publisher.isOver) throw failure(this.lang, "left");
    if (this.#course.wasConnected || this.#parts.standing.waiting) throw failure(this.lang, "already_joined");
    try {
      if (!haveCome(this.#words)) await this.#course.speak();
      this.#course.begin();
      if (!this.#parts.canConnect) throw await lacking(this.lang);
      await this.#parts.line.open(takeover);
      await letIn(this.#events, () => this.#parts.standing.waiting !== null);
      await this.#parts.media.connected();
    } catch (error) {
      this.#parts.line.close();
      this.#parts.media.close();
      if (!(error instanceof ConsultationError)) throw error;
      throw this.#course.end(await this.#course.explained(error, this.#parts.facts));
    }
  }

  /**
   * Opens microphone, camera or screen and sends it; may be called before `join` has resolved.
   *
   * @param {import("./public.js").PublishWish} wish
   * @returns {Promise<import("./public.js").PublishResult>} Rejects when nothing opened.
   */
  async publish(wish) {
    if (!haveCome(this.#words)) await this.#course.speak();
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
   * Goes on with sound alone, or with pictures again: none is sent from here, and none is taken, so that a weak network carries the voices.
   *
   * @param {boolean} [isOn]
   * @returns {Promise<void>} Rejects where the camera does not open again.
   */
  async audioOnly(isOn = true) {
    this.#audioOnly ??= fetchAudioOnly().then(({ AudioOnly }) => new AudioOnly(this.#parts));
    const audioOnly = await this.#audioOnly.catch((cause) => {
      this.#audioOnly = null;
      throw failure(this.lang, "unreachable", { cause });
    });
    this.isAudioOnly = isOn;
    await audioOnly.switch(isOn);
    this.#events.emit("local", this.local);
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
   * Goes on with another microphone, camera or loudspeaker; the browser remembers it for the next visit. Where it does not open
   * the one of before goes on.
   *
   * @param {"microphone" | "camera" | "speaker"} device A loudspeaker is that of the players named with `watch`.
   * @param {string} id From `devices()`.
   */
  async switchDevice(device, id) {
    const { switchDevice } = await fetchDeviceSwitch().catch((cause) => Promise.reject(failure(this.lang, "unreachable", { cause })));
    await switchDevice(this.#parts, device, id).catch((cause) => {
      throw cause instanceof ConsultationError ? cause : failure(this.lang, "device_unsuitable", { source: device, cause });
    });
    await this.#tellDevices();
  }

  /** Which devices there are, and which are in use. */
  async devices() {
    return { ...(await listDevices()), ...devicesInUse(this.local.sources, this.#parts.publisher.chosen) };
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
   * Says what stands in a line that is being written, or in captions of somebody's words: the others read it within a second, as
   * `text` events, and so does this page.
   *
   * @param {string} text All of the line, a thousand characters at most.
   * @param {import("./public.js").TextWish} [wish]
   * @returns {Promise<void>} Resolves when it is on its way, or will be with what follows.
   */
  type(text, wish = {}) {
    return this.#texts.type(text, wish);
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

  /** Takes a newer token for the next join; `false`, and nothing has changed, where it is for another seat, or `token` is a function. @param {string} token */
  renew(token) {
    return !this.#course.ended && this.#parts.renew(token);
  }

  /** Leaves, gives the seat up and closes camera and microphone; after a refused `join`, too, which leaves them open for another. */
  async leave() {
    this.#course.end(failure(this.lang, "left"));
    this.#close();
    await this.#parts.line.leave();
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
    // Whoever still waits for sound and picture waits for nothing.
    this.#parts.media.events.emit("refused", this.#course.ended);
  }
}
