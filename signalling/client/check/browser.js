/**
 * Whether this browser can hold a consultation: by what it has, and where that says too little, by its name. Pure, but for
 * `browserFacts`.
 *
 * @typedef {object} BrowserFacts
 * @property {boolean} isSecure Whether the page may use camera and microphone at all.
 * @property {boolean} canConnect
 * @property {boolean} canCapture
 * @property {string} agent
 */

import { isWithinApplication } from "../browser_support.js";

/** What is tested and expected to work (docs/embedding.md#browsers). */
const OLDEST = { firefox: 128, chromium: 125, safari: 17.5 };

/** @returns {BrowserFacts} */
export function browserFacts() {
  const { navigator, isSecureContext } = globalThis;
  return {
    isSecure: isSecureContext !== false,
    canConnect: typeof globalThis.RTCPeerConnection === "function",
    canCapture: typeof navigator?.mediaDevices?.getUserMedia === "function",
    agent: navigator?.userAgent ?? "",
  };
}

/**
 * @param {BrowserFacts} facts
 * @returns {import("./codes.js").Finding}
 */
export function judgeBrowser({ isSecure, canConnect, canCapture, agent }) {
  const of = /** @type {const} */ ("browser");
  const isInApp = isWithinApplication(agent);
  if (!isSecure) return { of, outcome: "bad", code: "insecure_context" };
  if (!canConnect || !canCapture) return { of, outcome: "bad", code: isInApp ? "in_app_browser" : "unsupported_browser" };
  if (isInApp) return { of, outcome: "weak", code: "in_app_browser" };
  if (isOld(agent)) return { of, outcome: "weak", code: "old_browser" };
  return { of, outcome: "good", code: "fine" };
}

/** @param {string} agent */
function isOld(agent) {
  const ios = /\bOS (\d+)_(\d+) like Mac OS X/.exec(agent);
  // Every browser there is made of Safari's machinery.
  if (ios) return Number(`${ios[1]}.${ios[2]}`) < OLDEST.safari;
  const firefox = /Firefox\/(\d+)/.exec(agent);
  if (firefox) return Number(firefox[1]) < OLDEST.firefox;
  const chromium = /Chrom(?:e|ium)\/(\d+)/.exec(agent);
  if (chromium) return Number(chromium[1]) < OLDEST.chromium;
  const safari = /Version\/(\d+)\.(\d+).* Safari\//.exec(agent);
  return safari !== null && Number(`${safari[1]}.${safari[2]}`) < OLDEST.safari;
}
