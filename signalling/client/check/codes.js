/**
 * What a check before the consultation finds, in words of closed sets; the relay takes no others (docs/precall.md).
 *
 * @typedef {"browser" | "server" | "clock" | "camera" | "microphone" | "speaker" | "network" | "bandwidth"} Checked
 * @typedef {"good" | "weak" | "bad" | "unknown"} Outcome
 * @typedef {"udp" | "tcp" | "turn_udp" | "turn_tcp" | "turn_tls"} Way
 * @typedef {(typeof CODES)[number]} Code
 * @typedef {{ of: Checked, outcome: Outcome, code: Code }} Finding
 * @typedef {"ready" | "limited" | "not_ready"} Verdict
 *
 * @typedef {object} CheckResult What the relay keeps; what could not be measured is `null`.
 * @property {Verdict} verdict
 * @property {Finding[]} findings
 * @property {{ path: Way, works: boolean, after_ms: number | null }[]} paths
 * @property {number | null} from_kbps From here to the relay.
 * @property {number | null} towards_kbps
 * @property {number | null} rtt_ms
 * @property {number | null} clock_offset_s By how much this device's clock is ahead.
 * @property {"chromium" | "firefox" | "safari" | "other"} browser
 * @property {number} took_ms
 */

/** What is looked at, in the order in which people read it. */
export const CHECKED = /** @type {const} */ (["browser", "server", "clock", "camera", "microphone", "speaker", "network", "bandwidth"]);

/** What may be found. */
export const CODES = /** @type {const} */ ([
  "fine",
  "insecure_context",
  "unsupported_browser",
  "in_app_browser",
  "old_browser",
  "unreachable",
  "token_invalid",
  "token_expired",
  "ejected",
  "unknown_room",
  "clock_wrong",
  "permission_denied",
  "permission_dismissed",
  "permission_blocked_by_system",
  "device_missing",
  "device_busy",
  "device_unsuitable",
  "device_lost",
  "capture_failed",
  "camera_dark",
  "camera_still",
  "not_heard",
  "not_asked",
  "playback_refused",
  "speaker_silent",
  "media_unreachable",
  "detour",
  "narrow",
  "too_narrow",
  "overloaded",
  "not_measured",
]);

/**
 * @param {string} code
 * @returns {code is Code}
 */
export function isCode(code) {
  return /** @type {readonly string[]} */ (CODES).includes(code);
}
