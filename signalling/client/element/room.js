/**
 * The room as a whole: every view in its place, brought up to date from the model.
 */

import { card } from "./card.js";
import { Controls } from "./controls.js";
import { build, setAttribute, setText } from "./dom.js";
import { focusFirst, focused, isShown } from "./focus.js";
import { icon } from "./icons.js";
import { OwnPicture } from "./own_picture.js";
import { Scenes, isAwayForAMoment } from "./scenes.js";
import { sentenceOf } from "./sentence.js";
import { Stage } from "./stage.js";

/** @typedef {import("./model.js").Model} Model */

/**
 * @typedef {import("./controls.js").ControlActions & Omit<import("./settings_panel.js").SettingsActions, "close"> & {
 *   act: (action: import("./card.js").CardAction) => void,
 *   send: (text: string) => Promise<void>,
 *   panel: (panel: "messages" | "settings" | "people" | null) => void,
 *   moderate: import("./people_panel.js").Moderate,
 *   write: (text: string, done: boolean) => Promise<void>,
 *   playbackBlocked: () => void,
 *   watch: (player: HTMLVideoElement) => () => void,
 * }} RoomActions
 */

export class Room {
  /** What is one step away, once it has been fetched. @type {import("./panels.js").Panels | null} */
  panels = null;
  /** What was last read out of who came and went. */
  #told = "";

  /** @param {RoomActions} actions */
  constructor(actions) {
    this.sentence = build("p", { class: "sentence", attributes: { role: "status", "aria-live": "polite" } });
    this.badge = build("span", { class: "badge", attributes: { "aria-hidden": "true" } });
    this.openMessages = this.#corner("messages", actions);
    this.openMessages.append(this.badge);
    this.openSettings = this.#corner("settings", actions);
    this.waitingBadge = build("span", { class: "badge", attributes: { "aria-hidden": "true" } });
    this.openPeople = this.#corner("people", actions);
    this.openPeople.append(this.waitingBadge);
    this.openers = { messages: this.openMessages, settings: this.openSettings, people: this.openPeople };
    this.aloud = build("p", { class: "unseen", attributes: { role: "status", "aria-live": "polite" } });
    /** While messages are not shown, those who hear the page are told here. */
    this.news = build("p", { class: "unseen", attributes: { role: "status", "aria-live": "polite" } });
    this.stage = new Stage(actions.playbackBlocked, (words) => setText(this.aloud, words), actions.watch);
    this.own = new OwnPicture();
    this.scenes = new Scenes(actions.act);
    this.controls = new Controls(actions);
    this.side = this.#side();
    // Until there are words to say beside them.
    for (const each of [this.controls.element, this.own.element, ...Object.values(this.openers)]) each.hidden = true;
    this.place = build("div", { class: "stage" }, [this.stage.element, this.scenes.base, this.own.element, this.scenes.veil, this.scenes.over, this.aloud, this.news]);
    this.element = build("div", { class: "room" }, [
      build("div", { class: "status" }, [this.sentence, this.openPeople, this.openMessages, this.openSettings]),
      this.place,
      this.controls.element,
      this.side,
    ]);
  }

  /** @param {Model} model */
  update(model) {
    const held = this.#held();
    const panel = held && this.panels?.holding(held);
    const { words, state } = model;
    const { ui } = words;
    setAttribute(this.element, "lang", words.lang);
    setAttribute(this.element, "dir", words.dir);
    this.scenes.update(model);
    const { words: sentence, tone } = sentenceOf(model);
    setText(this.sentence, sentence);
    setAttribute(this.sentence, "data-tone", tone);
    // A card in the middle of the room says it already; screen readers still hear it.
    this.sentence.classList.toggle("unseen", this.scenes.showsCard);
    const isTalking = state?.state === "connected" || state?.state === "reconnecting" || isAwayForAMoment(model);
    // While connecting, pictures load under the card, so that the first frame is there when it goes.
    const isSoon = isTalking || state?.state === "connecting";
    this.stage.update(isSoon ? model : { ...model, people: [] });
    this.own.update(model);
    const ownIsHidden = !isTalking || this.scenes.showsOwnPicture || model.local.camera === "none";
    this.own.element.toggleAttribute("hidden", ownIsHidden);
    if (!ownIsHidden) this.own.letMove();
    this.controls.update(model);
    this.panels?.update(model);
    this.#updateCorners(model, ui);
    this.#tell(model.told);
    this.#keepFocus(held, panel);
  }

