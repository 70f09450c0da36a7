/**
 * Who waits and who is here, for those who lead the consultation: let in, send back, mute, remove, lock, make it longer.
 */

import { build, setAttribute, setText } from "./dom.js";
import { Panel } from "./panel.js";

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("../public.js").Command} Command */
/** @typedef {(command: Command) => void} Moderate */

// Long enough for whoever reads or moves slowly, short enough that a later click does not answer it by accident.
const SURE_MS = 20_000;
/** From when on the end of a room is near: the relay tells of it then. */
export const SOON_S = 300;
const LONGER_S = 900;

export class PeoplePanel extends Panel {
  /**
   * @param {() => void} close
   * @param {Moderate} moderate
   */
  constructor(close, moderate) {
    super("people", close);
    this.news = build("p", { class: "unseen", attributes: { role: "status", "aria-live": "polite" } });
    this.refused = build("p", { class: "refused", attributes: { role: "alert" } });
    // A button whose name changes under the finger is not read out again.
    this.question = build("p", { class: "unseen", attributes: { role: "alert" } });
    const ask = (/** @type {string} */ words) => setText(this.question, words);
    this.outside = new List((id) => new Row(id, moderate, ask));
    this.inside = new List((id) => new Row(id, moderate, ask));
    this.lockWord = build("span");
    this.lock = build("button", { class: "action", attributes: { type: "button", role: "switch" } }, [this.lockWord]);
    this.lock.addEventListener("click", () => moderate({ do: "lock", locked: this.lock.getAttribute("aria-checked") !== "true" }));
    this.extend = build("button", { class: "action", attributes: { type: "button" }, on: { click: () => moderate({ do: "extend", seconds: LONGER_S }) } });
    this.body.append(this.refused, this.question, this.outside.element, this.inside.element, this.lock, this.extend);
  }

  /** @param {Model} model */
  update(model) {
    const { words, standing, people, rights } = model;
    const { ui } = words;
    this.show(model, ui.people);
    const waiting = standing?.waitingRoom ?? { people: [], total: 0 };
    setText(this.news, waiting.total > 0 ? ui.waitingCount(waiting.total) : "");
    setText(this.refused, model.refused);
    this.refused.toggleAttribute("hidden", model.refused === "");
    const mayAdmit = rights.includes("admit");
    const mayModerate = rights.includes("moderate");
    this.outside.update(
      mayAdmit ? ui.inWaitingRoom : "",
      ui.nobodyWaits,
      waiting.people.map(({ id, role, label, waited_s, precall }) => ({
        id,
        name: label ? `${label} · ${words.roles[role].name}` : words.roles[role].name,
        about: `${ui.waitsSince(Math.floor(waited_s / 60))}${precall ? ` · ${ui.prechecked[precall]}` : ""}`,
        actions: { admit: ui.admit, ...(mayModerate && { eject: ui.eject }) },
        sure: ui.ejectSure,
      })),
    );
    this.inside.update(
      ui.inRoom,
      ui.nobodyElse,
      people.map(({ participant: { id, role }, microphoneOff }) => ({
        id,
        name: words.roles[role].name,
        about: "",
        actions: {
          ...(mayModerate && (microphoneOff ? { unmute: ui.unmute } : { mute: ui.mute })),
          ...(mayAdmit && { send_back: ui.sendBack }),
          ...(mayModerate && { eject: ui.eject }),
        },
        sure: ui.ejectSure,
      })),
    );
    setText(this.lockWord, ui.lock);
    setAttribute(this.lock, "aria-checked", String(standing?.room.locked ?? false));
    this.lock.toggleAttribute("hidden", !mayModerate);
    setText(this.extend, ui.extend);
    this.extend.toggleAttribute("hidden", !mayModerate || (standing?.room.ends_in_s ?? Infinity) > SOON_S);
  }
}

