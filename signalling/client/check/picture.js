/**
 * Whether a camera gives a picture, and whether there is anything on it.
 *
 * @typedef {object} Seen
 * @property {boolean} hasFrames
 * @property {number} brightest Of 255: the brightest part of any frame.
 */

import { every } from "../clock.js";

const LOOK_MS = 200;
/** A camera needs a second for its first frame and its exposure; a phone's front camera up to two. */
const LONGEST_MS = 4_000;
const WIDTH = 16;
const HEIGHT = 9;
/** A covered lens gives noise of up to about 20; a dark room with a screen's light on a face much more. */
const DARK = 32;

/**
 * Looks at a camera's picture until there is something on it, or for four seconds.
 *
 * @param {MediaStreamTrack} track
 * @param {import("../clock.js").Clock} clock
 * @returns {Promise<Seen>}
 */
export function lookAt(track, clock) {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  video.play().catch(() => {});
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  const seen = { hasFrames: false, brightest: 0 };
  return new Promise((resolve) => {
    const settle = () => {
      stop();
      cancel();
      video.srcObject = null;
      resolve(seen);
    };
    const stop = every(clock, LOOK_MS, () => {
      if (!drawing || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) return;
      seen.hasFrames = true;
      drawing.drawImage(video, 0, 0, WIDTH, HEIGHT);
      seen.brightest = Math.max(seen.brightest, brightestOf(drawing.getImageData(0, 0, WIDTH, HEIGHT).data));
      if (!isDark(seen)) settle();
    });
    const cancel = clock.after(LONGEST_MS, settle);
  });
}

/** @param {Seen} seen */
export function isDark({ brightest }) {
  return brightest < DARK;
}

/**
 * @param {Uint8ClampedArray} pixels Red, green, blue and opacity of each.
 * @returns {number} Of 255, as bright as eyes find it (ITU-R BT.601).
 */
export function brightestOf(pixels) {
  let brightest = 0;
  for (let at = 0; at + 2 < pixels.length; at += 4) {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(at, at + 3);
    brightest = Math.max(brightest, 0.299 * red + 0.587 * green + 0.114 * blue);
  }
  return Math.round(brightest);
}
