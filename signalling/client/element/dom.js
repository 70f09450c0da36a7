/**
 * Building elements without markup, so that no text is ever read as HTML.
 *
 * @typedef {object} Traits
 * @property {string} [class]
 * @property {string} [text]
 * @property {Record<string, string | boolean | null>} [attributes] `true` sets it empty, `false` and `null` leave it out.
 * @property {Record<string, (event: any) => void>} [on]
 */

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Traits} [traits]
 * @param {(Node | null | undefined | false)[]} [children]
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function build(name, traits = {}, children = []) {
  const element = document.createElement(name);
  if (traits.class) element.className = traits.class;
  if (traits.text !== undefined) element.textContent = traits.text;
  for (const [attribute, value] of Object.entries(traits.attributes ?? {})) setAttribute(element, attribute, value);
  for (const [type, listener] of Object.entries(traits.on ?? {})) element.addEventListener(type, listener);
  element.append(...children.filter((child) => child instanceof Node));
  return element;
}

/**
 * @param {Element} element
 * @param {string} attribute
 * @param {string | boolean | null} value
 */
export function setAttribute(element, attribute, value) {
  if (value === false || value === null) element.removeAttribute(attribute);
  else if (element.getAttribute(attribute) !== String(value === true ? "" : value)) {
    element.setAttribute(attribute, value === true ? "" : value);
  }
}

/**
 * Writes a text only when it differs, so that screen readers do not say it twice.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
