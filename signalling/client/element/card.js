/**
 * A few words in the middle of the room, with what can be done.
 */

import { build } from "./dom.js";
import { icon } from "./icons.js";
import { browserName } from "./browser.js";

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("../errors.js").ConsultationError} ConsultationError */
/** @typedef {"retry" | "takeover" | "dismiss" | "play"} CardAction */

/**
 * @typedef {object} CardWords
 * @property {string} mark
 * @property {boolean} [isProblem]
 * @property {string} title
 * @property {string[]} lines
 * @property {readonly string[]} [steps]
 * @property {[words: string, action: CardAction][]} [actions] The first is the one to take.
 */

/**
 * @param {CardWords} words
 * @param {(action: CardAction) => void} act
 */
export function card({ mark, isProblem, title, lines, steps = [], actions = [] }, act) {
  return build("section", { class: isProblem ? "card problem" : "card", attributes: { tabindex: "-1", "aria-label": title } }, [
    build("div", { class: "mark" }, [icon(mark)]),
    build("h2", { text: title }),
    ...lines.map((text) => build("p", { text })),
    steps.length > 0 && build("ol", {}, steps.map((text) => build("li", { text }))),
    actions.length > 0 &&
      build(
        "div",
        { class: "actions" },
        actions.map(([text, action], index) =>
          build("button", {
            class: index === 0 ? "action first" : "action",
            text,
            attributes: { type: "button" },
            on: { click: () => act(action) },
          }),
        ),
      ),
  ]);
}

const REFUSED = new Set(["permission_denied", "permission_dismissed"]);
// Trying again cannot help; another link, browser or network can.
const FINAL = new Set(["invalid_token", "token_invalid", "token_expired", "link_used", "room_closed", "ejected", "insecure_context", "unsupported_browser", "in_app_browser"]);

/**
 * @param {Model} model
 * @param {ConsultationError} error
 * @returns {CardWords}
 */
export function deviceProblem({ words }, error) {
  const { ui } = words;
  const isRefused = REFUSED.has(error.code);
  return {
    mark: isRefused ? "lock" : "alert",
    isProblem: true,
    title: isRefused && !error.source ? ui.permissionTitle : error.words,
    lines: error.code === "permission_denied" ? [] : [error.action],
    steps: error.code === "permission_denied" ? words.permissionSteps[browserName()] : [],
    actions: [
      [ui.tryAgain, "retry"],
      [ui.withoutDevices, "dismiss"],
    ],
  };
}

/**
 * @param {Model} model
 * @returns {CardWords}
 */
export function ending({ words: { ui }, state }) {
  const error = state?.error;
  if (!error || error.code === "left") {
    return { mark: "door", title: error?.words ?? ui.leftTitle, lines: [ui.leftText], actions: [[ui.comeBack, "retry"]] };
  }
  if (error.code === "room_closed") return { mark: "door", title: ui.leftTitle, lines: [ui.leftText] };
  /** @type {CardWords["actions"]} */
  let actions = FINAL.has(error.code) ? [] : [[ui.tryAgain, "retry"]];
  if (["seat_taken", "replaced", "taken_over"].includes(error.code)) actions = [[ui.continueHere, "takeover"]];
  return { mark: error.code.includes("reach") ? "network" : "alert", isProblem: true, title: error.words, lines: [error.action], actions };
}
