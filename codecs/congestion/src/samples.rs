//! What the engine tells of every packet that a feedback speaks of, and its screening.
//!
//! Times of sending are the relay's own; times of arrival, and which packets a feedback speaks of, are
//! the receiver's claim.

use crate::elapsed::LATEST_US;

/// One packet a receiver spoke of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Transport-wide, unwrapped.
    pub sequence: u64,
    /// When it left, on the relay's clock.
    pub sent_us: u64,
    /// When it came, on the receiver's clock, unwrapped; none if it was lost.
    pub arrival_us: Option<i64>,
    /// As on the wire, with IP and UDP headers.
    pub size_bytes: u32,
    /// Of the probe during which it left, media or padding; 0 is none.
    pub cluster: u32,
}

/// A packet that can be true.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    /// Never falls from one packet to the next.
    pub sent_us: i64,
    pub arrival_us: Option<i64>,
    pub size_bytes: f64,
    pub cluster: u32,
}

/// What has been spoken of already.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    newest_sequence: Option<u64>,
    newest_sent_us: u64,
}

impl Screen {
    /// The packet a sample speaks of, if that can be true.
    ///
    /// Dropped are packets of the future or of long ago, impossible sizes and times, whatever was spoken
    /// of before, and what claims to have left before a packet with a lower number. Feedback lists packets
    /// by rising number (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1); what does not rise is
    /// told twice.
    pub fn accept_untrusted(&mut self, sample: &Sample, now_us: u64) -> Option<Packet> {
        let Sample {
            sequence,
            sent_us,
            arrival_us,
            size_bytes,
            cluster,
        } = *sample;
        let new = self.newest_sequence.is_none_or(|newest| sequence > newest);
        let age_us = now_us.min(LATEST_US).checked_sub(sent_us)?;
        let possible = (1..=MOST_SIZE_BYTES).contains(&size_bytes)
            && arrival_us.is_none_or(|arrival_us| arrival_us.unsigned_abs() < LATEST_US);
        if !new || !possible || age_us >= MOST_AGE_US || sent_us < self.newest_sent_us {
            return None;
        }
        self.newest_sequence = Some(sequence);
        self.newest_sent_us = sent_us;
        Some(Packet {
            sent_us: sent_us.cast_signed(),
            arrival_us,
            size_bytes: f64::from(size_bytes),
            cluster,
        })
    }
}

/// A UDP datagram's own limit.
const MOST_SIZE_BYTES: u32 = 65_535;

/// What was sent a minute ago tells nothing of the path as it is.
const MOST_AGE_US: u64 = 60_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_US: u64 = 3_600_000_000;

    fn sample(sequence: u64, age_us: u64, arrival_us: i64, size_bytes: u32) -> Sample {
        Sample {
            sequence,
            sent_us: NOW_US - age_us,
            arrival_us: Some(arrival_us),
            size_bytes,
            cluster: 0,
        }
    }

    #[test]
    fn repetitions_and_what_cannot_be_are_left_out() {
        let mut screen = Screen::default();
        let good = sample(7, 1_000, 5_000, 1_200);
        assert!(screen.accept_untrusted(&good, NOW_US).is_some());
        let future = Sample {
            sent_us: NOW_US + 1,
            ..sample(8, 0, 5_000, 1_200)
        };
        for bad in [
            good,
            future,
            sample(9, MOST_AGE_US, 5_000, 1_200),
            sample(10, 900, 5_000, 0),
            sample(11, 900, 5_000, 70_000),
            sample(12, 900, i64::MIN, 1_200),
            sample(13, 900, 1 << 60, 1_200),
            sample(14, 2_000, 5_000, 1_200),
            sample(5, 900, 5_000, 1_200),
        ] {
            assert!(screen.accept_untrusted(&bad, NOW_US).is_none(), "{bad:?}");
        }
        // Nothing of it stands in the way of what comes after.
        let next = sample(8, 1_000, -5_000, 1_200);
        assert!(screen.accept_untrusted(&next, NOW_US).is_some());
    }
}
