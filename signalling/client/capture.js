/**
 * Opening microphones, cameras and screens, and saying in words why one does not open.
 */

import { isWithinApplication, withoutCapture } from "./browser_support.js";
import { failure } from "./errors.js";

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
    return { tracks: {}, problems: [failure(lang, withoutCapture())] };
  }
  try {
    return { tracks: bySource(await mediaDevices.getUserMedia(constraints(devices, chosen))), problems: [] };
  } catch (error) {
    const alone = devices.length > 1 && (await worthTryingAlone(error, devices));
    if (!alone) return { tracks: {}, problems: devices.map((device) => explained(lang, error, device)) };
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
  // `ideal`: a device that was unplugged since gives way to another one instead of failing.
  return {
    audio: devices.includes("microphone") && { ...AUDIO, ...(chosen.microphone && { deviceId: { ideal: chosen.microphone } }) },
    video: devices.includes("camera") && {
      ...VIDEO,
      ...(chosen.camera ? { deviceId: { ideal: chosen.camera } } : { facingMode: "user" }),
    },
  };
}

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
 * A refusal concerns both devices unless the browser remembers that it concerns only one: asking again would nag.
 *
 * @param {unknown} error
 * @param {Device[]} devices
 */
async function worthTryingAlone(error, devices) {
  if (nameOf(error) !== "NotAllowedError") return true;
  const states = await Promise.all(devices.map(permissionState));
  return states.includes("denied") && states.some((state) => state !== "denied");
}

/** @param {Device} device */
async function permissionState(device) {
  try {
    // Firefox before 132 does not know these names and throws.
    const status = await navigator.permissions.query({ name: /** @type {PermissionName} */ (device) });
    return status.state;
  } catch {
    return "unknown";
  }
}

/**
 * Why a device did not open (Media Capture and Streams §10.2), as an error with words for this browser.
 *
 * @param {string} lang
 * @param {unknown} error
 * @param {Device} device
 */
export function explained(lang, error, device) {
  return failure(lang, captureCode(error), { source: device, cause: error });
}

/** @param {unknown} error */
function captureCode(error) {
  const text = error instanceof Error ? error.message : "";
  switch (nameOf(error)) {
    case "NotAllowedError":
      // Chromium's own wording tells the three refusals apart; elsewhere it is the plain one.
      if (/dismissed/i.test(text)) return "permission_dismissed";
      if (/system/i.test(text)) return "permission_blocked_by_system";
      // There is no question that could be answered otherwise.
      return isWithinApplication() ? "in_app_browser" : "permission_denied";
    case "SecurityError":
      return "permission_denied";
    case "NotFoundError":
      return "device_missing";
    case "NotReadableError":
    case "AbortError":
      return "device_busy";
    case "OverconstrainedError":
      return "device_unsuitable";
    default:
      return "capture_failed";
  }
}

/** @param {unknown} error */
function nameOf(error) {
  return /** @type {{ name?: string } | undefined} */ (error)?.name ?? "";
}
