/**
 * What the SDK reads in a token: where the relay is and whose seat it opens.
 *
 * The signature is the relay's to check; nothing here decides anything about rights.
 *
 * @typedef {object} TokenFacts
 * @property {string} [url] The relay's WebSocket address.
 * @property {string} [room]
 * @property {string} [sub] The pseudonym.
 * @property {string} [role]
 * @property {number} [iat]
 * @property {number} [nbf]
 * @property {number} [exp]
 * @property {string} [jti]
 * @property {boolean} [once] Whether it works once.
 */

/**
 * The payload of a JWT.
 *
 * @param {string} token
 * @returns {TokenFacts | null} `null` when it is not a JWT.
 */
export function tokenFacts(token) {
  const payload = token.split(".")[1];
  if (!payload) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const facts = JSON.parse(new TextDecoder().decode(bytes));
    return facts && typeof facts === "object" ? facts : null;
  } catch {
    return null;
  }
}

/**
 * Which seat a token opens, to compare: another token of the same seat follows it.
 *
 * @param {string} token
 */
export function seatOf(token) {
  const { url, room, sub, role } = tokenFacts(token) ?? /** @type {TokenFacts} */ ({ room: token });
  return JSON.stringify([url, room, sub, role]);
}

/**
 * The relay's WebSocket address: the embedder's, else the token's, else beside the SDK's own files.
 *
 * @param {string | undefined} url
 * @param {TokenFacts} facts
 * @param {string} moduleUrl
 * @returns {string}
 */
export function relayUrl(url, facts, moduleUrl) {
  const chosen = new URL(url ?? facts.url ?? "../v1/ws", moduleUrl);
  chosen.protocol = chosen.protocol.replace(/^http/, "ws");
  if (chosen.pathname === "/") chosen.pathname = "/v1/ws";
  return chosen.href;
}
