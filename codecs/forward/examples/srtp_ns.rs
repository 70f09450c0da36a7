//! What SRTP costs: nanoseconds per 1,100-byte packet, each way, for each profile, on one core.
//!
//! `cargo run --release -p forward --example srtp_ns`. Each figure is the median of 5 runs.

use std::hint::black_box;
use std::time::Instant;

use forward::srtp::{Inbound, Outbound, Profile, SrtpError};

const PACKET_BYTES: usize = 1100;
const HEADER_BYTES: usize = 12;
const SSRC: u32 = 0x5eed;
const PACKETS_PER_RUN: u64 = 50_000;
const RUNS: u64 = 5;
/// Protected ahead and then opened, so that no packet is opened twice; small enough for the L2 cache.
const BATCH_PACKETS: u64 = 250;
/// Room for a packet and any profile's tag.
const SLOT_BYTES: usize = PACKET_BYTES + 16;

fn main() -> Result<(), SrtpError> {
    println!("{PACKET_BYTES}-byte packets, median of {RUNS} runs, ns per packet");
    println!(
        "{:<20}{:>10}{:>10}{:>10}",
        "profile", "protect", "unprotect", "forged"
    );
    for profile in [
        Profile::AeadAes128Gcm,
        Profile::AeadAes256Gcm,
        Profile::Aes128CmSha1_80,
    ] {
        let mut protect = Vec::new();
        let mut unprotect = Vec::new();
        let mut forged = Vec::new();
        for _ in 0..RUNS {
            let run = run(profile)?;
            protect.push(run.protect);
            unprotect.push(run.unprotect);
            forged.push(run.forged);
        }
        println!(
            "{:<20}{:>10}{:>10}{:>10}",
            format!("{profile:?}"),
            median(protect),
            median(unprotect),
            median(forged)
        );
    }
    println!(
        "bytes: Inbound {}, Outbound {}",
        size_of::<Inbound>(),
        size_of::<Outbound>()
    );
    Ok(())
}

/// Nanoseconds per packet.
struct Run {
    protect: u128,
    unprotect: u128,
    forged: u128,
}

fn run(profile: Profile) -> Result<Run, SrtpError> {
    let key = vec![7; profile.key_len()];
    let salt = vec![9; profile.salt_len()];
    let outbound = Outbound::new(profile, &key, &salt)?;
    let mut inbound = Inbound::new(profile, &key, &salt)?;
    let protected_len = PACKET_BYTES + profile.rtp_overhead();
    let mut slots = vec![[0x55_u8; SLOT_BYTES]; BATCH_PACKETS as usize];
    let (mut protect_ns, mut unprotect_ns, mut forged_ns) = (0, 0, 0);
    for first in (0..PACKETS_PER_RUN).step_by(BATCH_PACKETS as usize) {
        let started = Instant::now();
        for (slot, index) in slots.iter_mut().zip(first..) {
            outbound.protect_rtp(slot, PACKET_BYTES, HEADER_BYTES, SSRC, index)?;
        }
        protect_ns += started.elapsed().as_nanos();

        let started = Instant::now();
        for (slot, index) in slots.iter_mut().zip(first..) {
            let packet = slot.get_mut(..protected_len).ok_or(SrtpError::NoRoom)?;
            inbound.unprotect_rtp(packet, HEADER_BYTES, SSRC, index as u16)?;
        }
        unprotect_ns += started.elapsed().as_nanos();

        // What is opened now is plain text under a stranger's SSRC: every tag is wrong.
        let started = Instant::now();
        for (slot, index) in slots.iter_mut().zip(first..) {
            let packet = slot.get_mut(..protected_len).ok_or(SrtpError::NoRoom)?;
            let refused = inbound.unprotect_rtp(packet, HEADER_BYTES, !SSRC, index as u16);
            assert_eq!(black_box(refused), Err(SrtpError::AuthenticationFailed));
        }
        forged_ns += started.elapsed().as_nanos();
    }
    let per_packet = |total_ns: u128| total_ns / u128::from(PACKETS_PER_RUN);
    Ok(Run {
        protect: per_packet(protect_ns),
        unprotect: per_packet(unprotect_ns),
        forged: per_packet(forged_ns),
    })
}

fn median(mut figures: Vec<u128>) -> u128 {
    figures.sort_unstable();
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
