/**
 * What the relay knows of one's own tracks, brought to what the page wishes.
 *
 * The wishes are `publisher.js`'s. A publish or a mute made during a cut goes out when the line is back; a mute that the
 * relay kept over a reload or a takeover comes back to the page.
 */

import { ConsultationError } from "./errors.js";

/** @typedef {import("./protocol.js").Source} Source */
/** @typedef {import("./marks.js").Keeps} Keeps */
/** @typedef {{ id: string, muted: boolean, keeps?: Keeps | null }} Known `keeps` is missing where the relay may have another. */
/** @typedef {{ source: Source, muted: boolean, keeps: Keeps | null }} Wish */

// The relay may not have heard the request, or may have; what it says on the next attachment tells.
const UNHEARD = ["connection_lost", "timed_out"];
// Until then a page that comes back leaves the devices alone: one that was off must not flash up. A person barely waits.
const RETURN_MS = 1_500;

export class Announcer {
  /** Announced by this page. @type {Map<Source, Known>} */
  #known = new Map();
  /** Announced before this page was loaded. @type {Map<Source, Known>} */
  #kept = new Map();
  /** Not sent any more, and the relay may not know it. @type {Map<Source, Known | undefined>} */
  #withdrawn = new Map();
  /** @type {Promise<void>} */
  #turn = Promise.resolve();

  /**
   * @param {object} about
   * @param {import("./clock.js").Clock} about.clock
   * @param {import("./media_line.js").MediaLine} about.media
   * @param {import("./seat_line.js").SeatLine} about.line
   * @param {() => Wish[]} about.wishes
   * @param {(source: Source) => void} about.muteHere The relay knows a source as muted that this page takes for heard.
   * @param {(error: ConsultationError) => void} about.problem
   */
  constructor(about) {
    this.about = about;
    about.line.events.on("attached", ({ tracks }) => this.#adopt(tracks));
    about.line.events.on("message", (message) => {
      // What was published ended with the leg, and the next one brings it anew; a leg that is kept brings it by other ids.
      if (message.type === "waiting") this.#adopt([]);
      if (message.type === "moved") this.#adopt((message.keeps_leg && message.tracks) || []);
    });
    about.media.events.on("negotiated", () => this.sync());
  }

  /** @returns {Source[]} What this page sends and the relay already knows. */
  get known() {
    return this.about.wishes().map(({ source }) => source).filter((source) => this.#known.has(source));
  }

  /** @returns {Source[]} Those of them that are not muted. */
  get audible() {
    return this.about.wishes().filter(({ source, muted }) => !muted && this.#known.has(source)).map(({ source }) => source);
  }

  /**
   * Whether a source was muted before this page was loaded.
   *
   * @param {Source} source
   */
  wasMuted(source) {
    return this.#kept.get(source)?.muted ?? false;
  }

  /**
   * Which of our sources the relay calls so.
   *
   * @param {string} track
   * @returns {Source | undefined}
   */
  sourceOf(track) {
    return [...this.#kept, ...this.#known].find(([, { id }]) => id === track)?.[0];
  }

  /**
   * What the relay calls one of our sources.
   *
   * @param {Source} source
   * @returns {string | undefined}
   */
  trackOf(source) {
    return this.#known.get(source)?.id;
  }

  /**
   * Waits, where this page may come back to a seat, for what the relay says of it.
   *
   * @returns {Promise<void>}
   */
  returned() {
    const { clock, line } = this.about;
    if (!line.isComingBack) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = () => {
        cancel();
        for (const stop of stops) stop();
        resolve();
      };
      const cancel = clock.after(RETURN_MS, settle);
      const stops = [line.events.on("attached", settle), line.events.on("ended", settle)];
    });
  }

  /** Brings the relay to what is wished; errors become `problem`. */
  sync() {
    this.#turn = this.#turn.then(() => this.#syncOnce()).catch((error) => {
      // A lost line calls again when it is back; anything else is the person's to know.
      if (error instanceof ConsultationError && !UNHEARD.includes(error.code)) this.about.problem(error);
    });
    return this.#turn;
  }

  /**
   * The source is not sent any more.
   *
   * @param {Source} source
   */
  async withdraw(source) {
    const known = this.#known.get(source) ?? this.#kept.get(source);
    this.#known.delete(source);
    this.#kept.delete(source);
    this.#withdrawn.set(source, known);
    if (known) await this.#unpublish(source, known);
  }

  /**
   * @param {Source} source
   * @param {Known} known
   */
  async #unpublish(source, known) {
    try {
      await this.about.line.request("unpublish", { track: known.id });
    } catch (error) {
      if (error instanceof ConsultationError && UNHEARD.includes(error.code)) return;
    }
    if (this.#withdrawn.get(source) === known) this.#withdrawn.delete(source);
  }

  /** @param {Source} source */
  #isWished(source) {
    return this.about.wishes().some((wish) => wish.source === source);
  }

  /**
   * What the relay says on every attachment is the whole truth about it; only news of it changes this page, so that a
   * switch pressed during the cut holds.
   *
   * @param {import("./protocol.js").TrackInfo[]} tracks
   */
  #adopt(tracks) {
    const before = new Map([...this.#kept, ...this.#withdrawn, ...this.#known]);
    const announced = new Set([...this.#known.keys(), ...this.#withdrawn.keys()]);
    const withdrawn = new Set(this.#withdrawn.keys());
    this.#known.clear();
    this.#kept.clear();
    this.#withdrawn.clear();
    for (const { id, source, muted } of tracks) {
      // A mark is told again: it is not among what the relay says.
      const isUnmarked = announced.has(source) && before.get(source)?.keeps === null;
      /** @type {Known} */
      const known = isUnmarked ? { id, muted, keeps: null } : { id, muted };
      if (withdrawn.has(source) && !this.#isWished(source)) {
        this.#withdrawn.set(source, known);
        this.#unpublish(source, known);
        continue;
      }
      (announced.has(source) ? this.#known : this.#kept).set(source, known);
      if (muted && before.get(source)?.muted !== true) this.about.muteHere(source);
    }
    this.sync();
  }

  async #syncOnce() {
    const { line, media } = this.about;
    if (!line.attached) return;
    for (const { source, muted, keeps } of this.about.wishes()) {
      const mid = media.leg?.mid(source);
      if (!this.#known.has(source) && mid && media.leg?.connection.remoteDescription) {
        const [track] = (await line.request("publish", { tracks: { [mid]: source } })).tracks;
        if (!track) continue;
        const told = { id: track.id, muted: track.muted };
        this.#known.set(source, this.#kept.has(source) ? told : { ...told, keeps: null });
        if (!this.#isWished(source)) {
          await this.withdraw(source);
          continue;
        }
        this.#withdrawn.delete(source);
        const isNews = track.muted && !this.wasMuted(source);
        this.#kept.delete(source);
        if (isNews && !muted) {
          this.about.muteHere(source);
          continue;
        }
      }
      const known = this.#known.get(source);
      if (!known) continue;
      if (known.muted !== muted) {
        await line.request("mute", { track: known.id, muted });
        known.muted = muted;
      }
      if (source !== "microphone" && known.keeps !== keeps) {
        delete known.keeps;
        await line.request("mark", { track: known.id, keeps });
        known.keeps = keeps;
      }
    }
  }
}
