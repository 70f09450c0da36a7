/**
 * The gallery in another front-end's page, in the place of the SDK: the element that stands there is moved by a script, too.
 */

import { VisavisConsultation } from "../../../signalling/client/element/element.js";
import { FakeConsultation } from "./fake_consultation.js";

// Before the element is defined, and so begins: there is no relay to connect to.
VisavisConsultation.newConsultation = (options) => new FakeConsultation(options, () => {});
await import("./gallery.js");
