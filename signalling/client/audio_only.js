/**
 * Sound alone, because the network or the person wants it: no picture is sent from here, and none is taken.
 *
 * The relay is asked not to send others' pictures (`subscribe`), so that they cost the network nothing; one's own are muted,
 * so that the others know.
 */

// The relay may not have heard it: it is said again with the next of its words, or when the line is back.
const UNHEARD = ["connection_lost", "timed_out"];
// It has refused: for now, for it may be busy.
const AGAIN_MS = 5_000;

/** @typedef {import("./protocol.js").Source} Source */

export class AudioOnly {
  /** Others' pictures that the relay was asked not to send: track ids. @type {Set<string>} */
  #declined = new Set();
  #isOn = false;
  /** What is sent from here when it is over. @type {Set<Source>} */
  #paused = new Set();

  /**
   * @param {object} about
   * @param {import("./clock.js").Clock} about.clock
   * @param {import("./seat_line.js").SeatLine} about.line
   * @param {import("./roster.js").Roster} about.roster
   * @param {import("./publisher.js").Publisher} about.publisher
   */
  constructor(about) {
    this.about = about;
    about.line.events.on("attached", ({ resumed }) => {
      // A seat that is new knows nothing of it.
      if (!resumed) this.#declined.clear();
      this.#ask();
    });
    about.line.events.on("message", () => this.#ask());
  }

  /**
   * @param {boolean} isOn
   * @returns {Promise<void>} Rejects where the camera does not open again; all else is as wished then.
   */
  async switch(isOn) {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    this.#ask();
    const { publisher } = this.about;
    publisher.waits = () => false;
    const sent = publisher.sources.filter(({ source, muted }) => source !== "microphone" && muted !== isOn).map(({ source }) => source);
    // What its person had turned off before stays off.
    const wished = isOn ? sent : sent.filter((source) => this.#paused.has(source));
    const switched = wished.map((source) => publisher.mute(source, isOn));
    this.#paused = new Set(isOn ? sent : []);
    if (isOn) publisher.waits = (source, isWished) => this.#note(source, isWished);
    await Promise.all(switched);
  }

  /**
   * What is wished meanwhile waits.
   *
   * @param {Source} source
   * @param {boolean} isWished
   */
  #note(source, isWished) {
    if (isWished) this.#paused.add(source);
    else this.#paused.delete(source);
    return isWished && source !== "microphone";
  }

  /** Asks for what differs of what is sent here. */
  #ask() {
    const { line, roster } = this.about;
    if (!line.attached) return;
    for (const { id, kind } of roster.others.flatMap(({ tracks }) => tracks)) {
      if (kind === "video" && this.#declined.has(id) !== this.#isOn) this.#tell(id, this.#isOn);
    }
  }

  /**
   * @param {string} track
   * @param {boolean} isDeclined
   */
  #tell(track, isDeclined) {
    const { clock, line } = this.about;
    this.#decline(track, isDeclined);
    line.request("subscribe", { track, wanted: !isDeclined }).catch((error) => {
      if (UNHEARD.includes(error.code)) return this.#decline(track, !isDeclined);
      clock.after(error.retry_after_s ? error.retry_after_s * 1_000 : AGAIN_MS, () => {
        // It may be wished otherwise by now, or have been said again.
        if (this.#declined.has(track) !== isDeclined || this.#isOn !== isDeclined) return;
        this.#decline(track, !isDeclined);
        this.#ask();
      });
    });
  }

  /**
   * @param {string} track
   * @param {boolean} isDeclined
   */
  #decline(track, isDeclined) {
    if (isDeclined) this.#declined.add(track);
    else this.#declined.delete(track);
  }
}
