/**
 * How the check looks: the palette and the parts of the consultation's element, in the flow of a page.
 */

import { scenes } from "../element/styles/scenes.js";
import { tokens } from "../element/styles/tokens.js";

const check = `
:host {
  display: block;
  container: check / inline-size;
  font: 400 1rem/1.5 var(--font);
  color: var(--ink);
  background: var(--room);
  -webkit-tap-highlight-color: transparent;
}
:host([hidden]) { display: none; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
button, select { font: inherit; color: inherit; letter-spacing: inherit; }
button { cursor: pointer; }
button[aria-disabled="true"] { cursor: default; opacity: 0.6; }
:focus { outline: none; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.icon { inline-size: 1.5em; block-size: 1.5em; flex: none; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }

.precall { display: grid; gap: 22px; max-inline-size: 60rem; margin: 0 auto; padding: 24px max(16px, env(safe-area-inset-right)) 32px max(16px, env(safe-area-inset-left)); }
.precall h2 { margin: 0; font-size: 1.5rem; font-weight: 620; line-height: 1.25; text-wrap: balance; }
.precall p { margin: 0; text-wrap: pretty; }
.precall .actions { margin: 0; justify-content: flex-start; }
.told { display: grid; gap: 14px; }
.verdict { display: grid; gap: 6px; padding: 16px 20px; border-radius: var(--round); background: var(--surface); }
.verdict .words { font-size: 1.125rem; font-weight: 560; }
.verdict[data-verdict="ready"] .words { color: var(--good); }
.verdict[data-verdict="limited"] .words, .verdict[data-verdict="not_ready"] .words { color: var(--notice); }
.verdict .figures { color: var(--quiet); }
.seen { display: grid; gap: 12px; align-content: start; }
.seen video { display: block; inline-size: 100%; aspect-ratio: 4 / 3; object-fit: cover; border-radius: var(--round); background: var(--raised); scale: -1 1; }
.precall .checks { gap: 16px; }
.precall .checks li { align-items: start; }
.checks .name { font-weight: 560; }
.checks .text, .checks .advice { display: block; }
.checks .text { color: var(--quiet); }
.checks li[data-outcome="unknown"] .mark { color: var(--quiet); background: var(--raised); }
.checks li[data-outcome="bad"] .mark { color: var(--stop-ink); background: var(--stop); }
.precall .meter { grid-column: auto; min-inline-size: 0; }
.speaker { display: grid; gap: 12px; }
.field { display: grid; gap: 6px; font-weight: 560; }
.field select { inline-size: 100%; min-block-size: 48px; padding: 0 14px; border: 1px solid var(--quiet); border-radius: 14px; font-weight: 400; background: var(--surface); text-overflow: ellipsis; }
@container check (width >= 720px) {
  .precall { grid-template-columns: minmax(16rem, 22rem) minmax(0, 1fr); column-gap: 40px; }
  .precall > .told { grid-column: 1 / -1; }
}
@media (forced-colors: active) {
  .action, .verdict, .seen video { border: 1px solid; }
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { transition: none !important; animation: none !important; }
}
`;

/** @type {CSSStyleSheet | null} */
let shared = null;

/** @returns {CSSStyleSheet} */
export function checkStyles() {
  if (!shared) {
    shared = new CSSStyleSheet();
    shared.replaceSync([tokens, scenes, check].join("\n"));
  }
  return shared;
}
