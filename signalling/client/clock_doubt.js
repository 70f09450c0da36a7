/**
 * Whether it may be the clock where the network seems to fail. It is fetched where the relay was not reached. Pure.
 *
 * The relay judges a token by its own clock, and people's devices are wrong by hours without harm: neither a token that is too old
 * nor one that is not valid yet is this device's doing. Certificates are judged here, though: by a clock that is far behind
 * the relay's is not valid yet, and browsers do not tell a page why a connection failed.
 */

// Authorities date certificates back by an hour or so, for clocks that are behind by less (Let's Encrypt's documented practice).
const MARGIN_S = 3_600;

/**
 * @param {import("./token.js").TokenFacts} facts
 * @param {number} now_s By this device's clock, since 1970.
 * @returns {boolean} Whether the token was issued in the future. One of the past says nothing: it may be old.
 */
export function isClockInDoubt({ iat, nbf }, now_s) {
  const issued_s = iat ?? nbf;
  return isTime(issued_s) && now_s < issued_s - MARGIN_S;
}

/**
 * A token is somebody else's JSON.
 *
 * @param {unknown} value
 * @returns {value is number}
 */
function isTime(value) {
  return typeof value === "number" && Number.isFinite(value);
}
