/**
 * Drawings of strokes on a 24-unit square; words always stand beside them or in the control's name.
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} name
 * @param {string[]} strokes
 * @returns {SVGElement}
 */
export function drawing(name, strokes) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [attribute, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", class: `icon ${name}` })) {
    svg.setAttribute(attribute, value);
  }
  for (const stroke of strokes) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", stroke);
    svg.append(path);
  }
  return svg;
}
