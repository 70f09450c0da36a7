/**
 * A panel one step away from the picture: it has a name, closes by a button or Escape, and gives the focus back.
 */

import { build, setAttribute, setText } from "./dom.js";
import { scrollsByKeyboard } from "./focus.js";
import { panelIcon } from "./panel_icons.js";

export class Panel {
  /**
   * @param {"messages" | "settings" | "people"} name
   * @param {() => void} close
   */
  constructor(name, close) {
    this.name = name;
    this.title = build("h2");
    this.closing = build("button", { class: "corner", attributes: { type: "button" }, on: { click: close } }, [panelIcon("close")]);
    this.body = build("div", { class: "body" });
    scrollsByKeyboard(this.body);
    this.element = build("section", { class: `panel ${name}` }, [build("header", {}, [this.title, this.closing]), this.body]);
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
  }

  /**
   * @param {import("./model.js").Model} model
   * @param {string} title
   */
  show(model, title) {
    const isOpen = model.panel === this.name;
    setText(this.title, title);
    setAttribute(this.element, "aria-label", title);
    setAttribute(this.closing, "aria-label", model.words.ui.close);
    if (isOpen === this.element.hasAttribute("data-open")) return;
    setAttribute(this.element, "data-open", isOpen);
    if (isOpen) this.focusFirst();
  }

  focusFirst() {
    this.closing.focus();
  }
}
