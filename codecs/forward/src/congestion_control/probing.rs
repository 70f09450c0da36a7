//! Bursts that ask a path for more than it is sent: when each of their packets leaves, and what is in it.
//!
//! `bandwidth` says when a burst begins. It is made of packets on the leg's retransmission lines: such that were sent
//! already, so that they may repair something, or padding alone; where no such line was negotiated, of padding between
//! pictures (`padding`), for whose end a burst waits before it begins. What else leaves while it lasts is part of what it
//! measures, and does not shorten it: a frame leaves all at once, which measures nothing. Source:
//! draft-ietf-rmcat-gcc-02 §6, libwebrtc `bitrate_prober`.

use congestion::Probe;
use slotmap::SlotMap;

use crate::congestion_control::padding::pad_between_pictures;
use crate::control::counters::Counter;
use crate::egress::rewrite::{Stamp, write_padding};
use crate::legs::leg::Leg;
use crate::repair::retransmit::{resend, send_again};
use crate::slots::slot::Slot;
use crate::worker::Worker;
use crate::worker::ids::{LegKey, SlotKey};
use crate::worker::now::Now;
use crate::worker::output::Output;

/// A burst under way.
#[derive(Clone, Copy, Debug)]
pub struct Burst {
    asked: Probe,
    asked_ns: u64,
    /// Whether it has not begun, because nothing could leave.
    waits: bool,
    began_ns: u64,
    packets: u32,
    bytes: u64,
}

impl Burst {
    /// A burst that begins now.
    #[must_use]
    pub const fn new(asked: Probe, now_ns: u64) -> Self {
        Self {
            asked,
            asked_ns: now_ns,
            waits: false,
            began_ns: now_ns,
            packets: 0,
            bytes: 0,
        }
    }

    /// The number by which what leaves now is known as part of it; 0 before it has begun.
    #[must_use]
    pub const fn cluster(&self) -> u32 {
        if self.waits { 0 } else { self.asked.cluster }
    }

    /// Whether all of it has left, or its time is over.
    fn is_over(&self, now_ns: u64) -> bool {
        let complete =
            self.packets >= self.asked.packets && self.bytes >= u64::from(self.asked.bytes);
        let has_begun_late = now_ns.saturating_sub(self.asked_ns) > 2 * LONGEST_NS;
        complete || has_begun_late || now_ns.saturating_sub(self.began_ns) > LONGEST_NS
    }

    /// Takes note that nothing can leave just now: what has not begun yet begins later.
    const fn wait(&mut self, now_ns: u64) {
        if self.packets == 0 {
            self.waits = true;
            self.began_ns = now_ns;
        }
    }

    /// How many bytes should have left by now and have not.
    fn owed_bytes(&self, now_ns: u64) -> u64 {
        let elapsed_ns = now_ns.saturating_sub(self.began_ns) + AHEAD_NS;
        let due = u128::from(self.asked.rate_bps) * u128::from(elapsed_ns) / BIT_NS_PER_BYTE_S;
        u64::try_from(due)
            .unwrap_or(u64::MAX)
            .saturating_sub(self.bytes)
    }

    /// The size its packets should have.
    fn packet_bytes(&self) -> usize {
        (self.asked.bytes / self.asked.packets.max(1)) as usize
    }
}

