/**
 * What people write, as they write it, and captions: a band under the pictures, with who says it before each line.
 *
 * Those who hear the page are not told every letter: what is typed reaches them when a line is over or its writer pauses,
 * captions not at all, for they say what is heard.
 */

import { build, setAttribute } from "./dom.js";

/** @typedef {import("../public.js").TextLine} TextLine */
/** @typedef {import("../words/index.js").Words} Words */
/**
 * @typedef {object} Row
 * @property {HTMLElement} element
 * @property {HTMLElement} text
 * @property {string} writing Whose, of whom: they write one line at a time.
 * @property {number} said How much of it has been said aloud.
 * @property {number} timer To what comes next for it: it is said, or goes.
 * @property {() => void} end Nobody goes on with it: it is said, and goes once it can have been read.
 */

// A writer who looks for a word takes less.
const PAUSE_MS = 2_000;
// As long as two lines of captions stay at the most (EBU-TT-D practice).
const READ_MS = 6_000;
// Nobody looks out for it, as for the next line of what somebody says.
const NOTE_MS = 20_000;
// More would hide the picture of a phone.
const MOST_ROWS = 4;
const NOTE = "note";

export class LiveText {
  /** @type {Map<string, Row>} */
  #rows = new Map();

  constructor() {
    this.element = build("div", { class: "live", attributes: { "aria-hidden": "true", hidden: true } });
    // Not within the band: what is hidden is not read out.
    this.aloud = build("div", { class: "unseen", attributes: { role: "log", "aria-live": "polite" } });
  }

  /**
   * @param {TextLine} line
   * @param {Words} words
   * @param {boolean} isLogged The panel for messages is open and reads out what is typed when it is over.
   */
  take(line, words, isLogged) {
    const writing = `${line.writer.id} ${line.participant.id} ${line.kind}`;
    const key = `${writing} ${line.line}`;
    for (const [other, row] of this.#rows) if (other !== key && row.writing === writing && !row.element.hasAttribute("data-done")) this.#remove(other);
    // What was erased is no line any more.
    if (!line.text) return this.#remove(key);
    const name = nameOf(line, words);
    const row = this.#rows.get(key) ?? this.#add(key, writing, name);
    row.text.textContent = line.text;
    // Whatever it is written in where nothing is said: not the language of the page.
    setAttribute(row.text, "lang", line.lang);
    setAttribute(row.element, "data-done", false);
    clearTimeout(row.timer);
    row.said = Math.min(row.said, line.text.length);
    const isSaid = line.kind === "typed" && !isLogged;
    row.end = () => {
      setAttribute(row.element, "data-done", true);
      clearTimeout(row.timer);
      if (isSaid) this.#say(row, name, line.text);
      row.timer = window.setTimeout(() => this.#remove(key), READ_MS);
    };
    if (line.done) row.end();
    else if (isSaid) row.timer = window.setTimeout(() => this.#say(row, name, line.text), PAUSE_MS);
    for (const oldest of [...this.#rows.keys()].slice(0, -MOST_ROWS)) this.#remove(oldest);
    this.element.hidden = this.#rows.size === 0;
  }

  /**
   * A sentence that is nobody's line: it is said, and goes once it has been noticed.
   *
   * @param {string} sentence
   */
  note(sentence) {
    this.#remove(NOTE);
    const row = this.#add(NOTE, NOTE, "");
    row.text.textContent = sentence;
    setAttribute(row.element, "data-done", true);
    this.#say(row, "", sentence);
    row.timer = window.setTimeout(() => this.#remove(NOTE), NOTE_MS);
    this.element.hidden = false;
  }

  /**
   * A line whose writer is away goes as one that is over does, and so do captions of somebody who is; what is written on brings
   * it back.
   *
   * @param {string[]} ids Of everybody who is here.
   */
  keep(ids) {
    for (const { writing, element, end } of this.#rows.values()) {
      const isGone = writing.split(" ", 2).some((id) => !ids.includes(id));
      if (isGone && !element.hasAttribute("data-done")) end();
    }
  }

  /** Nobody writes any more: the consultation is over. */
  clear() {
    for (const key of [...this.#rows.keys()]) this.#remove(key);
    this.aloud.replaceChildren();
  }

  /**
   * @param {string} key
   * @param {string} writing
   * @param {string} name
   */
  #add(key, writing, name) {
    const text = build("span", { attributes: { dir: "auto" } });
    const element = build("p", {}, [build("strong", { text: name }), text]);
    const row = { element, text, writing, said: 0, timer: 0, end: () => {} };
    this.#rows.set(key, row);
    this.element.append(element);
    return row;
  }

  /** @param {string} key */
  #remove(key) {
    const row = this.#rows.get(key);
    clearTimeout(row?.timer);
    row?.element.remove();
    this.#rows.delete(key);
    this.element.hidden = this.#rows.size === 0;
  }

  /**
   * @param {Row} row
   * @param {string} name
   * @param {string} text
   */
  #say(row, name, text) {
    const rest = text.slice(row.said).trim();
    row.said = text.length;
    if (!rest) return;
    this.aloud.append(build("p", { text: `${name} ${rest}`.trim() }));
    while (this.aloud.childElementCount > MOST_ROWS) this.aloud.firstElementChild?.remove();
  }
}

/**
 * @param {TextLine} line
 * @param {Words} words
 */
function nameOf({ participant, writer, kind }, { roles, ui }) {
  const name = roles[participant.role]?.name ?? "";
  return kind === "caption" && writer.id !== participant.id ? ui.captionsBy(name, roles[writer.role]?.name ?? "") : ui.says(name);
}
