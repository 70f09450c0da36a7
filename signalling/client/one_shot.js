/**
 * By what the relay knows a page again that has used a link which works once: drawn before the link is used, so that an answer
 * which is lost locks nobody out, and kept in the tab, so that a reload comes back. It is fetched where a token is such a link.
 */

import { tabStorage } from "./seat_memory.js";
import { tokenFacts } from "./token.js";

const BYTES = 16;

/** Where the tab keeps nothing: for as long as the page. @type {Map<string, string>} */
const drawn = new Map();

/**
 * What this page shows beside a token.
 *
 * @param {string} token
 * @returns {{ holder?: string }} Nothing for a token that may be used again.
 */
export function heldWith(token) {
  const facts = tokenFacts(token);
  if (!facts?.once) return {};
  const name = `visavis.link ${facts.jti}`;
  const holder = recall(name) ?? drawn.get(name) ?? draw();
  drawn.set(name, holder);
  try {
    tabStorage()?.setItem(name, holder);
  } catch {
    // A full or forbidden storage costs the way back after a reload, nothing else.
  }
  return { holder };
}

/** @param {string} name */
function recall(name) {
  try {
    return tabStorage()?.getItem(name) ?? null;
  } catch {
    return null;
  }
}

function draw() {
  return Array.from(crypto.getRandomValues(new Uint8Array(BYTES)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
