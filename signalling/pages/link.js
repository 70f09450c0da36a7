/**
 * What the consultation's link says: `…/consultation?lang=fr#token=…`.
 *
 * The token stands in the fragment, which browsers do not send. It is taken out of the address at once, so that it is
 * not in the history, in a bookmark or in a picture of the screen; the tab remembers it for a reload.
 */

const REMEMBERED = "visavis.token";
const LANGUAGES = ["fr", "en"];

/**
 * @param {Pick<Location, "hash" | "search" | "pathname">} location
 * @param {Pick<History, "replaceState">} history
 * @param {Pick<Storage, "getItem" | "setItem">} storage
 * @param {readonly string[]} preferred The person's languages, best first.
 * @returns {{ token: string, lang: string, role: string, isFirstOfOnce: boolean }} `isFirstOfOnce`: it works once, and has just
 *   been opened: this is no reload.
 */
export function readLink(location, history, storage, preferred) {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get("token") ?? storage.getItem(REMEMBERED) ?? "";
  const wished = new URLSearchParams(location.search).get("lang") ?? fragment.get("lang");
  const lang = [wished ?? "", ...preferred].map((tag) => tag.slice(0, 2)).find((tag) => LANGUAGES.includes(tag)) ?? "en";
  if (fragment.has("token")) {
    storage.setItem(REMEMBERED, token);
    history.replaceState(null, "", `${location.pathname}${location.search}`);
  }
  const { role = "", once = false } = saidIn(token);
  return { token, lang, role: String(role ?? ""), isFirstOfOnce: once === true && fragment.has("token") };
}

/**
 * What a token says; the relay alone decides what it may do.
 *
 * @param {string} token
 * @returns {{ role?: unknown, once?: unknown }}
 */
function saidIn(token) {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(payload)) ?? {};
  } catch {
    return {};
  }
}
