//! Where a packet's time goes: each stage measured alone, or as the difference that it makes.

use std::hint::black_box;

use forward::Tuple;
use forward::srtp::{Inbound, Outbound, Profile};
use serde::Serialize;
use wire::payload::Kind;
use wire::rtp::RtpHeader;

use super::PacketPathSetup;
use super::batches::Batches;
use super::publisher::Prepared;
use super::rooms::{Rooms, keys_of};
use super::{SUBSCRIBERS, cost};
use crate::kernel::clock::thread_cpu_ns;

/// Nanoseconds a packet.
#[derive(Clone, Debug, Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "units stand in names, here and in JSON"
)]
pub struct Stages {
    /// Which protocol, whose leg: a packet from nobody, which goes no further.
    pub find_leg_ns: f64,
    /// SRTP: replay window, decryption, tag.
    pub unprotect_ns: f64,
    /// Everything else until the packet is known to its track: headers, statistics, feedback, cache.
    pub register_ns: f64,
    /// For each subscriber, everything but protection: choice, numbers, header, copy, history.
    pub rewrite_ns: f64,
    /// For each subscriber, SRTP: encryption and tag.
    pub protect_ns: f64,
}

/// Measures the stages of one profile and kind in one room.
///
/// # Errors
/// A sentence: the packet path did not do what the stage is about.
pub fn measure(profile: Profile, kind: Kind, setup: &PacketPathSetup) -> Result<Stages, String> {
    let rooms = |subscribers| Rooms::new(profile, kind, subscribers, 1, setup.seed);
    let cost_ns = |subscribers| {
        cost::measure(&mut rooms(subscribers)?, setup.packets, false).map(|cost| cost.ns_per_packet)
    };
    let [one, several] = SUBSCRIBERS;
    let (alone_ns, with_one_ns, with_several_ns) = (cost_ns(0)?, cost_ns(one)?, cost_ns(several)?);
    let find_leg_ns = from_nobody(&mut rooms(1)?, setup.packets)?;
    let (unprotect_ns, protect_ns) = srtp(&mut rooms(1)?, profile, setup.packets)?;
    let each_ns = (with_several_ns - with_one_ns) / (several - one) as f64;
    Ok(Stages {
        find_leg_ns,
        unprotect_ns,
        register_ns: alone_ns - unprotect_ns - find_leg_ns,
        rewrite_ns: each_ns - protect_ns,
        protect_ns,
    })
}

fn from_nobody(rooms: &mut Rooms, packets: u64) -> Result<f64, String> {
    let nobody = Tuple {
        socket: 0,
        remote: ([192, 0, 2, 1], 9).into(),
    };
    let (mut done, mut batches) = (0, Batches::default());
    while done < packets {
        let mut batch = prepared(rooms)?;
        for packet in &mut batch {
            packet.tuple = nobody;
        }
        let started_ns = thread_cpu_ns();
        for packet in &mut batch {
            rooms.handle(packet);
        }
        batches.record(thread_cpu_ns() - started_ns, batch.len());
        if rooms.empty() > 0 {
            return Err("the packet path forwarded what nobody sent".into());
        }
        done += batch.len() as u64;
    }
    Ok(batches.median_ns())
}

fn srtp(rooms: &mut Rooms, profile: Profile, packets: u64) -> Result<(f64, f64), String> {
    let (key, salt) = keys_of(profile);
    let trouble = |error: forward::srtp::SrtpError| format!("SRTP alone: {error}");
    let mut inbound = Inbound::new(profile, &key, &salt).map_err(trouble)?;
    let outbound = Outbound::new(profile, &key, &salt).map_err(trouble)?;
    let (mut done, mut unprotect, mut protect) = (0, Batches::default(), Batches::default());
    while done < packets {
        let mut batch = prepared(rooms)?;
        let headers: Vec<_> = batch
            .iter()
            .filter_map(|packet| RtpHeader::parse_untrusted(&packet.datagram).ok())
            .collect();
        let started_ns = thread_cpu_ns();
        for (packet, header) in batch.iter_mut().zip(&headers) {
            let opened = inbound.unprotect_rtp(
                &mut packet.datagram,
                header.header_len,
                header.ssrc,
                header.sequence,
            );
            black_box(opened.map_err(trouble)?);
        }
        unprotect.record(thread_cpu_ns() - started_ns, batch.len());
        let started_ns = thread_cpu_ns();
        for (packet, header) in batch.iter_mut().zip(&headers) {
            let plain_bytes = packet.datagram.len() - profile.rtp_overhead();
            let index = header.sequence.into();
            let sealed = outbound.protect_rtp(
                &mut packet.datagram,
                plain_bytes,
                header.header_len,
                header.ssrc,
                index,
            );
            black_box(sealed.map_err(trouble)?);
        }
        protect.record(thread_cpu_ns() - started_ns, batch.len());
        done += batch.len() as u64;
    }
    Ok((unprotect.median_ns(), protect.median_ns()))
}

fn prepared(rooms: &mut Rooms) -> Result<Vec<Prepared>, String> {
    rooms
        .prepare(BATCH)
        .ok_or_else(|| "a packet could not be made".into())
}

const BATCH: usize = 64;
