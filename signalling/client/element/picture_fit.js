/**
 * Whether a picture fills its place or is shown whole. Pure.
 */

// A person who holds a phone upright sees a landscape face cropped at its sides, as every call shows it: down to a third.
const LEAST_WIDTH_SHOWN = 0.33;
// Cropping above and below cuts foreheads and hands sooner.
const LEAST_HEIGHT_SHOWN = 0.62;

/**
 * @param {number} pictureRatio Width by height.
 * @param {number} placeRatio Width by height.
 * @param {"auto" | "fill" | "whole"} wish
 * @returns {"fill" | "whole"}
 */
export function fitOf(pictureRatio, placeRatio, wish) {
  if (wish !== "auto") return wish;
  if (!Number.isFinite(pictureRatio) || !Number.isFinite(placeRatio) || placeRatio <= 0) return "fill";
  const shown = Math.min(pictureRatio / placeRatio, placeRatio / pictureRatio);
  return shown >= (pictureRatio > placeRatio ? LEAST_WIDTH_SHOWN : LEAST_HEIGHT_SHOWN) ? "fill" : "whole";
}
