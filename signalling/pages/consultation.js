/**
 * The demonstration's consultation: takes the token from the link, chooses the language, and gives the practitioner a
 * place for notes beside the picture, as a front-end would put its own panel there.
 */

import { notesPanel } from "./notes.js";
import { readLink } from "./link.js";

const { token, lang, role, isFirstOfOnce } = readLink(location, history, sessionStorage, navigator.languages);
const consultation = document.querySelector("visavis-consultation");

document.documentElement.lang = lang;
consultation?.setAttribute("lang", lang);
if (token) consultation?.setAttribute("token", token);
if (role === "practitioner") consultation?.append(notesPanel(lang));

// The SDK fetches it, too, but only when it has come itself; what does not come is its to tell.
import(`../sdk/words/${lang}.js`).catch(() => {});
if (isFirstOfOnce) {
  const { pressed } = await import("./threshold.js");
  await pressed(consultation, lang);
}
// After the attributes, so that the element is upgraded once with everything it needs.
await import("../sdk/visavis.js");
