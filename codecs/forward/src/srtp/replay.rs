//! Which packet indexes of one sender were seen (RFC 3711 §3.3.1, §3.3.2).

use super::{RTP_INDEX_END, SrtpError};

/// The newest index let in, and which of the 1,024 up to it were.
pub struct ReplayWindow {
    highest: u64,
    /// A ring: index `i` has bit `i % 1024`, whichever way the window slides.
    seen: [u64; WORDS],
}

impl ReplayWindow {
    /// A window in which `index` was seen, and nothing before it: a sender's first packet here need
    /// not be the first that it sent.
    pub fn opened_at(index: u64) -> Self {
        let mut window = Self {
            highest: index,
            seen: [0; WORDS],
        };
        window.mark(index);
        window
    }

    /// A window that lets in nothing up to `highest`: what is left when only that is remembered.
    pub const fn closed_up_to(highest: u64) -> Self {
        Self {
            highest,
            seen: [u64::MAX; WORDS],
        }
    }

    /// The newest index let in.
    pub const fn highest(&self) -> u64 {
        self.highest
    }

    /// Whether a packet of this index could be new.
    ///
    /// # Errors
    /// `Replayed` if it was let in before, `TooOld` if the window has left it behind.
    pub fn check(&self, index: u64) -> Result<(), SrtpError> {
        match self.highest.checked_sub(index) {
            Some(age) if age >= WINDOW_INDEXES => Err(SrtpError::TooOld),
            Some(_) if self.is_marked(index) => Err(SrtpError::Replayed),
            None | Some(_) => Ok(()),
        }
    }

    /// Remembers an index that passed `check` and whose packet was authentic.
    pub fn accept(&mut self, index: u64) {
        if let Some(advance) = index.checked_sub(self.highest) {
            if advance >= WINDOW_INDEXES {
                self.seen = [0; WORDS];
            } else {
                (self.highest + 1..index).for_each(|skipped| self.clear(skipped));
            }
            self.highest = index;
        }
        self.mark(index);
    }

    fn is_marked(&self, index: u64) -> bool {
        self.seen
            .get(word_of(index))
            .is_some_and(|word| word & bit_of(index) != 0)
    }

    fn mark(&mut self, index: u64) {
        if let Some(word) = self.seen.get_mut(word_of(index)) {
            *word |= bit_of(index);
        }
    }

    fn clear(&mut self, index: u64) {
        if let Some(word) = self.seen.get_mut(word_of(index)) {
            *word &= !bit_of(index);
        }
    }
}

/// The index nearest to the newest one that ends in `sequence` (RFC 3711 §3.3.1, Appendix A).
///
/// Without a newest one the rollover counter is 0. Where the rule would go below index 0 the counter
/// stays 0, since no sender has used any other; the tag has the last word.
///
/// # Errors
/// `IndexExhausted` beyond 48 bits.
pub(super) fn estimate_index(highest: Option<u64>, sequence: u16) -> Result<u64, SrtpError> {
    let Some(highest) = highest else {
        return Ok(u64::from(sequence));
    };
    let (rollover_base, newest) = (highest & !0xffff, highest as u16);
    let same = rollover_base | u64::from(sequence);
    let index = if newest < HALF_CYCLE && sequence.saturating_sub(newest) > HALF_CYCLE {
        same.checked_sub(CYCLE).unwrap_or(same)
    } else if newest >= HALF_CYCLE && newest - HALF_CYCLE > sequence {
        same + CYCLE
    } else {
        same
    };
    if index < RTP_INDEX_END {
        Ok(index)
    } else {
        Err(SrtpError::IndexExhausted)
    }
}

const fn word_of(index: u64) -> usize {
    (index / u64::BITS as u64) as usize % WORDS
}

const fn bit_of(index: u64) -> u64 {
    1 << (index % u64::BITS as u64)
}

/// 64 is the least RFC 3711 §3.3.2 allows; 1,024 holds a second of video at 10 Mbit/s, so that
/// a retransmission a round trip late is still judged and not merely refused.
const WINDOW_INDEXES: u64 = 1024;
const WORDS: usize = (WINDOW_INDEXES / u64::BITS as u64) as usize;
/// Sequence numbers in one turn of the rollover counter.
const CYCLE: u64 = 1 << 16;
const HALF_CYCLE: u16 = 1 << 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_tells_new_seen_and_forgotten_apart() {
        let mut window = ReplayWindow::opened_at(5000);
        assert_eq!(window.check(5000), Err(SrtpError::Replayed));
        assert_eq!(window.check(5000 - 1023), Ok(()));
        assert_eq!(window.check(5000 - 1024), Err(SrtpError::TooOld));
        window.accept(5000 - 1023);
        assert_eq!(window.check(5000 - 1023), Err(SrtpError::Replayed));
        assert_eq!(window.highest(), 5000);
        window.accept(5001);
        assert_eq!(window.check(5000 - 1023), Err(SrtpError::TooOld));
    }

    #[test]
    fn a_slide_of_any_length_forgets_exactly_what_left_the_window() {
        for advance in [1, 2, 63, 64, 65, 1000, 1022, 1023, 1024, 1025, 70_000] {
            let mut window = ReplayWindow::opened_at(0);
            (1..=2000).for_each(|index| window.accept(index));
            let highest = 2000 + advance;
            window.accept(highest);
            for index in highest.saturating_sub(1023)..=highest {
                let seen = index <= 2000 || index == highest;
                assert_eq!(
                    window.check(index) == Err(SrtpError::Replayed),
                    seen,
                    "{advance} {index}"
                );
            }
            assert_eq!(window.check(highest - 1024), Err(SrtpError::TooOld));
        }
    }

    #[test]
    fn a_closed_window_lets_in_only_what_is_newer() {
        let mut window = ReplayWindow::closed_up_to(3000);
        assert_eq!(window.check(3000), Err(SrtpError::Replayed));
        assert_eq!(window.check(1000), Err(SrtpError::TooOld));
        window.accept(3010);
        assert_eq!(window.check(3000), Err(SrtpError::Replayed));
        assert_eq!(window.check(3001), Ok(()));
    }

    #[test]
    fn an_index_is_estimated_as_appendix_a_does() {
        let roc = |counter: u64, sequence: u64| counter << 16 | sequence;
        for (highest, sequence, expected) in [
            (None, 65_535, roc(0, 65_535)),
            (Some(roc(0, 65_535)), 0, roc(1, 0)),
            (Some(roc(1, 0)), 65_535, roc(0, 65_535)),
            (Some(roc(7, 32_767)), 65_535, roc(7, 65_535)),
            (Some(roc(7, 32_766)), 65_535, roc(6, 65_535)),
            (Some(roc(7, 32_768)), 0, roc(7, 0)),
            (Some(roc(7, 32_769)), 0, roc(8, 0)),
            (Some(roc(0, 5)), 65_530, roc(0, 65_530)),
        ] {
            assert_eq!(
                estimate_index(highest, sequence),
                Ok(expected),
                "{highest:?} {sequence}"
            );
        }
        assert_eq!(
            estimate_index(Some(RTP_INDEX_END - 1), 0),
            Err(SrtpError::IndexExhausted)
        );
    }
}
