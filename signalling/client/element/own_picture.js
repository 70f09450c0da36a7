/**
 * One's own picture: small, in a corner, moved by hand, with the arrow keys, or to the next corner by pressing it.
 */

import { build, setAttribute, setText } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./model.js").Model} Model */

// Less is a touch that trembled.
const MOVE_PX = 6;

export class OwnPicture {
  /** A drag ends with a click, which is none. */
  #wasMoved = false;

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
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("pointerdown", (event) => this.#drag(event));
    this.element.addEventListener("click", () => {
      if (!this.#wasMoved) this.#toNextCorner();
      this.#wasMoved = false;
    });
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

  /** For whoever cannot drag (WCAG 2.2, 2.5.7), and by Enter or Space. */
  #toNextCorner() {
    const { block, inline } = this.element.dataset;
    // Round the room: of two sides one changes.
    const [axis, side] = block === inline ? ["inline", inline] : ["block", block];
    this.element.setAttribute(`data-${axis}`, side === "end" ? "start" : "end");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.#toNextCorner();
      return;
    }
    const isRtl = this.element.matches(":dir(rtl)");
    const place = {
      ArrowUp: { block: "start" },
      ArrowDown: { block: "end" },
      ArrowLeft: { inline: isRtl ? "end" : "start" },
      ArrowRight: { inline: isRtl ? "start" : "end" },
    }[event.key];
    if (!place) return;
    event.preventDefault();
    for (const [axis, side] of Object.entries(place)) this.element.setAttribute(`data-${axis}`, side);
  }

  /** @param {PointerEvent} down */
  #drag(down) {
    if (down.button !== 0) return;
    this.#wasMoved = false;
    const { element } = this;
    element.setPointerCapture(down.pointerId);
    /** @param {PointerEvent} event */
    const move = (event) => {
      const x = event.clientX - down.clientX;
      const y = event.clientY - down.clientY;
      if (Math.hypot(x, y) < MOVE_PX && !element.hasAttribute("data-moving")) return;
      this.#wasMoved = true;
      element.toggleAttribute("data-moving", true);
      element.style.translate = `${x}px ${y}px`;
    };
    const drop = () => {
      element.removeEventListener("pointermove", move);
      if (element.hasAttribute("data-moving")) this.#settle();
      element.removeAttribute("data-moving");
      element.style.translate = "";
    };
    element.addEventListener("pointermove", move);
    element.addEventListener("lostpointercapture", drop, { once: true });
  }

  /** Into the nearest corner: a picture left in the middle hides the face it lies on. */
  #settle() {
    const own = this.element.getBoundingClientRect();
    const room = this.element.parentElement?.getBoundingClientRect() ?? own;
    const isBelow = own.top + own.height / 2 > room.top + room.height / 2;
    const isRight = own.left + own.width / 2 > room.left + room.width / 2;
    this.element.setAttribute("data-block", isBelow ? "end" : "start");
    this.element.setAttribute("data-inline", isRight !== this.element.matches(":dir(rtl)") ? "end" : "start");
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
