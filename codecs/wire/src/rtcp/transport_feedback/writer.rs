//! Writes transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).

use super::statuses::{ONE_BIT_SYMBOLS, RUN_MAX, TWO_BIT_SYMBOLS};
use super::{FORMAT, Symbol};
use crate::rtcp::packet::{PacketWriter, TRANSPORT_LAYER_FEEDBACK};

/// Writes one feedback and returns its length and how many of `arrivals` it covers.
///
/// Covers fewer where the buffer ends or a step does not fit 16 bits; the caller writes the rest
/// as a further feedback with its own reference time. `None` if not even the first is covered.
///
/// `arrivals` start at `base_sequence` and count units of 250 µs since the reference time, `None`
/// being a packet that did not arrive; of `reference_time_64ms` the low 24 bits are sent.
pub fn write_transport_feedback(
    out: &mut [u8],
    sender_ssrc: u32,
    media_ssrc: u32,
    base_sequence: u16,
    feedback_count: u8,
    reference_time_64ms: u32,
    arrivals: &[Option<i64>],
) -> Option<(usize, usize)> {
    let room = (out.len() / 4 * 4).checked_sub(FIXED_BYTES)?;
    let covered = how_many_fit(arrivals, room);
    let statuses = Deltas {
        arrivals: arrivals.get(..covered)?,
        previous_250us: 0,
    };
    let status_count = u16::try_from(covered).ok().filter(|&count| count > 0)?;

    let mut packet = PacketWriter::new(out, TRANSPORT_LAYER_FEEDBACK, FORMAT.into())?;
    packet.fields.u32(sender_ssrc)?;
    packet.fields.u32(media_ssrc)?;
    packet.fields.u16(base_sequence)?;
    packet.fields.u16(status_count)?;
    packet.fields.u24(reference_time_64ms)?;
    packet.fields.u8(feedback_count)?;
    let mut left = statuses.clone();
    while let Some((chunk, len)) = next_chunk(&left) {
        packet.fields.u16(chunk)?;
        left.nth(usize::from(len) - 1)?;
    }
    for (symbol, delta) in statuses {
        match symbol {
            Symbol::NotReceived => {}
            Symbol::SmallDelta => packet.fields.u8(u8::try_from(delta).ok()?)?,
            Symbol::LargeDelta => packet.fields.bytes(&delta.to_be_bytes())?,
        }
    }
    Some((packet.finish()?, covered))
}

/// Counts with the worst case of seven packets to a chunk, so that one pass suffices.
fn how_many_fit(arrivals: &[Option<i64>], room_bytes: usize) -> usize {
    let deltas = Deltas {
        arrivals,
        previous_250us: 0,
    };
    let (mut covered, mut delta_bytes) = (0, 0);
    for (symbol, _) in deltas {
        delta_bytes += symbol.delta_bytes();
        let chunk_bytes = 2 * (covered + 1_usize).div_ceil(TWO_BIT_SYMBOLS.into());
        if chunk_bytes + delta_bytes > room_bytes || covered == usize::from(u16::MAX) {
            break;
        }
        covered += 1;
    }
    covered
}

/// The chunk that covers most of what comes next; every chunk but the last covers seven or more.
fn next_chunk(deltas: &Deltas<'_>) -> Option<(u16, u16)> {
    let (first, _) = deltas.clone().next()?;
    let left = u16::try_from(deltas.arrivals.len()).unwrap_or(u16::MAX);
    let alike = deltas
        .clone()
        .take(RUN_MAX.into())
        .take_while(|(symbol, _)| *symbol == first);
    // `take` keeps the count within 13 bits.
    let run = alike.count() as u16;
    let soon = deltas.clone().take(ONE_BIT_SYMBOLS.into());
    let large_soon = soon.clone().any(|(symbol, _)| symbol == Symbol::LargeDelta);
    let vector_len = if large_soon {
        TWO_BIT_SYMBOLS
    } else {
        ONE_BIT_SYMBOLS
    };
    if run >= vector_len || run == left {
        return Some(((first as u16) << 13 | run, run));
    }
    let bits_each = if large_soon { 2 } else { 1 };
    let packed =
        soon.take(vector_len.into())
            .enumerate()
            .fold(0, |packed, (place, (symbol, _))| {
                packed | (symbol as u16) << (bits_each * (vector_len - 1 - place as u16))
            });
    let kind = if large_soon { 0b11 << 14 } else { 0b10 << 14 };
    Some((kind | packed, vector_len.min(left)))
}

/// Steps between arrivals; ends before the first that 16 bits cannot hold.
#[derive(Clone)]
struct Deltas<'a> {
    arrivals: &'a [Option<i64>],
    previous_250us: i64,
}

impl Iterator for Deltas<'_> {
    type Item = (Symbol, i16);

    fn next(&mut self) -> Option<Self::Item> {
        let (arrival, rest) = self.arrivals.split_first()?;
        let status = match *arrival {
            None => (Symbol::NotReceived, 0),
            Some(arrival_250us) => {
                let step = arrival_250us.checked_sub(self.previous_250us)?;
                let delta = i16::try_from(step).ok()?;
                self.previous_250us = arrival_250us;
                let symbol = match delta {
                    0..=0xff => Symbol::SmallDelta,
                    _ => Symbol::LargeDelta,
                };
                (symbol, delta)
            }
        };
        self.arrivals = rest;
        Some(status)
    }
}

/// The RTCP header and the fields before the chunks (§3.1).
const FIXED_BYTES: usize = 20;
