/**
 * Messages over the data channel: bounded in size, queued until it opens, held back while it is full.
 */

import { failure } from "./errors.js";
import { MAX_MESSAGE_BYTES } from "./protocol.js";

// Enough for a burst of readings on a slow link; the relay refuses a peer that holds 1 MiB.
const HIGH_WATER_BYTES = 262_144;
const LOW_WATER_BYTES = 65_536;
const MAX_QUEUED = 256;

/**
 * @typedef {object} OutgoingMessage
 * @property {string} [to] `all` (the default), a role in the plural such as `practitioners`, or a participant's id.
 * @property {string} type At most 64 characters; `relay.` is reserved.
 * @property {unknown} [body] Anything JSON can say.
 *
 * @typedef {object} IncomingMessage
 * @property {string} from Participant id, stamped by the relay.
 * @property {import("./protocol.js").Role} role Stamped by the relay.
 * @property {string} type
 * @property {unknown} body
 */

export class Channel {
  /** @type {{ text: string, resolve: () => void, reject: (error: Error) => void }[]} */
  #queue = [];
  /** @type {RTCDataChannel | null} */
  #channel = null;
  #encoder = new TextEncoder();

  /** @param {string} lang */
  constructor(lang) {
    this.lang = lang;
  }

  /**
   * Goes on over this channel; what waits is sent.
   *
   * @param {RTCDataChannel} channel
   */
  use(channel) {
    this.#channel = channel;
    channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
    channel.onbufferedamountlow = () => this.#drain();
    this.#drain();
  }

  /**
   * @param {OutgoingMessage} message
   * @returns {Promise<void>} Resolves when the browser took it for sending; rejects with `message_too_large`,
   *   `message_overload` or `invalid_argument`.
   */
  send({ to = "all", type, body = null }) {
    if (typeof type !== "string" || type.length === 0 || type.length > 64 || type.startsWith("relay.")) {
      return Promise.reject(failure(this.lang, "invalid_argument"));
    }
    const text = JSON.stringify({ to, type, body });
    if (this.#encoder.encode(text).length > MAX_MESSAGE_BYTES) {
      return Promise.reject(failure(this.lang, "message_too_large"));
    }
    if (this.#queue.length >= MAX_QUEUED) return Promise.reject(failure(this.lang, "message_overload"));
    return new Promise((resolve, reject) => {
      this.#queue.push({ text, resolve, reject });
      this.#drain();
    });
  }

  /** The consultation is over: nothing that waits will go. */
  close() {
    for (const { reject } of this.#queue.splice(0)) reject(failure(this.lang, "left"));
  }

  #drain() {
    const channel = this.#channel;
    while (channel?.readyState === "open" && channel.bufferedAmount < HIGH_WATER_BYTES) {
      const next = this.#queue.shift();
      if (!next) return;
      channel.send(next.text);
      next.resolve();
    }
  }
}

/**
 * A message of the relay's data channel.
 *
 * @param {string} text
 * @returns {IncomingMessage | null} `null` when it is not one.
 */
export function messageUntrusted(text) {
  try {
    const message = JSON.parse(text);
    const { from, role, type, body } = message;
    return typeof from === "string" && typeof type === "string" ? { from, role, type, body } : null;
  } catch {
    return null;
  }
}
