/**
 * Those who are in a consultation or wait for it, a row for each; a row stays while its person does.
 */

import { setText, show } from "./page.js";
import { stateOf } from "./sentences.js";

/** @typedef {import("./page.js").Part} Part */
/** @typedef {import("./sentences.js").Person} Person */

export class People {
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();

  /**
   * @param {Part} panel
   * @param {(command: { do: string, who: string }) => void} ask
   */
  constructor(panel, ask) {
    this.panel = panel;
    this.ask = ask;
    this.list = panel.find("[data-people]");
    this.heading = panel.find("#people");
    this.form = panel.find("template[data-person]");
  }

  /**
   * @param {Person[]} people
   * @param {number} age_s
   */
  show(people, age_s) {
    const present = new Set(people.map(({ who }) => who));
    for (const [who, row] of this.#rows) {
      if (present.has(who)) continue;
      if (row.contains(document.activeElement)) this.heading?.focus();
      row.remove();
      this.#rows.delete(who);
    }
    for (const person of people) {
      const row = this.#rows.get(person.who) ?? this.#add(person);
      if (row) this.#update(row, person, age_s);
    }
    this.panel.find("[data-nobody]")?.toggleAttribute("hidden", people.length > 0);
  }

  /**
   * @param {Person} person
   * @returns {HTMLElement | null}
   */
  #add(person) {
    if (!(this.form instanceof HTMLTemplateElement)) return null;
    const row = this.form.content.firstElementChild?.cloneNode(true);
    if (!(row instanceof HTMLElement)) return null;
    for (const button of row.querySelectorAll("[data-do]")) {
      if (!(button instanceof HTMLElement)) continue;
      button.addEventListener("click", () => this.ask({ do: button.dataset.do ?? "", who: person.who }));
    }
    for (const whom of row.querySelectorAll("[data-whom]")) whom.textContent = ` · ${person.name}`;
    this.#rows.set(person.who, row);
    this.list?.append(row);
    return row;
  }

  /**
   * @param {HTMLElement} row
   * @param {Person} person
   * @param {number} age_s
   */
  #update(row, person, age_s) {
    const { words } = this.panel;
    /** @type {HTMLElement | null} */
    const name = row.querySelector("[data-name]");
    setText(name, person.is_me ? `${person.name} (${words.me ?? ""})` : person.name);
    setText(row.querySelector("[data-state]"), stateOf(person, age_s, words));
    for (const [what, standing] of [["admit", "waiting"], ["send_back", "admitted"]]) {
      /** @type {HTMLElement | null} */
      const button = row.querySelector(`[data-do="${what}"]`);
      // Nobody is sent away by a button beside their own name: to go, one leaves.
      show(button, person.standing === standing && (what === "admit" || !person.is_me), name);
    }
  }
}
