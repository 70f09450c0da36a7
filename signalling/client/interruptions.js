/**
 * Calls that come in, pages that are hidden, devices that are pulled out: who is not heard or seen because of that is told,
 * and all goes on by itself where the browser lets it.
 *
 * A phone withholds microphone and camera from a page during a call, and some do from one that is hidden: their tracks say
 * `mute` (W3C mediacapture-streams §4.3.1), and `unmute` when they have them again, or nothing ever. What plays is stopped,
 * too, and an AudioContext is `interrupted`.
 */

import { listDevices, watchDevices } from "./devices.js";

/** @typedef {import("./protocol.js").Source} Source */

// A camera that is changed, and a page that is left for a moment, are nobody's business.
const TOLD_AFTER_MS = 1_000;
// A phone gives back what it withheld shortly after the page is shown again; what is withheld then is opened anew.
const RENEWED_AFTER_MS = 1_500;

const fetchDeviceSwitch = () => import("./device_switch.js");
const DEVICES = /** @type {const} */ (["microphone", "camera"]);

export class Interruptions {
  /** @type {WeakSet<MediaStreamTrack>} */
  #watched = new WeakSet();
  /** @type {Source[]} */
  #told = [];
  /** Which devices there were. @type {Set<string>} */
  #present = new Set();
  #cancelTelling = () => {};
  #cancelRenewing = () => {};

  /**
   * @param {object} about
   * @param {import("./clock.js").Clock} about.clock
   * @param {import("./publisher.js").Publisher} about.publisher
   * @param {import("./players.js").Players} about.players
   * @param {(sources: Source[]) => void} about.interrupted Told of what is withheld or gone; nothing any more: `[]`.
   */
  constructor(about) {
    this.about = about;
    const page = globalThis.document;
    const shown = () => page.visibilityState === "visible" && this.#goOn();
    page?.addEventListener("visibilitychange", shown);
    const stops = [
      about.publisher.events.on("local", () => this.#watchTracks()),
      watchDevices(() => void this.#followDevices()),
      () => page?.removeEventListener("visibilitychange", shown),
    ];
    this.stop = () => {
      for (const stop of [...stops, this.#cancelTelling, this.#cancelRenewing]) stop();
    };
    this.#watchTracks();
    void this.#followDevices();
  }

  /** @returns {Source[]} What would be sent, were it not withheld or gone. */
  get #missing() {
    const { sources, lost } = this.about.publisher;
    const withheld = sources.filter(({ muted, mediaTrack }) => !muted && mediaTrack?.muted).map(({ source }) => source);
    return [...withheld, ...lost];
  }

  #watchTracks() {
    for (const { mediaTrack } of this.about.publisher.sources) {
      if (!mediaTrack || this.#watched.has(mediaTrack)) continue;
      this.#watched.add(mediaTrack);
      mediaTrack.addEventListener("mute", () => this.#look());
      mediaTrack.addEventListener("unmute", () => this.#look());
    }
    this.#look();
  }

  #look() {
    this.#cancelTelling();
    this.#cancelTelling = this.about.clock.after(TOLD_AFTER_MS, () => {
      const missing = this.#missing;
      if (missing.join() === this.#told.join()) return;
      this.#told = missing;
      this.about.interrupted(missing);
    });
  }

  /** The page is shown again, or a device has come. */
  #goOn() {
    const { clock, players, publisher } = this.about;
    players.resumeNow();
    this.#cancelRenewing();
    this.#cancelRenewing = clock.after(RENEWED_AFTER_MS, () => {
      for (const source of this.#missing) void publisher.renew(source);
    });
  }

  /** What was chosen is taken again when it is plugged in again, and so is whatever there is for what was lost. */
  async #followDevices() {
    const { publisher } = this.about;
    const before = this.#present;
    const { microphones, cameras } = await listDevices();
    this.#present = new Set([...microphones, ...cameras].map(({ id }) => id));
    // At first everything has come.
    for (const device of before.size > 0 ? DEVICES : []) {
      const chosen = publisher.chosen[device];
      const isBack = chosen && this.#present.has(chosen) && !before.has(chosen);
      const isSent = publisher.sources.some(({ source, muted, mediaTrack }) => source === device && !muted && mediaTrack);
      // Where it does not open, the one in use goes on.
      if (chosen && isBack && isSent) await fetchDeviceSwitch().then(({ takeDevice }) => takeDevice(publisher, device, chosen)).catch(() => {});
    }
    if (publisher.lost.length > 0) this.#goOn();
  }
}
