/**
 * One WebSocket to the relay: requests with their replies, pushed messages, and whether it still lives.
 *
 * It never reconnects; `seat_line.js` opens another one.
 */

import { every } from "./clock.js";
import { ConsultationError, failure, relayFailure } from "./errors.js";
import { Emitter } from "./events.js";
import { SUBPROTOCOL } from "./protocol.js";
import { tokenFacts } from "./token.js";

/** Both ends speak every 5 s (docs/protocol.md); two missed turns are a lost socket. */
export const PING_MS = 5_000;
export const SILENCE_MS = 10_000;
/** In the waiting room nobody is heard or seen, and there may be thousands. */
export const WAITING_PING_MS = 20_000;
export const WAITING_SILENCE_MS = 30_000;
const OPEN_MS = 8_000;
// Well above the relay's own handling (≤ 150 ms), below what a person waits without a sign.
const REPLY_MS = 10_000;
// After the network is said to have changed, an answer is either quick or will not come.
const PROBE_MS = 2_000;

/**
 * @typedef {object} Lost
 * @property {number} closeCode 0 when the browser gave none (silence, unreachable).
 * @property {ConsultationError | null} closing What the relay said before closing.
 */

export class Signalling {
  /** @type {Emitter<{ message: import("./protocol.js").RelayMessage, lost: Lost }>} */
  events = new Emitter();
  /** @type {Map<number, { resolve: (reply: any) => void, reject: (error: ConsultationError) => void, cancel: () => void }>} */
  #pending = new Map();
  #nextId = 1;
  #heard_ms = 0;
  /** Whether a ping has gone out since anything came. */
  #asked = false;
  #opening_ms = 0;
  /** @type {(() => void) | null} */
  #giveUpOpening = null;
  /** @type {ConsultationError | null} */
  #closing = null;
  #lost = false;
  #waits = false;
  /** @type {() => void} */
  #stopPinging = () => {};

  /**
   * @param {object} about
   * @param {string} about.url
   * @param {string} about.lang
   * @param {import("./clock.js").Clock} about.clock
   * @param {(url: string, protocol: string) => WebSocket} about.openSocket
   */
  constructor({ url, lang, clock, openSocket }) {
    this.url = url;
    this.lang = lang;
    this.clock = clock;
    this.openSocket = openSocket;
    /** @type {WebSocket | null} */
    this.socket = null;
  }

  /**
   * Opens the socket.
   *
   * @returns {Promise<void>} Rejects with `unreachable`; `lost` is not told then.
   */
  open() {
    return new Promise((resolve, reject) => {
      let opened = false;
      const unreachable = () => {
        this.#lost = true;
        this.#giveUpOpening = null;
        cancel();
        reject(failure(this.lang, "unreachable"));
        this.socket?.close();
      };
      const cancel = this.clock.after(OPEN_MS, unreachable);
      this.#opening_ms = this.clock.now_ms();
      this.#giveUpOpening = unreachable;
      const socket = (this.socket = this.openSocket(this.url, SUBPROTOCOL));
      socket.onopen = () => {
        if (this.#lost) return;
        opened = true;
        this.#giveUpOpening = null;
        cancel();
        this.#heard_ms = this.clock.now_ms();
        this.#startPinging();
        resolve();
      };
      socket.onmessage = ({ data }) => this.#handleUntrusted(data);
      socket.onclose = ({ code }) => (opened ? this.#lose(code) : this.#lost || unreachable());
    });
  }

  /**
   * Sends a request and waits for its reply.
   *
   * @param {string} type
   * @param {Record<string, unknown>} [fields]
   * @returns {Promise<any>} Rejects with the relay's error, `timed_out`, or `connection_lost`.
   */
  request(type, fields = {}) {
    const socket = this.socket;
    if (this.#lost || !socket || socket.readyState !== 1) {
      return Promise.reject(this.#closing ?? failure(this.lang, "connection_lost"));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(REPLY_MS, () => {
        this.#pending.delete(id);
        reject(failure(this.lang, "timed_out"));
      });
      this.#pending.set(id, { resolve, reject, cancel });
      socket.send(JSON.stringify({ type, id, ...fields }));
    });
  }

