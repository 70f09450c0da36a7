/**
 * A check before the consultation, as a page holds it: `new PrecallCheck({ token })`, `on`, `run`, `stop` (docs/precall.md).
 *
 * Devices and network are looked at side by side, within fifteen seconds; what has not been found by then is unknown. What goes
 * wrong is a finding, never a rejection.
 *
 * @typedef {import("./check/codes.js").Finding} Finding
 * @typedef {import("./check/codes.js").CheckResult} CheckResult
 * @typedef {Finding & { words: string, action: string }} FindingInWords
 * @typedef {{ result: CheckResult, findings: FindingInWords[], words: string, action: string }} PrecallVerdict
 *   `action` is what to do first; empty where there is nothing to do.
 *
 * @typedef {object} PrecallEvents
 * @property {FindingInWords} finding Something was found, or is now otherwise.
 * @property {number} level How loud the microphone is, from 0 to 1.
 * @property {MediaStream | null} preview What camera and microphone give, for a self view.
 * @property {PrecallVerdict} verdict What all of it comes to: at the end of `run`, and when that changes afterwards.
 *
 * @typedef {object} PrecallOptions
 * @property {string | (() => string | Promise<string>)} token The JWT, or where to get one.
 * @property {string} [url] The relay's WebSocket address, where it is not the token's.
 * @property {string} [lang] `fr` or `en`; the page's language by default.
 * @property {MediaStream | null} [stream] Camera and microphone that are open already; they are left open.
 * @property {PrecallEnvironment} [environment] What tests put in the browser's place.
 *
 * @typedef {object} PrecallEnvironment
 * @property {import("./clock.js").Clock} [clock]
 * @property {() => number} [unixNow_ms]
 * @property {(url: string, protocol: string) => WebSocket} [openSocket]
 * @property {(configuration: RTCConfiguration) => RTCPeerConnection} [openConnection]
 * @property {() => MediaStream} [newStream]
 * @property {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} [storage]
 * @property {import("./device_memory.js").Memory} [memory] Which devices the person chose in a consultation; `null`: none.
 * @property {import("./check/browser.js").BrowserFacts} [browser]
 * @property {import("./check/device_check.js").Senses} [senses]
 * @property {(speaker?: string) => Promise<void>} [playTones]
 */

import { browserFacts, judgeBrowser } from "./check/browser.js";
import { CHECKED } from "./check/codes.js";
import { DeviceCheck } from "./check/device_check.js";
import { NetworkCheck } from "./check/network_check.js";
import { lookAt } from "./check/picture.js";
import { listenTo, playTones } from "./check/sound.js";
import { finding, inOrder, verdictOf, worstOf } from "./check/verdict.js";
import { checkWordsFor, sentencesOf } from "./check/words.js";
import { browserClock, pause, wallClock_ms } from "./clock.js";
import { lastingMemory, recallDevices } from "./device_memory.js";
import { listDevices } from "./devices.js";
import { browserName } from "./element/browser.js";
import { Emitter } from "./events.js";
import { SeatMemory, tabStorage } from "./seat_memory.js";
import { relayUrl, tokenFacts } from "./token.js";

/** A verdict is there within fifteen seconds, the time in which it is put into words and shown included. */
const MOST_MS = 14_000;

export class PrecallCheck {
  /** @type {Emitter<PrecallEvents>} */
  #events = new Emitter();
  /** @type {Map<import("./check/codes.js").Checked, Finding>} */
  #findings = new Map();
  #words;
  #clock;
  #facts;
  #playTones;
  #devices;
  #network;
  #began_ms = 0;
  #took_ms = 0;
  #isConcluded = false;

