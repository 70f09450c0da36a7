/**
 * Back at another relay, to which this page was sent on and where its seat is gone: by the token with which it was sent on, and when
 * that is too old by another one for there, if the page's server has one. It is fetched when that happens.
 */

import { tokenFacts } from "./token.js";

/** @typedef {import("./seat_memory.js").SeatKey} SeatKey */

// The relay closes the socket of a token that it refuses: another one comes by another socket.
const REFUSED = new Set(["token_expired", "token_invalid", "link_used"]);

/** What the page's server gave last: where that is refused, too, there is nothing more to ask for. */
let latest = "";

/**
 * @param {object} about
 * @param {SeatKey} about.key Of the seat that is gone.
 * @param {Error} about.gone What the relay says of it.
 * @param {(token: string) => Promise<import("./protocol.js").Joined>} about.join
 * @param {() => Promise<string>} about.token Asks the page for one.
 * @param {Pick<import("./seat_memory.js").SeatMemory, "keep">} about.memory
 * @param {(cause?: unknown) => Error} about.retry Has it tried again.
 * @returns {Promise<import("./seat_line.js").Attached>}
 */
export async function rejoin({ key, gone, join, token, memory, retry }) {
  if (key.token) {
    try {
      return { ...(await join(key.token)), token: key.token };
    } catch (error) {
      if (!REFUSED.has(codeOf(error))) throw error;
      if (key.token === latest) throw gone;
    }
  }
  const next = await token().catch((error) => Promise.reject(REFUSED.has(codeOf(error)) ? gone : error));
  // One for the relay that this page set out from leads to where the others are no more.
  if (!key.url || tokenFacts(next)?.url !== key.url) throw gone;
  latest = next;
  memory.keep({ ...key, token: next });
  throw retry();
}

/** @param {unknown} error */
function codeOf(error) {
  return String(/** @type {{ code?: unknown } | null} */ (error)?.code);
}
