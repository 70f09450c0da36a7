/**
 * What a browser is, where that says more than what it can do.
 */

// What applications that open links in a window of their own call themselves; Android names its web view `wv`.
const APPLICATIONS =
  /\b(?:FBAN|FBAV|FB_IAB|Instagram|Line\/|MicroMessenger|Snapchat|LinkedInApp|TikTok|musical_ly|BytedanceWebview|GSA\/|Pinterest|Twitter for)|; wv\)/;

/**
 * Whether the page was opened within another application, which may keep camera and microphone from it.
 *
 * @param {string} [agent]
 */
export function isWithinApplication(agent = globalThis.navigator?.userAgent ?? "") {
  // Every browser on iOS names Safari, and a web view does not.
  return APPLICATIONS.test(agent) || (/iPhone|iPad|iPod/.test(agent) && !/Safari\//.test(agent));
}
