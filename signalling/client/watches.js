/**
 * What watches a consultation that stands: how well people hear and see each other, which way that takes, how devices and
 * players do, what interrupts them, and who speaks over whom.
 */

import { HealthWatch } from "./health.js";
import { Interpreting } from "./interpreting.js";
import { Interruptions } from "./interruptions.js";
import { Paths } from "./paths.js";
import { Players } from "./players.js";
import { QualityWatch } from "./quality_watch.js";
import { receptionOf } from "./subscriptions.js";

/**
 * @typedef {Omit<ConstructorParameters<typeof HealthWatch>[0], "players">
 *   & Omit<ConstructorParameters<typeof Interruptions>[0], "players"> & Omit<ConstructorParameters<typeof QualityWatch>[0], "paths">
 *   & ConstructorParameters<typeof Paths>[0] & { players: import("./player_list.js").PlayerList }} Watched
 */

/** @param {Watched} about */
export function watch(about) {
  const players = new Players(about.clock, about.players);
  const paths = new Paths(about);
  const quality = new QualityWatch({ ...about, paths });
  const health = new HealthWatch({ ...about, players });
  const interruptions = new Interruptions({ ...about, players });
  const interpreting = new Interpreting(about);
  return {
    paths,
    handle: (/** @type {import("./protocol.js").RelayQuality} */ message) => quality.handle(message),
    reception: (/** @type {import("./protocol.js").Subscriptions} */ said) => receptionOf(said, about.roster),
    forget: (/** @type {string} */ participant) => quality.forget(participant),
    stop() {
      for (const each of [quality, health, interruptions, interpreting]) each.stop();
    },
  };
}
