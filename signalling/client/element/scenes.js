/**
 * What fills the room while there is no conversation, and what asks for an answer before it goes on.
 */

import { card, deviceProblem, ending } from "./card.js";
import { build, setAttribute, setText } from "./dom.js";
import { focusFirst, focused, scrollsByKeyboard } from "./focus.js";
import { Waiting } from "./waiting.js";

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./card.js").CardWords} CardWords */

// Most cuts are over before anybody reads about them.
const VEIL_AFTER_MS = 700;

export class Scenes {
  /** @type {string | null} */
  #baseKey = null;
  /** @type {string | null} */
  #overKey = null;
  #veilTimer = 0;
  #canDismiss = false;
  /** What had the focus before a question took it. @type {Element | null} */
  #before = null;

  /** @param {(action: import("./card.js").CardAction) => void} act */
  constructor(act) {
    this.act = act;
    this.waiting = new Waiting();
    this.base = build("div", { class: "scene" });
    scrollsByKeyboard(this.base);
    this.over = build("div", { class: "scene over", attributes: { role: "alertdialog", "aria-modal": "false", hidden: true } });
    this.over.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#canDismiss) this.act("dismiss");
    });
    this.veilTitle = build("p", { class: "title" });
    this.veilText = build("p");
    this.veil = build("div", { class: "veil", attributes: { hidden: true } }, [build("div", { class: "turning" }), this.veilTitle, this.veilText]);
  }

  /** @param {Model} model */
  update(model) {
    this.#updateBase(model);
    this.#updateOver(model);
    this.#updateVeil(model);
  }

  /** Whether one's own picture is already part of what is shown. */
  get showsOwnPicture() {
    return this.#baseKey === "waiting";
  }

  /** Whether a card stands in the middle of the room. */
  get showsCard() {
    return this.#baseKey !== null && this.#baseKey !== "waiting";
  }

  /** The words in the middle of the room, where there are any. @returns {Element | null} */
  get card() {
    return (this.over.hidden ? this.base : this.over).querySelector(".card");
  }

  /** Whether the question that is asked took the focus from something. */
  get tookFocus() {
    return this.#before !== null;
  }

  stop() {
    this.waiting.stop();
    clearTimeout(this.#veilTimer);
  }

  /** @param {Model} model */
  #updateBase(model) {
    const { key, words } = baseScene(model);
    if (key === "waiting") this.waiting.update(model);
    if (key === this.#baseKey) return;
    if (this.showsOwnPicture) this.waiting.stop();
    this.#baseKey = key;
    this.base.toggleAttribute("hidden", key === null);
    this.base.replaceChildren(...(words ? [card(words, this.act)] : key ? [this.waiting.element] : []));
  }

  /** @param {Model} model */
  #updateOver(model) {
    const words = overWords(model);
    const key = words && model.notice ? `${model.notice.kind} ${words.title}` : null;
    if (this.#overKey === key) return;
    if (this.#overKey === null) this.#before = focused(this.over) ?? elsewhere();
    this.#overKey = key;
    this.#canDismiss = words?.actions?.some(([, action]) => action === "dismiss") ?? false;
    const hadFocus = this.over.contains(focused(this.over));
    this.over.toggleAttribute("hidden", words === null);
    if (!words) {
      this.over.replaceChildren();
      if (hadFocus) focusFirst([this.#before]);
      this.#before = null;
      return;
    }
    this.over.setAttribute("aria-label", words.title);
    const question = card(words, this.act);
    // The dialog has its name, and is described by what it says.
    question.removeAttribute("aria-label");
    const said = [...question.querySelectorAll("p, ol")];
    for (const [index, one] of said.entries()) one.id = `asked-${index}`;
    setAttribute(this.over, "aria-describedby", said.map(({ id }) => id).join(" ") || null);
    this.over.replaceChildren(question);
    question.focus({ preventScroll: true });
  }

  /** @param {Model} model */
  #updateVeil(model) {
    const { state, words, role } = model;
    const isOurs = state?.state === "reconnecting" && state.reason !== "server";
    if (!state || !(isOurs || isAwayForAMoment(model))) {
      clearTimeout(this.#veilTimer);
      this.#veilTimer = 0;
      this.veil.hidden = true;
      return;
    }
    setText(this.veilTitle, isOurs ? words.ui.reconnectingTitle : words.ui.waitingBack(role));
    setText(this.veilText, state.words);
    this.#veilTimer ||= window.setTimeout(() => {
      this.veil.hidden = false;
    }, VEIL_AFTER_MS);
  }
}

/**
 * Their picture stays, under a veil: they are about to come back.
 *
 * @param {Model} model
 */
export function isAwayForAMoment({ state, people }) {
  return state?.state === "waiting" && state.reason === "interrupted" && people.some(({ stream }) => stream);
}

/**
 * @param {Model} model
 * @returns {{ key: string | null, words?: CardWords }} Without words it is the waiting room; without a key there is none.
 */
function baseScene(model) {
  const { state, words } = model;
  if (!state) {
    const { ui } = words;
    return { key: "no token", words: { mark: "alert", isProblem: true, title: ui.noToken, lines: [ui.noTokenAction] } };
  }
  if (state.state === "left") return { key: `left ${state.reason} ${words.lang}`, words: ending(model) };
  if (state.state === "waiting") return { key: isAwayForAMoment(model) ? null : "waiting" };
  if (state.state === "connecting") {
    const said = state.reason === "detour" ? state.words : words.ui.waitingText;
    return { key: `connecting ${said} ${words.lang}`, words: { mark: "wait", title: words.ui.connectingTitle, lines: [said] } };
  }
  return { key: null };
}

/**
 * @param {Model} model
 * @returns {CardWords | null}
 */
function overWords(model) {
  const { notice, words, state } = model;
  if (!notice || state?.state === "left") return null;
  const { ui } = words;
  if (notice.kind === "problem") return deviceProblem(model, notice.error);
  if (notice.kind === "missing") {
    return { mark: "network", isProblem: true, title: notice.error.words, lines: [notice.error.action], actions: [[ui.withoutDevices, "dismiss"]] };
  }
  if (notice.kind === "asking") return { mark: "camera", title: ui.askingTitle, lines: [ui.askingText] };
  return { mark: "sound", title: ui.playTitle, lines: [ui.playText], actions: [[ui.play, "play"]] };
}

/** What has the focus in the page around the element. */
function elsewhere() {
  return document.activeElement === document.body ? null : document.activeElement;
}
