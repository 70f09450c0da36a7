/**
 * The line between this participant and their seat: one socket after another.
 *
 * Resumes with the seat's secret after every cut, joins anew with the token when the relay no longer knows the seat,
 * and gives up only when the policy or the relay says so.
 */

import { ConsultationError, failure } from "./errors.js";
import { Emitter } from "./events.js";
import { Pause } from "./pause.js";
import { FINAL_CLOSE_CODES, FINAL_CODES } from "./protocol.js";
import { joinWith, Signalling } from "./signalling.js";

// What a first join may wait for a relay that is starting or a network that is coming up.
const FIRST_JOIN_MS = 30_000;
// The relay answers these to a resume whose seat has ended; the token then opens a new one.
const SEAT_GONE = new Set(["seat_unknown", "wrong_secret"]);
// A relay that restarted knows the room again when somebody comes back who may open it: everybody who had a seat tries for
// this long.
const ROOM_BACK_MS = 60_000;
// Not the caller's fault: the same request may succeed later.
const PASSING = new Set(["unreachable", "connection_lost", "timed_out", "overloaded", "internal", "draining", "slow_consumer"]);

/**
 * @typedef {import("./protocol.js").Joined} Joined
 * @typedef {Joined & { leg?: import("./leg.js").Leg, token?: string }} Attached With a leg where one came up before, and the token with which
 *   it came to another relay: see `crossing.js`.
 */

export class SeatLine {
  /**
   * `attached`: a socket holds the seat. `detached`: it was lost, the line is trying. `over`: a
   * crossing to another relay is over, with a seat there or without one. `ended`: it will not come back.
   *
   * @type {Emitter<{ attached: Attached, detached: undefined, over: undefined, ended: ConsultationError,
   *   message: import("./protocol.js").RelayMessage }>}
   */
  events = new Emitter();
  /** @type {Signalling | null} */
  #signalling = null;
  /** @type {Pause} */
  #pause;
  #attached = false;
  /** Another with each `open`: a loop of the one before may still wait for something. `null`: it has ended. @type {object | null} */
  #opening = {};
  /** Whether not all has been taken in yet that another relay has said: it is no news for the page. */
  isGoingOver = false;
  /** Attempts in vain since the loss, or since the network was last said to work. */
  #failed = 0;
  /** Asked for once in a row of attempts: each time costs the embedder's server. @type {string | null} */
  #token = null;
  #isTokenReused = false;
  /**
   * What a join says of the private conversation that this page is in: without it a new seat would be heard by all.
   *
   * @type {{ confers?: string }}
   */
  confers = {};
  /** @type {(group: string) => void} */
  #keep = () => {};

  /**
   * @param {object} about
   * @param {string} about.lang
   * @param {string} about.url
   * @param {() => Promise<string>} about.token Asks for one.
   * @param {() => string | null} [about.given] The one to begin with, where another can be asked for.
   * @param {import("./seat_memory.js").SeatMemory} about.memory
   * @param {import("./reconnect.js").ReconnectPolicy} about.policy
   * @param {import("./clock.js").Clock} about.clock
   * @param {(url: string, protocol: string) => WebSocket} about.openSocket
   */
  constructor(about) {
    this.about = about;
    this.#pause = new Pause(about.clock);
  }

  get attached() {
    return this.#attached;
  }

  /** Whether this page may come back to a seat, and has not yet. */
  get isComingBack() {
    return !this.#attached && this.#opening !== null && this.about.memory.recall() !== null;
  }

  /**
   * Takes the seat for the first time.
   *
   * @param {boolean} takeover Close another window that holds this seat.
   * @returns {Promise<Joined>} Rejects with the relay's refusal, or `unreachable`; may be called again.
   */
  open(takeover) {
    return this.#attachPersistently((this.#opening = {}), { takeover, isFirst: true });
  }