impl Worker {
    /// Sends what a leg's burst owes by now; returns whether there is more to come.
    pub(crate) fn go_on_with_burst(&mut self, key: LegKey, now: Now) -> bool {
        loop {
            let Some(leg) = self.legs.get_mut(key) else {
                return false;
            };
            let Some(bandwidth) = &mut leg.bandwidth else {
                return false;
            };
            let Some(burst) = &mut bandwidth.burst else {
                return false;
            };
            if burst.is_over(now.ns) {
                bandwidth.burst = None;
                return false;
            }
            let size_bytes = burst.packet_bytes();
            if burst.owed_bytes(now.ns) < size_bytes as u64 || self.output.outbox.is_nearly_full() {
                return true;
            }
            // What leaves now is part of it.
            burst.waits = false;
            let sent = self.send_burst_packet(key, size_bytes, now);
            let leg = self.legs.get_mut(key);
            let Some(bandwidth) = leg.and_then(|leg| leg.bandwidth.as_mut()) else {
                return false;
            };
            match (sent, bandwidth.burst.as_mut()) {
                (Ok(Some(bytes)), Some(burst)) => {
                    burst.packets += 1;
                    burst.bytes += bytes as u64;
                    self.output.counters.one(Counter::EgressProbePackets);
                }
                (Ok(None), Some(burst)) => {
                    burst.wait(now.ns);
                    return true;
                }
                (Err(reason), _) => {
                    bandwidth.burst = None;
                    self.output.counters.one(reason);
                    return false;
                }
                (Ok(_), None) => return false,
            }
        }
    }

    /// Sends one packet of about this size for the sake of its size; `None` where it has to wait.
    fn send_burst_packet(
        &mut self,
        key: LegKey,
        size_bytes: usize,
        now: Now,
    ) -> Result<Option<usize>, Counter> {
        let Self {
            legs,
            slots,
            tracks,
            output,
            ..
        } = self;
        let leg = legs.get_mut(key).ok_or(Counter::DropSubscriberNotReady)?;
        let with_line = find_key(leg, slots, |slot| slot.retransmission.is_some());
        let Some(slot) = with_line.and_then(|key| slots.get_mut(key)) else {
            let slot = find_key(leg, slots, |slot| slot.may_pad(now.ns))
                .or_else(|| find_key(leg, slots, Slot::has_sent_pictures))
                .and_then(|key| slots.get_mut(key))
                .ok_or(Counter::DropProbeWithoutLine)?;
            return pad_between_pictures(slot, leg, size_bytes, now, output);
        };
        let again = slot.retransmission.as_ref();
        let lately = again.and_then(|again| again.history.lately(again.next));
        let most_bytes = size_bytes + size_bytes / 2;
        let sent_again = lately
            .and_then(|record| resend(&record, most_bytes, slot, leg, tracks, now, output).ok());
        match sent_again {
            Some(bytes) => Ok(Some(bytes)),
            None => send_padding(slot, leg, size_bytes, now, output).map(Some),
        }
    }
}

/// One of a leg's slots. Where it has a retransmission line, it need not have carried anything: a path is asked before its
/// first picture too, which may wait for the answer.
fn find_key(
    leg: &Leg,
    slots: &SlotMap<SlotKey, Slot>,
    suits: impl Fn(&Slot) -> bool,
) -> Option<SlotKey> {
    let mut own = leg.slots.iter().copied();
    own.find(|key| slots.get(*key).is_some_and(&suits))
}

fn send_padding(
    slot: &mut Slot,
    leg: &mut Leg,
    size_bytes: usize,
    now: Now,
    output: &mut Output,
) -> Result<usize, Counter> {
    let payload_type = slot
        .codecs
        .iter()
        .find_map(|binding| binding.rtx_payload_type)
        .ok_or(Counter::DropProbeWithoutLine)?;
    let line = Stamp::again(slot, payload_type, None).ok_or(Counter::DropProbeWithoutLine)?;
    let timestamp = slot.line.last().map_or(0, |last| last.timestamp);
    let written = send_again(
        &line,
        size_bytes,
        slot,
        leg,
        now,
        output,
        |slot, leg, out| write_padding(&line, timestamp, size_bytes, slot, leg, now, out),
    )?;
    Ok(written.len)
}

/// A burst that the driver could not send in this time measures nothing.
const LONGEST_NS: u64 = 100_000_000;
/// What is due within the next turn of the driver leaves now.
const AHEAD_NS: u64 = 1_000_000;
const BIT_NS_PER_BYTE_S: u128 = 8 * 1_000_000_000;
