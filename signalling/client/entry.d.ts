// What the package's entry is to TypeScript: the classes, whose types are made of their own comments, and the elements, whose
// names and events are known to the DOM's types from then on. Written by hand, since comments cannot say that.

import type { VisavisCheck } from "./types/check.js";
import type { CheckResult } from "./types/precall.js";
import type { ConsultationEvents } from "./types/public.js";
import type { VisavisConsultation } from "./types/visavis.js";

export * from "./types/visavis.js";

type ElementEvents = { [Type in keyof ConsultationEvents as `visavis-${Type}`]: CustomEvent<ConsultationEvents[Type]> };

declare global {
  interface HTMLElementTagNameMap {
    "visavis-consultation": VisavisConsultation;
    "visavis-check": VisavisCheck;
  }
  interface HTMLElementEventMap extends ElementEvents {
    "visavis-playback-blocked": CustomEvent<null>;
    "visavis-precall": CustomEvent<CheckResult>;
  }
}
