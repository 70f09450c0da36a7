/**
 * Devices, how the picture fills the room, and sharing one's screen.
 */

import { build, setAttribute, setText } from "./dom.js";
import { panelIcon } from "./panel_icons.js";
import { Panel } from "./panel.js";

/** @typedef {import("./model.js").Model} Model */

/**
 * @typedef {object} SettingsActions
 * @property {() => void} close
 * @property {(device: "microphone" | "camera" | "speaker", id: string) => void} choose
 * @property {(fit: "auto" | "fill" | "whole") => void} fit
 * @property {() => void} share
 * @property {(isOn: boolean) => void} audioOnly
 */

export class SettingsPanel extends Panel {
  /** @param {SettingsActions} actions */
  constructor(actions) {
    super("settings", actions.close);
    this.none = build("p", { class: "empty field" });
    this.microphone = new Choice((id) => actions.choose("microphone", id));
    this.camera = new Choice((id) => actions.choose("camera", id));
    this.speaker = new Choice((id) => actions.choose("speaker", id));
    this.legend = build("legend");
    this.auto = new Radio("auto", () => actions.fit("auto"));
    this.fill = new Radio("fill", () => actions.fit("fill"));
    this.whole = new Radio("whole", () => actions.fit("whole"));
    this.audioWord = build("span");
    this.audioOnly = build("input", { attributes: { type: "checkbox" }, on: { change: () => actions.audioOnly(this.audioOnly.checked) } });
    this.shareWord = build("span");
    this.share = build("button", { class: "action", attributes: { type: "button" }, on: { click: actions.share } }, [panelIcon("screen"), this.shareWord]);
    this.body.append(
      this.none,
      this.microphone.element,
      this.camera.element,
      this.speaker.element,
      build("fieldset", { class: "field" }, [this.legend, this.auto.element, this.fill.element, this.whole.element]),
      build("label", { class: "field choice" }, [this.audioOnly, this.audioWord]),
      this.share,
    );
  }

  /** @param {Model} model */
  update(model) {
    const { words, devices, fit, local } = model;
    const { ui } = words;
    this.show(model, ui.settings);
    const isEmpty = !devices || devices.microphones.length + devices.cameras.length === 0;
    setText(this.none, ui.noDevices);
    this.none.toggleAttribute("hidden", !isEmpty);
    this.microphone.update(ui.chooseMicrophone, devices?.microphones ?? [], devices?.microphone);
    this.camera.update(ui.chooseCamera, devices?.cameras ?? [], devices?.camera);
    this.speaker.update(ui.chooseSpeaker, canChooseSpeaker() ? (devices?.speakers ?? []) : [], devices?.speaker);
    setText(this.legend, ui.picture);
    this.auto.update(ui.autoPicture, fit === "auto");
    this.fill.update(ui.fillPicture, fit === "fill");
    this.whole.update(ui.fitPicture, fit === "whole");
    setText(this.audioWord, ui.audioOnly);
    this.audioOnly.checked = model.audioOnly;
    setText(this.shareWord, local.screen ? ui.stopSharing : ui.shareScreen);
    this.share.toggleAttribute("hidden", !canShareScreen());
  }
}

/** A named list of devices. */
class Choice {
  /** @param {(id: string) => void} choose */
  constructor(choose) {
    this.label = build("span");
    this.select = build("select", { on: { change: () => choose(this.select.value) } });
    // The label holds the list, so that they belong together without an id.
    this.element = build("div", { class: "field" }, [build("label", { class: "field" }, [this.label, this.select])]);
    this.listed = "";
  }

  /**
   * @param {string} label
   * @param {import("../devices.js").DeviceChoice[]} choices
   * @param {string | undefined} chosen
   */
  update(label, choices, chosen) {
    this.element.toggleAttribute("hidden", choices.length === 0);
    setText(this.label, label);
    const listed = JSON.stringify(choices);
    if (listed !== this.listed) {
      this.listed = listed;
      this.select.replaceChildren(...choices.map(({ id, label: text }) => build("option", { text, attributes: { value: id } })));
    }
    if (chosen) this.select.value = chosen;
  }
}

class Radio {
  /**
   * @param {string} value
   * @param {() => void} choose
   */
  constructor(value, choose) {
    this.text = build("span");
    this.input = build("input", { attributes: { type: "radio", name: "fit", value }, on: { change: choose } });
    this.element = build("label", { class: "choice" }, [this.input, this.text]);
  }

  /**
   * @param {string} label
   * @param {boolean} isChosen
   */
  update(label, isChosen) {
    setText(this.text, label);
    this.input.checked = isChosen;
    setAttribute(this.input, "checked", isChosen);
  }
}

function canShareScreen() {
  return typeof navigator.mediaDevices?.getDisplayMedia === "function";
}

function canChooseSpeaker() {
  return "setSinkId" in HTMLMediaElement.prototype;
}
