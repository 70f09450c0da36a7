/**
 * Waiting: who is expected, that the place is kept, that camera, sound and connection work.
 */

import { build, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";
import { isMirrored, shapeBy, showStream } from "./own_picture.js";

/** @typedef {import("./model.js").Model} Model */

const fetchCheck = () => import("../check.js");
const fetchMeter = () => import("./level_meter.js");

export class Waiting {
  /** @type {import("./level_meter.js").LevelMeter | null} */
  #meter = null;
  /** What it is to listen to. @type {MediaStreamTrack | null} */
  #heard = null;

  constructor() {
    this.title = build("h2");
    this.text = build("p");
    this.notice = build("p", { class: "notice", attributes: { dir: "auto", lang: "" } });
    this.video = build("video", { attributes: { playsinline: true, autoplay: true, muted: true } });
    this.video.muted = true;
    this.off = build("div", { class: "off" }, [icon("cameraOff")]);
    this.preview = build("div", { class: "preview", attributes: { role: "group" } }, [this.video, this.off]);
    this.connection = new Check();
    this.camera = new Check();
    this.microphone = new Check();
    // Whoever does not see the bar hears that the microphone works.
    setAttribute(this.microphone.text, "aria-live", "polite");
    this.level = build("span");
    this.bar = build("div", { class: "meter", attributes: { role: "meter", "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": "0" } }, [this.level]);
    this.microphone.element.append(this.bar);
    this.opener = build("button", { class: "action", attributes: { type: "button" }, on: { click: () => this.#openCheck() } });
    /** @type {Model | null} */
    this.shown = null;
    this.element = build("div", { class: "waiting" }, [
      this.preview,
      build("div", { class: "told" }, [
        // A place that changes is read alone, without the notice each time.
        build("div", { attributes: { role: "status", "aria-live": "polite", "aria-atomic": "false" } }, [this.title, this.text, this.notice]),
        build("ul", { class: "checks" }, [this.connection.element, this.camera.element, this.microphone.element]),
        this.opener,
      ]),
    ]);
    this.wasHeard = false;
    this.words = { heard: "", asked: "" };
    this.video.addEventListener("resize", () => shapeBy(this.preview, this.video));
  }

  /** @param {Model} model */
  update(model) {
    const { words, local, role, state, network, path } = model;
    const { ui } = words;
    this.shown = model;
    setText(this.opener, ui.checkAll);
    const place = model.standing?.waiting;
    const title = state?.reason === "interrupted" ? ui.waitingBack(role) : ui.waitingTitle(role);
    setText(this.title, place ? words.place(place.place) : title);
    setText(this.text, place ? ui.letInText : ui.waitingText);
    setText(this.notice, place?.notice ?? "");
    this.notice.toggleAttribute("hidden", !place?.notice);
    showStream(this.video, local.stream, local.camera === "on");
    setAttribute(this.preview, "data-mirrored", isMirrored(local.stream));
    setAttribute(this.preview, "aria-label", ui.ownPicture);
    this.off.toggleAttribute("hidden", local.camera === "on");
    // Before one is let in there is no connection for sound and picture that could be judged.
    this.connection.element.hidden = Boolean(place);
    const works = path?.blocked ? path.words : ui.connectionWorks;
    this.connection.update(network === "good", network === "good" ? works : words.quality(null, "towards", network));
    this.camera.update(local.camera === "on", { on: ui.cameraWorks, off: ui.cameraTurnedOff, none: ui.cameraMissing }[local.camera]);
    this.#updateMicrophone(model);
  }

  stop() {
    this.#listen(null);
    this.element.querySelector("visavis-check")?.remove();
    this.opener.hidden = false;
    showStream(this.video, null, false);
  }

  /** The whole check, with what is open already; it is fetched when somebody asks for it. */
  async #openCheck() {
    const loaded = await fetchCheck().catch(() => null);
    // Where it does not come the button keeps the focus, to be pressed again.
    if (!loaded || !this.shown || !this.element.isConnected) return;
    this.opener.hidden = true;
    loaded.checkWithin(this.element, this.shown.local.stream, this.shown.words.lang);
  }

  /** @param {Model} model */
  #updateMicrophone({ words: { ui }, local }) {
    const isOn = local.microphone === "on";
    this.words = { heard: ui.microphoneWorks, asked: ui.saySomething };
    if (!isOn) this.wasHeard = false;
    const words = local.microphone === "none" ? ui.microphoneMissing : ui.microphoneTurnedOff;
    if (isOn) this.#tellHeard();
    else this.microphone.update(false, words);
    setAttribute(this.bar, "aria-label", ui.soundLevel);
    this.bar.toggleAttribute("hidden", !isOn);
    this.#listen(isOn ? (local.stream?.getAudioTracks()[0] ?? null) : null);
  }

  /** @param {MediaStreamTrack | null} track */
  #listen(track) {
    if (track === this.#heard) return;
    this.#heard = track;
    if (!track) {
      this.#meter?.stop();
      return;
    }
    // Without it the bar stays empty, and all else works.
    fetchMeter().then(({ LevelMeter }) => {
      this.#meter ??= new LevelMeter((level) => this.#hear(level));
      this.#meter.listen(this.#heard);
    }, () => {});
  }

  /** @param {number} level */
  #hear(level) {
    this.level.style.setProperty("--level", level.toFixed(2));
    setAttribute(this.bar, "aria-valuenow", String(Math.round(level * 10) * 10));
    // Speech, not the room's hum: it has shown once that it works.
    if (level < 0.4 || this.wasHeard) return;
    this.wasHeard = true;
    this.#tellHeard();
  }

  #tellHeard() {
    if (this.wasHeard) this.microphone.update(true, this.words.heard);
    else this.microphone.update(true, this.words.asked, "microphone");
  }
}

/** One line with a mark: it works, or it does not. */
class Check {
  constructor() {
    this.mark = build("span", { class: "mark" });
    this.text = build("span");
    this.element = build("li", {}, [this.mark, this.text]);
    /** @type {string | null} */
    this.shown = null;
  }

  /**
   * @param {boolean} works
   * @param {string} words
   * @param {string} mark
   */
  update(works, words, mark = works ? "check" : "alert") {
    setText(this.text, words);
    setAttribute(this.element, "data-works", works ? "yes" : "no");
    if (mark === this.shown) return;
    this.shown = mark;
    this.mark.replaceChildren(icon(mark));
  }
}
