/**
 * The three round controls, with words under them.
 */

import { build, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./model.js").DeviceState} DeviceState */

/**
 * @typedef {object} ControlActions
 * @property {() => void} microphone
 * @property {() => void} camera
 * @property {() => void} leave
 */

export class Controls {
  /** @param {ControlActions} actions */
  constructor(actions) {
    this.microphone = new Switch("microphone", actions.microphone);
    this.camera = new Switch("camera", actions.camera);
    this.leaveWord = build("span", { class: "word" });
    this.leave = build("button", { class: "control stop", attributes: { type: "button" }, on: { click: actions.leave } }, [
      build("span", { class: "disc" }, [icon("leave")]),
      this.leaveWord,
    ]);
    this.element = build("div", { class: "controls", attributes: { role: "group" } }, [
      this.microphone.element,
      this.camera.element,
      this.leave,
    ]);
  }

  /** @param {Model} model */
  update({ words: { ui }, local, state }) {
    setAttribute(this.element, "aria-label", ui.consultation);
    this.microphone.update(local.microphone, { on: ui.microphone, off: ui.microphoneOff, turnOn: ui.turnMicrophoneOn, turnOff: ui.turnMicrophoneOff });
    this.camera.update(local.camera, { on: ui.camera, off: ui.cameraOff, turnOn: ui.turnCameraOn, turnOff: ui.turnCameraOff });
    setText(this.leaveWord, ui.leave);
    setAttribute(this.leave, "title", ui.leaveConsultation);
    this.element.toggleAttribute("hidden", state?.state === "left" || state === null);
  }
}

/** A microphone or camera, on or off; the name is what is written under it, the switch says on or off. */
class Switch {
  /**
   * @param {"microphone" | "camera"} name
   * @param {() => void} action
   */
  constructor(name, action) {
    this.name = name;
    this.disc = build("span", { class: "disc" });
    this.word = build("span", { class: "word" });
    this.element = build("button", { class: "control", attributes: { type: "button", role: "switch" }, on: { click: action } }, [
      this.disc,
      this.word,
    ]);
    /** @type {DeviceState | null} */
    this.shown = null;
  }

  /**
   * @param {DeviceState} state
   * @param {{ on: string, off: string, turnOn: string, turnOff: string }} words
   */
  update(state, words) {
    const isOn = state === "on";
    setText(this.word, isOn ? words.on : words.off);
    setAttribute(this.element, "title", isOn ? words.turnOff : words.turnOn);
    setAttribute(this.element, "aria-checked", String(isOn));
    if (state === this.shown) return;
    this.shown = state;
    this.disc.replaceChildren(icon(isOn ? this.name : `${this.name}Off`));
  }
}
