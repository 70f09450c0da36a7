/**
 * What this participant sends: their microphone, camera and screen, muted or not.
 *
 * It holds the wish; `sync` brings the relay to it whenever the line allows, so a publish or a mute made during a cut
 * is not lost.
 */

import { capture, captureScreen } from "./capture.js";
import { ConsultationError, failure } from "./errors.js";
import { Emitter } from "./events.js";

/** @typedef {import("./protocol.js").Source} Source */
/** @typedef {import("./capture.js").Device} Device */

/**
 * @typedef {object} Sent
 * @property {Source} source
 * @property {MediaStreamTrack | null} mediaTrack `null` while a camera of ours is off.
 * @property {boolean} owned Captured by the SDK, so it may be stopped and opened again.
 * @property {boolean} muted
 * @property {string | null} track The relay's id, once it knows the track.
 * @property {boolean} relayMuted What the relay was last told.
 *
 * @typedef {object} PublishWish
 * @property {boolean} [audio]
 * @property {boolean} [video]
 * @property {boolean} [screen]
 * @property {MediaStreamTrack[]} [tracks] The embedder's own; a video track with `contentHint` `detail` or `text` is a screen.
 *
 * @typedef {{ published: Source[], problems: ConsultationError[] }} PublishResult
 */

export class Publisher {
  /** @type {Emitter<{ local: undefined, problem: ConsultationError }>} */
  events = new Emitter();
  /** @type {Map<Source, Sent>} */
  #sent = new Map();
  /** @type {Partial<Record<Device, string>>} */
  #chosen = {};
  /** @type {Promise<unknown>} */
  #devicesTurn = Promise.resolve();
  /** @type {Promise<void>} */
  #syncTurn = Promise.resolve();

  /**
   * @param {object} about
   * @param {string} about.lang
   * @param {() => MediaStream} about.newStream
   * @param {import("./media_line.js").MediaLine} about.media
   * @param {import("./seat_line.js").SeatLine} about.line
   */
  constructor(about) {
    this.about = about;
    /** The own microphone and camera, for a self view. */
    this.stream = about.newStream();
    about.line.events.on("attached", ({ resumed }) => {
      if (!resumed) for (const sent of this.#sent.values()) Object.assign(sent, { track: null, relayMuted: false });
      this.sync();
    });
    about.media.events.on("negotiated", () => this.sync());
  }

  /** @returns {Pick<Sent, "source" | "muted" | "mediaTrack">[]} */
  get sources() {
    return [...this.#sent.values()].map(({ source, muted, mediaTrack }) => ({ source, muted, mediaTrack }));
  }

  /** @returns {Source[]} What the relay already knows. */
  get known() {
    return [...this.#sent.values()].filter(({ track }) => track !== null).map(({ source }) => source);
  }

  /**
   * Opens and sends what is wished; what opens is sent even when something else does not.
   *
   * @param {PublishWish} wish
   * @returns {Promise<PublishResult>} Rejects when nothing opened.
   */
  async publish({ audio = false, video = false, screen = false, tracks = [] }) {
    for (const mediaTrack of tracks) await this.#place(sourceOf(mediaTrack), mediaTrack, false);
    /** @type {Device[]} */
    const devices = [];
    if (audio) devices.push("microphone");
    if (video) devices.push("camera");
    const opened = await this.#open(devices);
    for (const [source, mediaTrack] of Object.entries(opened.tracks)) {
      await this.#place(/** @type {Device} */ (source), mediaTrack, true);
    }
    if (screen) await this.#place("screen", await captureScreen(this.about.lang), true);
    const published = /** @type {Source[]} */ ([...tracks.map(sourceOf), ...Object.keys(opened.tracks), ...(screen ? ["screen"] : [])]);
    const [problem] = opened.problems;
    if (published.length === 0 && problem) throw problem;
    this.sync();
    return { published, problems: opened.problems };
  }

  /**
   * Stops sending and gives the place back.
   *
   * @param {Source} source
   */
  async unpublish(source) {
    const sent = this.#sent.get(source);
    if (!sent) return;
    this.#sent.delete(source);
    this.#show(sent, null);
    await this.about.media.send(source, null);
    if (sent.track) await this.about.line.request("unpublish", { track: sent.track }).catch(() => {});
    this.events.emit("local", undefined);
  }

  /**
   * Silences or hides a source; a camera of ours is closed, so that its light goes out.
   *
   * @param {Source} source
   * @param {boolean} muted
   */
  async mute(source, muted) {
    const sent = this.#sent.get(source);
    if (!sent) throw failure(this.about.lang, "invalid_argument");
    if (sent.muted === muted) return;
    sent.muted = muted;
    if (source === "camera" && sent.owned) await this.#closeOrReopen(sent);
    else if (sent.mediaTrack) sent.mediaTrack.enabled = !muted;
    this.events.emit("local", undefined);
    this.sync();
  }

  /**
   * Goes on with another device.
   *
   * @param {Device} device
   * @param {string} id From `devices()`.
   */
  async switchDevice(device, id) {
    const sent = this.#sent.get(device);
    this.#chosen[device] = id;
    if (!sent?.owned || !sent.mediaTrack) return;
    // Phones cannot open a second camera while the first one is open.
    if (device === "camera") sent.mediaTrack.stop();
    await this.#reopen(sent, device);
  }

  /**
   * @param {Device} device
   * @returns {string | undefined} The device in use.
   */
  chosen(device) {
    return this.#sent.get(device)?.mediaTrack?.getSettings().deviceId ?? this.#chosen[device];
  }

  /** Brings the relay to what is wished; errors become `problem`. */
  sync() {
    this.#syncTurn = this.#syncTurn.then(() => this.#syncOnce()).catch((error) => {
      // A lost line calls again when it is back; anything else is the person's to know.
      if (error instanceof ConsultationError && !["connection_lost", "timed_out"].includes(error.code)) {
        this.events.emit("problem", error);
      }
    });
    return this.#syncTurn;
  }

  /** Stops every device of ours. */
  close() {
    for (const sent of this.#sent.values()) this.#show(sent, null);
    this.#sent.clear();
    this.events.emit("local", undefined);
  }

  async #syncOnce() {
    const { line, media } = this.about;
    if (!line.attached) return;
    for (const sent of [...this.#sent.values()]) {
      const mid = media.leg?.mid(sent.source);
      if (!sent.track && mid && media.leg?.connection.remoteDescription) {
        const { tracks } = await line.request("publish", { tracks: { [mid]: sent.source } });
        sent.track = tracks[0]?.id ?? null;
        sent.relayMuted = tracks[0]?.muted ?? false;
        // Muted before a reload of the page: staying so is what the person expects.
        if (sent.relayMuted && !sent.muted) this.mute(sent.source, true).catch(() => {});
      }
      if (sent.track && sent.relayMuted !== sent.muted) {
        const { muted } = sent;
        await line.request("mute", { track: sent.track, muted });
        sent.relayMuted = muted;
      }
    }
  }

  /**
   * @param {Device[]} devices
   * @returns {Promise<import("./capture.js").Captured>}
   */
  #open(devices) {
    // Two questions at once confuse people and some browsers.
    const opened = this.#devicesTurn.then(() => capture(this.about.lang, devices, this.#chosen));
    this.#devicesTurn = opened;
    return opened;
  }

  /**
   * @param {Source} source
   * @param {MediaStreamTrack} mediaTrack
   * @param {boolean} owned
   */
  async #place(source, mediaTrack, owned) {
    const before = this.#sent.get(source);
    const sent = before ?? { source, mediaTrack: null, owned, muted: false, track: null, relayMuted: false };
    if (before) this.#show(before, null);
    sent.owned = owned;
    sent.muted = false;
    this.#sent.set(source, sent);
    await this.#use(sent, mediaTrack);
  }

