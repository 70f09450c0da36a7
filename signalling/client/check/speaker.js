/**
 * The loudspeaker: a test sound, and the question whether it was heard.
 */

import { listDevices } from "../devices.js";
import { build, setAttribute, setText } from "../element/dom.js";

/** @typedef {import("./words.js").CheckWords} CheckWords */

/**
 * @typedef {object} SpeakerActions
 * @property {(speaker?: string) => Promise<boolean>} play Whether it was played.
 * @property {(heard: boolean) => void} answer
 */

export class Speaker {
  #isPlaying = false;
  #isAsked = false;
  /** How often it has begun anew: what was played before is asked about no more. */
  #turn = 0;
  /** @type {CheckWords["ui"] | null} */
  #ui = null;

  /** @param {SpeakerActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.label = build("span");
    this.select = build("select");
    this.choice = build("label", { class: "field", attributes: { hidden: true } }, [this.label, this.select]);
    this.play = button("action", () => this.#play());
    this.question = build("p", { attributes: { role: "status", "aria-live": "polite" } });
    this.yes = button("action first", () => this.#answer(true));
    this.no = button("action", () => this.#answer(false));
    this.answers = build("div", { class: "actions", attributes: { role: "group", hidden: true } }, [this.yes, this.no]);
    this.element = build("div", { class: "speaker" }, [this.choice, build("div", { class: "actions" }, [this.play]), this.question, this.answers]);
  }

  /** @param {Pick<CheckWords, "ui">} words */
  update({ ui }) {
    this.#ui = ui;
    setText(this.label, ui.speaker);
    setText(this.play, ui.playSound);
    setText(this.yes, ui.yes);
    setText(this.no, ui.no);
    setAttribute(this.answers, "aria-label", ui.heardQuestion);
    setText(this.question, this.#isPlaying ? ui.playing : this.#isAsked ? ui.heardQuestion : "");
    this.answers.toggleAttribute("hidden", !this.#isAsked);
    setAttribute(this.play, "aria-disabled", this.#isPlaying ? "true" : null);
  }

  /**
   * Names the loudspeakers, once the browser may: after a permission.
   *
   * @param {string} [usual] The one that the consultation would use. Nothing is named for the browser's own choice.
   */
  async offerChoice(usual = "") {
    const { speakers } = await listDevices();
    const canChoose = "setSinkId" in HTMLMediaElement.prototype && speakers.length > 1;
    this.choice.toggleAttribute("hidden", !canChoose);
    const chosen = this.select.value || usual;
    this.select.replaceChildren(...speakers.map(({ id, label }) => build("option", { text: label, attributes: { value: id } })));
    this.select.value = speakers.some(({ id }) => id === chosen) ? chosen : "";
  }

  /** Nothing has been asked, as at the beginning. */
  reset() {
    this.#turn += 1;
    this.#isPlaying = false;
    this.#isAsked = false;
    this.#show();
  }

  async #play() {
    if (this.#isPlaying) return;
    this.#isPlaying = true;
    this.#isAsked = false;
    this.#show();
    const turn = this.#turn;
    const wasPlayed = await this.actions.play(this.select.value || undefined);
    if (turn !== this.#turn) return;
    this.#isAsked = wasPlayed;
    this.#isPlaying = false;
    this.#show();
    if (this.#isAsked) this.yes.focus();
  }

  /** @param {boolean} heard */
  #answer(heard) {
    this.#isAsked = false;
    this.#show();
    this.play.focus();
    this.actions.answer(heard);
  }

  #show() {
    if (this.#ui) this.update({ ui: this.#ui });
  }
}

/**
 * @param {string} name
 * @param {() => void} action
 */
function button(name, action) {
  return build("button", { class: name, attributes: { type: "button" }, on: { click: action } });
}
