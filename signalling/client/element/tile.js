/**
 * One picture of somebody else: their face, or the screen they show.
 */

import { build, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";
import { fitOf } from "./picture_fit.js";

/**
 * @typedef {object} TileTraits
 * @property {MediaStream | null} stream
 * @property {boolean} isScreen
 * @property {boolean} picture Something is to be seen.
 * @property {boolean} speaking
 * @property {boolean} microphoneOff
 * @property {string} label For screen readers.
 * @property {string} name Shown on the picture.
 * @property {string} absence What is said where there is no picture.
 * @property {"auto" | "fill" | "whole"} fit
 * @property {string} speaker Output device id; empty is the browser's choice.
 */

export class Tile {
  /** @param {() => void} blocked The browser refused to play without a touch. */
  constructor(blocked) {
    this.blocked = blocked;
    this.video = build("video", { attributes: { playsinline: true, autoplay: true } });
    this.absence = build("span");
    this.name = build("span");
    this.muteMark = icon("microphoneOff");
    this.element = build("div", { class: "tile", attributes: { role: "group" } }, [
      build("div", { class: "frame" }, [
        this.video,
        build("div", { class: "absent" }, [icon("person"), this.absence]),
        build("p", { class: "caption" }, [this.muteMark, this.name]),
      ]),
    ]);
    /** @type {TileTraits["fit"]} */
    this.fit = "auto";
    this.speaker = "";
    this.video.addEventListener("resize", () => this.#refit());
    this.sizes = new ResizeObserver(() => this.#refit());
    this.sizes.observe(this.element);
  }

  /** @param {TileTraits} traits */
  update({ stream, isScreen, picture, speaking, microphoneOff, label, name, absence, fit, speaker }) {
    if (this.video.srcObject !== stream) {
      this.video.srcObject = stream;
      if (stream) this.play();
    }
    this.fit = isScreen ? "whole" : fit;
    this.element.classList.toggle("screen", isScreen);
    setAttribute(this.element, "data-picture", picture ? "some" : "none");
    setAttribute(this.element, "data-speaking", speaking);
    setAttribute(this.element, "aria-label", label);
    this.muteMark.toggleAttribute("hidden", !microphoneOff);
    setText(this.name, name);
    setText(this.absence, absence);
    this.#refit();
    this.#useSpeaker(speaker);
  }

  /** Plays, and says so when the browser waits for a touch first. */
  async play() {
    try {
      await this.video.play();
    } catch (error) {
      if (/** @type {Error} */ (error).name === "NotAllowedError") this.blocked();
    }
  }

  remove() {
    this.sizes.disconnect();
    this.video.srcObject = null;
    this.element.remove();
  }

  #refit() {
    const { videoWidth, videoHeight } = this.video;
    const ratio = videoWidth / videoHeight;
    if (videoWidth > 0) this.element.style.setProperty("--ratio", String(ratio));
    const place = this.element.clientWidth / this.element.clientHeight;
    setAttribute(this.element, "data-fit", fitOf(ratio, place, this.fit));
  }

  /** @param {string} speaker */
  #useSpeaker(speaker) {
    if (speaker === this.speaker || !("setSinkId" in this.video)) return;
    this.speaker = speaker;
    // A loudspeaker that was unplugged: the browser goes on with its own choice.
    this.video.setSinkId(speaker).catch(() => {});
  }
}
