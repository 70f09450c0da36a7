/**
 * What a browser lacks for a consultation, so that a sentence says so before something fails for want of it.
 */

// What applications that open links in a window of their own call themselves; Android names its web view `wv`.
const APPLICATIONS = /\b(?:FBAN|FBAV|FB_IAB|Instagram|Line\/|MicroMessenger|Snapchat|LinkedInApp|TikTok|musical_ly|BytedanceWebview|GSA\/|Pinterest)|; wv\)/;

/**
 * Whether the page was opened within another application, which may keep camera and microphone from it.
 *
 * Asked only where something failed: within some applications all of it works.
 *
 * @param {string} [agent]
 */
export function isWithinApplication(agent = globalThis.navigator?.userAgent ?? "") {
  // Every browser on iOS names Safari, and a web view does not.
  return APPLICATIONS.test(agent) || (/iPhone|iPad|iPod/.test(agent) && !/Safari\//.test(agent));
}

/** Why a page cannot even ask for camera and microphone. */
export function withoutCapture() {
  return globalThis.isSecureContext === false ? "insecure_context" : withoutWebrtc();
}

/** Why nothing can be sent or received; `null` where it can. */
export function withoutConnections() {
  return typeof globalThis.RTCPeerConnection === "function" ? null : withoutWebrtc();
}

function withoutWebrtc() {
  return isWithinApplication() ? "in_app_browser" : "unsupported_browser";
}
