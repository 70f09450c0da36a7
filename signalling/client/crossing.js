/**
 * Goes on at another relay when this one asks for it: a seat and a leg come up there first, then this page goes over, and
 * those it had end. Where that fails, nothing has changed.
 */

/** @typedef {import("./signalling.js").Signalling} Signalling */

// A socket, a join, and ICE and DTLS over a mobile network.
const CROSSING_MS = 15_000;
// Whoever is there already is heard a round trip later; those who come along, when they have come.
const HEARING_MS = 2_000;
const LOOK_MS = 20;

export class Crossing {
  /** What is under way; `null` while nothing is. @type {{ ticket: string, signalling: Signalling } | null} */
  #way = null;

  /**
   * @param {object} about
   * @param {import("./clock.js").Clock} about.clock
   * @param {import("./seat_line.js").SeatLine} about.line
   * @param {import("./media_line.js").MediaLine} about.media
   * @param {import("./announcer.js").Announcer} about.announcer
   * @param {(url: string) => Signalling} about.signal
   * @param {typeof import("./signalling.js").joinWith} about.joinWith
   */
  constructor(about) {
    this.about = about;
  }

  get isUnderWay() {
    return this.#way !== null;
  }

  /** Stays here; the other relay hears that nobody comes. */
  giveUp() {
    if (!this.#way) return;
    const { signalling } = this.#way;
    this.#way = null;
    this.about.media.second.close();
    signalling.request("leave").catch(() => {}).then(() => signalling.close());
    this.about.line.events.emit("over", undefined);
  }

  /**
   * Goes there, unless it is on the way already.
   *
   * @param {string} url
   * @param {string} ticket The token for the other relay.
   */
  async cross(url, ticket) {
    if (ticket === this.#way?.ticket) return;
    this.giveUp();
    const { clock, line, signal, joinWith } = this.about;
    const signalling = signal(url);
    const way = (this.#way = { ticket, signalling });
    const cancel = clock.after(CROSSING_MS, () => way === this.#way && this.giveUp());
    /** @type {import("./protocol.js").RelayMessage[]} */
    const early = [];
    const stop = signalling.events.on("message", (message) => early.push(message));
    signalling.events.on("lost", () => way === this.#way && this.giveUp());
    try {
      await signalling.open();
      const joined = await joinWith(signalling, ticket, line.confers);
      const brought = joined.standing === "waiting" ? {} : await this.#connect(way, joined);
      stop();
      // A line that is lost comes back here.
      if (way !== this.#way || !line.attached) throw new Error("given up");
      this.#way = null;
      line.goOver(signalling, { ...joined, ...brought, token: ticket }, early);
    } catch {
      if (way === this.#way) this.giveUp();
      else signalling.close();
    } finally {
      cancel();
    }
  }

  /**
   * Comes to be heard and to hear there.
   *
   * @param {{ signalling: Signalling }} way
   * @param {import("./protocol.js").Joined} joined
   */
  async #connect(way, joined) {
    const { signalling } = way;
    const leg = this.about.media.openBeside(joined, (fields) => signalling.request("offer", { ...fields, tracks: {} }));
    await this.#until(way, () => leg.path === "up", CROSSING_MS);
    const sent = Object.fromEntries(this.about.announcer.audible.map((source) => [leg.mid(source), source]));
    const tracks = Object.keys(sent).length > 0 ? (await signalling.request("publish", { tracks: sent })).tracks : [];
    await this.#until(way, () => leg.hears(), HEARING_MS);
    if (leg.path !== "up" || leg !== this.about.media.second.leg) throw new Error("it did not last");
    return { leg, tracks };
  }

  /**
   * @param {object} way
   * @param {() => boolean | Promise<boolean>} isSo
   * @param {number} within_ms
   */
  async #until(way, isSo, within_ms) {
    const { clock } = this.about;
    const late_ms = clock.now_ms() + within_ms;
    while (way === this.#way && !(await isSo()) && clock.now_ms() < late_ms) {
      await new Promise((resolve) => clock.after(LOOK_MS, () => resolve(undefined)));
    }
    if (way !== this.#way) throw new Error("given up");
  }
}
