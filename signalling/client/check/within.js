/**
 * The check where somebody waits: with the link, the look and the devices of the consultation around it.
 */

import { setAttribute } from "../element/dom.js";

/**
 * Opens the check in the waiting room and begins it.
 *
 * @param {HTMLElement} place Within the consultation's element.
 * @param {MediaStream | null} stream Camera and microphone, as far as they are on.
 * @param {string} lang
 */
export function checkWithin(place, stream, lang) {
  const root = place.getRootNode();
  // While it was fetched they may have been let in, or gone.
  if (!(root instanceof ShadowRoot) || !place.isConnected || place.querySelector("visavis-check")) return;
  // By its name: a page may have defined it with a copy of its own.
  const check = /** @type {import("./element.js").VisavisCheck} */ (document.createElement("visavis-check"));
  for (const name of ["token", "url", "theme"]) setAttribute(check, name, root.host.getAttribute(name));
  setAttribute(check, "lang", lang);
  check.stream = stream;
  place.append(check);
  // The button that had it is gone.
  check.focus();
  check.start();
}