  /** Whether the socket is neither open nor given up yet. */
  get isOpening() {
    return this.#giveUpOpening !== null;
  }

  /** Asks for a sign of life now: the network is said to have changed. */
  probe() {
    if (this.#lost) return;
    const asked_ms = this.clock.now_ms();
    if (this.#giveUpOpening) {
      // What set out over a dead network waits for its own time-out, long after another has come.
      if (asked_ms - this.#opening_ms > PROBE_MS) this.#giveUpOpening();
      return;
    }
    this.#ping();
    this.clock.after(PROBE_MS, () => {
      if (this.#heard_ms < asked_ms) this.#lose(0);
    });
  }

  /**
   * Asks for signs of life as often as it takes in the waiting room, or in the room.
   *
   * @param {boolean} waits
   */
  #keepPace(waits) {
    if (this.#lost || waits === this.#waits) return;
    this.#waits = waits;
    this.#stopPinging();
    this.#startPinging();
  }

  /** Closes without `lost`: the owner wanted it. */
  close() {
    if (this.#lost) return;
    this.#lost = true;
    this.#end();
  }

  #startPinging() {
    this.#stopPinging = every(this.clock, this.#waits ? WAITING_PING_MS : PING_MS, () => this.#turn());
  }

  #turn() {
    const silent = this.clock.now_ms() - this.#heard_ms > (this.#waits ? WAITING_SILENCE_MS : SILENCE_MS);
    if (!silent) this.#ping();
    else if (this.#asked) this.#lose(0);
    // Not the relay was silent but this page: it slept, or is hidden and gets a turn a minute.
    else this.probe();
  }

  #ping() {
    this.#asked = true;
    this.request("ping").catch(() => {});
  }

  /** @param {number} closeCode */
  #lose(closeCode) {
    if (this.#lost) return;
    this.#lost = true;
    this.#end();
    this.events.emit("lost", { closeCode, closing: this.#closing });
  }

  #end() {
    this.#stopPinging();
    for (const { reject, cancel } of this.#pending.values()) {
      cancel();
      reject(this.#closing ?? failure(this.lang, "connection_lost"));
    }
    this.#pending.clear();
    this.socket?.close(1000);
  }

  /** @param {unknown} data */
  #handleUntrusted(data) {
    if (this.#lost) return;
    this.#heard_ms = this.clock.now_ms();
    this.#asked = false;
    let message;
    try {
      message = JSON.parse(String(data));
    } catch {
      return;
    }
    if (typeof message?.type !== "string") return;
    if (message.type === "joined" || message.type === "moved") this.#keepPace(message.standing === "waiting");
    else if (message.type === "waiting" || message.type === "admitted") this.#keepPace(message.type === "waiting");
    const request = typeof message.id === "number" ? this.#pending.get(message.id) : undefined;
    if (request) {
      this.#pending.delete(message.id);
      request.cancel();
      if (message.type === "error") request.reject(relayFailure(this.lang, message));
      else request.resolve(message);
      return;
    }
    if (message.type === "closing") this.#closing = relayFailure(this.lang, message);
    this.events.emit("message", message);
  }
}

/**
 * Asks for a seat.
 *
 * @param {Signalling} signalling
 * @param {string} token
 * @param {{ takeover?: boolean, confers?: string }} more
 * @returns {Promise<import("./protocol.js").Joined>}
 */
export function joinWith(signalling, token, more) {
  const client = globalThis.navigator?.userAgent?.slice(0, 200);
  /** @param {{ holder?: string }} [held] */
  const join = (held) => signalling.request("join", { token, ...more, ...held, ...(client && { client }) });
  if (!tokenFacts(token)?.once) return join();
  return import("./one_shot.js").then(
    ({ heldWith }) => join(heldWith(token)),
    (cause) => Promise.reject(failure(signalling.lang, "unreachable", { cause })),
  );
}
