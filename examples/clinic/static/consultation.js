/**
 * The clinic's panel beside a consultation: who is here, and what the clinic does with them.
 *
 * The consultation itself is the relay's element; this script knows nothing of it.
 */

import { follow } from "./live.js";
import { Part, show } from "./page.js";
import { People } from "./people.js";
import { fill, newlyWaiting } from "./sentences.js";

const element = document.querySelector("[data-panel]");
if (element instanceof HTMLElement) start(new Part(element));

/** @param {Part} panel */
function start(panel) {
  const appointment = panel.element.dataset.appointment ?? "";
  const people = new People(panel, (command) => panel.ask(appointment, command));
  /** @type {Set<string>} */
  const waited = new Set();
  takeCommands(panel, appointment);
  follow(panel.now, (today, age_s) => {
    panel.showWhetherTrue(today.is_true);
    const row = today.rows.find(({ id }) => String(id) === appointment);
    if (!row) return;
    people.show(row.people, age_s);
    showPrivate(panel, row.people.some(({ is_private }) => is_private));
    // What is over stays over, whichever message comes first.
    if (row.is_over) show(panel.find("[data-record]"), true, null);
    const [first] = newlyWaiting(waited, row.people);
    const hour = panel.find(".hour")?.textContent ?? "";
    if (first) panel.tell(fill(panel.words.news ?? "", { name: first.name, hour }));
  });
}

/**
 * @param {Part} panel
 * @param {string} appointment
 */
function takeCommands(panel, appointment) {
  for (const button of panel.element.querySelectorAll("[data-plain]")) {
    if (!(button instanceof HTMLElement)) continue;
    button.addEventListener("click", () => panel.ask(appointment, { do: button.dataset.plain ?? "" }));
  }
  const move = panel.find("[data-move]");
  onSubmit(move, (values) => {
    panel.ask(appointment, { do: "move", who: move?.dataset.patient ?? "", to: Number(values.get("to")) });
  });
  onSubmit(panel.find("[data-notice]"), (values) => {
    panel.ask(appointment, { do: "notice", text: String(values.get("text") ?? "") });
  });
  const sure = panel.find("[data-sure]");
  if (!(sure instanceof HTMLDialogElement)) return;
  panel.find("[data-end]")?.addEventListener("click", () => {
    sure.returnValue = "";
    sure.showModal();
  });
  sure.addEventListener("close", async () => {
    if (sure.returnValue !== "end") return;
    if (!(await panel.ask(appointment, { do: "end" }))) return;
    show(panel.find("[data-record]"), true, null);
    panel.find("[data-record] a")?.focus();
  });
}

/**
 * Takes a form's values instead of having it sent.
 *
 * @param {HTMLElement | null} form
 * @param {(values: FormData) => void} take
 */
function onSubmit(form, take) {
  if (!(form instanceof HTMLFormElement)) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(new FormData(form));
  });
}

/**
 * One of two buttons: to confer, or to end that.
 *
 * @param {Part} panel
 * @param {boolean} isPrivate
 */
function showPrivate(panel, isPrivate) {
  const begin = panel.find('[data-plain="confer"]');
  const end = panel.find('[data-plain="confer_no_more"]');
  // What appears first can take the focus of what goes.
  show(isPrivate ? end : begin, true, null);
  show(isPrivate ? begin : end, false, isPrivate ? end : begin);
}
