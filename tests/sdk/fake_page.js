/** A page's elements, as far as views use them: attributes, text, children, listeners, the focus, and timers on a virtual clock. */

import { VirtualClock } from "./virtual_clock.js";

class FakeNode {}

export class FakeElement extends FakeNode {
  children = [];
  parent = null;
  style = { setProperty() {} };
  #text = "";
  #attributes = new Map();
  #listeners = new Map();

  constructor(name) {
    super();
    this.localName = name;
  }

  get className() {
    return this.getAttribute("class") ?? "";
  }

  set className(names) {
    this.setAttribute("class", names);
  }

  get hidden() {
    return this.hasAttribute("hidden");
  }

  set hidden(isHidden) {
    this.toggleAttribute("hidden", isHidden);
  }

  get textContent() {
    return this.#text + this.children.map((child) => child.textContent).join("");
  }

  set textContent(text) {
    this.replaceChildren();
    this.#text = text;
  }

  get firstElementChild() {
    return this.children[0] ?? null;
  }

  get childElementCount() {
    return this.children.length;
  }

  getAttribute(name) {
    return this.#attributes.get(name) ?? null;
  }

  hasAttribute(name) {
    return this.#attributes.has(name);
  }

  setAttribute(name, value) {
    this.#attributes.set(name, String(value));
  }

  removeAttribute(name) {
    this.#attributes.delete(name);
  }

  toggleAttribute(name, isWanted = !this.hasAttribute(name)) {
    if (isWanted) this.setAttribute(name, "");
    else this.removeAttribute(name);
  }

  append(...nodes) {
    for (const node of nodes) this.insertBefore(node, null);
  }

  insertBefore(node, next) {
    node.remove();
    node.parent = this;
    this.children.splice(next ? this.children.indexOf(next) : this.children.length, 0, node);
  }

  replaceChildren(...nodes) {
    for (const child of [...this.children]) child.remove();
    this.#text = "";
    this.append(...nodes);
  }

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((child) => child !== this);
    this.parent = null;
  }

  addEventListener(type, listener) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  click() {
    for (const listener of this.#listeners.get("click") ?? []) listener({});
  }

  focus() {
    document.activeElement = this;
  }

  /** By a name alone. */
  querySelector(name) {
    return this.all(name)[0] ?? null;
  }

  /** The elements of a name within this one, in their order. */
  all(name) {
    return this.children.flatMap((child) => [...(child.localName === name ? [child] : []), ...child.all(name)]);
  }
}

class Unseen {
  observe() {}
  disconnect() {}
}

/**
 * Makes this process a page; a test's file does it once.
 *
 * @returns {VirtualClock} By which the page's timers go.
 */
export function becomePage() {
  const clock = new VirtualClock();
  const timers = new Map();
  const setTimeout = (action, delay_ms) => {
    const timer = timers.size + 1;
    timers.set(timer, clock.after(delay_ms, action));
    return timer;
  };
  const { clearTimeout: clearOther } = globalThis;
  const made = (_space, name) => new FakeElement(name);
  Object.assign(globalThis, {
    Node: FakeNode,
    HTMLMediaElement: class {},
    CSSStyleSheet: class {
      replaceSync() {}
    },
    ResizeObserver: Unseen,
    MutationObserver: Unseen,
    document: { activeElement: null, createElement: (name) => made("", name), createElementNS: made },
    window: { setTimeout },
    clearTimeout: (timer) => (typeof timer === "number" ? timers.get(timer)?.() : clearOther(timer)),
  });
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: {} });
  return clock;
}
