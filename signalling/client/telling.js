/**
 * Puts what the parts of a consultation notice into events, with their words.
 */

import { remoteTrack } from "./remote_tracks.js";

/**
 * @param {import("./events.js").Emitter<import("./public.js").ConsultationEvents>} events
 * @param {Pick<ReturnType<typeof import("./assembly.js").assemble>, "roster" | "quality">} parts
 * @param {import("./words/index.js").Words} words
 */
export function telling(events, { roster, quality }, words) {
  return {
    /** @param {import("./roster.js").RosterEvent[]} changes */
    roster(changes) {
      for (const event of changes) {
        const { role, id } = event.participant;
        if (event.type === "muted") {
          const { source, muted } = event.track;
          events.emit("muted", { ...event, muted, words: words.muted(role, source, muted) });
        } else {
          if (event.change === "left") quality.forget(id);
          events.emit("participant", { ...event, words: words.participant(role, event.change) });
        }
      }
    },

    /** @param {{ added: import("./slots.js").Placed[], removed: import("./slots.js").Placed[] }} change */
    tracks({ added, removed }) {
      for (const placed of removed) events.emit("track-ended", remoteTrack(roster, placed));
      for (const placed of added) events.emit("track", remoteTrack(roster, placed));
    },

    /** @param {{ participant: string | null, direction: import("./public.js").Direction, verdict: import("./public.js").Verdict }} verdict */
    quality({ participant, direction, verdict }) {
      const person = participant === null ? null : (roster.find(participant) ?? null);
      events.emit("quality", { participant: person, direction, verdict, words: words.quality(person?.role ?? null, direction, verdict) });
    },
  };
}
