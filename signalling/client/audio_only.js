/**
 * Sound alone, because the network or the person wants it: no picture is sent from here, and none is taken.
 *
 * The relay is asked not to send others' pictures (`subscribe`), so that they cost the network nothing; one's own are muted,
 * so that the others know.
 */

// The relay may not have heard it; anything else is its answer.
const UNHEARD = ["connection_lost", "timed_out"];

export class AudioOnly {
  /** Others' pictures that the relay was asked not to send: track ids. @type {Set<string>} */
  #declined = new Set();
  #isOn = false;

  /**
   * @param {object} about
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
    const { paused } = publisher;
    publisher.paused = null;
    const sent = publisher.sources.filter(({ source, muted }) => source !== "microphone" && muted !== isOn).map(({ source }) => source);
    // What its person had turned off before stays off; what they wish meanwhile is noted, and waits.
    const wished = isOn ? sent : sent.filter((source) => paused?.has(source));
    const switched = wished.map((source) => publisher.mute(source, isOn));
    if (isOn) publisher.paused = new Set(wished);
    await Promise.all(switched);
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
    const { line } = this.about;
    this.#note(track, isDeclined);
    line.request("subscribe", { track, wanted: !isDeclined }).catch((error) => {
      if (UNHEARD.includes(error.code)) this.#note(track, !isDeclined);
    });
  }

  /**
   * @param {string} track
   * @param {boolean} isDeclined
   */
  #note(track, isDeclined) {
    if (isDeclined) this.#declined.add(track);
    else this.#declined.delete(track);
  }
}
