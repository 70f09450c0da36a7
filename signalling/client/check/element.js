/**
 * `<visavis-check token lang url>`: the check before a consultation in one element (docs/precall.md).
 *
 * It begins with a button, for browsers play no sound before the person has touched the page.
 */

import { PrecallCheck } from "../precall.js";
import { checkStyles } from "./styles.js";
import { View } from "./view.js";
import { checkWordsFor } from "./words.js";

/** Importing the SDK where there is no document (a server, a test) must not fail. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

export class VisavisCheck extends Base {
  static observedAttributes = ["token", "lang", "url"];

  /**
   * How the element gets its check.
   *
   * @type {(options: import("../precall.js").PrecallOptions) => PrecallCheck}
   */
  static newCheck = (options) => new PrecallCheck(options);

  /**
   * Camera and microphone that are open already, in the waiting room: they are used and left open.
   *
   * @type {MediaStream | null}
   */
  stream = null;

  /** @type {PrecallCheck | null} */
  #check = null;
  #isRunning = false;
  /** @type {import("../precall.js").PrecallVerdict | null} */
  #verdict = null;
  #view;

  constructor() {
    super();
    this.#view = new View({
      begin: () => this.start(),
      play: async (speaker) => (await this.#check?.playTestSound(speaker)) ?? false,
      answer: (heard) => this.#check?.answerSpeaker(heard),
    });
    const shadow = this.attachShadow({ mode: "open", delegatesFocus: true });
    shadow.adoptedStyleSheets = [checkStyles()];
    shadow.append(this.#view.element);
  }

  /** What the last check came to; `null` before. */
  get result() {
    return this.#verdict?.result ?? null;
  }

  connectedCallback() {
    this.#show();
  }

  disconnectedCallback() {
    // An element that is only moved comes back within the same task.
    queueMicrotask(() => this.isConnected || this.stop());
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} now
   */
  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    if (name !== "lang") this.stop();
    this.#show();
  }

  /** Checks everything, from the beginning. */
  async start() {
    const token = this.getAttribute("token");
    if (this.#isRunning || !token) return;
    this.stop();
    const url = this.getAttribute("url");
    const check = VisavisCheck.newCheck({ token, lang: this.#words.lang, stream: this.stream, ...(url && { url }) });
    this.#check = check;
    this.#isRunning = true;
    const isCurrent = () => this.#check === check;
    check.on("finding", () => isCurrent() && this.#show());
    check.on("level", (level) => isCurrent() && this.#view.hear(level));
    check.on("preview", (stream) => isCurrent() && this.#view.preview(stream));
    check.on("verdict", (verdict) => isCurrent() && this.#conclude(verdict));
    this.#show();
    await check.run();
    if (!isCurrent()) return;
    this.#isRunning = false;
    await this.#view.speaker.offerChoice(check.speaker);
    this.#show();
  }

  /** Turns camera and microphone off and forgets what was found. */
  stop() {
    const check = this.#check;
    this.#check = null;
    this.#isRunning = false;
    this.#verdict = null;
    check?.stop();
    this.#view.preview(null);
    this.#view.speaker.reset();
    this.#show();
  }

  /** @param {import("../precall.js").PrecallVerdict} verdict */
  #conclude(verdict) {
    this.#verdict = verdict;
    this.#show();
    this.dispatchEvent(new CustomEvent("visavis-precall", { detail: verdict.result, bubbles: true, composed: true }));
  }

  get #words() {
    return checkWordsFor(this.getAttribute("lang") || this.closest("[lang]")?.getAttribute("lang") || navigator.language);
  }

  #show() {
    this.#view.update({
      words: this.#words,
      hasToken: Boolean(this.getAttribute("token")),
      hasBegun: this.#check !== null,
      isRunning: this.#isRunning,
      findings: this.#check?.findings ?? [],
      verdict: this.#verdict,
    });
  }
}
