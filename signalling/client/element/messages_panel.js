/**
 * Written messages, one step away.
 */

import { build, setAttribute, setText } from "./dom.js";
import { panelIcon } from "./panel_icons.js";
import { Panel } from "./panel.js";

/** @typedef {import("./model.js").Model} Model */

// Written by hand, well under the relay's 64 KiB.
const MAX_CHARACTERS = 4_000;
// What a line holds that is shown while it is written.
const MAX_LIVE_CHARACTERS = 1_000;

export class MessagesPanel extends Panel {
  #shown = 0;

  /**
   * @param {() => void} close
   * @param {object} actions
   * @param {(text: string) => Promise<void>} actions.send
   * @param {(text: string, done: boolean) => Promise<void>} actions.write Shows what is being written.
   */
  constructor(close, { send, write }) {
    super("messages", close);
    this.send = send;
    this.write = write;
    this.empty = build("p", { class: "empty" });
    this.list = build("ul", { class: "letters" });
    // A list that is a log would be no list any more, and its rows nobody's.
    this.log = build("div", { attributes: { role: "log", "aria-live": "polite" } }, [this.list]);
    this.refused = build("p", { class: "refused", attributes: { role: "alert", hidden: true } });
    this.input = build("textarea", { attributes: { rows: "1", maxlength: String(MAX_CHARACTERS), enterkeyhint: "send" } });
    this.button = build("button", { attributes: { type: "submit" } }, [panelIcon("send")]);
    this.form = build("form", { class: "writing", on: { submit: (event) => this.#submit(event) } }, [this.input, this.button]);
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#submit(event);
    });
    this.input.addEventListener("input", () => this.live.checked && this.#attempt(this.write(this.input.value, false)));
    this.liveWord = build("span");
    this.live = build("input", { attributes: { type: "checkbox" }, on: { change: () => this.#switchLive() } });
    this.body.append(this.empty, this.log, this.refused);
    this.element.append(build("label", { class: "writing-live" }, [this.live, this.liveWord]), this.form);
  }

  /** @param {Model} model */
  update(model) {
    const { ui } = model.words;
    this.show(model, ui.messages);
    setText(this.empty, ui.noMessages);
    this.empty.toggleAttribute("hidden", model.letters.length > 0);
    setAttribute(this.log, "aria-label", ui.messages);
    setAttribute(this.input, "aria-label", ui.message);
    setAttribute(this.input, "placeholder", ui.writeMessage);
    setAttribute(this.button, "aria-label", ui.send);
    setText(this.refused, ui.messageNotSent);
    setText(this.liveWord, ui.writeLive);
    for (const letter of model.letters.slice(this.#shown)) this.#append(letter, model);
    this.#shown = model.letters.length;
  }

  /** @override */
  focusFirst() {
    this.input.focus();
  }

  /**
   * @param {import("./model.js").Letter} letter
   * @param {Model} model
   */
  #append({ from, role, text }, { words }) {
    const who = from === "me" ? words.ui.you : ((role && words.roles[role]?.name) ?? "");
    this.list.append(
      build("li", { class: from === "me" ? "own-letter" : "" }, [
        build("div", { class: "who", text: who }),
        // In whichever language it was written.
        build("div", { class: "text", text, attributes: { dir: "auto", lang: "" } }),
      ]),
    );
    this.body.scrollTop = this.body.scrollHeight;
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    const isLive = this.live.checked;
    const sending = isLive ? this.write(text, true) : this.send(text);
    // A line that is over makes room at once: the next one is read, too.
    if (isLive) this.input.value = "";
    const went = await this.#attempt(sending);
    if (went && !isLive) this.input.value = "";
    // What did not go stays, to be sent again, unless another line has been begun.
    if (!went && isLive) this.input.value ||= text;
  }

  #switchLive() {
    const isLive = this.live.checked;
    setAttribute(this.input, "maxlength", String(isLive ? MAX_LIVE_CHARACTERS : MAX_CHARACTERS));
    // What stands there is shown from now on, or no longer.
    if (this.input.value) this.#attempt(isLive ? this.write(this.input.value.slice(0, MAX_LIVE_CHARACTERS), false) : this.write("", true));
  }

  /**
   * @param {Promise<void>} sending
   * @returns {Promise<boolean>} Whether it went.
   */
  async #attempt(sending) {
    const went = await sending.then(() => true, () => false);
    this.refused.hidden = went;
    return went;
  }
}
