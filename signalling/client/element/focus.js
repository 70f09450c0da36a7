/**
 * Where the focus is, and where it may go: it never falls out of the element because what had it is gone.
 */

import { setAttribute } from "./dom.js";

/**
 * What has the focus in the tree that a part of the element belongs to.
 *
 * @param {Element} part
 * @returns {HTMLElement | null} `null` where that is elsewhere in the page.
 */
export function focused(part) {
  const root = part.getRootNode();
  const active = root instanceof ShadowRoot ? root.activeElement : null;
  return active instanceof HTMLElement ? active : null;
}

/**
 * Gives the focus to the first of these that is shown.
 *
 * @param {(Element | null | undefined)[]} places
 */
export function focusFirst(places) {
  const place = places.find((one) => isShown(one));
  if (place instanceof HTMLElement) place.focus({ preventScroll: true });
}

/** @param {Element | null | undefined} element */
export function isShown(element) {
  return Boolean(element?.isConnected && element.checkVisibility({ visibilityProperty: true }));
}

/**
 * Lets the keyboard scroll what is longer than its place, by taking the focus itself (WCAG 2.1, 2.1.1).
 *
 * @param {HTMLElement} element
 */
export function scrollsByKeyboard(element) {
  const sizes = new ResizeObserver(() => {
    setAttribute(element, "tabindex", element.scrollHeight > element.clientHeight + 1 ? "0" : null);
  });
  const watch = () => {
    sizes.disconnect();
    for (const one of [element, ...element.children]) sizes.observe(one);
  };
  // It is the contents that grow.
  new MutationObserver(watch).observe(element, { childList: true });
  watch();
}
