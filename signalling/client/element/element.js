/**
 * `<visavis-consultation token token-url lang url>`: a whole consultation in one element.
 *
 * The first user of the public API, and nothing but: everything it knows comes from `Consultation`'s events and
 * getters (docs/embedding.md).
 */

import { Consultation } from "../consultation.js";
import { ConsultationError, failure } from "../errors.js";
import { fetchMoreWords, fetchWords, wordsFor } from "../words/index.js";
import { DeviceActions } from "./device_actions.js";
import { LETTER_TYPE, addLetter, followConsultation, newModel, readConsultation } from "./model.js";
import { PanelDoor } from "./panel_door.js";
import { Question } from "./question.js";
import { Room } from "./room.js";
import { styleSheet } from "./styles/index.js";

/** @typedef {import("../public.js").ConsultationEvents} ConsultationEvents */

/** Importing the SDK where there is no document (a server, a test) must not fail. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

export class VisavisConsultation extends Base {
  static observedAttributes = ["token", "lang", "url"];

  /**
   * How the element gets its consultation.
   *
   * @type {(options: import("../public.js").ConsultationOptions) => Consultation}
   */
  static newConsultation = (options) => new Consultation(options);

  /** @type {Consultation | null} */
  #consultation = null;
  #model = newModel(wordsFor("en"), null);
  #devices;
  #room;
  #panels;
  #question = new Question({
    notice: () => this.#model.notice,
    show: (notice) => this.#change({ notice }),
    isCurrent: (consultation) => this.#consultation === consultation,
    words: () => this.#model.words,
  });
  #isPlanned = false;

  constructor() {
    super();
    const devices = (this.#devices = new DeviceActions({
      consultation: () => this.#consultation,
      model: () => this.#model,
      change: (change) => this.#change(change),
    }));
    /** @type {import("./room.js").RoomActions} */
    const actions = {
      microphone: () => devices.toggle("microphone"),
      camera: () => devices.toggle("camera"),
      leave: () => this.#consultation?.leave(),
      act: (action) => this.#act(action),
      send: (text) => this.#send(text),
      write: async (text, done) => this.#consultation?.type(text, { done }),
      panel: (panel) => this.#open(panel),
      choose: (device, id) => devices.choose(device, id),
      fit: (fit) => this.#change({ fit }),
      share: () => devices.share(),
      audioOnly: (isOn) => devices.audioOnly(isOn),
      moderate: (command) => this.#moderate(command),
      playbackBlocked: () => this.#playbackBlocked(),
      watch: (player) => this.#consultation?.watch(player) ?? (() => {}),
    };
    this.#room = new Room(actions);
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [styleSheet()];
    shadow.append(this.#room.element);
    this.#panels = new PanelDoor({ room: this.#room, actions, shadow });
  }

  /** The consultation the element shows, for a page that listens to it or sends with it. */
  get consultation() {
    return this.#consultation;
  }

  connectedCallback() {
    this.#plan();
  }

  disconnectedCallback() {
    // An element that is only moved comes back within the same task.
    queueMicrotask(() => this.isConnected || this.#end());
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} now
   */
  attributeChangedCallback(name, before, now) {
    if (before === now || !this.isConnected) return;
    // A newer token of the same seat is for the next join.
    if (name === "url" || (name === "token" && !(now && this.#consultation?.renew(now)))) this.#end();
    this.#plan();
  }

  /** Starts once, after all attributes that change together have changed. */
  #plan() {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      if (this.isConnected) this.#begin(this.#words());
    });
  }

  /**
   * Goes on in this language, or begins in it.
   *
   * @param {import("../words/index.js").Words} words
   */
  async #begin(words) {
    try {
      // Who is in a consultation may read any sentence next.
      await (this.#panels.isOpen || this.#consultation ? fetchMoreWords(words) : fetchWords(words));
    } catch (cause) {
      if (!this.#consultation) this.#room.fail(failure(words.lang, "unreachable", { cause }));
      return;
    }
    // Another language has its own turn.
    if (!this.isConnected || words !== this.#words()) return;
    if (this.#consultation) this.#change({ words });
    else this.#start(false);
  }

  #words() {
    const tag = this.getAttribute("lang") || this.closest("[lang]")?.getAttribute("lang") || navigator.language;
    return wordsFor(tag);
  }

  /** @param {boolean} takeover */
  #start(takeover) {
    const words = this.#words();
    this.#model = { ...newModel(words, null), fit: this.#model.fit };
    const token = this.getAttribute("token");
    if (token) {
      try {
        const url = this.getAttribute("url");
        const renewToken = this.getAttribute("token-url");
        this.#hold(VisavisConsultation.newConsultation({ token, lang: words.lang, ...(url && { url }), ...(renewToken && { renewToken }) }), takeover);
      } catch (error) {
        if (!(error instanceof ConsultationError)) throw error;
      }
    }
    this.#show();
  }

  /**
   * @param {Consultation} consultation
   * @param {boolean} takeover
   */
  #hold(consultation, takeover) {
    this.#consultation = consultation;
    const on = this.#listening(consultation);
    on("state", (state) => this.#stateChanged(state));
    followConsultation(this.#model, on, (line) => this.#read(line));
    // The state event has already told the person; the promise is for programs.
    consultation.join({ takeover }).catch(() => {});
    this.#publish();
  }

  /**
   * Events change the model first, then the room; those of a consultation that was replaced change nothing.
   *
   * @param {Consultation} consultation
   */
  #listening(consultation) {
    /**
     * @template {keyof ConsultationEvents} Type
     * @param {Type} type
     * @param {(detail: ConsultationEvents[Type]) => void} write
     */
    return (type, write) => {
      consultation.on(type, (detail) => {
        if (this.#consultation !== consultation) return;
        write(detail);
        this.#show();
        this.dispatchEvent(new CustomEvent(`visavis-${type}`, { detail, bubbles: true, composed: true }));
      });
    };
  }

  /** @param {ConsultationEvents["state"]} state */
  #stateChanged(state) {
    this.#model.state = state;
    if (state.state === "left") Object.assign(this.#model, { panel: null, notice: null });
    // Who waits is said aloud to those who lead, whatever they look at.
    const rights = this.#consultation?.self?.rights ?? [];
    if (rights.includes("admit") || rights.includes("moderate")) this.#panels.open(this.#model.words).then(() => this.#show());
  }

  async #publish() {
    const consultation = this.#consultation;
    if (!consultation) return;
    await this.#question.put(consultation);
    const devices = await consultation.devices();
    if (this.#consultation === consultation) this.#change({ devices });
  }

  /** @param {string} text */
  async #send(text) {
    await this.#consultation?.send({ to: "all", type: LETTER_TYPE, body: text });
    addLetter(this.#model, { from: "me", role: this.#model.role, text });
    this.#show();
  }

  /** @param {import("../public.js").TextLine} line */
  async #read(line) {
    const { words } = this.#model;
    // Without its place it cannot be shown; the next one asks for that again.
    if (!(await this.#panels.open(words))) this.#room.panels?.live.take(line, words, this.#model.panel === "messages");
  }

  /** @param {import("../public.js").Command} command */
  async #moderate(command) {
    const refusal = await this.#consultation?.moderate(command).catch((error) => error);
    this.#change({ refused: refusal instanceof ConsultationError ? refusal.words : "" });
  }

  /** @param {"messages" | "settings" | "people" | null} panel */
  async #open(panel) {
    const before = this.#model.panel;
    const error = panel && (await this.#panels.open(this.#model.words));
    if (error) this.#change({ notice: { kind: "missing", error } });
    if (error || (panel && this.#model.state?.state === "left")) return;
    this.#change({ panel, ...(panel === "messages" && { unread: 0 }) });
    if (panel === null && before) this.#room.openers[before].focus();
  }

  /** @param {import("./card.js").CardAction} action */
  #act(action) {
    const isOver = this.#model.state?.state === "left";
    this.#model.notice = null;
    if (action === "play") this.#room.stage.play();
    if (isOver) {
      this.#end();
      this.#start(action === "takeover");
    } else if (action === "retry") this.#publish();
    this.#show();
  }

  #playbackBlocked() {
    if (this.#model.notice) return;
    this.#change({ notice: { kind: "playback" } });
    this.dispatchEvent(new CustomEvent("visavis-playback-blocked", { bubbles: true, composed: true }));
  }

  /** @param {Partial<import("./model.js").Model>} change */
  #change(change) {
    Object.assign(this.#model, change);
    this.#show();
  }

  #show() {
    this.#devices.release();
    if (this.#consultation) readConsultation(this.#model, this.#consultation);
    this.#room.update(this.#model);
  }

  #end() {
    this.#question.withdraw();
    const consultation = this.#consultation;
    this.#consultation = null;
    consultation?.leave();
    this.#room.stop();
  }
}
