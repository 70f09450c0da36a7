/**
 * English: why a microphone or a camera did not open or was lost, and what to do. It comes where one did not.
 */

/** @type {Record<string, readonly [words: string, action: string]>} */
export const devices = {
  in_app_browser: [
    "This page was opened inside another application, which keeps camera and microphone from it.",
    "Open it in your browser: touch ⋯ or the share symbol, then “Open in browser”, or copy the link into Safari or Chrome.",
  ],
  permission_denied: ["The browser does not let this page use the device.", "Allow it in the browser’s settings for this page, then try again."],
  "permission_denied.microphone": ["The browser does not let this page use the microphone.", "Allow the microphone for this page, then try again."],
  "permission_denied.camera": ["The browser does not let this page use the camera.", "Allow the camera for this page, then try again."],
  permission_dismissed: ["The browser’s question was closed without an answer.", "Try again and choose “Allow”."],
  permission_blocked_by_system: ["The device’s own settings keep the browser from using it.", "Open the system’s privacy settings, allow camera and microphone for the browser, then try again."],
  device_missing: ["No such device was found.", "Plug one in, then try again."],
  "device_missing.microphone": ["No microphone was found.", "Plug in a microphone or a headset, then try again."],
  "device_missing.camera": ["No camera was found.", "Plug in a camera, or continue with sound only."],
  device_busy: ["Another application is using the device.", "Close the other application, then try again."],
  "device_busy.microphone": ["Another application is using the microphone.", "Close other calls and recorders, then try again."],
  "device_busy.camera": ["Another application is using the camera.", "Close other video applications, then try again."],
  device_lost: ["A device was unplugged or stopped working.", "Plug it in again or choose another one in the settings."],
  "device_lost.microphone": ["The microphone was unplugged or stopped working.", "Plug it in again or choose another one in the settings."],
  "device_lost.camera": ["The camera was unplugged or stopped working.", "Plug it in again or choose another one in the settings."],
};
