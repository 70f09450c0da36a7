/**
 * The SDK's entry: `import { Consultation } from "…/sdk/visavis.js"`, or this file in a `<script type="module">` and
 * `<visavis-consultation>` in the page.
 *
 * Without the element: `consultation.js`.
 */

import { VisavisConsultation } from "./element/element.js";

export { Consultation } from "./consultation.js";
export { ConsultationError } from "./errors.js";
export { patientReconnect } from "./reconnect.js";
export { VisavisConsultation };

if (globalThis.customElements && !customElements.get("visavis-consultation")) {
  customElements.define("visavis-consultation", VisavisConsultation);
}
