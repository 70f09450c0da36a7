/** The room itself: status above, picture in the middle, three controls below, panels at the side. */
export const frame = `
:host {
  display: block;
  position: relative;
  inline-size: 100%;
  block-size: 100%;
  min-block-size: 420px;
  container: room / inline-size;
  font: 400 1rem/1.5 var(--font);
  color: var(--ink);
  background: var(--room);
  -webkit-tap-highlight-color: transparent;
}
:host([hidden]) { display: none; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }

.room {
  position: absolute;
  inset: 0;
  display: grid;
  grid-template: "status" auto "stage" minmax(0, 1fr) "controls" auto / minmax(0, 1fr);
  gap: var(--gap);
  padding: max(10px, env(safe-area-inset-top)) max(12px, env(safe-area-inset-right))
    max(12px, env(safe-area-inset-bottom)) max(12px, env(safe-area-inset-left));
}
.room > .side, .room > .panel { display: none; }

.icon {
  inline-size: 1.5em;
  block-size: 1.5em;
  flex: none;
  fill: none;
  stroke: currentColor;
  stroke-width: 1.8;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.icon.leave { fill: currentColor; stroke: none; }

button, select, textarea { font: inherit; color: inherit; letter-spacing: inherit; }
button { cursor: pointer; }
:focus { outline: none; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.status { grid-area: status; display: flex; align-items: center; gap: 8px; min-block-size: 48px; }
.sentence { flex: 1; display: flex; align-items: center; gap: 10px; min-inline-size: 0; margin: 0; line-height: 1.35; text-wrap: balance; }
.sentence::before {
  content: "";
  flex: none;
  inline-size: 10px;
  block-size: 10px;
  margin-inline-start: 6px;
  border-radius: 50%;
  background: var(--quiet);
}
.sentence[data-tone="good"]::before { background: var(--good); }
.sentence[data-tone="notice"]::before { background: var(--notice); border-radius: 2px; rotate: 45deg; }
.sentence[data-tone="notice"] { color: var(--notice); font-weight: 550; }
.sentence:empty::before { display: none; }
.status:has(> .unseen) { min-block-size: 0; }

.corner {
  position: relative;
  flex: none;
  display: grid;
  place-items: center;
  inline-size: 48px;
  block-size: 48px;
  padding: 0;
  border: 0;
  border-radius: 50%;
  color: var(--quiet);
  background: transparent;
}
.status > .corner:first-of-type { margin-inline-start: auto; }
.corner:hover, .corner[aria-expanded="true"] { color: var(--ink); background: var(--raised); }
.badge {
  position: absolute;
  inset: 4px 2px auto auto;
  min-inline-size: 20px;
  padding-inline: 5px;
  border-radius: 10px;
  font-size: 0.75rem;
  font-weight: 650;
  line-height: 20px;
  text-align: center;
  color: var(--accent-ink);
  background: var(--accent);
}
.badge:dir(rtl) { inset: 4px auto auto 2px; }

.controls { grid-area: controls; display: flex; justify-content: center; gap: clamp(0px, 10cqi - 36px, 24px); padding-block-start: 2px; }
.control {
  display: grid;
  justify-items: center;
  gap: 6px;
  inline-size: 112px;
  padding: 0;
  border: 0;
  background: none;
  font-size: 0.8125rem;
  line-height: 1.25;
  text-align: center;
  text-wrap: balance;
}
.control .disc {
  display: grid;
  place-items: center;
  inline-size: 64px;
  block-size: 64px;
  border-radius: 50%;
  color: var(--ink);
  background: var(--surface);
  box-shadow: var(--shadow);
  transition: background-color 0.15s, color 0.15s;
}
.control .icon { inline-size: 27px; block-size: 27px; }
.control:hover .disc { background: var(--raised); }
.control[aria-checked="false"] .disc { color: var(--off-ink); background: var(--off); }

.control.stop .disc { color: var(--stop-ink); background: var(--stop); }
.control.stop:hover .disc { background: color-mix(in srgb, var(--stop), black 14%); }
.control:disabled { cursor: default; opacity: 0.5; }
.control:focus-visible { outline: none; }
.control:focus-visible .disc { outline: 3px solid var(--accent); outline-offset: 3px; }

@container room (width >= 400px) {
  .control { font-size: 0.9375rem; }
}
@container room (width >= 720px) {
  .room { --gap: 14px; padding: 12px 20px 18px; }
  .sentence { font-size: 1.0625rem; }
}
@container room (width >= 960px) {
  .room:has(> .panel[data-open]), .room:has(> .side[data-filled]) {
    grid-template: "status side" auto "stage side" minmax(0, 1fr) "controls side" auto / minmax(0, 1fr) clamp(300px, 27cqi, 420px);
    column-gap: 20px;
  }
  .room > .side[data-filled] { display: block; }
}
.side {
  grid-area: side;
  min-block-size: 0;
  overflow: auto;
  border-radius: var(--round);
  background: var(--surface);
}
@media (forced-colors: active) {
  .control .disc, .corner, .badge, .tile, .own, .card, .panel { border: 1px solid; }
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { transition: none !important; animation: none !important; }
}
`;
