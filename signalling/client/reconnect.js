/**
 * When to try again after a lost connection.
 *
 * @typedef {(attempt: number, waited_ms: number) => number | null} ReconnectPolicy
 *   The delay before attempt number `attempt` (from 0), in milliseconds, `waited_ms` after the loss; `null` gives up.
 */

// Quick at first, because most cuts are a change of network; then calm. LiveKit's client settled on the same ladder.
const DELAYS_MS = [0, 300, 1_200, 2_700, 4_800, 7_000];
// Jitter from the third attempt on: the first two must be fast, and a restarted relay must not meet everybody at once.
const JITTER_FROM_ATTEMPT = 2;
const JITTER_MS = 1_000;
// Five times as long as the relay keeps the seat: a patient in a lift, then in a car park, still comes back.
const GIVE_UP_MS = 600_000;

/**
 * The policy used unless `ConsultationOptions.reconnectPolicy` says otherwise.
 *
 * @param {() => number} random Uniform in [0, 1).
 * @returns {ReconnectPolicy}
 */
export function patientReconnect(random = Math.random) {
  return (attempt, waited_ms) => {
    if (waited_ms > GIVE_UP_MS) return null;
    const delay_ms = DELAYS_MS[Math.min(attempt, DELAYS_MS.length - 1)] ?? 0;
    return attempt < JITTER_FROM_ATTEMPT ? delay_ms : delay_ms + random() * JITTER_MS;
  };
}
