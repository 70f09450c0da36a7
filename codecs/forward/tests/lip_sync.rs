//! Sound and picture captured together leave with reports that still say so.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]

mod simulation;

use simulation::participant::{AUDIO_PT, VIDEO_PT, audio_ssrc, video_ssrc};
use simulation::{Conditions, MS, SECOND, Simulation, pictures};
use wire::payload::Kind;

const KINDS: [Kind; 2] = [Kind::Audio, Kind::Video];
const TURN_NS: u64 = 20 * MS;
/// Eight seconds: reports of both kinds have come, and the clock is known.
const SETTLED_TURNS: u64 = 400;

/// 32.32 NTP of a nanosecond count on the sender's own (wrong) clock.
fn ntp(ns: u64) -> u64 {
    ((ns / SECOND) << 32) | (((ns % SECOND) << 32) / SECOND)
}

fn rate_hz(kind: Kind) -> f64 {
    match kind {
        Kind::Audio => 48_000.0,
        Kind::Video => 90_000.0,
    }
}

/// A publisher of sound and picture whose clock runs at a rate of its own, and a subscriber to both.
struct Talk {
    simulation: Simulation,
    began_ns: u64,
    drift_ppm: i64,
    turn: u64,
}

impl Talk {
    fn new(towards: Conditions, drift_ppm: i64) -> Self {
        let mut simulation = pictures::two(&[]);
        simulation.links[0].0 = towards;
        Self {
            began_ns: simulation.now_ns,
            simulation,
            drift_ppm,
            turn: 0,
        }
    }

    /// Sends a packet of each kind, and the reports that are due as libwebrtc's: video each second, audio each five.
    fn go_on(&mut self) {
        let elapsed_ns = self.simulation.now_ns - self.began_ns;
        // From an epoch of its own.
        let sender_ns = 1_000 * SECOND
            + elapsed_ns.saturating_add_signed(elapsed_ns as i64 / 1_000_000 * self.drift_ppm);
        let (audio_ts, video_ts) = (
            (sender_ns / 1_000 * 48 / 1_000) as u32,
            (sender_ns / 1_000 * 90 / 1_000) as u32,
        );
        let key_frame = [0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 0, 0, 0];
        let sender = &mut self.simulation.participants[0];
        let mut out = vec![
            sender.rtp(audio_ssrc(1), AUDIO_PT, audio_ts, false, &[1], None),
            sender.rtp(video_ssrc(1, 0), VIDEO_PT, video_ts, true, &key_frame, None),
        ];
        if self.turn % 50 == 10 {
            out.push(sender.sender_report(video_ssrc(1, 0), ntp(sender_ns), video_ts));
        }
        if self.turn % 250 == 120 {
            out.push(sender.sender_report(audio_ssrc(1), ntp(sender_ns), audio_ts));
        }
        for datagram in out {
            self.simulation.towards_relay(0, datagram);
        }
        self.simulation.run_for(TURN_NS);
        self.turn += 1;
    }

    /// The RTP timestamp of what came last of a kind.
    fn newest_timestamp(&self, kind: Kind) -> u32 {
        let receiver = &self.simulation.participants[1];
        let ssrc = receiver.slot(kind).1;
        let mut packets = receiver.received.iter();
        let newest = packets.rfind(|got| got.header.ssrc == ssrc).unwrap();
        newest.header.timestamp
    }

    /// When what came last of a kind was captured, ms, by the newest report.
    fn captured_ms(&self, kind: Kind) -> f64 {
        let receiver = &self.simulation.participants[1];
        let ssrc = receiver.slot(kind).1;
        let mut reports = receiver.sender_reports.iter();
        let report = reports
            .rfind(|report| report.ssrc == ssrc)
            .expect("reports arrive");
        let ticks = self
            .newest_timestamp(kind)
            .wrapping_sub(report.rtp_timestamp)
            .cast_signed();
        report.ntp as f64 / f64::from(1_u32 << 16) / 65_536.0 * 1_000.0
            + f64::from(ticks) / rate_hz(kind) * 1_000.0
    }
}

fn worst_skew_ms(towards: Conditions, drift_ppm: i64) -> f64 {
    let mut talk = Talk::new(towards, drift_ppm);
    let mut worst = 0.0_f64;
    while talk.turn < 3_000 {
        talk.go_on();
        if talk.turn > SETTLED_TURNS {
            worst =
                worst.max((talk.captured_ms(Kind::Audio) - talk.captured_ms(Kind::Video)).abs());
        }
    }
    worst
}

#[test]
fn on_a_clean_link_sound_and_picture_agree_within_two_milliseconds() {
    let worst_ms = worst_skew_ms(Conditions::default(), 0);
    assert!(worst_ms < 2.0, "{worst_ms} ms");
}

#[test]
fn jitter_on_the_way_and_a_drifting_clock_part_them_by_less_than_ten() {
    let uneven = Conditions {
        delay_ns: 30 * MS,
        jitter_ns: 0,
        ..Conditions::default()
    };
    for drift_ppm in [-100, 100] {
        let worst_ms = worst_skew_ms(uneven, drift_ppm);
        assert!(worst_ms < 10.0, "{worst_ms} ms at {drift_ppm} ppm");
    }
}

#[test]
fn a_report_that_waited_for_the_worker_moves_no_time_of_capture() {
    let mut talk = Talk::new(Conditions::default(), 0);
    // Longer than what is taken for a clock that drifts, and from a turn with a report of the picture only.
    let (stalled_turn, stall_ns) = (1_010, 600 * MS);
    let mut offsets_ms = [None; 2];
    let mut worst_ms = 0.0_f64;
    while talk.turn < stalled_turn + 100 {
        if talk.turn == stalled_turn {
            talk.simulation.stalled_until_ns = talk.simulation.now_ns + stall_ns;
        }
        talk.go_on();
        if talk.turn <= SETTLED_TURNS {
            continue;
        }
        for (kind, offset_ms) in KINDS.into_iter().zip(&mut offsets_ms) {
            let sender_ms = f64::from(talk.newest_timestamp(kind)) / rate_hz(kind) * 1_000.0;
            let now_ms = talk.captured_ms(kind) - sender_ms;
            worst_ms = worst_ms.max((now_ms - *offset_ms.get_or_insert(now_ms)).abs());
        }
    }
    assert!(worst_ms < 2.0, "{worst_ms} ms");
}
