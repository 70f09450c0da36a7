/**
 * Why a microphone or a camera does not open, and what to try. It is fetched where one does not.
 */

import { isWithinApplication } from "./browser_support.js";

/** @typedef {import("./capture.js").Device} Device */

/** Why a page cannot even ask, or can neither send nor receive. */
export function lack() {
  if (globalThis.isSecureContext === false) return "insecure_context";
  return isWithinApplication() ? "in_app_browser" : "unsupported_browser";
}

/**
 * A refusal concerns both devices unless the browser remembers that it concerns only one: asking again would nag.
 *
 * @param {unknown} error
 * @param {Device[]} devices
 */
export async function worthTryingAlone(error, devices) {
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
 * Why a device did not open (Media Capture and Streams §10.2).
 *
 * @param {unknown} error
 */
export function captureCode(error) {
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
