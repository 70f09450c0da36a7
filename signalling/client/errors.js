/**
 * What goes wrong, as an embedder and a person learn it.
 */

import { wordsFor } from "./words/index.js";

/**
 * Codes the SDK itself gives. Those of the relay (docs/protocol.md) pass through unchanged.
 */
export const CLIENT_CODES = /** @type {const} */ ([
  "insecure_context",
  "unsupported_browser",
  "in_app_browser",
  "invalid_token",
  "clock_wrong",
  "permission_denied",
  "permission_dismissed",
  "permission_blocked_by_system",
  "device_missing",
  "device_busy",
  "device_unsuitable",
  "device_lost",
  "screen_denied",
  "capture_failed",
  "unreachable",
  "connection_lost",
  "media_unreachable",
  "timed_out",
  "not_joined",
  "left",
  "message_too_large",
  "message_overload",
  "invalid_argument",
]);

/** Codes of the relay's `error` and `closing` messages (docs/protocol.md). */
export const RELAY_CODES = /** @type {const} */ ([
  "invalid_message",
  "too_large",
  "too_deep",
  "unknown_type",
  "not_joined",
  "already_joined",
  "token_invalid",
  "token_expired",
  "unknown_room",
  "seat_taken",
  "seat_unknown",
  "wrong_secret",
  "ejected",
  "not_allowed",
  "not_admitted",
  "room_full",
  "room_locked",
  "invalid_offer",
  "not_found",
  "conflict",
  "limit_reached",
  "overloaded",
  "internal",
  "replaced",
  "taken_over",
  "room_closed",
  "draining",
  "slow_consumer",
  "protocol_error",
]);

// A page may hold this module twice: as it is written, and within a gathered entry (`/sdk/consultation.js`).
const BRAND = Symbol.for("visavis.error");

/**
 * The only error the SDK rejects with.
 *
 * `code` is stable and for programs; `words` and `action` are sentences for the person, in the consultation's language.
 */
export class ConsultationError extends Error {
  /**
   * @param {string} code
   * @param {{ words: string, action: string, retry_after_s?: number, source?: string, cause?: unknown }} about
   */
  constructor(code, { words, action, retry_after_s, source, cause }) {
    super(`${words} (${code})`, { cause });
    this.name = "ConsultationError";
    this.code = code;
    this.words = words;
    this.action = action;
    /** How long the relay asks to wait before trying again. */
    this.retry_after_s = retry_after_s;
    /** Which device it concerns: microphone, camera or screen. */
    this.source = source;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /**
   * `instanceof` holds for the errors of every copy of the SDK in the page.
   *
   * @override
   * @param {unknown} value
   * @returns {value is ConsultationError}
   */
  static [Symbol.hasInstance](value) {
    return this === ConsultationError ? Object(value)[BRAND] === true : super[Symbol.hasInstance](value);
  }
}

/**
 * An error of the SDK's own, put into words.
 *
 * @param {string} lang
 * @param {string} code
 * @param {{ source?: string, cause?: unknown, retry_after_s?: number }} [about]
 * @returns {ConsultationError}
 */
export function failure(lang, code, about = {}) {
  const words = wordsFor(lang);
  const entry = (about.source && words.errors[`${code}.${about.source}`]) || words.errors[code] || words.errors.internal;
  return new ConsultationError(code, { ...about, words: entry?.[0] ?? code, action: entry?.[1] ?? "" });
}

/**
 * The relay's `error` or `closing` message as an error, in the person's language where the code is known.
 *
 * @param {string} lang
 * @param {{ code: string, words?: string, action?: string, retry_after_s?: number }} message
 * @returns {ConsultationError}
 */
export function relayFailure(lang, message) {
  const entry = wordsFor(lang).errors[message.code];
  return new ConsultationError(message.code, {
    words: entry?.[0] ?? message.words ?? message.code,
    action: entry?.[1] ?? message.action ?? "",
    retry_after_s: message.retry_after_s,
  });
}
