//! Rows of `relay._engine.Estimator`, as numpy's packed structured arrays lay them out.
//!
//! The columns are those of `relay/congestion/estimator.py`, in its order and in the machine's byte order.

use congestion::{Probe, Sample};

/// A row of `SAMPLE`.
pub const SAMPLE_BYTES: usize = 52;

/// Whose feedback a sample is of, and when that came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Told {
    pub receiver: u32,
    /// Counts a receiver's feedbacks as they came.
    feedback: u64,
    pub feedback_us: u64,
}

/// Reads a row of `SAMPLE`.
pub fn sample(row: [u8; SAMPLE_BYTES]) -> (Told, Sample) {
    let mut columns = Columns(&row);
    let receiver = u32::from_ne_bytes(columns.take());
    let cluster = u32::from_ne_bytes(columns.take());
    let told = Told {
        receiver,
        feedback: u64::from_ne_bytes(columns.take()),
        feedback_us: u64::from_ne_bytes(columns.take()),
    };
    let sample = Sample {
        sequence: u64::from_ne_bytes(columns.take()),
        sent_us: u64::from_ne_bytes(columns.take()),
        arrival_us: Some(i64::from_ne_bytes(columns.take())).filter(|&us| us != LOST),
        size_bytes: u32::from_ne_bytes(columns.take()),
        cluster,
    };
    (told, sample)
}

/// A row of `PROBE`.
pub fn probe(receiver: u32, probe: Probe) -> impl Iterator<Item = u8> {
    let packet_bytes = probe.bytes / probe.packets;
    receiver
        .to_ne_bytes()
        .into_iter()
        .chain(probe.cluster.to_ne_bytes())
        .chain(probe.rate_bps.to_ne_bytes())
        .chain(probe.packets.to_ne_bytes())
        .chain(packet_bytes.to_ne_bytes())
}

/// What is left of a row.
struct Columns<'a>(&'a [u8]);

impl Columns<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (column, rest) = self
            .0
            .split_first_chunk()
            .expect("a row is as long as its columns");
        self.0 = rest;
        *column
    }
}

/// `arrival_us` of a packet that the receiver says did not arrive: no clock shows it.
const LOST: i64 = i64::MIN;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_as_long_as_its_columns() {
        let mut row = [0; SAMPLE_BYTES];
        if let Some(last) = row.last_chunk_mut() {
            *last = 1_200_u32.to_ne_bytes();
        }
        let (told, sample) = sample(row);
        assert_eq!((told.receiver, told.feedback_us), (0, 0));
        assert_eq!((sample.size_bytes, sample.arrival_us), (1_200, Some(0)));
        let asked = Probe {
            cluster: 1,
            rate_bps: 900_000,
            packets: 5,
            bytes: 1_685,
            duration_us: 14_977,
        };
        assert_eq!(probe(0, asked).count(), 24);
    }
}
