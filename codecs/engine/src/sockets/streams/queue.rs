//! What waits for one TCP connection's reader: whole packets, bounded in bytes and in time.
//!
//! Pictures have a lane of their own and wait there for everything else: sound that stood behind a key frame on a
//! narrow path would be seconds late.

use std::collections::VecDeque;

use wire::framing::{LENGTH_BYTES, length_before};

use crate::counters::DriverCounter;

/// Frames that have not left, or not to their ends.
pub struct SendQueue {
    /// Sound, feedback, handshakes, answers to checks.
    urgent: Lane,
    video: Lane,
}

/// Frames that leave in their order.
struct Lane {
    /// What of them has not left.
    bytes: VecDeque<u8>,
    frames: VecDeque<Waiting>,
    /// How much of the first one has left. The rest follows before anything else does.
    begun_bytes: usize,
    most_bytes: usize,
    waits_ns: u64,
    /// How what finds no room is counted.
    full: DriverCounter,
}

#[derive(Clone, Copy)]
struct Waiting {
    /// With the length before the packet.
    bytes: usize,
    since_ns: u64,
}

impl SendQueue {
    /// Puts a packet at the end of its lane.
    ///
    /// # Errors
    /// There is no room for it, by the name under which that is counted.
    pub fn push(
        &mut self,
        packet: &[u8],
        is_video: bool,
        now_ns: u64,
    ) -> Result<(), DriverCounter> {
        let lane = if is_video {
            &mut self.video
        } else {
            &mut self.urgent
        };
        lane.push(packet, now_ns)
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.urgent.bytes.is_empty() && self.video.bytes.is_empty()
    }

    /// What leaves next, as far as it lies together.
    #[must_use]
    pub fn next_bytes(&self) -> &[u8] {
        if self.urgent.bytes.is_empty() {
            self.video.bytes.as_slices().0
        } else if self.video.begun_bytes > 0 {
            self.video.first_frame()
        } else {
            self.urgent.bytes.as_slices().0
        }
    }

    /// Takes note that so much of that has left.
    pub fn take(&mut self, count: usize) {
        if self.urgent.bytes.is_empty() || self.video.begun_bytes > 0 {
            self.video.take(count);
        } else {
            self.urgent.take(count);
        }
    }

    /// Drops what has waited for so long that nobody has a use for it; returns how many packets that were.
    pub fn drop_old(&mut self, now_ns: u64) -> usize {
        self.urgent.drop_old(now_ns) + self.video.drop_old(now_ns)
    }
}

impl Default for SendQueue {
    fn default() -> Self {
        Self {
            urgent: Lane::new(
                MOST_URGENT_BYTES,
                URGENT_WAITS_NS,
                DriverCounter::DropTcpFull,
            ),
            video: Lane::new(
                MOST_VIDEO_BYTES,
                VIDEO_WAITS_NS,
                DriverCounter::DropTcpVideo,
            ),
        }
    }
}

impl Lane {
    fn new(most_bytes: usize, waits_ns: u64, full: DriverCounter) -> Self {
        Self {
            bytes: VecDeque::new(),
            frames: VecDeque::new(),
            begun_bytes: 0,
            most_bytes,
            waits_ns,
            full,
        }
    }

    fn push(&mut self, packet: &[u8], now_ns: u64) -> Result<(), DriverCounter> {
        let length = length_before(packet).ok_or(self.full)?;
        let bytes = LENGTH_BYTES + packet.len();
        if self.bytes.len() + bytes > self.most_bytes {
            return Err(self.full);
        }
        if self.bytes.is_empty() {
            // From the start of its memory: then what comes lies together.
            self.bytes.clear();
        }
        self.bytes.extend(&length);
        self.bytes.extend(packet);
        self.frames.push_back(Waiting {
            bytes,
            since_ns: now_ns,
        });
        Ok(())
    }

    /// What is left of the first frame, as far as it lies together.
    fn first_frame(&self) -> &[u8] {
        let together = self.bytes.as_slices().0;
        together.get(..self.left_of_first()).unwrap_or(together)
    }

    fn left_of_first(&self) -> usize {
        self.frames
            .front()
            .map_or(0, |first| first.bytes - self.begun_bytes)
    }

    fn take(&mut self, count: usize) {
        self.bytes.drain(..count.min(self.bytes.len()));
        self.begun_bytes += count;
        while let Some(first) = self.frames.front() {
            if first.bytes > self.begun_bytes {
                break;
            }
            self.begun_bytes -= first.bytes;
            self.frames.pop_front();
        }
    }

    fn drop_old(&mut self, now_ns: u64) -> usize {
        let (begun, start) = if self.begun_bytes > 0 {
            (1, self.left_of_first())
        } else {
            (0, 0)
        };
        let mut dropped = 0;
        while let Some(oldest) = self.frames.get(begun).copied() {
            if now_ns.saturating_sub(oldest.since_ns) <= self.waits_ns {
                break;
            }
            self.bytes.drain(start..start + oldest.bytes);
            self.frames.remove(begun);
            dropped += 1;
        }
        dropped
    }
}

/// Most of a second of a good picture (1.5 Mbit/s and more): what comes on top of that would be old before it leaves.
const MOST_VIDEO_BYTES: usize = 192 * 1_024;
/// A little more than pictures wait for a path elsewhere in the relay (0.8 s, `forward::congestion_control::pacer`).
const VIDEO_WAITS_NS: u64 = 1_000_000_000;
/// Ten seconds of sound, or a handshake many times over: it fills where nothing leaves at all.
const MOST_URGENT_BYTES: usize = 64 * 1_024;
/// Sound that is older is played by nobody; what must arrive is repeated by whoever sent it.
const URGENT_WAITS_NS: u64 = 3_000_000_000;

#[cfg(test)]
mod tests;
