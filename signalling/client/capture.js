/**
 * Opening microphones, cameras and screens, and saying in words why one does not open.
 */

import { failure } from "./errors.js";
import { fetchMoreWords, wordsFor } from "./words/index.js";

const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
// 720p shows a rash or a wound; a front camera is what faces the person.
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const SCREEN = { video: { frameRate: { ideal: 15, max: 15 } }, audio: false };

/** @typedef {"microphone" | "camera"} Device */
/** @typedef {import("./errors.js").ConsultationError} ConsultationError */
/**
 * @typedef {object} Captured
 * @property {Partial<Record<Device, MediaStreamTrack>>} tracks
 * @property {ConsultationError[]} problems One for each device asked for that did not open.
 */

/**
 * Opens the devices asked for, with one permission question where the browser allows it.
 *
 * A missing or busy camera does not cost the microphone: each is then tried alone.
 *
 * @param {string} lang
 * @param {Device[]} devices
 * @param {Partial<Record<Device, string>>} chosen Device ids, where the person chose one.
 * @returns {Promise<Captured>}
 */
export async function capture(lang, devices, chosen) {
  if (devices.length === 0) return { tracks: {}, problems: [] };
  const mediaDevices = globalThis.navigator?.mediaDevices;
  if (!mediaDevices?.getUserMedia) {
    return { tracks: {}, problems: [await lacking(lang)] };
  }
  try {
    return { tracks: bySource(await mediaDevices.getUserMedia(constraints(devices, chosen))), problems: [] };
  } catch (error) {
    const [device] = devices;
    // What was unplugged since gives way to another one.
    if (devices.length === 1 && device && chosen[device] && isUnsuitable(error)) return capture(lang, devices, {});
    const { worthTryingAlone, captureCode } = await fetchTrouble(lang);
    const alone = devices.length > 1 && (await worthTryingAlone(error, devices));
    if (!alone) return { tracks: {}, problems: devices.map((source) => failure(lang, captureCode(error), { source, cause: error })) };
  }
  /** @type {Captured} */
  const result = { tracks: {}, problems: [] };
  for (const device of devices) {
    const { tracks, problems } = await capture(lang, [device], chosen);
    Object.assign(result.tracks, tracks);
    result.problems.push(...problems);
  }
  return result;
}

/**
 * Asks the person which screen or window to show.
 *
 * @param {string} lang
 * @returns {Promise<MediaStreamTrack>}
 */
export async function captureScreen(lang) {
  const mediaDevices = globalThis.navigator?.mediaDevices;
  if (!mediaDevices?.getDisplayMedia) throw failure(lang, "unsupported_browser", { source: "screen" });
  try {
    const [track] = (await mediaDevices.getDisplayMedia(SCREEN)).getVideoTracks();
    if (track) return track;
  } catch (error) {
    throw failure(lang, "screen_denied", { source: "screen", cause: error });
  }
  throw failure(lang, "capture_failed", { source: "screen" });
}

/**
 * Which source an embedder's own track is; one that is to stay sharp is a screen.
 *
 * @param {MediaStreamTrack} mediaTrack
 * @returns {import("./protocol.js").Source}
 */
export function sourceOf({ kind, contentHint }) {
  if (kind === "audio") return "microphone";
  return contentHint === "detail" || contentHint === "text" ? "screen" : "camera";
}

/**
 * @param {Device[]} devices
 * @param {Partial<Record<Device, string>>} chosen
 * @returns {MediaStreamConstraints}
 */
function constraints(devices, chosen) {
  // `exact`: of an `ideal` microphone Chromium makes the system's own (seen in 156).
  return {
    audio: devices.includes("microphone") && { ...AUDIO, ...(chosen.microphone && { deviceId: { exact: chosen.microphone } }) },
    video: devices.includes("camera") && {
      ...VIDEO,
      ...(chosen.camera ? { deviceId: { exact: chosen.camera } } : { facingMode: "user" }),
    },
  };
}

/** @param {any} error */
const isUnsuitable = (error) => error?.name === "OverconstrainedError";

/**
 * @param {MediaStream} stream
 * @returns {Partial<Record<Device, MediaStreamTrack>>}
 */
function bySource(stream) {
  const [microphone] = stream.getAudioTracks();
  const [camera] = stream.getVideoTracks();
  return { ...(microphone && { microphone }), ...(camera && { camera }) };
}

/**
 * The error of a page that cannot even ask, or can neither send nor receive.
 *
 * @param {string} lang
 */
export async function lacking(lang) {
  const { lack } = await fetchTrouble(lang);
  return failure(lang, lack());
}

/** Where more cannot be had, either. @type {typeof import("./capture_trouble.js")} */
const UNEXPLAINED = {
  lack: () => "unsupported_browser",
  worthTryingAlone: async () => false,
  captureCode: () => "capture_failed",
};

/**
 * What knows why a device does not open, and the words for it.
 *
 * @param {string} lang
 */
async function fetchTrouble(lang) {
  const words = fetchMoreWords(wordsFor(lang)).catch(() => {});
  const [trouble] = await Promise.all([import("./capture_trouble.js").catch(() => UNEXPLAINED), words]);
  return trouble;
}
