/**
 * The browser's question for camera and microphone: announced where it takes a while, explained where it fails.
 */

import { ConsultationError } from "../errors.js";
import { fetchMoreWords } from "../words/index.js";

/** @typedef {import("../consultation.js").Consultation} Consultation */
/** @typedef {import("./model.js").Notice} Notice */

// A question the browser answers by itself needs no announcement.
const ASKING_AFTER_MS = 500;

export class Question {
  #timer = 0;

  /**
   * @param {object} about
   * @param {() => Notice | null} about.notice What is shown.
   * @param {(notice: Notice | null) => void} about.show
   * @param {(consultation: Consultation) => boolean} about.isCurrent
   * @param {() => import("../words/index.js").Words} about.words
   */
  constructor(about) {
    this.about = about;
  }

  /**
   * Opens both and sends them.
   *
   * @param {Consultation} consultation
   * @returns {Promise<void>} Resolves when all has been said of it.
   */
  async put(consultation) {
    const { notice, show, isCurrent, words } = this.about;
    this.withdraw();
    this.#timer = window.setTimeout(() => show({ kind: "asking" }), ASKING_AFTER_MS);
    /** @type {ConsultationError | undefined} */
    let problem;
    try {
      [problem] = (await consultation.publish({ audio: true, video: true })).problems;
    } catch (error) {
      if (!(error instanceof ConsultationError)) return;
      problem = error;
    }
    // They say where the browser keeps its answer.
    if (problem?.code === "permission_denied") await fetchMoreWords(words()).catch(() => {});
    if (!isCurrent(consultation)) return;
    this.withdraw();
    if (problem) show({ kind: "problem", error: problem });
    else if (notice()?.kind === "asking") show(null);
  }

  /** Whoever asks has gone. */
  withdraw() {
    clearTimeout(this.#timer);
  }
}
