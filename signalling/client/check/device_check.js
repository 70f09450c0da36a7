/**
 * Camera and microphone: whether they open, and whether anything is seen and heard.
 *
 * @typedef {import("../capture.js").Device} Device
 * @typedef {import("./codes.js").Finding} Finding
 *
 * @typedef {object} Senses How a browser sees and hears; tests have their own.
 * @property {(track: MediaStreamTrack, clock: import("../clock.js").Clock) => Promise<import("./picture.js").Seen>} lookAt
 * @property {(track: MediaStreamTrack, tell: (level: number) => void) => () => void} listenTo
 *
 * @typedef {object} DeviceMeans
 * @property {string} lang
 * @property {import("../clock.js").Clock} clock
 * @property {import("../device_memory.js").Chosen} chosen Those that the consultation will open.
 * @property {Senses} senses
 * @property {() => MediaStream} newStream
 * @property {(finding: Finding) => void} found
 * @property {(level: number) => void} heard
 * @property {(stream: MediaStream | null) => void} shown
 */

import { capture } from "../capture.js";
import { isCode } from "./codes.js";
import { isDark } from "./picture.js";
import { HEARD_LEVEL } from "./sound.js";
import { finding } from "./verdict.js";

/** Long enough to say a sentence that is asked for; still within a check's fifteen seconds. */
const LISTEN_MS = 5_000;

/** @type {Device[]} */
const DEVICES = ["camera", "microphone"];

export class DeviceCheck {
  /** @type {MediaStreamTrack[]} */
  #own = [];
  /** @type {(() => void)[]} */
  #cleanup = [];
  #isOver = false;

  /**
   * @param {DeviceMeans} means
   * @param {MediaStream | null} borrowed Open already, and left open; nothing besides is opened then.
   */
  constructor(means, borrowed) {
    this.means = means;
    this.borrowed = borrowed;
  }

  /** Looks and listens; what is found is told as it is. */
  async run() {
    const { camera, microphone } = await this.#tracks();
    if (this.#isOver) return;
    if (camera || microphone) {
      const stream = this.means.newStream();
      for (const track of [camera, microphone]) if (track) stream.addTrack(track);
      this.means.shown(stream);
    }
    await Promise.all([camera && this.#look(camera), microphone && this.#listen(microphone)]);
  }

  /** Closes what was opened here. */
  stop() {
    this.#isOver = true;
    for (const stop of this.#cleanup.splice(0)) stop();
    for (const track of this.#own.splice(0)) {
      track.onended = null;
      track.stop();
    }
    this.means.shown(null);
  }

  /** @returns {Promise<Partial<Record<Device, MediaStreamTrack>>>} */
  async #tracks() {
    const { lang, chosen, found } = this.means;
    if (this.borrowed) {
      const [camera, microphone] = [this.borrowed.getVideoTracks(), this.borrowed.getAudioTracks()].map((tracks) => tracks.find(({ enabled }) => enabled));
      // Turned off by the person, who knows it.
      if (!camera) found(finding("camera", "not_measured"));
      if (!microphone) found(finding("microphone", "not_measured"));
      return { ...(camera && { camera }), ...(microphone && { microphone }) };
    }
    const { tracks, problems } = await capture(lang, DEVICES, chosen);
    for (const track of Object.values(tracks)) if (track) this.#own.push(track);
    if (this.#isOver) {
      // The answer to the browser's question came after the end.
      this.stop();
      return {};
    }
    for (const { code, source } of problems) {
      /** @type {Device[]} */
      const devices = source === "camera" || source === "microphone" ? [source] : DEVICES;
      for (const device of devices) found(finding(device, isCode(code) ? code : "capture_failed"));
    }
    for (const device of DEVICES) {
      const track = tracks[device];
      if (track) track.onended = () => found(finding(device, "device_lost"));
    }
    return tracks;
  }

  /** @param {MediaStreamTrack} track */
  async #look(track) {
    const { senses, clock, found } = this.means;
    const seen = await senses.lookAt(track, clock);
    if (this.#isOver || track.readyState === "ended") return;
    if (!seen.hasFrames) found(finding("camera", "camera_still"));
    else found(finding("camera", isDark(seen) ? "camera_dark" : "fine"));
  }

  /**
   * The level goes on being told after the verdict: whoever was not heard tries again and is.
   *
   * @param {MediaStreamTrack} track
   * @returns {Promise<void>} Resolves when they were heard, or were not for a while.
   */
  #listen(track) {
    const { senses, clock, found, heard } = this.means;
    return new Promise((resolve) => {
      let wasHeard = false;
      const cancel = clock.after(LISTEN_MS, () => {
        if (!wasHeard && !this.#isOver && track.readyState !== "ended") found(finding("microphone", "not_heard"));
        resolve();
      });
      const stop = senses.listenTo(track, (level) => {
        heard(level);
        if (wasHeard || level < HEARD_LEVEL) return;
        wasHeard = true;
        found(finding("microphone", "fine"));
        resolve();
      });
      this.#cleanup.push(stop, cancel, () => resolve());
    });
  }
}
