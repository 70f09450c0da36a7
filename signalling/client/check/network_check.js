/**
 * The relay, the clock, the ways to it, and what the best of them carries.
 *
 * @typedef {import("./codes.js").Finding} Finding
 * @typedef {import("./ways.js").Tried} Tried
 *
 * @typedef {object} NetworkMeans
 * @property {string} lang
 * @property {string} url Of the relay's WebSocket for checks.
 * @property {() => Promise<string>} token
 * @property {() => { seat: string, secret: string } | null} seat Where this tab waits for a consultation, or is in it.
 * @property {import("../clock.js").Clock} clock
 * @property {() => number} unixNow_ms
 * @property {(url: string, protocol: string) => WebSocket} openSocket
 * @property {(configuration: RTCConfiguration) => RTCPeerConnection} openConnection
 * @property {(finding: Finding) => void} found
 */

import { pause } from "../clock.js";
import { ConsultationError } from "../errors.js";
import { heldWith } from "../one_shot.js";
import { Signalling } from "../signalling.js";
import { measureFrom, measureTowards } from "./bandwidth.js";
import { bandwidthFinding, clockFinding, finding, networkFinding } from "./verdict.js";
import { WAYS, serversFor, tryWay } from "./ways.js";

const SUBPROTOCOL = "visavis-check.v1";

/** @type {ReadonlySet<string>} */
const SERVER_CODES = new Set(["token_invalid", "token_expired", "ejected", "unknown_room", "overloaded"]);
/** A seat that is gone, or another tab's: the token says who it is as well. */
const SEAT_CODES = new Set(["seat_unknown", "wrong_secret"]);
/** The relay does not try a way just now, which says nothing of the network. */
const BUSY_CODES = new Set(["overloaded", "limit_reached"]);

/** How often a measurement is asked for that the relay has no room for, and how long is waited between. */
const MEASURED_TRIES = 3;
const BUSY_MS = 1_500;

export class NetworkCheck {
  /** @type {{ path: import("./codes.js").Way, works: boolean, after_ms: number | null }[]} */
  paths = [];
  /** @type {number | null} */
  from_kbps = null;
  /** @type {number | null} */
  towards_kbps = null;
  /** @type {number | null} */
  rtt_ms = null;
  /** @type {number | null} */
  clockOffset_s = null;
  /** @type {Signalling | null} */
  #signalling = null;
  #hasBegun = false;
  #isOver = false;
  #isRelayFull = false;
  /** @type {Tried[]} */
  #up = [];

  /** @param {NetworkMeans} means */
  constructor(means) {
    this.means = means;
  }

