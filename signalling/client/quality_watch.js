/**
 * Measures once a second and tells each verdict that changed.
 */

import { every } from "./clock.js";
import { serversOf } from "./paths.js";
import { QualityBook } from "./quality.js";
import { Statistics } from "./statistics.js";

const MEASURE_MS = 1_000;

export class QualityWatch {
  #book = new QualityBook();
  #statistics = new Statistics();

  /**
   * @param {object} about
   * @param {import("./clock.js").Clock} about.clock
   * @param {import("./media_line.js").MediaLine} about.media
   * @param {import("./roster.js").Roster} about.roster
   * @param {import("./slots.js").Slots} about.slots
   * @param {(verdict: ReturnType<QualityBook["changes"]>[number]) => void} about.tell
   * @param {import("./paths.js").Paths} about.paths
   */
  constructor(about) {
    this.about = about;
    this.stop = every(about.clock, MEASURE_MS, () => {
      // A leg replaced meanwhile has nothing to tell; the next second asks the next one.
      this.#measure().catch(() => {});
    });
  }

  /** @param {import("./protocol.js").RelayQuality} message */
  handle({ participant, direction, verdict }) {
    this.#book.relaySays(participant, direction, verdict);
    this.#tell();
  }

  /** @param {string} participant Who left. */
  forget(participant) {
    this.#book.forget(participant);
  }

  async #measure() {
    const { media, roster, slots, paths } = this.about;
    if (!media.leg || media.status !== "up") return;
    // Nothing is missing of what is muted, paused or away.
    /** @param {import("./protocol.js").BoundSlot} binding */
    const isQuiet = ({ participant, track, paused }) =>
      Boolean(paused) || (roster.track(track)?.muted ?? false) || !roster.find(participant)?.connected;
    const report = /** @type {any} */ (await media.leg.connection.getStats());
    const watched = slots.placed.map(({ binding, mediaTrack }) => ({
      participant: binding.participant,
      trackIdentifier: mediaTrack.id,
      muted: isQuiet(binding),
    }));
    const { incoming, outgoing } = this.#statistics.read(report.values(), watched);
    for (const [participant, sample] of incoming) this.#book.measured(participant, sample);
    if (outgoing) this.#book.measured(roster.self, outgoing);
    paths.take(report.values(), serversOf(media.leg));
    this.#tell();
  }

  #tell() {
    const { roster, tell } = this.about;
    const connected = roster.others.filter((other) => other.connected).map(({ id }) => id);
    for (const verdict of this.#book.changes(roster.self, connected)) tell(verdict);
  }
}
