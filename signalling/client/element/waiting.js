/**
 * Waiting: who is expected, that the place is kept, that camera, sound and connection work.
 */

import { build, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";
import { LevelMeter } from "./level_meter.js";
import { isMirrored, shapeBy, showStream } from "./own_picture.js";

/** @typedef {import("./model.js").Model} Model */

export class Waiting {
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
    this.element = build("div", { class: "waiting" }, [
      this.preview,
      build("div", { class: "told" }, [
        // A place that changes is read alone, without the notice each time.
        build("div", { attributes: { role: "status", "aria-live": "polite", "aria-atomic": "false" } }, [this.title, this.text, this.notice]),
        build("ul", { class: "checks" }, [this.connection.element, this.camera.element, this.microphone.element]),
      ]),
    ]);
    this.wasHeard = false;
    this.words = { heard: "", asked: "" };
    this.meter = new LevelMeter((level) => this.#hear(level));
    this.video.addEventListener("resize", () => shapeBy(this.preview, this.video));
  }

  /** @param {Model} model */
  update(model) {
    const { words, local, role, state, network } = model;
    const { ui } = words;
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
    this.connection.update(network === "good", network === "good" ? ui.connectionWorks : words.quality(null, "towards", network));
    this.camera.update(local.camera === "on", { on: ui.cameraWorks, off: ui.cameraTurnedOff, none: ui.cameraMissing }[local.camera]);
    this.#updateMicrophone(model);
  }

  stop() {
    this.meter.stop();
    showStream(this.video, null, false);
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
    this.meter.listen(isOn ? (local.stream?.getAudioTracks()[0] ?? null) : null);
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
