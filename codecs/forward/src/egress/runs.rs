//! Which datagrams leave together, and how long each becomes: pure, so that it can be tested over everything.
//!
//! A trip through the kernel's UDP stack costs about 2.9 µs whether it carries one datagram or a run of equal
//! ones (reference: relaying floor), so a batch is grouped by where it goes. libwebrtc cuts a frame into
//! packets that differ by one byte, the smaller ones first, so that runs would end within every frame: a few
//! bytes of RTP padding make them equal.

use crate::egress::outbox::{MAX_PADDING_BYTES, Span};
use crate::worker::ids::Tuple;

/// Datagrams that leave as one message.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Where they go.
    pub tuple: Tuple,
    /// How many; above one only for `UDP_SEGMENT`.
    pub count: usize,
    /// Length of each but the last, which may be shorter.
    pub segment_bytes: u16,
    /// Length of all.
    pub total_bytes: usize,
    /// Place of the first in [`Grouping::order`].
    first: usize,
}

/// One batch's order and messages; kept from batch to batch so that nothing is allocated for one.
pub struct Grouping {
    /// Positions of spans, each tuple's together; above 32 bits what sorts them.
    order: Vec<u64>,
    runs: Vec<Run>,
}

impl Default for Grouping {
    fn default() -> Self {
        Self {
            order: Vec::with_capacity(USUAL_BATCH),
            runs: Vec::with_capacity(USUAL_BATCH),
        }
    }
}

impl Grouping {
    /// Forgets the batch.
    pub fn clear(&mut self) {
        self.order.clear();
        self.runs.clear();
    }

    /// Groups spans by tuple, keeps the order within a tuple, and lets open packets grow up to the longest of
    /// their run. Returns by how many bytes in all.
    pub fn equalise(&mut self, spans: &mut [Span]) -> usize {
        self.order.clear();
        let keys = spans.iter().zip(0_u64..);
        self.order
            .extend(keys.map(|(span, position)| lane(span.tuple) << 32 | position));
        // The position is part of the key, so that unstable sorting, which allocates nothing, is stable.
        self.order.sort_unstable();
        let mut added = 0;
        let mut rest = self.order.as_slice();
        while !rest.is_empty() {
            let (count, common) = equal_run(rest, spans);
            let (run, after) = rest.split_at(count);
            for key in run {
                let Some(span) = spans.get_mut(position(*key)) else {
                    continue;
                };
                // One that ends the run is shorter than can be made up for.
                if common - span.len <= room(span) {
                    added += usize::from(common - span.len);
                    span.len = common;
                }
            }
            rest = after;
        }
        added
    }

    /// Cuts the grouped spans into messages; leaves out those of which `finish` says no.
    pub fn cut(&mut self, spans: &mut [Span], mut finish: impl FnMut(&mut Span) -> bool) {
        self.runs.clear();
        let runs = &mut self.runs;
        let mut kept = 0;
        self.order.retain(|key| {
            let Some(span) = spans.get_mut(position(*key)) else {
                return false;
            };
            if !finish(span) {
                return false;
            }
            let span = &*span;
            match runs.last_mut().filter(|run: &&mut Run| run.takes(span)) {
                Some(run) => {
                    run.count += 1;
                    run.total_bytes += usize::from(span.len);
                }
                None => runs.push(Run {
                    tuple: span.tuple,
                    count: 1,
                    segment_bytes: span.len,
                    total_bytes: usize::from(span.len),
                    first: kept,
                }),
            }
            kept += 1;
            true
        });
    }

    /// The messages, those of one socket together.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// A run's spans.
    pub fn of_run<'a>(&'a self, run: &Run, spans: &'a [Span]) -> impl Iterator<Item = &'a Span> {
        let keys = self.order.get(run.first..run.first + run.count);
        let keys = keys.unwrap_or_default().iter();
        keys.filter_map(|key| spans.get(position(*key)))
    }
}

impl Run {
    /// The messages of one datagram that carry the same.
    pub fn singles<'a>(&self, spans: impl Iterator<Item = &'a Span>) -> impl Iterator<Item = Self> {
        let first = self.first;
        spans.enumerate().map(move |(offset, span)| Self {
            tuple: span.tuple,
            count: 1,
            segment_bytes: span.len,
            total_bytes: usize::from(span.len),
            first: first + offset,
        })
    }

    /// Whether a datagram may follow: the last one so far has the common length, and this one is not longer.
    fn takes(&self, span: &Span) -> bool {
        let full = self.total_bytes == self.count * usize::from(self.segment_bytes);
        self.tuple == span.tuple
            && full
            && span.len <= self.segment_bytes
            && self.count < MAX_SEGMENTS
            && self.total_bytes + usize::from(span.len) <= MAX_RUN_BYTES
    }
}

/// How many of the first spans make a run, at least one, and their common length: each can grow to it, but
/// for the last, which may be shorter.
fn equal_run(keys: &[u64], spans: &[Span]) -> (usize, u16) {
    let mut in_order = keys.iter().filter_map(|key| spans.get(position(*key)));
    let Some(first) = in_order.next() else {
        return (keys.len(), 0);
    };
    let (mut common, mut most, mut count) = (first.len, first.len + room(first), 1);
    for span in in_order {
        let full = count == MAX_SEGMENTS
            || (count + 1) * usize::from(common.max(span.len)) > MAX_RUN_BYTES;
        if full || span.tuple != first.tuple {
            break;
        }
        let (longer, reach) = (common.max(span.len), most.min(span.len + room(span)));
        if longer > reach {
            count += usize::from(span.len < common);
            break;
        }
        (common, most, count) = (longer, reach, count + 1);
    }
    (count, common)
}

/// By how much a span may grow.
fn room(span: &Span) -> u16 {
    match span.open {
        Some(open) if !open.is_padding => MAX_PADDING_BYTES,
        _ => 0,
    }
}

/// Brings a tuple's spans together, and one socket's: the socket above 24 bits of the far end. Two far ends
/// that share them lie mixed, which makes their runs shorter and nothing worse.
fn lane(tuple: Tuple) -> u64 {
    let (ip, port) = match tuple.remote {
        std::net::SocketAddr::V4(remote) => (u32::from(*remote.ip()), remote.port()),
        std::net::SocketAddr::V6(remote) => (remote.ip().to_bits() as u32, remote.port()),
    };
    // Neighbouring addresses and ports differ in their low bits; Fibonacci hashing spreads them.
    let far_end = (ip ^ u32::from(port) << 16).wrapping_mul(0x9e37_79b1) >> 8;
    u64::from(tuple.socket) << 24 | u64::from(far_end)
}

const fn position(key: u64) -> usize {
    key as u32 as usize
}

/// Datagrams that a batch makes at most but for a crowded room: the lists do not grow before.
const USUAL_BATCH: usize = 4_096;
/// What every kernel that knows `UDP_SEGMENT` takes (`UDP_MAX_SEGMENTS` was 64 until Linux 6.9).
pub const MAX_SEGMENTS: usize = 64;
/// One IP datagram holds 65,507 bytes of UDP payload, IPv6 a little more; the design's round number.
pub const MAX_RUN_BYTES: usize = 65_000;

#[cfg(test)]
mod tests;
