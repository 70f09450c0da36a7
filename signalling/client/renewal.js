/**
 * Another token, from where the page says. It is fetched when the first one is not enough: too old, or its seat is gone.
 */

// The page's server does not know the person any more, or has nothing for them; anything else passes.
const OVER = [401, 403, 404, 410];

/**
 * @param {string | (() => string | Promise<string>)} renewToken Gives it, or the address that does; cookies go there where it is of
 *   the page's own origin.
 * @param {(code: string, cause?: unknown) => Error} fail Puts into words why there is none.
 * @returns {Promise<string>} Rejects with `token_expired` where there will be none, else with `unreachable`.
 */
export async function renewed(renewToken, fail) {
  try {
    if (typeof renewToken !== "string") return await renewToken();
    const response = await fetch(renewToken, { cache: "no-store" });
    if (response.ok) return (await response.text()).trim();
    if (!OVER.includes(response.status)) throw new Error(`status ${response.status}`);
  } catch (cause) {
    // The page's server may be away for a moment, as the relay was.
    throw fail("unreachable", cause);
  }
  throw fail("token_expired");
}
