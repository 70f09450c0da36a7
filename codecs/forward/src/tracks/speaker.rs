//! Whether a participant is speaking, from the audio level that each packet carries (RFC 6464).

/// Smooths the levels of one track into a statement that seldom changes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Speaker {
    speaking: bool,
    /// Since when the levels say the contrary of `speaking`.
    contrary_since_ns: Option<u64>,
}

impl Speaker {
    /// Registers one packet's level; returns the new state when it changes.
    pub fn handle_level(&mut self, level_dbov_negative: u8, now_ns: u64) -> Option<bool> {
        let loud = level_dbov_negative <= LOUD_DBOV_NEGATIVE;
        if loud == self.speaking {
            self.contrary_since_ns = None;
            return None;
        }
        let since_ns = *self.contrary_since_ns.get_or_insert(now_ns);
        let patience_ns = if loud {
            SPEAKING_AFTER_NS
        } else {
            SILENT_AFTER_NS
        };
        if now_ns.saturating_sub(since_ns) < patience_ns {
            return None;
        }
        self.speaking = loud;
        self.contrary_since_ns = None;
        Some(loud)
    }
}

/// Speech is around -20 to -40 dBov, a quiet room below -60.
const LOUD_DBOV_NEGATIVE: u8 = 50;
/// A syllable, but not a click.
const SPEAKING_AFTER_NS: u64 = 80_000_000;
/// Longer than the pause between two words.
const SILENT_AFTER_NS: u64 = 600_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn a_click_is_not_speech_and_a_pause_not_silence() {
        let mut speaker = Speaker::default();
        let mut changes = Vec::new();
        for packet in 0..200_u64 {
            let click = packet == 10;
            let speech = (50..100).contains(&packet) && packet % 10 != 3;
            let level = if click || speech { 30 } else { 90 };
            changes.extend(
                speaker
                    .handle_level(level, packet * 20 * MS)
                    .map(|speaking| (packet, speaking)),
            );
        }
        assert_eq!(changes, [(58, true), (130, false)]);
    }
}
