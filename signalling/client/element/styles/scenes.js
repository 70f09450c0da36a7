/** Waiting, questions, problems, and the end: a few words in the middle of the room. */
export const scenes = `
.scene { position: absolute; inset: 0; z-index: 1; display: grid; overflow: auto; background: var(--room); }
.scene > * { margin: auto; }
.scene.over { z-index: 4; padding: 12px; border-radius: var(--round); background: color-mix(in srgb, var(--room) 72%, transparent); backdrop-filter: blur(6px); }
/* What a question covers waits for its answer. */
.stage:has(> .over:not([hidden])) > .own { visibility: hidden; }
.card { inline-size: min(100%, 27rem); padding: 26px 24px; border-radius: var(--round); text-align: center; background: var(--surface); }
.card:focus { outline: none; }
.over > .card { box-shadow: var(--shadow); }
.card > .mark { display: grid; place-items: center; inline-size: 60px; block-size: 60px; margin: 0 auto 14px; border-radius: 50%; color: var(--accent); background: var(--accent-soft); }
.card.problem > .mark { color: var(--notice); background: var(--notice-soft); }
.card .icon { inline-size: 28px; block-size: 28px; }
.card h2, .waiting h2 { margin: 0 0 8px; font-size: 1.375rem; font-weight: 620; line-height: 1.25; letter-spacing: -0.005em; text-wrap: balance; }
.card p, .waiting p { margin: 0; color: var(--quiet); text-wrap: pretty; }
.card p + p { margin-block-start: 8px; }
.card ol { margin: 14px 0 0; padding: 0; list-style: none; counter-reset: step; text-align: start; }
.card li { position: relative; padding-inline-start: 40px; margin-block-start: 10px; min-block-size: 28px; counter-increment: step; }
.card li::before { content: counter(step); position: absolute; inset-inline-start: 0; inset-block-start: -1px; inline-size: 28px; block-size: 28px; border-radius: 50%; font-weight: 620; font-size: 0.875rem; line-height: 28px; text-align: center; color: var(--accent); background: var(--accent-soft); }
.actions { display: flex; flex-wrap: wrap; justify-content: center; gap: 10px; margin-block-start: 20px; }
.action { min-block-size: 48px; padding: 10px 24px; border: 1px solid var(--line); border-radius: 24px; font-weight: 560; background: transparent; }
.action.first { border-color: transparent; color: var(--accent-ink); background: var(--accent); }
.action:hover { background: var(--raised); }
.action.first:hover { background: color-mix(in srgb, var(--accent), var(--ink) 18%); }

.waiting { display: grid; gap: 18px; justify-items: center; inline-size: min(100%, 54rem); padding: 8px 4px; text-align: center; }
.waiting .preview { position: relative; inline-size: min(100%, 12.5rem); max-block-size: 30cqh; aspect-ratio: var(--ratio, 0.8); overflow: hidden; border-radius: var(--round); box-shadow: var(--shadow); }
.waiting .preview[data-wide] { inline-size: min(100%, 24rem); }
.waiting .preview video { display: block; inline-size: 100%; block-size: 100%; object-fit: cover; border-radius: inherit; }
.waiting .preview[data-mirrored] video { scale: -1 1; }
.waiting .preview .off { position: absolute; inset: 0; background: var(--raised); display: grid; place-content: center; justify-items: center; gap: 8px; padding: 16px; color: var(--quiet); }
.waiting .preview .off .icon { inline-size: 40px; block-size: 40px; stroke-width: 1.4; }
.waiting .told { display: grid; gap: 16px; justify-items: center; max-inline-size: 26rem; }
.checks { display: grid; gap: 10px; margin: 0; padding: 0; list-style: none; text-align: start; }
.checks li { display: grid; grid-template-columns: 28px 1fr; align-items: center; gap: 10px; }
.checks .mark { display: grid; place-items: center; inline-size: 28px; block-size: 28px; border-radius: 50%; color: var(--accent); background: var(--accent-soft); }
.checks .mark .icon { inline-size: 17px; block-size: 17px; stroke-width: 2.4; }
.checks li[data-works="no"] .mark { color: var(--notice); background: var(--notice-soft); }
.meter { grid-column: 2; block-size: 8px; inline-size: 100%; min-inline-size: 12rem; overflow: hidden; border-radius: 4px; background: var(--raised); }
.meter > span { display: block; block-size: 100%; inline-size: 100%; border-radius: inherit; background: var(--accent); transform-origin: left; scale: var(--level, 0) 1; }
.meter > span:dir(rtl) { transform-origin: right; }
.waiting visavis-check { grid-column: 1 / -1; inline-size: 100%; text-align: start; }
@media (forced-colors: active) {
  .meter { border: 1px solid; }
  .meter > span { forced-color-adjust: none; background: Highlight; }
}
@container stage (width >= 640px) and (height >= 380px) {
  .waiting { grid-template-columns: auto minmax(16rem, 26rem); align-items: center; justify-content: center; gap: 48px; text-align: start; }
  .waiting .told { justify-items: start; }
}
@container stage (width >= 640px) {
  .waiting .preview { inline-size: 17rem; max-block-size: 44cqh; }
  .waiting .told { gap: 20px; }
}
@container stage (height < 480px) {
  .waiting { gap: 14px; }
  .waiting .preview { max-block-size: 28cqh; }
}
`;
