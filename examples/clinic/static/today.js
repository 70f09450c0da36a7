/**
 * The list of today: who waits and for how long, let in from here.
 */

import { follow } from "./live.js";
import { Part, setText, show } from "./page.js";
import { fill, newlyWaiting, othersIn, stateOfRow } from "./sentences.js";

/** @typedef {import("./sentences.js").Row} Row */

const element = document.querySelector("[data-list]");
if (element instanceof HTMLElement) start(new Part(element));

/** @param {Part} list */
function start(list) {
  /** @type {Map<number, Set<string>>} */
  const waited = new Map();
  for (const item of list.element.querySelectorAll("[data-appointment]")) {
    if (item instanceof HTMLElement) takeCommands(list, item);
  }
  follow(list.now, (today, age_s) => {
    list.showWhetherTrue(today.is_true);
    for (const row of today.rows) {
      const item = list.find(`[data-appointment="${row.id}"]`);
      if (!item) continue;
      showRow(list, item, row, age_s);
      const before = waited.get(row.id) ?? new Set();
      waited.set(row.id, before);
      const [first] = newlyWaiting(before, row.people);
      if (first) list.tell(fill(list.words.news ?? "", { name: first.name, hour: item.dataset.hour ?? "" }));
    }
  });
}

/**
 * @param {Part} list
 * @param {HTMLElement} item
 */
function takeCommands(list, item) {
  const { appointment = "", patient = "" } = item.dataset;
  for (const button of item.querySelectorAll("[data-do]")) {
    if (!(button instanceof HTMLElement)) continue;
    button.addEventListener("click", () => list.ask(appointment, { do: button.dataset.do ?? "", who: patient }));
  }
}

/**
 * @param {Part} list
 * @param {HTMLElement} item
 * @param {Row} row
 * @param {number} age_s
 */
function showRow(list, item, row, age_s) {
  const { patient = "" } = item.dataset;
  setText(item.querySelector("[data-state]"), stateOfRow(row, patient, age_s, list.words));
  setText(item.querySelector("[data-others]"), othersIn(row, patient, list.words));
  const standing = row.people.find(({ who }) => who === patient)?.standing;
  /** @type {HTMLElement | null} */
  const open = item.querySelector("a");
  for (const [what, from] of [["admit", "waiting"], ["send_back", "admitted"]]) {
    /** @type {HTMLElement | null} */
    const button = item.querySelector(`[data-do="${what}"]`);
    show(button, !row.is_over && standing === from, open);
  }
}
