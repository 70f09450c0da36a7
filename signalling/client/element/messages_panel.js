/**
 * Written messages, one step away.
 */

import { build, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";
import { Panel } from "./panel.js";

/** @typedef {import("./model.js").Model} Model */

// Written by hand, well under the relay's 64 KiB.
const MAX_CHARACTERS = 4_000;

export class MessagesPanel extends Panel {
  #shown = 0;

  /**
   * @param {() => void} close
   * @param {(text: string) => Promise<void>} send
   */
  constructor(close, send) {
    super("messages", close);
    this.send = send;
    this.empty = build("p", { class: "empty" });
    this.list = build("ul", { class: "letters" });
    // A list that is a log would be no list any more, and its rows nobody's.
    this.log = build("div", { attributes: { role: "log", "aria-live": "polite" } }, [this.list]);
    /** While the panel is closed, those who hear the page are told here. */
    this.news = build("p", { class: "unseen", attributes: { role: "status", "aria-live": "polite" } });
    this.refused = build("p", { class: "refused", attributes: { role: "alert", hidden: true } });
    this.input = build("textarea", { attributes: { rows: "1", maxlength: String(MAX_CHARACTERS), enterkeyhint: "send" } });
    this.button = build("button", { attributes: { type: "submit" } }, [icon("send")]);
    this.form = build("form", { class: "writing", on: { submit: (event) => this.#submit(event) } }, [this.input, this.button]);
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#submit(event);
    });
    this.body.append(this.empty, this.log, this.refused);
    this.element.append(this.form);
  }

  /** @param {Model} model */
  update(model) {
    const { ui } = model.words;
    this.show(model, ui.messages);
    setText(this.empty, ui.noMessages);
    this.empty.toggleAttribute("hidden", model.letters.length > 0);
    setAttribute(this.log, "aria-label", ui.messages);
    setText(this.news, model.panel !== this.name && model.unread > 0 ? ui.unread(model.unread) : "");
    setAttribute(this.input, "aria-label", ui.message);
    setAttribute(this.input, "placeholder", ui.writeMessage);
    setAttribute(this.button, "aria-label", ui.send);
    setText(this.refused, ui.messageNotSent);
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
    try {
      await this.send(text);
      this.input.value = "";
      this.refused.hidden = true;
    } catch {
      this.refused.hidden = false;
    }
  }
}
