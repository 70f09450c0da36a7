/**
 * The check as people see it: what it comes to, the own picture and sound, and what was found, one line each.
 */

import { build, setAttribute, setText } from "../element/dom.js";
import { Rows } from "./rows.js";
import { Speaker } from "./speaker.js";

/** @typedef {import("../precall.js").FindingInWords} FindingInWords */
/** @typedef {import("../precall.js").PrecallVerdict} PrecallVerdict */
/** @typedef {import("./words.js").CheckWords} CheckWords */

/**
 * @typedef {object} Shown
 * @property {CheckWords} words
 * @property {boolean} hasToken
 * @property {boolean} hasBegun
 * @property {boolean} isRunning
 * @property {FindingInWords[]} findings
 * @property {PrecallVerdict | null} verdict
 */

export class View {
  /** @param {{ begin: () => void } & import("./speaker.js").SpeakerActions} actions */
  constructor(actions) {
    this.title = build("h2", { attributes: { id: "title" } });
    this.words = build("p", { class: "words" });
    this.action = build("p");
    this.figures = build("p", { class: "figures" });
    const told = [this.words, this.action, this.figures];
    this.verdict = build("div", { class: "verdict", attributes: { role: "status", "aria-live": "polite" } }, told);
    this.begin = build("button", { class: "action first", attributes: { type: "button" }, on: { click: actions.begin } });
    this.video = build("video", { attributes: { playsinline: true, autoplay: true, muted: true } });
    this.video.muted = true;
    this.level = build("span");
    this.meter = build("div", { class: "meter", attributes: { role: "meter", "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": "0" } }, [this.level]);
    this.speaker = new Speaker(actions);
    this.seen = build("div", { class: "seen" }, [this.video, this.meter, this.speaker.element]);
    this.rows = new Rows();
    // A page's own link, to the consultation, stands beside the button.
    const buttons = build("div", { class: "actions" }, [this.begin, build("slot")]);
    this.element = build("section", { class: "precall", attributes: { "aria-labelledby": "title" } }, [
      build("div", { class: "told" }, [this.title, this.verdict, buttons]),
      this.seen,
      this.rows.element,
    ]);
  }

  /** @param {Shown} shown */
  update({ words, hasToken, hasBegun, isRunning, findings, verdict }) {
    const { ui } = words;
    setText(this.title, ui.title);
    setText(this.begin, verdict ? ui.again : ui.begin);
    setAttribute(this.begin, "aria-disabled", isRunning ? "true" : null);
    this.begin.toggleAttribute("hidden", !hasToken);
    const idle = isRunning ? ui.checking : ui.intro;
    setText(this.words, verdict?.words ?? (hasToken ? idle : ui.noToken));
    this.#tell(this.action, verdict?.action ?? "");
    this.#tell(this.figures, figuresOf(words, verdict));
    setAttribute(this.verdict, "data-verdict", verdict?.result.verdict ?? null);
    setAttribute(this.video, "aria-label", ui.picture);
    setAttribute(this.meter, "aria-label", ui.level);
    for (const part of [this.seen, this.rows.element]) part.toggleAttribute("hidden", !hasBegun);
    this.rows.update(words, findings);
    this.speaker.update(words);
  }

  /** @param {number} level How loud the microphone is, from 0 to 1. */
  hear(level) {
    this.level.style.setProperty("--level", level.toFixed(2));
    setAttribute(this.meter, "aria-valuenow", String(Math.round(level * 10) * 10));
  }

  /** @param {MediaStream | null} stream */
  preview(stream) {
    if (this.video.srcObject === stream) return;
    this.video.srcObject = stream;
    // A browser that does not play it shows its first frame.
    if (stream) this.video.play().catch(() => {});
  }

  /**
   * @param {HTMLElement} line
   * @param {string} text Empty: nothing of it is shown.
   */
  #tell(line, text) {
    setText(line, text);
    line.toggleAttribute("hidden", text === "");
  }
}

/**
 * @param {CheckWords} words
 * @param {PrecallVerdict | null} verdict
 */
function figuresOf({ ui }, verdict) {
  const from_kbps = verdict?.result.from_kbps ?? null;
  const towards_kbps = verdict?.result.towards_kbps ?? null;
  return from_kbps === null && towards_kbps === null ? "" : ui.rates(ui.rate(from_kbps), ui.rate(towards_kbps));
}
