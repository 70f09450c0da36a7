/**
 * Another token, from the server of the page. It is fetched when the first one is not enough: too old, or its seat is gone.
 */

// The server does not know the person any more, or has nothing for them; anything else passes.
const OVER = [401, 403, 404, 410];

/**
 * @param {string} url Answers a GET with the token as text; cookies go with it where it is of the page's own origin.
 * @param {() => Error} expired What to reject with where there will be none.
 * @returns {Promise<string>}
 */
export async function fetchToken(url, expired) {
  const response = await fetch(url, { cache: "no-store" });
  if (OVER.includes(response.status)) throw expired();
  if (!response.ok) throw new Error(`no token: status ${response.status}`);
  return (await response.text()).trim();
}
