/**
 * Which browser's settings to explain.
 *
 * @param {string} agent
 * @returns {"chromium" | "firefox" | "safari" | "other"}
 */
export function browserName(agent = navigator.userAgent) {
  // Every browser on iOS asks through Safari's machinery, and all name Safari; Chromium names both.
  if (/iPhone|iPad|iPod/.test(agent)) return "safari";
  if (/Firefox\//.test(agent)) return "firefox";
  if (/Chrom(e|ium)\//.test(agent)) return "chromium";
  return /Safari\//.test(agent) ? "safari" : "other";
}
