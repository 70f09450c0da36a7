/**
 * When to try again after a lost connection.
 *
 * @typedef {(attempt: number, waited_ms: number, code: string) => number | null} ReconnectPolicy
 *   The delay before attempt number `attempt` (from 0), in milliseconds, `waited_ms` after the loss; `null` gives up. `code` is
 *   that of the attempt before, empty where there was none.
 *   News of a working network, or a page shown again, ends the delay and begins at attempt 0 anew.
 */

// Most cuts are a change of network or a relay that restarts: over within seconds, and a person looks on.
const FIRST_CEILING_MS = 400;
const CEILING_MS = 3_000;
// Whoever may open the room comes back within seconds, or it takes them a while: thousands may be waiting by then.
const ROOMLESS_CEILING_MS = 8_000;
// Nobody looks on, and coming back to view ends the wait.
const HIDDEN_CEILING_MS = 12_000;
// Five times as long as the relay keeps the seat: a patient in a lift, then in a car park, still comes back.
const GIVE_UP_MS = 600_000;

/**
 * The policy used unless `ConsultationOptions.reconnectPolicy` says otherwise: ceilings that double, and a delay drawn
 * from the whole of it, so that those whom a restarted relay lost at one moment do not come back at one moment.
 *
 * @param {() => number} random Uniform in [0, 1).
 * @param {() => boolean} isHidden Whether nobody looks at the page.
 * @returns {ReconnectPolicy}
 */
export function patientReconnect(random = Math.random, isHidden = pageIsHidden) {
  return (attempt, waited_ms, code) => {
    if (waited_ms > GIVE_UP_MS) return null;
    const seen_ms = code === "unknown_room" ? ROOMLESS_CEILING_MS : CEILING_MS;
    return random() * Math.min(FIRST_CEILING_MS * 2 ** attempt, isHidden() ? HIDDEN_CEILING_MS : seen_ms);
  };
}

function pageIsHidden() {
  return globalThis.document?.visibilityState === "hidden";
}
