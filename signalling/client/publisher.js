/**
 * What this participant sends: their microphone, camera and screen, muted or not.
 *
 * It holds the wish and the devices; `announcer.js` brings the relay to the wish.
 */

import { Announcer } from "./announcer.js";
import { captureScreen, sourceOf } from "./capture.js";
import { failure } from "./errors.js";
import { Emitter } from "./events.js";
import { hint, mark, markOf } from "./marks.js";
import { OpenDevices } from "./open_devices.js";

/** @typedef {import("./protocol.js").Source} Source */
/** @typedef {import("./capture.js").Device} Device */
/** @typedef {import("./errors.js").ConsultationError} ConsultationError */
/** @typedef {import("./marks.js").Keeps} Keeps */
/** @typedef {import("./marks.js").PictureWish} PictureWish */

/**
 * @typedef {object} Sent
 * @property {Source} source
 * @property {MediaStreamTrack | null} mediaTrack `null` while a camera of ours is off.
 * @property {boolean} owned Captured by the SDK, so it may be stopped and opened again.
 * @property {boolean} muted
 * @property {boolean} [isLost] Off because its device is gone or withheld, and not by its person: it comes back with the device.
 * @property {Keeps | null} keeps What of its picture is given up last; `null` leaves that to the relay.
 */

export class Publisher {
  /** @type {Emitter<{ local: undefined, problem: ConsultationError }>} */
  events = new Emitter();
  /** @type {Map<Source, Sent>} */
  #sent = new Map();
  /** Nothing is sent any more, nor opened. */
  isOver = false;
  /** Told what is wished or not; whether that has to wait (`audio_only.js`). @type {(source: Source, isWished: boolean) => boolean} */
  waits = () => false;
  #devices;

