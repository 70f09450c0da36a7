/** Messages, settings and people: beside the picture where there is room, over it on a phone. */
export const panels = `
.room > .panel[data-open] {
  position: absolute;
  z-index: 6;
  inset: 0;
  display: grid;
  grid-template-rows: auto minmax(0, 1fr) auto auto;
  background: var(--surface);
}
@container room (width >= 960px) {
  .room > .panel[data-open] { position: static; grid-area: side; z-index: 2; border-radius: var(--round); overflow: hidden; }
  .room:has(> .panel[data-open]) > .side { visibility: hidden; }
}
@container room (760px <= width < 960px) {
  .room > .panel[data-open] { inset-inline-start: auto; inline-size: 380px; box-shadow: var(--shadow); }
  .room:has(> .panel[data-open]) > .controls { margin-inline-end: 380px; }
}
/* What lies under a panel is not reached by the keyboard either; what can be read there still is read out. */
@container room (width < 760px) {
  .room:has(> .panel[data-open]) > .controls { visibility: hidden; }
}
@container room (width < 960px) {
  .room:has(> .panel[data-open]) :is(.status > .corner, .own) { visibility: hidden; }
  /* A question comes before the panel that it would lie under. */
  .stage:has(> .over:not([hidden])) { z-index: 7; }
}
.panel header { display: flex; align-items: center; justify-content: space-between; padding: 10px 10px 10px 20px; }
.panel header:dir(rtl) { padding: 10px 20px 10px 10px; }
.panel h2 { margin: 0; font-size: 1.125rem; font-weight: 620; }
.panel .body { overflow: auto; padding: 6px 20px 20px; }
.panel .body:focus-visible { outline-offset: -3px; }

.letters { display: flex; flex-direction: column; gap: 14px; margin: 0; padding: 0; list-style: none; }
.letters li { max-inline-size: 88%; align-self: flex-start; overflow-wrap: anywhere; }
.letters .who { font-size: 0.8125rem; color: var(--quiet); padding-inline: 4px; }
.letters .text { padding: 9px 14px; border-radius: 16px; border-start-start-radius: 5px; background: var(--raised); white-space: pre-wrap; }
.letters .own-letter { align-self: flex-end; text-align: end; }
.letters .own-letter .text { text-align: start; border-radius: 16px; border-end-end-radius: 5px; color: var(--ink); background: var(--accent-soft); }
.panel .empty { margin: 0; color: var(--quiet); text-wrap: pretty; }
.writing { display: flex; gap: 8px; align-items: flex-end; padding: 12px 14px max(14px, env(safe-area-inset-bottom)); border-block-start: 1px solid var(--line); }
.writing textarea { flex: 1; min-inline-size: 0; min-block-size: 48px; max-block-size: 8em; padding: 11px 16px; resize: none; field-sizing: content; border: 1px solid var(--quiet); border-radius: 24px; background: var(--surface); }
.writing textarea::placeholder { color: var(--quiet); opacity: 1; }
.writing button { flex: none; display: grid; place-items: center; inline-size: 48px; block-size: 48px; border: 0; border-radius: 50%; color: var(--accent-ink); background: var(--accent); }
.writing .icon:dir(rtl) { scale: -1 1; }
.refused { margin: 8px 0 0; color: var(--notice); }

.field { display: grid; gap: 6px; margin: 0 0 20px; border: 0; padding: 0; min-inline-size: 0; }
.field > label, .field > legend { padding: 0; margin-block-end: 6px; font-weight: 560; }
.field > label { margin-block-end: 0; }
.field select { inline-size: 100%; min-block-size: 48px; padding: 0 14px; border: 1px solid var(--quiet); border-radius: 14px; font-weight: 400; background: var(--surface); text-overflow: ellipsis; }
.field > .choice, .field.choice { display: flex; font-weight: 400; align-items: center; gap: 12px; min-block-size: 44px; cursor: pointer; }
.choice input { inline-size: 24px; block-size: 24px; margin: 0; accent-color: var(--accent); }
.panel h3 { margin: 0; font-size: 1rem; font-weight: 560; }
.people { display: grid; gap: 14px; margin: 0; padding: 0; list-style: none; }
.people .name { font-weight: 560; overflow-wrap: anywhere; }
.people .about { margin-inline-start: 8px; color: var(--quiet); font-size: 0.875rem; }
.people .actions { display: flex; flex-wrap: wrap; justify-content: start; gap: 8px; margin-block-start: 6px; }
.panel .people .action { inline-size: auto; min-block-size: 44px; padding-inline: 16px; }
.panel .action { display: flex; align-items: center; justify-content: center; gap: 10px; inline-size: 100%; }
/* The outline is the focus's. */
.panel .action[aria-checked="true"] { border: 3px solid var(--accent); background: var(--accent-soft); }
.live { position: absolute; z-index: 4; inset-block-end: 12px; inset-inline: 12px; margin-inline: auto; inline-size: fit-content; max-inline-size: min(46em, 100% - 24px); max-block-size: 45%; overflow: auto; padding: 8px 16px; border-radius: 14px; font-size: 1.125rem; line-height: 1.45; color: var(--veil-ink); background: color-mix(in srgb, var(--veil) 88%, transparent); pointer-events: none; }
.live p { margin: 0; overflow-wrap: anywhere; }
.live strong { margin-inline-end: 6px; font-weight: 620; }
.writing-live { display: flex; align-items: center; gap: 12px; min-block-size: 44px; padding-inline: 20px; cursor: pointer; }
.writing-live input { inline-size: 24px; block-size: 24px; margin: 0; accent-color: var(--accent); }
`;