  /**
   * A request on the present socket.
   *
   * @param {string} type
   * @param {Record<string, unknown>} [fields]
   * @returns {Promise<any>} Rejects with `connection_lost` while detached.
   */
  request(type, fields) {
    if (!this.#attached || !this.#signalling) return Promise.reject(failure(this.about.lang, "connection_lost"));
    return this.#signalling.request(type, fields);
  }

  /** The network came back or changed: try now instead of later. */
  hurry() {
    this.#failed = 0;
    this.#pause.hurry();
    // A relay may take longer over a join than over a sign of life; each request has its own time-out.
    if (this.#attached || this.#signalling?.isOpening) this.#signalling?.probe();
  }

  /**
   * Goes on with a seat at another relay; the present one is given up.
   *
   * @param {Signalling} signalling
   * @param {Attached} joined
   * @param {import("./protocol.js").RelayMessage[]} early What it has said since.
   */
  goOver(signalling, joined, early) {
    const before = this.#signalling;
    this.#signalling = signalling;
    before?.request("leave").catch(() => {}).then(() => before.close());
    this.isGoingOver = true;
    this.#hold(signalling, joined);
    for (const message of early) this.#hear(message);
    this.isGoingOver = false;
    this.events.emit("over", undefined);
  }

  /** Gives the seat up. */
  async leave() {
    this.about.memory.forget();
    if (this.#attached) await this.request("leave").catch(() => {});
    this.close();
  }

  /** Drops the line and keeps the seat. */
  close() {
    this.#opening = null;
    this.#attached = false;
    this.#signalling?.close();
    this.#pause.end();
  }

  /**
   * @param {object} opening
   * @param {{ takeover: boolean, isFirst: boolean }} how
   * @returns {Promise<Joined>} Rejects with `left` where the line was closed meanwhile.
   */
  async #attachPersistently(opening, { takeover, isFirst }) {
    const { clock, memory } = this.about;
    const lost_ms = clock.now_ms();
    const hadSeat = !isFirst || memory.recall() !== null;
    /** @type {number | null} */
    let roomless_ms = null;
    this.#failed = 0;
    this.#token = (isFirst && this.about.given?.()) || null;
    // A first join is a person's click, and goes at once.
    if (!isFirst) await this.#restBefore(lost_ms, "");
    for (;;) {
      this.#mustBe(opening);
      try {
        return await this.#attach(opening, takeover);
      } catch (error) {
        if (!(error instanceof ConsultationError)) throw error;
        const now_ms = clock.now_ms();
        if (["token_expired", "link_used"].includes(error.code) && this.#isTokenReused) {
          // The relay is the judge of both: clocks of people's devices are wrong by hours.
          this.#token = null;
          continue;
        }
        if (error.code === "unknown_room" && hadSeat) {
          // The relay is there, so those who open the room may be a moment away.
          if (roomless_ms === null) this.#failed = 0;
          roomless_ms ??= now_ms;
          if (now_ms - roomless_ms > ROOM_BACK_MS) throw error;
        } else if (!PASSING.has(error.code) || (isFirst && now_ms - lost_ms > FIRST_JOIN_MS)) throw error;
        if (error.retry_after_s) await this.#pause.take(error.retry_after_s * 1_000, true);
        this.#mustBe(opening);
        await this.#restBefore(lost_ms, error.code);
      }
    }
  }

  /**
   * Waits as long as the policy says before the next attempt.
   *
   * @param {number} lost_ms
   * @param {string} code Why the attempt before it failed.
   */
  async #restBefore(lost_ms, code) {
    const { clock, policy, lang } = this.about;
    const delay_ms = policy(this.#failed, clock.now_ms() - lost_ms, code);
    if (delay_ms === null) throw failure(lang, "connection_lost");
    this.#failed += 1;
    if (delay_ms > 0) await this.#pause.take(delay_ms);
  }

  /** @param {object} opening Of the loop that asks: the line may have been closed, and opened anew. */
  #mustBe(opening) {
    if (opening !== this.#opening) throw failure(this.about.lang, "left");
  }

  /** @param {object} opening @param {boolean} takeover @returns {Promise<Joined>} */
  async #attach(opening, takeover) {
    const signalling = (this.#signalling = new Signalling({ ...this.about, url: this.about.memory.recall()?.url ?? this.about.url }));
    await signalling.open();
    try {
      const joined = (await this.#resume(signalling)) ?? (await this.#join(signalling, takeover));
      this.#mustBe(opening);
      this.#hold(signalling, joined);
      return joined;
    } catch (error) {
      signalling.close();
      throw error;
    }
  }

  /**
   * @param {Signalling} signalling
   * @returns {Promise<Attached | null>} `null` when there is no seat to come back to.
   */
  async #resume(signalling) {
    const key = this.about.memory.recall();
    if (!key) return null;
    try {
      const { seat, secret, token } = key;
      return { ...(await signalling.request("resume", { seat, secret })), token };
    } catch (error) {
      if (!(error instanceof ConsultationError) || !SEAT_GONE.has(error.code)) throw error;
      if (key.group) this.confers = { confers: key.group };
      if (key.url) {
        const retry = (/** @type {unknown} */ cause) => failure(this.about.lang, "unreachable", { cause });
        const { rejoin } = await import("./elsewhere.js").catch((cause) => Promise.reject(retry(cause)));
        const join = (/** @type {string} */ token) => joinWith(signalling, token, this.confers);
        return rejoin({ ...this.about, key, gone: error, retry, join });
      }
      this.about.memory.forget();
      return null;
    }
  }

  /** @param {Signalling} signalling @param {boolean} takeover */
  async #join(signalling, takeover) {
    this.#isTokenReused = this.#token !== null;
    const token = (this.#token ??= await this.about.token());
    return joinWith(signalling, token, { ...(takeover && { takeover }), ...this.confers });
  }

  /**
   * @param {Signalling} signalling
   * @param {Attached} joined
   */
  #hold(signalling, joined) {
    const url = signalling.url === this.about.url ? undefined : signalling.url;
    this.#keep = (group) => {
      this.confers = group ? { confers: group } : {};
      this.about.memory.keep({ ...joined, url, group });
    };
    this.#keep(joined.group ?? "");
    this.#attached = true;
    signalling.events.on("message", (message) => signalling === this.#signalling && this.#hear(message));
    signalling.events.on("lost", ({ closeCode, closing }) => {
      if (signalling !== this.#signalling) return;
      this.#attached = false;
      const code = closing?.code ?? FINAL_CLOSE_CODES.get(closeCode);
      if (code && FINAL_CODES.has(code)) this.#end(closing ?? failure(this.about.lang, code));
      else this.#comeBack();
    });
    this.events.emit("attached", joined);
  }

  /** @param {import("./protocol.js").RelayMessage} message */
  #hear(message) {
    if (message.type === "participant_changed" && message.group !== undefined) this.#keep(message.group);
    this.events.emit("message", message);
  }

  async #comeBack() {
    const opening = /** @type {object} */ (this.#opening);
    this.events.emit("detached", undefined);
    try {
      await this.#attachPersistently(opening, { takeover: false, isFirst: false });
    } catch (error) {
      if (opening === this.#opening) this.#end(/** @type {ConsultationError} */ (error));
    }
  }

  /** @param {ConsultationError} error */
  #end(error) {
    this.#opening = null;
    this.about.memory.forget();
    this.events.emit("ended", error);
  }
}
