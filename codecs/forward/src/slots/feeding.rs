//! Which encoding feeds a slot, and where another takes over.

use crate::control::counters::Counter;
use crate::control::event::Event;
use crate::ingress::incoming::Incoming;
use crate::slots::line::Line;
use crate::slots::slot::Slot;
use crate::tracks::encoding::Encoding;
use crate::tracks::receive::ticks_of;
use crate::tracks::track::Track;
use crate::worker::now::Now;
use crate::worker::output::Output;

/// What forwarding a packet did to its slot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Progress {
    /// The slot went on as before.
    Continued,
    /// The slot is now fed by the packet's encoding, beginning with this packet.
    Switched,
}

/// Decides whether the packet's encoding feeds the slot, and switches to it where a decoder may start.
///
/// # Errors
///
/// The name under which a packet that is not for the slot is counted.
pub fn select(
    packet: &Incoming<'_>,
    track: &Track,
    slot: &mut Slot,
    now: Now,
    output: &mut Output,
) -> Result<Progress, Counter> {
    if slot.paused {
        return Err(Counter::DropPaused);
    }
    if packet.restarted && slot.current == Some(packet.encoding) {
        slot.cease();
    }
    if slot.current == Some(packet.encoding) {
        let encoding = track.encodings.get(usize::from(packet.encoding));
        let is_layered = encoding.is_some_and(Encoding::has_temporal_layers);
        if !slot.is_bridged_enough(is_layered, now.ns) || !starts_frame(packet, &slot.line) {
            return Ok(Progress::Continued);
        }
        slot.cease();
    }
    if slot.wanted(packet.alive) != Some(packet.encoding) {
        return Err(Counter::DropOtherEncoding);
    }
    if !packet.frame.key_frame || packet.payload.is_empty() {
        return Err(Counter::DropAwaitingKeyFrame);
    }
    let rate_hz = packet.codec.clock_rate_hz();
    let timestamp =
        first_timestamp(&slot.line, packet.arrival_ns, rate_hz).unwrap_or(packet.header.timestamp);
    slot.line.switch(
        packet.sequence,
        packet.header.timestamp,
        timestamp,
        packet.frame.picture,
    );
    if !std::mem::replace(&mut slot.told_started, true) {
        output.events.push(Event::SlotStarted { slot: slot.id });
    }
    slot.current = Some(packet.encoding);
    Ok(Progress::Switched)
}

/// Whether a packet of what feeds the line is the first of its frame; where the codec does not tell, of a timestamp.
fn starts_frame(packet: &Incoming<'_>, line: &Line) -> bool {
    if packet.frame.tells_starts(packet.codec) {
        packet.frame.starts_frame
    } else {
        line.begins_frame(packet.sequence, packet.header.timestamp)
    }
}

/// Where the line's clock stands after the time that passed since its last packet; `None` before any.
fn first_timestamp(line: &Line, arrival_ns: u64, rate_hz: u32) -> Option<u32> {
    line.last().map(|last| {
        let elapsed_ns = arrival_ns.saturating_sub(last.arrival_ns);
        let ticks = ticks_of(elapsed_ns, rate_hz);
        last.timestamp.wrapping_add((ticks as u32).max(1))
    })
}
