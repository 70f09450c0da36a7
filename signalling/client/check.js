/**
 * The entry of the check before the consultation: `import { PrecallCheck } from "…/sdk/check.js"`, or this file in a
 * `<script type="module">` and `<visavis-check>` in the page. Apart from `visavis.js`, for most visits need none of it.
 */

import { VisavisCheck } from "./check/element.js";

export { checkWithin } from "./check/within.js";
export { PrecallCheck } from "./precall.js";
export { VisavisCheck };

if (globalThis.customElements && !customElements.get("visavis-check")) {
  customElements.define("visavis-check", VisavisCheck);
}