  /** @param {import("./panels.js").Panels} panels */
  usePanels(panels) {
    this.panels = panels;
    this.element.append(...panels.elements);
    this.place.append(panels.live.element, panels.live.aloud);
  }

  /**
   * There are no words for anything else.
   *
   * @param {import("../errors.js").ConsultationError} error
   */
  fail({ words, action }) {
    this.scenes.base.replaceChildren(card({ mark: "network", isProblem: true, title: words, lines: [action] }, () => {}));
  }

  stop() {
    this.scenes.stop();
    this.panels?.live.clear();
    this.stage.clear();
  }

  /** @param {string} words Who came or went, for those who hear the page. */
  #tell(words) {
    if (words === this.#told) return;
    this.#told = words;
    setText(this.aloud, words);
  }

  /** What has the focus and must not lose it; a question that took it from nothing may leave it to nothing. */
  #held() {
    const held = focused(this.element);
    return held?.matches(".over > .card") && !this.scenes.tookFocus ? null : held;
  }

  /**
   * What had the focus may be gone: then the next best has it, not the page.
   *
   * @param {HTMLElement | null} held
   * @param {import("./panel.js").Panel | null | undefined} panel In which it was.
   */
  #keepFocus(held, panel) {
    if (!held || isShown(held) || isShown(focused(this.element))) return;
    const { microphone } = this.controls;
    focusFirst([this.scenes.card, panel?.closing, panel && this.openers[panel.name], microphone.element]);
  }

  /**
   * @param {Model} model
   * @param {Model["words"]["ui"]} ui
   */
  #updateCorners({ panel, unread, state, standing, rights }, ui) {
    const waiting = standing?.waitingRoom.total ?? 0;
    const isOver = state === null || state.state === "left";
    for (const [button, name] of /** @type {const} */ ([[this.openMessages, "messages"], [this.openSettings, "settings"], [this.openPeople, "people"]])) {
      button.toggleAttribute("hidden", isOver);
      setAttribute(button, "aria-expanded", String(panel === name));
      setAttribute(button, "title", ui[name]);
    }
    const news = unread > 0 ? ` (${ui.unread(unread)})` : "";
    setText(this.news, panel !== "messages" && unread > 0 ? ui.unread(unread) : "");
    setAttribute(this.openMessages, "aria-label", `${ui.messages}${news}`);
    setAttribute(this.openSettings, "aria-label", ui.settings);
    setAttribute(this.openPeople, "aria-label", waiting > 0 ? `${ui.people} (${ui.waitingCount(waiting)})` : ui.people);
    if (!rights.includes("admit") && !rights.includes("moderate")) this.openPeople.hidden = true;
    setText(this.waitingBadge, String(Math.min(waiting, 99)));
    this.waitingBadge.toggleAttribute("hidden", waiting === 0);
    setText(this.badge, String(Math.min(unread, 99)));
    this.badge.toggleAttribute("hidden", unread === 0);
  }

  /**
   * @param {"messages" | "settings" | "people"} name
   * @param {RoomActions} actions
   */
  #corner(name, { panel }) {
    const drawn = icon(name === "people" ? "person" : name);
    const button = build("button", { class: "corner", attributes: { type: "button", "aria-expanded": "false" } }, [drawn]);
    button.addEventListener("click", () => panel(button.getAttribute("aria-expanded") === "true" ? null : name));
    return button;
  }

  /** The embedder's own panels, beside the picture on a wide screen. */
  #side() {
    const slot = build("slot", { attributes: { name: "side" } });
    const side = build("div", { class: "side" }, [slot]);
    slot.addEventListener("slotchange", () => setAttribute(side, "data-filled", slot.assignedElements().length > 0));
    return side;
  }
}