  /**
   * @param {object} about
   * @param {string} about.lang
   * @param {import("./clock.js").Clock} about.clock
   * @param {() => MediaStream} about.newStream
   * @param {import("./device_memory.js").Chosen} about.chosen Devices of before.
   * @param {import("./media_line.js").MediaLine} about.media
   * @param {import("./seat_line.js").SeatLine} about.line
   */
  constructor(about) {
    this.about = about;
    this.#devices = new OpenDevices(about.lang, about.chosen);
    /** The own microphone and camera, for a self view. */
    this.stream = about.newStream();
    const { clock, media, line } = about;
    this.announcer = new Announcer({
      clock,
      media,
      line,
      wishes: () => this.sources,
      muteHere: (source) => {
        if (this.#sent.get(source)?.muted === false) this.mute(source, true).catch(() => {});
      },
      problem: (error) => this.events.emit("problem", error),
    });
  }

  /** @returns {Omit<Sent, "owned" | "isLost">[]} */
  get sources() {
    return [...this.#sent.values()].map(({ source, muted, keeps, mediaTrack }) => ({ source, muted, keeps, mediaTrack }));
  }

  /**
   * Opens and sends what is wished; what opens is sent even when something else does not.
   *
   * @param {import("./public.js").PublishWish} wish
   * @returns {Promise<import("./public.js").PublishResult>} Rejects when nothing opened, and with `left` where it is over by then.
   */
  async publish({ audio = false, video = false, screen = false, tracks = [] }) {
    const { lang } = this.about;
    /** @type {Partial<Record<Source, Keeps | null>>} */
    const keeps = { camera: markOf(lang, video), screen: markOf(lang, screen) };
    this.#mustGoOn();
    /** @type {ConsultationError[]} */
    const problems = [];
    // First: the press that lets a page ask for it counts for a few seconds.
    const shown = screen ? await captureScreen(lang).catch((error) => void problems.push(error)) : undefined;
    const showing = shown && this.#place("screen", shown, true, keeps.screen).then(() => true, (error) => void problems.push(error));
    await this.announcer.returned();
    for (const mediaTrack of tracks) await this.#place(sourceOf(mediaTrack), mediaTrack, false);
    // A camera that was off before a reload is not opened to be closed: its light would go on.
    const isCameraOff = Boolean(video) && (this.waits("camera", true) || (!this.#sent.has("camera") && this.announcer.wasMuted("camera")));
    const devices = /** @type {Device[]} */ ([...(audio ? ["microphone"] : []), ...(video && !isCameraOff ? ["camera"] : [])]);
    this.#mustGoOn();
    const opened = await this.#devices.open(devices);
    // At once: what opens after the end is closed, each of it.
    await Promise.all(
      devices.map((device) => {
        const mediaTrack = opened.tracks[device];
        return mediaTrack && this.#place(device, mediaTrack, true, keeps[device]);
      }),
    );
    this.#mustGoOn();
    if (isCameraOff) await this.#place("camera", null, true, keeps.camera);
    const isShown = await showing;
    const published = /** @type {Source[]} */ ([
      ...tracks.map(sourceOf),
      ...Object.keys(opened.tracks),
      ...(isCameraOff ? ["camera"] : []),
      ...(isShown ? ["screen"] : []),
    ]);
    problems.unshift(...opened.problems);
    if (published.length === 0 && problems[0]) throw problems[0];
    this.announcer.sync();
    return { published, problems };
  }

  /** Stops sending and gives the place back. @param {Source} source */
  async unpublish(source) {
    const sent = this.#sent.get(source);
    if (!sent) return;
    this.#sent.delete(source);
    this.#show(sent, null);
    await this.about.media.send(source, null);
    await this.announcer.withdraw(source);
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
    if (this.waits(source, !muted) || sent.muted === muted) return;
    sent.muted = muted;
    // A microphone is only silenced, unless its device is gone.
    if (source !== "screen" && sent.owned && (source === "camera" || (!muted && !sent.mediaTrack))) {
      await (muted ? this.#use(sent, null) : this.reopen(sent, source));
    } else if (sent.mediaTrack) sent.mediaTrack.enabled = !muted;
    this.events.emit("local", undefined);
    this.announcer.sync();
  }

  /**
   * Says what of a picture is given up last, from now on.
   *
   * @param {Source} source
   * @param {Keeps | null} keeps `null`: the relay goes by whose picture it is.
   */
  async mark(source, keeps) {
    const sent = this.#sent.get(source);
    if (!sent || source === "microphone") throw failure(this.about.lang, "invalid_argument");
    sent.keeps = mark(this.about.lang, keeps);
    hint(sent);
    this.events.emit("local", undefined);
    this.announcer.sync();
  }

  /** How a source is sent. @param {Source} source */
  of(source) {
    return this.#sent.get(source);
  }

  /** The devices that were chosen. */
  get chosen() {
    return this.#devices.chosen;
  }

  /** @returns {Device[]} What would be sent, were its device there. */
  get lost() {
    return [...this.#sent.values()].flatMap(({ source, isLost }) => (isLost && source !== "screen" ? [source] : []));
  }

  /**
   * Opens a source's device again: its own is gone or withheld.
   *
   * @param {Source} source
   * @returns {Promise<void>} Resolves when it was tried; what cannot be opened counts as `lost` from then on.
   */
  async renew(source) {
    const sent = this.#sent.get(source);
    if (!sent?.owned || source === "screen" || (sent.isLost && this.waits(source, true))) return;
    const wasLost = sent.isLost === true;
    // What its person has turned off is not turned on by a device that comes back.
    const wasOff = sent.muted && !wasLost;
    sent.muted = wasOff;
    try {
      await this.reopen(sent, source);
      this.announcer.sync();
    } catch (cause) {
      sent.isLost = !wasOff;
      const why = /** @type {ConsultationError} */ (cause);
      // Whoever has taken a permission back reads that, and need not look at a plug.
      const isTaken = `${why.code}`.startsWith("permission");
      if (!wasLost) this.events.emit("problem", isTaken ? why : failure(this.about.lang, "device_lost", { source, cause }));
    }
  }

  get isOpening() {
    return this.#devices.isOpening;
  }

  /** Stops every device of ours, and those that a person allows afterwards. */
  close() {
    this.isOver = true;
    for (const sent of this.#sent.values()) this.#show(sent, null);
    this.#sent.clear();
    this.events.emit("local", undefined);
  }

  /**
   * @param {Source} source
   * @param {MediaStreamTrack | null} mediaTrack `null`: a camera that stays off for now.
   * @param {boolean} owned
   * @param {Keeps | null} [keeps] Else as it was.
   */
  async #place(source, mediaTrack, owned, keeps) {
    if (this.isOver && owned) mediaTrack?.stop();
    this.#mustGoOn();
    const before = this.#sent.get(source);
    const sent = before ?? { source, mediaTrack: null, owned, muted: false, keeps: null };
    if (before) this.#show(before, null);
    sent.owned = owned;
    if (keeps !== undefined) sent.keeps = keeps;
    // Muted before a reload of the page: staying so is what the person expects.
    sent.muted = this.waits(source, true) || (!before && this.announcer.wasMuted(source));
    this.#sent.set(source, sent);
    // It was turned off while it opened.
    const isOff = sent.muted && owned && source === "camera";
    if (isOff) mediaTrack?.stop();
    await this.#use(sent, isOff ? null : mediaTrack);
  }

  #mustGoOn() {
    if (this.isOver) throw failure(this.about.lang, "left");
  }

  /** @param {Sent} sent @param {MediaStreamTrack | null} mediaTrack */
  async #use(sent, mediaTrack) {
    this.#show(sent, mediaTrack);
    if (mediaTrack) {
      sent.isLost = false;
      mediaTrack.enabled = !sent.muted;
      hint(sent);
      mediaTrack.onended = () => this.#lost(sent, mediaTrack);
    }
    await this.about.media.send(sent.source, mediaTrack);
    this.events.emit("local", undefined);
  }

  /** Swaps what the self view shows and stops the capture it replaces. @param {Sent} sent @param {MediaStreamTrack | null} mediaTrack */
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

  /**
   * Opens a source's device, in the place of what was sent.
   *
   * @param {Sent} sent
   * @param {Device} device
   * @param {import("./device_memory.js").Chosen} [wished] Other devices than those that were chosen.
   * @returns {Promise<void>} Rejects where it does not open: with other devices nothing has changed then, else the source is muted.
   */
  async reopen(sent, device, wished) {
    const { tracks, problems } = await this.#devices.open([device], wished);
    const mediaTrack = tracks[device];
    if (mediaTrack && this.#sent.get(device) === sent && !(sent.muted && device === "camera")) {
      await this.#use(sent, mediaTrack);
      return;
    }
    mediaTrack?.stop();
    if (!problems[0]) return;
    if (!wished) {
      sent.muted = true;
      await this.#use(sent, null);
      this.announcer.sync();
    }
    throw problems[0];
  }

  /** A device was unplugged, or the person stopped sharing from the browser's own bar. @param {Sent} sent @param {MediaStreamTrack} mediaTrack */
  async #lost(sent, mediaTrack) {
    if (sent.mediaTrack !== mediaTrack) return;
    if (sent.source === "screen" || !sent.owned) await this.unpublish(sent.source);
    else await this.renew(sent.source);
  }
}
