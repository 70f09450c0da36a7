//! Padding on a line of pictures, for subscribers that have no line for retransmissions: it makes up bursts (`probing`).
//!
//! It takes numbers of the line, and what is forwarded next follows it (`line`). A decoder takes a packet without payload
//! for part of no picture as long as it comes between two of them and has the time of the one before (libwebrtc sends it
//! so too, `rtp_sender.cc`). A picture whose decoder goes by sequence numbers alone (H.264) waits for one that is lost, as
//! it would for any other packet; so padding is sent again to who asks for it (`resend`), which nothing else is on a line
//! without retransmissions.

use crate::control::counters::Counter;
use crate::egress::rewrite::{Stamp, open, write_padding};
use crate::legs::leg::Leg;
use crate::repair::resend::SentPackets;
use crate::slots::slot::Slot;
use crate::worker::now::Now;
use crate::worker::output::Output;

/// Sends a packet of about this size behind a picture's end; returns its length, or `None` where a picture has begun and
/// may still end, or something before its end may still come: then it has to wait ([`Slot::may_pad`]).
///
/// # Errors
///
/// The name under which what could not leave is counted.
pub fn pad_between_pictures(
    slot: &mut Slot,
    leg: &mut Leg,
    size_bytes: usize,
    now: Now,
    output: &mut Output,
) -> Result<Option<usize>, Counter> {
    let (true, Some(payload_type), Some(last), Some(index)) = (
        slot.may_pad(now.ns),
        slot.sent.payload_type,
        slot.line.last(),
        slot.line.next_for_padding(),
    ) else {
        return Ok(None);
    };
    let tuple = leg
        .ice
        .route(size_bytes, now.ns)
        .ok_or(Counter::DropSubscriberNotReady)?;
    if !leg.sent_packets.iter().any(|line| line.ssrc() == slot.ssrc) {
        leg.sent_packets.push(SentPackets::of_padding(slot.ssrc));
    }
    let line = Stamp {
        kind: slot.kind,
        ssrc: slot.ssrc,
        payload_type,
        index,
        original: None,
    };
    let mut len = 0;
    let sent = output.outbox.push_open(tuple, 0, |out| {
        let written = write_padding(&line, last.timestamp, size_bytes, slot, leg, now, out)?;
        len = written.len;
        open(leg, slot.leg, tuple, &line, written, now)
    });
    if !sent {
        return Err(Counter::DropOutboxFull);
    }
    slot.line.pad();
    slot.sent.packets += 1;
    slot.sent.bytes += len as u64;
    Ok(Some(len))
}