  /** @param {PrecallOptions} options */
  constructor({ token, url, lang, stream = null, environment = {} }) {
    const { clock = browserClock, storage = tabStorage(), memory = lastingMemory(), senses = { lookAt, listenTo } } = environment;
    this.#words = checkWordsFor(lang ?? globalThis.document?.documentElement.lang);
    this.#clock = clock;
    this.#facts = environment.browser ?? browserFacts();
    this.#playTones = environment.playTones ?? playTones;
    const facts = (typeof token === "string" && tokenFacts(token)) || {};
    const seats = new SeatMemory(storage, facts);
    const chosen = recallDevices(memory);
    /** The loudspeaker that the person chose in a consultation; empty: the browser's own choice. */
    this.speaker = chosen.speaker ?? "";
    this.#devices = new DeviceCheck(
      {
        lang: this.#words.lang,
        clock,
        chosen,
        senses,
        newStream: environment.newStream ?? (() => new MediaStream()),
        found: (one) => this.#note(one),
        heard: (level) => this.#events.emit("level", level),
        shown: (shown) => this.#events.emit("preview", shown),
      },
      stream,
    );
    this.#network = new NetworkCheck({
      lang: this.#words.lang,
      url: checkUrl(relayUrl(url, facts, import.meta.url)),
      token: async () => (typeof token === "string" ? token : token()),
      // A seat at another relay is that one's to know.
      seat: () => withoutUrl(seats.recall()),
      clock,
      unixNow_ms: environment.unixNow_ms ?? wallClock_ms,
      openSocket: environment.openSocket ?? ((address, protocol) => new WebSocket(address, protocol)),
      openConnection: environment.openConnection ?? ((configuration) => new RTCPeerConnection(configuration)),
      found: (one) => this.#note(one),
    });
  }

  /**
   * Calls `listener` on each event of this type.
   *
   * @template {keyof PrecallEvents} Type
   * @param {Type} type
   * @param {(detail: PrecallEvents[Type]) => void} listener
   * @returns {() => void} Stops listening.
   */
  on(type, listener) {
    return this.#events.on(type, listener);
  }

  /** The language of all `words`. */
  get lang() {
    return this.#words.lang;
  }

  /** What has been found so far, in the order in which people read it. */
  get findings() {
    return inOrder([...this.#findings.values()]).map((one) => this.#inWords(one));
  }

  /**
   * Checks everything, once.
   *
   * @returns {Promise<PrecallVerdict>} Within fifteen seconds. It never rejects.
   */
  async run() {
    this.#began_ms = this.#clock.now_ms();
    const browser = judgeBrowser(this.#facts);
    this.#note(browser);
    const canConsult = browser.outcome !== "bad";
    const looking = canConsult ? this.#devices.run() : Promise.resolve();
    // What neither half expected costs that half alone: its findings are unknown.
    const halves = [looking, this.#network.run(canConsult)].map((half) => half.catch(() => {}));
    await Promise.race([Promise.all(halves), pause(this.#clock, MOST_MS)]);
    this.#took_ms = Math.round(this.#clock.now_ms() - this.#began_ms);
    this.#fillIn();
    this.#isConcluded = true;
    return this.#conclude();
  }

  /**
   * Plays a test sound; ask the person then, and tell `answerSpeaker`.
   *
   * @param {string} [speaker] A loudspeaker's id; else the one that the consultation would use.
   * @returns {Promise<boolean>} Whether the browser played it.
   */
  async playTestSound(speaker) {
    try {
      await this.#playTones(speaker || (await this.#usualSpeaker()));
      return true;
    } catch {
      this.#note(finding("speaker", "playback_refused"));
      return false;
    }
  }

  /**
   * Takes the person's word for whether they heard the test sound.
   *
   * @param {boolean} heard
   */
  answerSpeaker(heard) {
    this.#note(finding("speaker", heard ? "fine" : "speaker_silent"));
  }

  /** Turns camera and microphone off, if they were turned on here, and ends every connection. */
  stop() {
    this.#devices.stop();
    this.#network.stop();
  }

  /** @returns {Promise<string | undefined>} One that is gone leaves the browser's own choice, as in the consultation. */
  async #usualSpeaker() {
    const { speakers } = await listDevices();
    return speakers.find(({ id }) => id === this.speaker)?.id;
  }

  /** @param {Finding} one */
  #note(one) {
    const before = this.#findings.get(one.of);
    if (before?.code === one.code && before.outcome === one.outcome) return;
    this.#findings.set(one.of, one);
    this.#events.emit("finding", this.#inWords(one));
    if (this.#isConcluded) this.#conclude();
  }

  /** What was not found in time is unknown, and nothing is said of it but that. */
  #fillIn() {
    for (const of of CHECKED) {
      if (this.#findings.has(of)) continue;
      if (of === "speaker") this.#note(finding(of, "not_asked"));
      else this.#note(finding(of, "not_measured"));
    }
  }

  /** @returns {PrecallVerdict} */
  #conclude() {
    const findings = inOrder([...this.#findings.values()]);
    const { paths, from_kbps, towards_kbps, rtt_ms, clockOffset_s } = this.#network;
    /** @type {CheckResult} */
    const result = {
      verdict: verdictOf(findings),
      findings,
      paths,
      from_kbps,
      towards_kbps,
      rtt_ms,
      clock_offset_s: clockOffset_s,
      browser: browserName(this.#facts.agent),
      took_ms: this.#took_ms,
    };
    const worst = worstOf(findings);
    const verdict = {
      result,
      findings: findings.map((one) => this.#inWords(one)),
      words: this.#words.verdicts[result.verdict],
      action: worst ? this.#inWords(worst).action : "",
    };
    this.#network.conclude(result);
    this.#events.emit("verdict", verdict);
    return verdict;
  }

  /**
   * @param {Finding} one
   * @returns {FindingInWords}
   */
  #inWords(one) {
    const [words, action] = sentencesOf(this.#words, one);
    return { ...one, words, action };
  }
}

/** @param {string} url Of the relay's WebSocket for seats. */
function checkUrl(url) {
  const address = new URL(url);
  address.pathname = address.pathname.replace(/\/ws$/, "/check");
  return address.href;
}

/** @param {import("./seat_memory.js").SeatKey | null} key */
function withoutUrl(key) {
  return key && !key.url ? { seat: key.seat, secret: key.secret } : null;
}
