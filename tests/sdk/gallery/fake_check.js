/**
 * A `PrecallCheck` without devices and without a relay: what is found stands in a script; its words are the SDK's own.
 */

import { CHECKED } from "../../../signalling/client/check/codes.js";
import { finding, inOrder, verdictOf, worstOf } from "../../../signalling/client/check/verdict.js";
import { checkWordsFor, sentencesOf } from "../../../signalling/client/check/words.js";
import { Emitter } from "../../../signalling/client/events.js";

export class FakeCheck {
  #events = new Emitter();

  /**
   * @param {{ lang?: string }} options As a `PrecallCheck` has them.
   * @param {object} script
   * @param {Record<string, string>} script.codes What is found, by what it is of; what is left out is not known yet.
   * @param {[number, number]} [script.kbps] What the network carries, from here and to here.
   * @param {MediaStream | null} [script.stream] What the camera gives.
   * @param {number} [script.level] How loud the microphone is.
   * @param {boolean} [script.isOver] Whether there is a verdict.
   */
  constructor({ lang }, { codes, kbps = [null, null], stream = null, level = 0, isOver = true }) {
    this.words = checkWordsFor(lang);
    this.lang = this.words.lang;
    this.codes = { ...codes };
    Object.assign(this, { kbps, stream, level, isOver });
  }

  on(type, listener) {
    return this.#events.on(type, listener);
  }

  get findings() {
    return this.#found().map((one) => this.#inWords(one));
  }

  async run() {
    this.#events.emit("preview", this.stream);
    this.#events.emit("level", this.level);
    for (const one of this.findings) this.#events.emit("finding", one);
    if (!this.isOver) await new Promise(() => {});
    return this.#conclude();
  }

  async playTestSound() {
    return true;
  }

  answerSpeaker(heard) {
    this.codes.speaker = heard ? "fine" : "speaker_silent";
    this.#conclude();
  }

  stop() {}

  #found() {
    return inOrder(CHECKED.filter((of) => this.codes[of]).map((of) => finding(of, this.codes[of])));
  }

  #conclude() {
    const findings = this.#found();
    const [from_kbps, towards_kbps] = this.kbps;
    const result = { verdict: verdictOf(findings), findings, paths: [], from_kbps, towards_kbps };
    const worst = worstOf(findings);
    const action = worst ? this.#inWords(worst).action : "";
    const verdict = { result, findings: this.findings, words: this.words.verdicts[result.verdict], action };
    this.#events.emit("verdict", verdict);
    return verdict;
  }

  #inWords(one) {
    const [words, action] = sentencesOf(this.words, one);
    return { ...one, words, action };
  }
}
