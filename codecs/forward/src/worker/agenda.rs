//! What a tick has to look at, so that it does not look at everybody: most have nothing due, and a leg or a
//! track that is looked at costs a handful of cache misses (measured: a tenth of a worker at 270 legs).

use slotmap::{SecondaryMap, SlotMap};
use smallvec::SmallVec;

use crate::legs::leg::Leg;
use crate::tracks::track::Track;
use crate::worker::ids::{LegKey, TrackKey};

/// Who is due, in the order in which memory has them.
#[derive(Default)]
pub struct Agenda {
    /// When each leg has something to report at the earliest, monotonic ns.
    reports: SecondaryMap<LegKey, u64>,
    /// Tracks with something to be asked for again, each once.
    troubled: Vec<TrackKey>,
    watch_due_ns: u64,
}

impl Agenda {
    /// Has a leg looked at when it is next due.
    pub fn plan(&mut self, key: LegKey, leg: &Leg) {
        self.reports.insert(key, leg.due_ns());
    }

    /// Forgets a leg.
    pub fn forget(&mut self, key: LegKey) {
        self.reports.remove(key);
    }

    /// The legs that may have something to report.
    #[must_use]
    pub fn due(&self, now_ns: u64) -> SmallVec<[LegKey; 64]> {
        let due = self.reports.iter().filter(|(_, at_ns)| **at_ns <= now_ns);
        due.map(|(key, _)| key).collect()
    }

    /// Has a track looked at until nothing of it is missing.
    pub fn note(&mut self, key: TrackKey, track: &mut Track) {
        if !track.troubled && track.needs_repair() {
            track.troubled = true;
            self.troubled.push(key);
        }
    }

    /// Lets `repair` see to each troubled track, and forgets those that lack nothing any more.
    pub fn repair(
        &mut self,
        tracks: &mut SlotMap<TrackKey, Track>,
        mut repair: impl FnMut(&mut Track),
    ) {
        self.troubled.retain(|key| {
            let Some(track) = tracks.get_mut(*key) else {
                return false;
            };
            repair(track);
            track.troubled = track.needs_repair();
            track.troubled
        });
    }

    /// Whether it is time to look for what fell silent.
    pub fn is_watch_due(&mut self, now_ns: u64) -> bool {
        let due = now_ns >= self.watch_due_ns;
        if due {
            self.watch_due_ns = now_ns + WATCH_INTERVAL_NS;
        }
        due
    }
}

/// A small part of the 2 s after which an encoding is silent.
const WATCH_INTERVAL_NS: u64 = 100_000_000;
