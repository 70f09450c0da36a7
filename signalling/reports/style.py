"""How a report's page looks: on a screen, in the dark, on paper. Pure data.

The page brings it along and nothing else may style it: the policy names its digest.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b2733; --soft: #51606e; --line: #c9d2da; --paper: #fff;
  --rate: #0b6b8f; --lost: #b3261e; --band: #e4b04a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf1; --soft: #b4c0ca; --line: #46535f;
  --paper: #14191e; --rate: #6cc3e6; --lost: #ff8a80; --band: #7a5a12; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
li { margin: .3rem 0; }
.wide { overflow-x: auto; }
.wide:focus-visible { outline: 3px solid var(--rate); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: start; font-weight: 600; padding: .25rem 0; }
th, td { border: 1px solid var(--line); padding: .2rem .5rem; text-align: start;
  vertical-align: top; }
td.figure { text-align: end; }
figure { margin: .75rem 0; }
figcaption { color: var(--soft); font-size: .95rem; }
svg { display: block; width: 100%; height: auto; }
.frame { fill: none; stroke: var(--line); }
.rate { fill: none; stroke: var(--rate); stroke-width: 1.5; }
.lost { fill: var(--lost); }
.band { fill: var(--band); fill-opacity: .6; }
.scale { fill: var(--soft); font-size: 11px; }
summary { cursor: pointer; padding: .25rem 0; }
summary:focus-visible { outline: 3px solid var(--rate); }
footer { margin-top: 2rem; color: var(--soft); font-size: .9rem; }
@media not print {
  details:not([open]) + .slots { display: none; }
}
@page { margin: 15mm; }
@media print {
  :root { --ink: #000; --soft: #333; --line: #999; --paper: #fff; --rate: #000; --lost: #b3261e;
    --band: #bbb; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  figure, tr, li { break-inside: avoid; }
  thead { display: table-header-group; }
  .wide { overflow: visible; }
  .slots { font-size: 7pt; }
  .slots th, .slots td { padding: 0 .2rem; }
  details { display: none; }
}
"""

_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

POLICY: Final = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'self'"
"""No script from anywhere, no picture, no other style, and nothing is sent."""