  /**
   * @param {Sent} sent
   * @param {MediaStreamTrack | null} mediaTrack
   */
  async #use(sent, mediaTrack) {
    this.#show(sent, mediaTrack);
    if (mediaTrack) {
      mediaTrack.enabled = sent.source === "microphone" ? !sent.muted : true;
      mediaTrack.onended = () => this.#lost(sent, mediaTrack);
    }
    await this.about.media.send(sent.source, mediaTrack);
    this.events.emit("local", undefined);
  }

  /**
   * Swaps what the self view shows and stops the capture it replaces.
   *
   * @param {Sent} sent
   * @param {MediaStreamTrack | null} mediaTrack
   */
  #show(sent, mediaTrack) {
    const before = sent.mediaTrack;
    if (before && before !== mediaTrack) {
      before.onended = null;
      this.stream.removeTrack(before);
      if (sent.owned) before.stop();
    }
    sent.mediaTrack = mediaTrack;
    if (mediaTrack && sent.source !== "screen") this.stream.addTrack(mediaTrack);
  }

  /** @param {Sent} sent */
  async #closeOrReopen(sent) {
    if (sent.muted) await this.#use(sent, null);
    else await this.#reopen(sent, "camera");
  }

  /**
   * @param {Sent} sent
   * @param {Device} device
   */
  async #reopen(sent, device) {
    const { tracks, problems } = await this.#open([device]);
    const mediaTrack = tracks[device];
    if (mediaTrack && this.#sent.get(device) === sent && !(sent.muted && device === "camera")) {
      await this.#use(sent, mediaTrack);
      return;
    }
    mediaTrack?.stop();
    if (problems[0]) {
      sent.muted = true;
      await this.#use(sent, null);
      this.sync();
      throw problems[0];
    }
  }

  /**
   * A device was unplugged, or the person stopped sharing from the browser's own bar.
   *
   * @param {Sent} sent
   * @param {MediaStreamTrack} mediaTrack
   */
  async #lost(sent, mediaTrack) {
    if (sent.mediaTrack !== mediaTrack) return;
    if (sent.source === "screen" || !sent.owned) {
      await this.unpublish(sent.source);
      return;
    }
    try {
      await this.#reopen(sent, sent.source);
    } catch (cause) {
      this.events.emit("problem", failure(this.about.lang, "device_lost", { source: sent.source, cause }));
    }
  }
}

/**
 * @param {MediaStreamTrack} mediaTrack
 * @returns {Source}
 */
function sourceOf({ kind, contentHint }) {
  if (kind === "audio") return "microphone";
  return contentHint === "detail" || contentHint === "text" ? "screen" : "camera";
}
