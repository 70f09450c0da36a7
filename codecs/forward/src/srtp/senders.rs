//! The replay state of every sender (SSRC) heard under one set of keys, in bounded memory.
//!
//! 64 senders have a whole window. Past that the one heard least recently is *retired*: its highest index is
//! kept in 12 bytes, so that when it comes back only newer packets pass. A record may never be dropped,
//! or its sender's packets could be replayed; so when 1,024 of them are held, further senders are
//! refused. Refusing the 65th at once would be simpler, but a long consultation that opens and closes
//! screen shares gets there honestly (three layers and their RTX are six senders each time).

use smallvec::SmallVec;

use super::SrtpError;
use super::replay::ReplayWindow;

/// Senders with a window, and the remains of those that had one.
#[derive(Default)]
pub(super) struct Senders {
    /// Beside `live`, index for index, so that a look-up walks 4 bytes a sender and not 144.
    ssrcs: SmallVec<[u32; 8]>,
    live: Vec<Live>,
    /// Ordered by SSRC.
    retired: Vec<Retired>,
    /// Counts packets let in; orders senders by when they were last heard.
    packets: u32,
}

/// What is known of a packet's sender before the packet is authenticated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standing {
    /// At this place in `live`.
    Live(usize),
    /// At this place in `retired`, with its highest index.
    Retired(usize, u64),
    /// Not heard before.
    New,
}

impl Senders {
    /// Finds a sender; changes nothing, whatever the packet turns out to be.
    ///
    /// # Errors
    /// `TooManySsrcs` if it is new and there is no room to retire another for it.
    pub(super) fn find(&self, ssrc: u32) -> Result<Standing, SrtpError> {
        if let Some(place) = self.ssrcs.iter().position(|known| *known == ssrc) {
            return Ok(Standing::Live(place));
        }
        match self
            .retired
            .binary_search_by_key(&ssrc, |retired| retired.ssrc)
        {
            Ok(place) => {
                let highest = self.retired.get(place).map_or(u64::MAX, Retired::highest);
                Ok(Standing::Retired(place, highest))
            }
            Err(_) if self.live.len() >= MOST_LIVE && self.retired.len() >= MOST_RETIRED => {
                Err(SrtpError::TooManySsrcs)
            }
            Err(_) => Ok(Standing::New),
        }
    }

    /// The newest index let in from a sender.
    pub(super) fn highest(&self, standing: Standing) -> Option<u64> {
        match standing {
            Standing::Live(place) => self.live.get(place).map(|live| live.window.highest()),
            Standing::Retired(_, highest) => Some(highest),
            Standing::New => None,
        }
    }

    /// Whether a packet of this index could be new.
    ///
    /// # Errors
    /// `Replayed` or `TooOld`; of a retired sender everything up to its highest index is too old.
    pub(super) fn check(&self, standing: Standing, index: u64) -> Result<(), SrtpError> {
        match standing {
            Standing::Live(place) => self
                .live
                .get(place)
                .map_or(Ok(()), |live| live.window.check(index)),
            Standing::Retired(_, highest) if index <= highest => Err(SrtpError::TooOld),
            Standing::Retired(..) | Standing::New => Ok(()),
        }
    }

    /// Remembers an authentic packet. `standing` is what `find` just said of `ssrc`.
    pub(super) fn accept(&mut self, ssrc: u32, standing: Standing, index: u64) {
        self.packets = self.packets.wrapping_add(1);
        match standing {
            Standing::Live(place) => {
                if let Some(live) = self.live.get_mut(place) {
                    live.window.accept(index);
                    live.last_heard = self.packets;
                }
            }
            Standing::Retired(place, highest) => {
                self.retired.remove(place);
                let mut window = ReplayWindow::closed_up_to(highest);
                window.accept(index);
                self.admit(ssrc, window);
            }
            Standing::New => self.admit(ssrc, ReplayWindow::opened_at(index)),
        }
    }

