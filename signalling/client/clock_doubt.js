/**
 * Whether it is a clock that is wrong where a link seems to be. It is fetched where one does. Pure.
 *
 * The relay judges a token by its own clock, and people's devices are wrong by hours without harm. But where a token is
 * refused, or nothing is reached, a person is to look at their clock if it does not fit the token, not to ask for link after link.
 */

// Five times what the clocks of backend and relay may differ by (docs/protocol.md).
const MARGIN_S = 300;

/**
 * @param {string} code Why it did not go on.
 * @param {import("./token.js").TokenFacts} facts
 * @param {number} now_s By this device's clock, since 1970.
 */
export function isClockInDoubt(code, { iat, nbf, exp }, now_s) {
  // Too old for the relay, and far from it here.
  if (code === "token_expired") return isTime(exp) && now_s < exp - MARGIN_S;
  const issued_s = iat ?? nbf;
  // Issued in the future. A certificate is not valid yet by such a clock either, so that the relay is not reached.
  return ["token_invalid", "unreachable"].includes(code) && isTime(issued_s) && now_s < issued_s - MARGIN_S;
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