  /**
   * Asks, tries and measures; what is found is told as it is.
   *
   * @param {boolean} canConnect Whether this browser can open connections for sound and picture at all.
   */
  async run(canConnect) {
    const begun = await this.#begin();
    if (!begun || this.#isOver) return;
    if (!canConnect) return;
    await this.#tryWays(begun.ice_servers);
    const network = networkFinding(this.paths);
    this.means.found(network.outcome === "bad" && this.#isRelayFull ? finding("network", "overloaded") : network);
    await this.#measure(begun.max_kbps);
    const measured = bandwidthFinding(this.from_kbps, this.towards_kbps);
    const isFull = measured.code === "not_measured" && this.#isRelayFull;
    this.means.found(isFull ? finding("bandwidth", "overloaded") : measured);
    this.#closeWays();
  }

  /**
   * Has the relay keep what all of it came to.
   *
   * @param {import("./codes.js").CheckResult} result
   * @returns {Promise<boolean>} Whether it does.
   */
  async conclude(result) {
    if (!this.#hasBegun || !this.#signalling) return false;
    return this.#signalling.request("conclude", { result }).then(
      () => true,
      () => false,
    );
  }

  /** Closes every connection. */
  stop() {
    this.#isOver = true;
    this.#closeWays();
    this.#signalling?.close();
  }

  /** @returns {Promise<{ ice_servers: RTCIceServer[], max_kbps: number } | null>} `null`: the relay has said why not. */
  async #begin() {
    const { lang, url, clock, openSocket, found, unixNow_ms } = this.means;
    const signalling = new Signalling({ url, lang, clock, openSocket: (address) => openSocket(address, SUBPROTOCOL) });
    this.#signalling = signalling;
    signalling.events.on("message", (message) => {
      const { type, unix_ms } = /** @type {{ type: string, unix_ms?: number }} */ (/** @type {unknown} */ (message));
      if (type !== "hello" || typeof unix_ms !== "number") return;
      this.clockOffset_s = Math.round((unixNow_ms() - unix_ms) / 1_000);
      found(clockFinding(this.clockOffset_s));
    });
    try {
      await signalling.open();
      const begun = await this.#identify(signalling);
      this.#hasBegun = true;
      found(finding("server", "fine"));
      return begun;
    } catch (error) {
      if (!this.#isOver) found(serverFinding(error));
      return null;
    }
  }

  /** @param {Signalling} signalling */
  async #identify(signalling) {
    const seat = this.means.seat();
    if (seat) {
      try {
        return await signalling.request("begin", { seat: seat.seat, secret: seat.secret });
      } catch (error) {
        if (!SEAT_CODES.has(codeOf(error))) throw error;
      }
    }
    const token = await this.means.token();
    return signalling.request("begin", { token, ...heldWith(token) });
  }

  /** @param {RTCIceServer[]} named */
  async #tryWays(named) {
    const tries = WAYS.map(async (way) => {
      const servers = serversFor(way, named);
      if (servers === null || this.#isOver) return;
      try {
        this.#note(await tryWay(way, servers, { ...this.#relay, openConnection: this.means.openConnection }));
      } catch (error) {
        if (BUSY_CODES.has(codeOf(error))) this.#isRelayFull = true;
        // The relay, or the browser, could not even begin: nothing comes by this way.
        else this.#note({ path: way, works: false, after_ms: null, channel: null, close() {} });
      }
    });
    await Promise.all(tries);
    this.#up.sort((one, other) => WAYS.indexOf(one.path) - WAYS.indexOf(other.path));
  }

  /** @param {Tried | null} tried */
  #note(tried) {
    if (tried === null) return;
    const { path, works, after_ms } = tried;
    this.paths.push({ path, works, after_ms });
    if (!works) return;
    if (this.#isOver) tried.close();
    else this.#up.push(tried);
  }

  /** @param {number} max_kbps */
  async #measure(max_kbps) {
    const [best, ...others] = this.#up;
    if (!best?.channel) return;
    for (const other of others) other.close();
    this.#up = [best];
    const path = { path: best.path, channel: best.channel, ...this.#relay };
    const from = await this.#whenThereIsRoom(() => measureFrom(path, max_kbps));
    this.from_kbps = from?.kbps ?? null;
    this.rtt_ms = from?.rtt_ms ?? null;
    this.towards_kbps = (await this.#whenThereIsRoom(() => measureTowards(path))) ?? null;
  }

  /**
   * @template Value
   * @param {() => Promise<Value>} measure
   * @returns {Promise<Value | null>} `null`: it was not measured.
   */
  async #whenThereIsRoom(measure) {
    for (let tries = MEASURED_TRIES; tries > 0 && !this.#isOver; tries--) {
      try {
        return await measure();
      } catch (error) {
        this.#isRelayFull = codeOf(error) === "overloaded";
        if (!this.#isRelayFull) return null;
        await pause(this.means.clock, BUSY_MS);
      }
    }
    return null;
  }

  get #relay() {
    const { clock } = this.means;
    /** @type {(type: string, fields: Record<string, unknown>) => Promise<any>} */
    const request = async (type, fields) => this.#signalling?.request(type, fields);
    return { clock, request };
  }

  #closeWays() {
    for (const way of this.#up.splice(0)) way.close();
  }
}

/** @param {unknown} error */
function serverFinding(error) {
  const code = codeOf(error);
  if (code === "invalid_token" || code === "link_used") return finding("server", "token_invalid");
  return finding("server", SERVER_CODES.has(code) ? /** @type {import("./codes.js").Code} */ (code) : "unreachable");
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof ConsultationError ? error.code : "";
}
