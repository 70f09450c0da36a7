/**
 * What watches a consultation that stands: how well people hear and see each other, and how devices and players do.
 */

import { HealthWatch } from "./health.js";
import { QualityWatch } from "./quality_watch.js";

/**
 * @param {ConstructorParameters<typeof HealthWatch>[0] & ConstructorParameters<typeof QualityWatch>[0]} about
 */
export function watch(about) {
  const quality = new QualityWatch(about);
  const health = new HealthWatch(about);
  return {
    handle: (/** @type {import("./protocol.js").RelayQuality} */ message) => quality.handle(message),
    forget: (/** @type {string} */ participant) => quality.forget(participant),
    stop() {
      quality.stop();
      health.stop();
    },
  };
}
