/** Every code with which something fails: each has words and an action in every language. */

/**
 * Codes the SDK itself gives. Those of the relay (docs/protocol.md) pass through unchanged.
 */
export const CLIENT_CODES = [
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
];

/** Codes of the relay's `error` and `closing` messages (docs/protocol.md). */
export const RELAY_CODES = [
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
];

