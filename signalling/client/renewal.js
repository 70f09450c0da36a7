/**
 * Another token, from where the page says. It is fetched when the first one is not enough: too old, or its seat is gone.
 */

// The page's server does not know the person any more, or has nothing for them; anything else passes. A redirect leads to a page
// for logging in, and is not followed: fetch says 0 of one (Fetch standard, opaque-redirect filtered response).
const OVER = [0, 401, 403, 404, 410];
// A JWT as relays take it (RFC 7515 §3.1). A page for logging in may be given with status 200, too.
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
// As long as the relay may take over an answer; a server that is silent is asked again.
const ANSWER_MS = 10_000;

/**
 * @param {string | (() => string | Promise<string>)} renewToken Gives it, or the address that does; cookies go there where it is of
 *   the page's own origin.
 * @param {(code: string, cause?: unknown) => Error} fail Puts into words why there is none.
 * @returns {Promise<string>} Rejects with `token_expired` where there will be none, else with `unreachable`.
 */
export async function renewed(renewToken, fail) {
  try {
    if (typeof renewToken !== "string") return await renewToken();
    const response = await fetch(renewToken, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) });
    const text = response.ok ? (await response.text()).trim() : "";
    if (TOKEN.test(text)) return text;
    if (!response.ok && !OVER.includes(response.status)) throw new Error(`status ${response.status}`);
  } catch (cause) {
    // The page's server may be away for a moment, as the relay was.
    throw fail("unreachable", cause);
  }
  throw fail("token_expired");
}
