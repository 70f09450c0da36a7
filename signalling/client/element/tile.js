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
 * @property {string} paused Why the picture stands still; empty while it need not.
 * @property {string} back What those who hear the page are told when it moves again.
 * @property {"auto" | "fill" | "whole"} fit
 */

export class Tile {
  /** Takes the player back from those watched. */
  #unwatch;
  /** Takes back the wish to hear of the next frame. @type {(() => void) | null} */
  #stopWaiting = null;

  /**
   * @param {() => void} blocked The browser refused to play without a touch.
   * @param {(words: string) => void} say Tells those who hear the page.
   * @param {(player: HTMLVideoElement) => () => void} watch Names what plays.
   */
  constructor(blocked, say, watch) {
    this.blocked = blocked;
    this.say = say;
    this.video = build("video", { attributes: { playsinline: true, autoplay: true } });
    this.absence = build("span");
    this.pauseWords = build("p");
    this.pause = build("div", { class: "veil", attributes: { hidden: true } }, [icon("wait"), this.pauseWords]);
    this.name = build("span");
    this.muteMark = icon("microphoneOff");
    this.element = build("div", { class: "tile", attributes: { role: "group" } }, [
      build("div", { class: "frame" }, [
        this.video,
        build("div", { class: "absent" }, [icon("person"), this.absence]),
        this.pause,
        build("p", { class: "caption" }, [this.muteMark, this.name]),
      ]),
    ]);
    /** @type {TileTraits["fit"]} */
    this.fit = "auto";
    this.#unwatch = watch(this.video);
    this.video.addEventListener("resize", () => this.#refit());
    this.sizes = new ResizeObserver(() => this.#refit());
    this.sizes.observe(this.element);
  }

  /** @param {TileTraits} traits */
  update({ stream, isScreen, picture, speaking, microphoneOff, label, name, absence, paused, back, fit }) {
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
    this.#showPause(picture ? paused : "", picture ? back : "");
    this.#refit();
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
    this.#endPause("");
    this.sizes.disconnect();
    this.#unwatch();
    this.video.srcObject = null;
    this.element.remove();
  }

  /**
   * Says in the place of a picture why it stands still, until its next frame: news that it goes on travel faster.
   *
   * @param {string} words Empty where it need not stand still.
   * @param {string} back Empty where no frame is to be expected.
   */
  #showPause(words, back) {
    if (words) {
      this.#stopWaiting?.();
      this.#stopWaiting = null;
      if (!this.pause.hidden && this.pauseWords.textContent === words) return;
      setText(this.pauseWords, words);
      this.pause.hidden = false;
      this.say(words);
    } else if (!back) this.#endPause("");
    else if (!this.pause.hidden) this.#stopWaiting ??= onNextFrame(this.video, () => this.#endPause(back));
  }

  /** @param {string} back */
  #endPause(back) {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    if (this.pause.hidden) return;
    this.pause.hidden = true;
    this.say(back);
  }

  #refit() {
    const { videoWidth, videoHeight } = this.video;
    const ratio = videoWidth / videoHeight;
    if (videoWidth > 0) this.element.style.setProperty("--ratio", String(ratio));
    const place = this.element.clientWidth / this.element.clientHeight;
    setAttribute(this.element, "data-fit", fitOf(ratio, place, this.fit));
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {() => void} action
 * @returns {() => void} Takes it back.
 */
function onNextFrame(video, action) {
  // Firefox before 132 tells of no frames: the news has to do.
  if (!("requestVideoFrameCallback" in video)) {
    queueMicrotask(action);
    return () => {};
  }
  const wish = video.requestVideoFrameCallback(action);
  return () => video.cancelVideoFrameCallback(wish);
}
