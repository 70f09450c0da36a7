/**
 * The way to the panels: they are fetched when somebody takes it for the first time.
 */

import { failure } from "../errors.js";
import { fetchMoreWords } from "../words/index.js";

const fetchPanels = () => import("./panels.js");

export class PanelDoor {
  /** On their way, or there. @type {Promise<void> | null} */
  #coming = null;

  /**
   * @param {object} about
   * @param {import("./room.js").Room} about.room
   * @param {import("./room.js").RoomActions} about.actions
   * @param {ShadowRoot} about.shadow
   */
  constructor(about) {
    this.about = about;
  }

  /** Whether there are panels, or will be, which need the words of their language. */
  get isOpen() {
    return this.#coming !== null;
  }

  /**
   * @param {import("../words/index.js").Words} words
   * @returns {Promise<import("../errors.js").ConsultationError | null>} Why they cannot be had; the next time tries again.
   */
  async open(words) {
    try {
      await (this.#coming ??= this.#fetch(words));
      return null;
    } catch (cause) {
      this.#coming = null;
      return failure(words.lang, "unreachable", { cause });
    }
  }

  /** @param {import("../words/index.js").Words} words */
  async #fetch(words) {
    const { room, actions, shadow } = this.about;
    const [{ Panels }] = await Promise.all([fetchPanels(), fetchMoreWords(words)]);
    const panels = new Panels(actions);
    shadow.adoptedStyleSheets.push(panels.styles);
    room.usePanels(panels);
  }
}
