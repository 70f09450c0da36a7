/** Pictures: the others large, one's own small and movable. */
export const stage = `
.stage { grid-area: stage; position: relative; min-block-size: 0; border-radius: var(--round); container: stage / size; }
.tiles { position: absolute; inset: 0; display: grid; gap: var(--gap); grid-auto-rows: minmax(0, 1fr); grid-auto-columns: minmax(0, 1fr); }
.tile {
  position: relative;
  display: grid;
  grid-template: minmax(0, 1fr) / minmax(0, 1fr);
  place-items: center;
  min-inline-size: 0;
  min-block-size: 0;
  overflow: hidden;
  border-radius: var(--round);
  container: tile / size;
}
/* Two share the room along its longer side; more fill rows of two. */
@container stage (orientation: landscape) {
  .tiles:is([data-count="2"]) { grid-auto-flow: column; }
  .tiles:not([data-count="1"], [data-count="2"]) { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
@container stage (orientation: portrait) {
  .tiles[data-count="4"], .tiles[data-count="5"], .tiles[data-count="6"] { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
/* A shared screen is the large picture; people go beside or below it. */
.tiles[data-screen] { grid-template-columns: none; grid-auto-flow: row; }
@container stage (orientation: portrait) {
  .tiles[data-screen] { grid-template-rows: minmax(0, 2fr); }
}
@container stage (orientation: landscape) {
  .tiles[data-screen] { grid-template-columns: minmax(0, 3fr) minmax(0, 1fr); }
  .tiles[data-screen] > .tile.screen { grid-row: 1 / span 6; }
  .tiles[data-screen][data-count="2"] > .tile.screen, .tiles[data-screen][data-count="3"] > .tile.screen { grid-row: 1 / span 3; }
}
.frame { position: relative; display: grid; grid-template: minmax(0, 1fr) / minmax(0, 1fr); place-items: center; inline-size: 100%; block-size: 100%; }
.tile video { inline-size: 100%; block-size: 100%; object-fit: cover; border-radius: var(--round); }
/* The whole picture, without black bars: the tile gives its ground to the room. */
.tile[data-fit="whole"][data-picture="some"] .frame { inline-size: min(100cqw, 100cqh * var(--ratio, 1.5)); block-size: auto; aspect-ratio: var(--ratio, 1.5); }
.tile[data-picture="none"] { background: var(--raised); }
.tile[data-picture="none"] video { position: absolute; opacity: 0; pointer-events: none; }
.tile .absent { display: none; justify-items: center; gap: 14px; padding: 20px; color: var(--quiet); text-align: center; text-wrap: balance; }
.tile[data-picture="none"] .absent { display: grid; }
.absent .icon { inline-size: clamp(52px, 18cqmin, 104px); block-size: auto; stroke-width: 1.2; opacity: 0.75; }
.tile[data-speaking] .frame::after {
  content: "";
  position: absolute;
  inset: 0;
  border: 3px solid var(--accent);
  border-radius: var(--round);
  pointer-events: none;
}
.tiles[data-count="1"] .frame::after { display: none; }
.caption {
  position: absolute;
  inset-block-end: 12px;
  inset-inline-start: 12px;
  display: flex;
  align-items: center;
  gap: 7px;
  max-inline-size: calc(100% - 24px);
  margin: 0;
  padding: 5px 12px;
  border-radius: 16px;
  font-size: 0.875rem;
  line-height: 1.35;
  color: var(--veil-ink);
  background: color-mix(in srgb, var(--veil) 76%, transparent);
}
.caption .icon { inline-size: 1.2em; block-size: 1.2em; }

.own {
  position: absolute;
  z-index: 2;
  inline-size: clamp(92px, 27cqw, 208px);
  max-block-size: 38cqh;
  aspect-ratio: var(--ratio, 0.75);
  margin: 12px;
  padding: 0;
  overflow: hidden;
  border-radius: 16px;
  box-shadow: var(--shadow);
  touch-action: none;
  cursor: grab;
  transition: translate 0.2s ease-out;
}
.own[data-wide] { inline-size: clamp(124px, 23cqw, 240px); }
.own[data-moving] { cursor: grabbing; transition: none; }
.own[data-block="start"] { inset-block-start: 0; }
.own[data-block="end"] { inset-block-end: 0; }
.own[data-inline="start"] { inset-inline-start: 0; }
.own[data-inline="end"] { inset-inline-end: 0; }
.own video { display: block; inline-size: 100%; block-size: 100%; object-fit: cover; border-radius: inherit; }
.own::after { content: ""; position: absolute; inset: 0; border: 2px solid var(--surface); border-radius: inherit; pointer-events: none; }
.own[data-mirrored] video { scale: -1 1; }
.own .off { position: absolute; inset: 0; background: var(--raised); display: grid; place-content: center; justify-items: center; gap: 4px; padding: 8px; font-size: 0.8125rem; line-height: 1.3; text-align: center; color: var(--ink); }
.own .off .icon { inline-size: 26px; block-size: 26px; }
.own .mute { position: absolute; inset-block-end: 6px; inset-inline-start: 6px; display: grid; place-items: center; inline-size: 28px; block-size: 28px; border-radius: 50%; color: var(--off-ink); background: var(--off); }
.own .mute .icon { inline-size: 16px; block-size: 16px; }
.own:focus-visible { outline-offset: 2px; }

.veil {
  position: absolute;
  inset: 0;
  z-index: 3;
  display: grid;
  place-content: center;
  justify-items: center;
  gap: 14px;
  padding: 24px;
  border-radius: var(--round);
  text-align: center;
  text-wrap: balance;
  color: var(--veil-ink);
  background: color-mix(in srgb, var(--veil) 78%, transparent);
}
.veil p { max-inline-size: 30em; margin: 0; }
.veil .title { font-size: 1.25rem; font-weight: 600; }
/* Over a single picture it belongs to that picture: what lies over the room lies over it too. */
.tile .veil { z-index: auto; gap: 10px; padding: 12px; font-size: clamp(0.8125rem, 4.5cqmin, 1.0625rem); line-height: 1.4; }
/* Where pictures share the room, the own one would lie on words in the middle. */
.tiles:not([data-count="1"]) .veil { align-content: start; }
.tile .veil .icon { inline-size: clamp(26px, 9cqmin, 44px); block-size: auto; stroke-width: 1.4; }
.turning { inline-size: 34px; block-size: 34px; border: 3px solid color-mix(in srgb, currentColor 28%, transparent); border-block-start-color: currentColor; border-radius: 50%; animation: turn 1.1s linear infinite; }
@keyframes turn { to { rotate: 1turn; } }
@media (prefers-reduced-motion: reduce) {
  .turning { border-block-start-color: color-mix(in srgb, currentColor 28%, transparent); border-style: dashed; }
}
`;