    fn admit(&mut self, ssrc: u32, window: ReplayWindow) {
        let newcomer = Live {
            window,
            last_heard: self.packets,
        };
        if self.live.len() < MOST_LIVE {
            self.ssrcs.push(ssrc);
            self.live.push(newcomer);
            return;
        }
        let now = self.packets;
        let longest_silent = self
            .live
            .iter()
            .zip(&self.ssrcs)
            .enumerate()
            .max_by_key(|(_, (live, _))| now.wrapping_sub(live.last_heard));
        let Some((place, (live, leaver))) = longest_silent else {
            return;
        };
        let record = Retired::new(*leaver, live.window.highest());
        let at = self
            .retired
            .partition_point(|retired| retired.ssrc < record.ssrc);
        self.retired.insert(at, record);
        if let (Some(name), Some(state)) = (self.ssrcs.get_mut(place), self.live.get_mut(place)) {
            *name = ssrc;
            *state = newcomer;
        }
    }
}

struct Live {
    window: ReplayWindow,
    last_heard: u32,
}

/// A sender's highest index in 48 bits, split so that a record is 12 bytes and not 16.
struct Retired {
    ssrc: u32,
    rollover_counter: u32,
    sequence: u16,
}

impl Retired {
    const fn new(ssrc: u32, highest: u64) -> Self {
        Self {
            ssrc,
            rollover_counter: (highest >> 16) as u32,
            sequence: highest as u16,
        }
    }

    const fn highest(&self) -> u64 {
        (self.rollover_counter as u64) << 16 | self.sequence as u64
    }
}

/// Ten tracks of three layers with RTX are 60.
const MOST_LIVE: usize = 64;
/// 12 KiB a leg at worst; about 170 screen shares of six senders.
const MOST_RETIRED: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(senders: &mut Senders, ssrc: u32, index: u64) -> Result<(), SrtpError> {
        let standing = senders.find(ssrc)?;
        senders.check(standing, index)?;
        senders.accept(ssrc, standing, index);
        Ok(())
    }

    #[test]
    fn the_65th_sender_retires_the_one_heard_least_recently() {
        let mut senders = Senders::default();
        (0..64).for_each(|ssrc| hear(&mut senders, ssrc, 100).expect("room for 64"));
        hear(&mut senders, 0, 101).expect("a newer packet");
        hear(&mut senders, 64, 100).expect("a new sender");
        assert_eq!(senders.find(0), Ok(Standing::Live(0)));
        assert_eq!(senders.find(64), Ok(Standing::Live(1)));
        assert_eq!(senders.find(1), Ok(Standing::Retired(0, 100)));
    }

    #[test]
    fn a_sender_that_comes_back_brings_no_replay_with_it() {
        let mut senders = Senders::default();
        let first = 0xabc_0000_ffff;
        hear(&mut senders, 7, first).expect("a new sender");
        (100..164).for_each(|ssrc| hear(&mut senders, ssrc, 1).expect("a new sender"));
        assert_eq!(senders.find(7), Ok(Standing::Retired(0, first)));
        for seen_or_older in [first, first - 1, first - 2000] {
            assert_eq!(hear(&mut senders, 7, seen_or_older), Err(SrtpError::TooOld));
        }
        assert_eq!(hear(&mut senders, 7, first + 5), Ok(()));
        assert_eq!(hear(&mut senders, 7, first), Err(SrtpError::Replayed));
        assert_eq!(hear(&mut senders, 7, first + 4), Ok(()));
        assert_eq!(senders.retired.len(), 1, "its record left with its return");
    }

    #[test]
    fn memory_ends_at_64_windows_and_1024_records() {
        let mut senders = Senders::default();
        let admitted = (0..10_000)
            .filter(|ssrc| hear(&mut senders, *ssrc, 1).is_ok())
            .count();
        assert_eq!(admitted, MOST_LIVE + MOST_RETIRED);
        assert_eq!(
            (senders.live.len(), senders.retired.len()),
            (MOST_LIVE, MOST_RETIRED)
        );
        assert_eq!(senders.find(10_000), Err(SrtpError::TooManySsrcs));
        assert_eq!(
            hear(&mut senders, 3, 2),
            Ok(()),
            "a known sender still comes back"
        );
        assert_eq!(
            (senders.live.len(), senders.retired.len()),
            (MOST_LIVE, MOST_RETIRED)
        );
        assert_eq!((size_of::<Live>(), size_of::<Retired>()), (144, 12));
    }
}
