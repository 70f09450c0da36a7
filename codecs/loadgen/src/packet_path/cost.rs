//! What a packet costs in one case, in the thread's own processor time: others on the machine do not count.

use std::hint::black_box;

use serde::Serialize;

use super::batches::Batches;
use super::rooms::Rooms;
use crate::kernel::clock::thread_cpu_ns;

/// Per packet that came in.
#[derive(Clone, Debug, Serialize)]
pub struct Cost {
    /// From the datagram as it was read to all datagrams as they would be sent; median of batches.
    pub ns_per_packet: f64,
    /// Datagrams that would be sent.
    pub sent_per_packet: f64,
    /// Times memory was asked for, in all of the packets measured.
    pub allocations: u64,
    /// Packets measured.
    pub packets: u64,
    /// What reports, feedback and timers cost beside it.
    pub tick_ns_per_packet: f64,
}

/// Measures so many packets, after two seconds of them to warm up; with `cold` caches before each batch.
///
/// # Errors
/// A sentence: packets did not come out as they went in.
pub fn measure(rooms: &mut Rooms, packets: u64, cold: bool) -> Result<Cost, String> {
    let mut elsewhere = vec![0; if cold { CACHE_BYTES } else { 0 }];
    let warm_ns = rooms.now_ns + WARM_UP_NS;
    while rooms.now_ns < warm_ns {
        round(rooms, &mut elsewhere)?;
    }
    let (mut total, mut batches) = (Round::default(), Batches::default());
    while total.packets < packets {
        let round = round(rooms, &mut elsewhere)?;
        total.packets += round.packets;
        total.sent += round.sent;
        batches.record(round.packet_ns, round.packets as usize);
        total.tick_ns += round.tick_ns;
        total.allocations += round.allocations;
    }
    if total.sent != total.packets * rooms.subscribers as u64 {
        let (came, left) = (total.packets, total.sent);
        return Err(format!(
            "{came} packets for {} subscribers became {left}",
            rooms.subscribers
        ));
    }
    let each = |figure: u64| figure as f64 / total.packets as f64;
    Ok(Cost {
        ns_per_packet: batches.median_ns(),
        sent_per_packet: each(total.sent),
        allocations: total.allocations,
        packets: total.packets,
        tick_ns_per_packet: each(total.tick_ns),
    })
}

#[derive(Default)]
struct Round {
    packets: u64,
    sent: u64,
    packet_ns: u64,
    tick_ns: u64,
    allocations: u64,
}

/// One batch as a worker reads it, and the ticks that are due behind it; `elsewhere` is used before.
fn round(rooms: &mut Rooms, elsewhere: &mut [u8]) -> Result<Round, String> {
    for line in black_box(elsewhere).chunks_mut(CACHE_LINE_BYTES) {
        if let Some(byte) = line.first_mut() {
            *byte = byte.wrapping_add(1);
        }
    }
    let mut batch = rooms.prepare(BATCH).ok_or("a packet could not be made")?;
    let asked_before = allocations::asked();
    let started_ns = thread_cpu_ns();
    for packet in &mut batch {
        rooms.handle(packet);
    }
    rooms.close();
    let packet_ns = thread_cpu_ns() - started_ns;
    let allocations = allocations::asked() - asked_before;
    let sent = rooms.empty() as u64;
    let started_ns = thread_cpu_ns();
    rooms.catch_up();
    Ok(Round {
        packets: batch.len() as u64,
        sent,
        packet_ns,
        tick_ns: thread_cpu_ns() - started_ns,
        allocations,
    })
}

/// A quarter of what the engine reads at once at most.
const BATCH: usize = 64;
/// Slots have started, caches and windows exist.
const WARM_UP_NS: u64 = 2_000_000_000;
/// Twice the largest cache of a core's own (2 MiB, Intel Sapphire Rapids).
const CACHE_BYTES: usize = 4 * 1024 * 1024;
const CACHE_LINE_BYTES: usize = 64;
