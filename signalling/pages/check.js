/**
 * The page of the check before a consultation: takes the token from the link, chooses the language, and leads on to the
 * consultation, which finds the token in the same tab.
 */

import { readLink } from "./link.js";

const WORDS = {
  en: { title: "Check before the consultation", join: "To the consultation" },
  fr: { title: "Test avant la consultation", join: "Vers la consultation" },
};

const { token, lang } = readLink(location, history, sessionStorage, navigator.languages);
const words = lang === "fr" ? WORDS.fr : WORDS.en;
const check = document.querySelector("visavis-check");
const link = document.querySelector("a");

document.documentElement.lang = lang;
document.title = words.title;
check?.setAttribute("lang", lang);
if (token) check?.setAttribute("token", token);
if (link && token) {
  link.textContent = words.join;
  link.href = `consultation?lang=${lang}`;
  link.hidden = false;
}

// After the attributes, so that the element is upgraded once with everything it needs.
await import("../sdk/check.js");
// A browser that is too old to read the line above goes on showing what says so.
document.querySelector(".late")?.remove();