/** @typedef {"admit" | "mute" | "unmute" | "send_back" | "eject"} Action */
/** @typedef {{ id: string, name: string, about: string, actions: Partial<Record<Action, string>>, sure: string }} RowFacts */

/** A heading and one row for each person; rows stay while their person does, so that the focus stays, too. */
class List {
  /** @type {Map<string, Row>} */
  #rows = new Map();

  /** @param {(id: string) => Row} newRow */
  constructor(newRow) {
    this.newRow = newRow;
    this.title = build("h3");
    this.empty = build("p", { class: "empty" });
    this.list = build("ul", { class: "people" });
    this.element = build("div", { class: "field" }, [this.title, this.empty, this.list]);
  }

  /**
   * @param {string} title Empty: nothing of it is shown.
   * @param {string} empty
   * @param {RowFacts[]} people
   */
  update(title, empty, people) {
    this.element.toggleAttribute("hidden", title === "");
    setText(this.title, title);
    setText(this.empty, empty);
    this.empty.toggleAttribute("hidden", people.length > 0);
    const present = new Set(people.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (present.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    people.forEach((facts, index) => {
      const row = this.#rows.get(facts.id) ?? this.newRow(facts.id);
      this.#rows.set(facts.id, row);
      row.update(facts);
      if (this.list.children[index] !== row.element) this.list.insertBefore(row.element, this.list.children[index] ?? null);
    });
  }
}

class Row {
  /** @type {Map<Action, HTMLButtonElement>} */
  #buttons = new Map();
  #isAsked = false;
  /** @type {RowFacts | null} */
  #facts = null;

  /**
   * @param {string} id
   * @param {Moderate} moderate
   * @param {(words: string) => void} ask Reads a question out; empty takes it back.
   */
  constructor(id, moderate, ask) {
    this.id = id;
    this.moderate = moderate;
    this.ask = ask;
    this.name = build("span", { class: "name", attributes: { dir: "auto" } });
    this.about = build("span", { class: "about" });
    this.actions = build("div", { class: "actions" });
    this.element = build("li", {}, [build("div", {}, [this.name, this.about]), this.actions]);
  }

  /** @param {RowFacts} facts */
  update(facts) {
    this.#facts = facts;
    setText(this.name, facts.name);
    setText(this.about, facts.about);
    const wanted = /** @type {[Action, string][]} */ (Object.entries(facts.actions));
    for (const [action, button] of this.#buttons) {
      if (action in facts.actions) continue;
      button.remove();
      this.#buttons.delete(action);
    }
    for (const [action, words] of wanted) {
      const text = action === "eject" && this.#isAsked ? facts.sure : words;
      const button = this.#buttons.get(action) ?? this.#button(action);
      setText(button, text);
      setAttribute(button, "aria-label", `${text} · ${facts.name}`);
    }
  }

  /** @param {Action} action */
  #button(action) {
    const button = build("button", { class: action === "admit" ? "action first" : "action", attributes: { type: "button" }, on: { click: () => this.#act(action) } });
    this.#buttons.set(action, button);
    // Muting takes the place of its opposite.
    if (action === "mute" || action === "unmute") this.actions.prepend(button);
    else this.actions.append(button);
    return button;
  }

  /** @param {Action} action */
  #act(action) {
    const participant = this.id;
    if (action === "mute" || action === "unmute") this.moderate({ do: "mute", participant, muted: action === "mute" });
    else if (action === "eject" && !this.#isAsked) this.#ask();
    else this.moderate({ do: action, participant });
  }

  /** What cannot be undone takes two clicks. */
  #ask() {
    this.#setAsked(true);
    setTimeout(() => this.#setAsked(false), SURE_MS);
  }

  /** @param {boolean} isAsked */
  #setAsked(isAsked) {
    this.#isAsked = isAsked;
    if (!this.#facts) return;
    this.update(this.#facts);
    this.ask(isAsked ? `${this.#facts.sure} ${this.#facts.name}` : "");
  }
}
