/**
 * Moves one's own picture: by hand, with the arrow keys, or to the next corner by pressing it. It is fetched once there is
 * somebody whom the picture could hide.
 */

// Less is a touch that trembled.
const MOVE_PX = 6;

/** @param {HTMLElement} element Between others' pictures, with `data-block` and `data-inline` for its corner. */
export function letMove(element) {
  element.addEventListener("keydown", (event) => moveByKey(element, event));
  // A drag ends with a click, which is none.
  let wasMoved = false;
  element.addEventListener("pointerdown", (event) => {
    wasMoved = false;
    drag(element, event, () => (wasMoved = true));
  });
  element.addEventListener("click", () => {
    if (!wasMoved) toNextCorner(element);
    wasMoved = false;
  });
}

/**
 * For whoever cannot drag (WCAG 2.2, 2.5.7), and by Enter or Space.
 *
 * @param {HTMLElement} element
 */
function toNextCorner(element) {
  const { block, inline } = element.dataset;
  // Round the room: of two sides one changes.
  const [axis, side] = block === inline ? ["inline", inline] : ["block", block];
  element.setAttribute(`data-${axis}`, side === "end" ? "start" : "end");
}

/**
 * @param {HTMLElement} element
 * @param {KeyboardEvent} event
 */
function moveByKey(element, event) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    toNextCorner(element);
    return;
  }
  const isRtl = element.matches(":dir(rtl)");
  const place = {
    ArrowUp: { block: "start" },
    ArrowDown: { block: "end" },
    ArrowLeft: { inline: isRtl ? "end" : "start" },
    ArrowRight: { inline: isRtl ? "start" : "end" },
  }[event.key];
  if (!place) return;
  event.preventDefault();
  for (const [axis, side] of Object.entries(place)) element.setAttribute(`data-${axis}`, side);
}

/**
 * @param {HTMLElement} element
 * @param {PointerEvent} down
 * @param {() => void} moved
 */
function drag(element, down, moved) {
  if (down.button !== 0) return;
  element.setPointerCapture(down.pointerId);
  /** @param {PointerEvent} event */
  const move = (event) => {
    const x = event.clientX - down.clientX;
    const y = event.clientY - down.clientY;
    if (Math.hypot(x, y) < MOVE_PX && !element.hasAttribute("data-moving")) return;
    moved();
    element.toggleAttribute("data-moving", true);
    element.style.translate = `${x}px ${y}px`;
  };
  const drop = () => {
    element.removeEventListener("pointermove", move);
    if (element.hasAttribute("data-moving")) settle(element);
    element.removeAttribute("data-moving");
    element.style.translate = "";
  };
  element.addEventListener("pointermove", move);
  element.addEventListener("lostpointercapture", drop, { once: true });
}

/**
 * Into the nearest corner: a picture left in the middle hides the face it lies on.
 *
 * @param {HTMLElement} element
 */
function settle(element) {
  const own = element.getBoundingClientRect();
  const room = element.parentElement?.getBoundingClientRect() ?? own;
  const isBelow = own.top + own.height / 2 > room.top + room.height / 2;
  const isRight = own.left + own.width / 2 > room.left + room.width / 2;
  element.setAttribute("data-block", isBelow ? "end" : "start");
  element.setAttribute("data-inline", isRight !== element.matches(":dir(rtl)") ? "end" : "start");
}
