/** Under what name a browser remembers which devices a person chose. */
export const KEPT_DEVICES = "visavis.devices";
