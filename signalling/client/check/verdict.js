/**
 * What findings come to. Pure.
 *
 * @typedef {import("./codes.js").Checked} Checked
 * @typedef {import("./codes.js").Code} Code
 * @typedef {import("./codes.js").Finding} Finding
 * @typedef {import("./codes.js").Outcome} Outcome
 */

import { CHECKED } from "./codes.js";

/** Beside what is bad. @type {Partial<Record<Code, Outcome>>} */
const OUTCOMES = {
  fine: "good",
  clock_wrong: "weak",
  camera_dark: "weak",
  not_heard: "weak",
  detour: "weak",
  narrow: "weak",
  not_asked: "unknown",
  overloaded: "unknown",
  not_measured: "unknown",
};

/** Without these there is no consultation. @type {ReadonlySet<Checked>} */
const NEEDED = new Set(/** @type {const} */ (["browser", "server", "microphone", "network", "bandwidth"]));

/** Tokens hold for ten minutes and more, and the relay grants a minute of difference. */
const MOST_CLOCK_OFFSET_S = 60;
/** A large picture takes 1,200 to 1,900 kbit/s, a smaller one about 500 (docs/adaptation.md). */
const ENOUGH_KBPS = 1_000;
/** Sound and its headers take 58 kbit/s, with repairs up to twice that. */
const LEAST_KBPS = 150;

/**
 * @param {Checked} of
 * @param {Code} code
 * @param {Outcome} [outcome] Where it is not what the code usually comes to.
 * @returns {Finding}
 */
export function finding(of, code, outcome = OUTCOMES[code] ?? "bad") {
  return { of, outcome, code };
}

/** @param {number} offset_s By how much this device's clock is ahead of the relay's. */
export function clockFinding(offset_s) {
  return finding("clock", Math.abs(offset_s) > MOST_CLOCK_OFFSET_S ? "clock_wrong" : "fine");
}

/** @param {{ path: import("./codes.js").Way, works: boolean }[]} tried */
export function networkFinding(tried) {
  if (!tried.some(({ works }) => works)) return finding("network", "media_unreachable");
  return finding("network", tried.some(({ path, works }) => path === "udp" && works) ? "fine" : "detour");
}

/**
 * @param {number | null} from_kbps
 * @param {number | null} towards_kbps
 */
export function bandwidthFinding(from_kbps, towards_kbps) {
  const known = [from_kbps, towards_kbps].filter((kbps) => kbps !== null);
  if (known.length === 0) return finding("bandwidth", "not_measured");
  const least_kbps = Math.min(...known);
  if (least_kbps < LEAST_KBPS) return finding("bandwidth", "too_narrow");
  return finding("bandwidth", least_kbps < ENOUGH_KBPS ? "narrow" : "fine");
}

/**
 * @param {Finding[]} findings
 * @returns {import("./codes.js").Verdict}
 */
export function verdictOf(findings) {
  if (findings.some(({ of, outcome }) => outcome === "bad" && NEEDED.has(of))) return "not_ready";
  return findings.some(isTrouble) ? "limited" : "ready";
}

/**
 * Whether it keeps a check from being all good. What is not known counts where there is no consultation without it; how fast a
 * network is shows once it carries one.
 *
 * @param {Finding} finding
 */
export function isTrouble({ of, outcome }) {
  return outcome === "bad" || outcome === "weak" || (outcome === "unknown" && NEEDED.has(of) && of !== "bandwidth");
}

/**
 * What to do something about first.
 *
 * @param {Finding[]} findings
 * @returns {Finding | null}
 */
export function worstOf(findings) {
  const rank = (/** @type {Finding} */ { of, outcome }) => (outcome === "bad" ? (NEEDED.has(of) ? 0 : 1) : 2);
  return inOrder(findings.filter(isTrouble)).sort((one, other) => rank(one) - rank(other))[0] ?? null;
}

/**
 * In the order in which people read them.
 *
 * @param {Finding[]} findings
 */
export function inOrder(findings) {
  return [...findings].sort((one, other) => CHECKED.indexOf(one.of) - CHECKED.indexOf(other.of));
}
