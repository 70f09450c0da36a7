/**
 * One's own picture: small, in a corner, moved by hand, with the arrow keys, or to the next corner by pressing it.
 */

import { build, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./model.js").Model} Model */

const fetchMoves = () => import("./own_moves.js");

export class OwnPicture {
  #isMovable = false;

  constructor() {
    this.video = build("video", { attributes: { playsinline: true, autoplay: true, muted: true } });
    this.video.muted = true;
    this.offWords = build("span");
    this.off = build("span", { class: "off" }, [icon("cameraOff"), this.offWords]);
    this.mute = build("span", { class: "mute" }, [icon("microphoneOff")]);
    this.element = build("div", { class: "own", attributes: { tabindex: "0", role: "button", "data-block": "end", "data-inline": "end" } }, [
      this.video,
      this.off,
      this.mute,
    ]);
    this.video.addEventListener("resize", () => shapeBy(this.element, this.video));
  }

  /** @param {Model} model */
  update({ words, local }) {
    showStream(this.video, local.stream, local.camera === "on");
    setAttribute(this.element, "data-mirrored", isMirrored(local.stream));
    setAttribute(this.element, "aria-label", words.ui.moveOwnPicture);
    setText(this.offWords, words.ui.cameraIsOff);
    this.off.toggleAttribute("hidden", local.camera === "on");
    this.mute.toggleAttribute("hidden", local.microphone !== "off");
  }

  /** From now on there is something that it could hide. */
  letMove() {
    if (this.#isMovable) return;
    this.#isMovable = true;
    fetchMoves().then(({ letMove }) => letMove(this.element), () => (this.#isMovable = false));
  }
}

/**
 * Shows a stream while there is a picture in it.
 *
 * @param {HTMLVideoElement} video
 * @param {MediaStream | null} stream
 * @param {boolean} isOn
 */
export function showStream(video, stream, isOn) {
  const shown = isOn ? stream : null;
  if (video.srcObject === shown) return;
  video.srcObject = shown;
  // Muted video always may play; a rejection means it was replaced meanwhile.
  if (shown) video.play().catch(() => {});
}

/**
 * People know themselves from mirrors; a camera that looks away from them shows the world as it is.
 *
 * @param {MediaStream | null} stream
 */
export function isMirrored(stream) {
  return stream?.getVideoTracks()[0]?.getSettings().facingMode !== "environment";
}

/**
 * @param {HTMLElement} frame
 * @param {HTMLVideoElement} video
 */
export function shapeBy(frame, { videoWidth, videoHeight }) {
  if (videoWidth === 0) return;
  // A very long picture would hide what it lies on.
  const ratio = Math.min(1.6, Math.max(0.66, videoWidth / videoHeight));
  frame.style.setProperty("--ratio", String(ratio));
  frame.toggleAttribute("data-wide", ratio > 1);
}
