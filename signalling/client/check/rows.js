/**
 * What was looked at, one line each: a mark, what it is, how it was found, and what to do.
 */

import { build, setAttribute, setText } from "../element/dom.js";
import { icon } from "../element/icons.js";
import { panelIcon } from "../element/panel_icons.js";
import { CHECKED } from "./codes.js";

/** @typedef {import("../precall.js").FindingInWords} FindingInWords */
/** @typedef {import("./words.js").CheckWords} CheckWords */

const MARKS = { good: () => icon("check"), weak: () => icon("alert"), bad: () => panelIcon("close"), unknown: () => icon("wait") };

export class Rows {
  constructor() {
    /** @type {Map<string, Row>} */
    this.rows = new Map(CHECKED.map((of) => [of, new Row()]));
    this.element = build("ul", { class: "checks" }, [...this.rows.values()].map(({ element }) => element));
  }

  /**
   * @param {CheckWords} words
   * @param {FindingInWords[]} findings
   */
  update(words, findings) {
    const found = new Map(findings.map((one) => [/** @type {string} */ (one.of), one]));
    for (const of of CHECKED) this.rows.get(of)?.update(words, words.ui.names[of], found.get(of));
  }
}

class Row {
  constructor() {
    this.mark = build("span", { class: "mark" });
    this.name = build("span", { class: "name" });
    this.state = build("span", { class: "unseen" });
    this.text = build("span", { class: "text" });
    this.action = build("span", { class: "advice" });
    this.element = build("li", {}, [this.mark, build("div", {}, [this.name, this.state, this.text, this.action])]);
    this.shown = "";
  }

  /**
   * @param {CheckWords} words
   * @param {string} name
   * @param {FindingInWords | undefined} found
   */
  update({ ui }, name, found) {
    const outcome = found?.outcome ?? "unknown";
    setText(this.name, name);
    // The mark's colour, for those who do not see it.
    setText(this.state, found ? ` (${ui.states[outcome]})` : "");
    setText(this.text, found?.words ?? ui.waiting);
    setText(this.action, found?.action ?? "");
    this.action.toggleAttribute("hidden", !found?.action);
    setAttribute(this.element, "data-outcome", outcome);
    setAttribute(this.element, "data-works", outcome === "bad" || outcome === "weak" ? "no" : "yes");
    if (this.shown === outcome) return;
    this.shown = outcome;
    this.mark.replaceChildren(MARKS[outcome]());
  }
}
