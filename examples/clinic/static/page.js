/**
 * What the pages have in common: their facts, their sentences for a moment, and commands to the clinic's server.
 */

/** @typedef {import("./sentences.js").Today} Today */
/** @typedef {import("./sentences.js").Words} Words */

/** A part of a page that shows the day and takes commands. */
export class Part {
  /** One command after the other: a second press is not a second command. */
  #isBusy = false;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @type {Words} */
    this.words = JSON.parse(element.dataset.words ?? "{}");
    /** @type {Today} */
    this.now = JSON.parse(element.dataset.now ?? "{}");
    this.csrf = element.dataset.csrf ?? "";
  }

  /**
   * Finds one of the part's elements by what it is for.
   *
   * @param {string} selector
   * @returns {HTMLElement | null}
   */
  find(selector) {
    return this.element.querySelector(selector);
  }

  /**
   * Says something to screen readers, where it is not what they heard last.
   *
   * @param {string} words
   */
  tell(words) {
    const news = this.find("[data-news]");
    if (news) news.textContent = words;
  }

  /**
   * Has the clinic's server do something; a refusal is read where it can be seen.
   *
   * @param {string} appointment
   * @param {Record<string, string | number>} command
   * @returns {Promise<boolean>} Whether it was done.
   */
  async ask(appointment, command) {
    if (this.#isBusy) return false;
    this.#isBusy = true;
    const problem = await send(appointment, command, this.csrf, this.words.failed ?? "");
    this.#isBusy = false;
    const place = this.find("[data-problem]");
    if (place) place.textContent = problem;
    if (!problem) this.tell(this.words.done ?? "");
    return problem === "";
  }

  /** @param {boolean} isTrue */
  showWhetherTrue(isTrue) {
    this.find("[data-stale]")?.toggleAttribute("hidden", isTrue);
  }
}

/**
 * Hides or shows something; the focus does not get lost with what is hidden.
 *
 * @param {HTMLElement | null | undefined} element
 * @param {boolean} isShown
 * @param {HTMLElement | null} otherwise Where the focus goes.
 */
export function show(element, isShown, otherwise) {
  if (!element || element.hidden === !isShown) return;
  const hadFocus = element.contains(document.activeElement);
  element.hidden = !isShown;
  if (hadFocus && !isShown) otherwise?.focus();
}

/**
 * Changes a text only where it changes: screen readers and selections notice.
 *
 * @param {Element | null} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/**
 * @param {string} appointment
 * @param {Record<string, string | number>} command
 * @param {string} csrf
 * @param {string} failed What is said where there is no answer.
 * @returns {Promise<string>} A sentence about what went wrong; empty where nothing did.
 */
async function send(appointment, command, csrf, failed) {
  try {
    const response = await fetch(`/appointments/${appointment}/commands`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF": csrf },
      body: JSON.stringify(command),
      // A session that is over leads to the login page, which is no answer to a command.
      redirect: "error",
    });
    if (response.ok) return "";
    const { words } = await response.json();
    return typeof words === "string" ? words : failed;
  } catch {
    return failed;
  }
}
