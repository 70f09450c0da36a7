/**
 * What a person asks of their devices, and what is shown where it fails.
 */

import { ConsultationError } from "../errors.js";

/** @typedef {import("../consultation.js").Consultation} Consultation */
/** @typedef {import("./model.js").Model} Model */

export class DeviceActions {
  /**
   * @param {object} about
   * @param {() => Consultation | null} about.consultation
   * @param {() => Model} about.model
   * @param {(change: Partial<Model>) => void} about.change
   */
  constructor(about) {
    this.about = about;
  }

  /** @param {"microphone" | "camera"} source */
  async toggle(source) {
    const state = this.about.model().local[source];
    await this.#attempt(async (consultation) => {
      if (state !== "none") await consultation.mute(source, state === "on");
      else await consultation.publish({ audio: source === "microphone", video: source === "camera" });
      if (source === "camera" && state !== "on") await showAgain(consultation);
    });
  }

  /**
   * @param {"microphone" | "camera" | "speaker"} device
   * @param {string} id
   */
  async choose(device, id) {
    await this.#attempt((consultation) => consultation.switchDevice(device, id));
  }

  /** @param {boolean} isOn */
  async audioOnly(isOn) {
    await this.#attempt((consultation) => consultation.audioOnly(isOn));
  }

  async share() {
    await this.#attempt(async (consultation) => {
      if (this.about.model().local.screen) await consultation.unpublish("screen");
      else {
        await consultation.publish({ screen: true });
        await showAgain(consultation);
      }
    });
  }

  /** Whoever is not in it, or not any more, needs no camera; whoever tries again opens it again. */
  release() {
    const consultation = this.about.consultation();
    if (!consultation || this.about.model().state?.state !== "left") return;
    for (const { source } of consultation.local.sources) consultation.unpublish(source);
  }

  /** @param {(consultation: Consultation) => Promise<unknown>} action */
  async #attempt(action) {
    const { consultation, change } = this.about;
    try {
      const present = consultation();
      if (present) await action(present);
    } catch (error) {
      if (!(error instanceof ConsultationError)) throw error;
      // Whoever closes the browser's list of screens has changed their mind, and knows it.
      if (error.code !== "screen_denied") change({ notice: { kind: "problem", error } });
    }
  }
}

/**
 * Whoever turns on a picture wants pictures; it was off until now.
 *
 * @param {Consultation} consultation
 */
const showAgain = (consultation) => consultation.isAudioOnly && consultation.audioOnly(false);
