//! Sound and picture captured together leave with reports that still say so.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]

mod simulation;

use forward::command::Command;
use simulation::participant::{AUDIO_PT, VIDEO_PT, audio_ssrc, video_ssrc};
use simulation::{Conditions, MS, SECOND, Simulation};
use wire::payload::Kind;
use wire::rtcp::SenderInfo;

/// 32.32 NTP of a nanosecond count on the sender's own (wrong) clock.
fn ntp(ns: u64) -> u64 {
    ((ns / SECOND) << 32) | (((ns % SECOND) << 32) / SECOND)
}

/// The time an SR's line says a timestamp was captured, in ms.
fn captured_ms(report: &SenderInfo, timestamp: u32, rate_hz: f64) -> f64 {
    let ticks = f64::from(timestamp.wrapping_sub(report.rtp_timestamp).cast_signed());
    report.ntp as f64 / f64::from(1_u32 << 16) / 65_536.0 * 1_000.0 + ticks / rate_hz * 1_000.0
}

fn worst_skew_ms(towards: Conditions, drift_ppm: i64) -> f64 {
    let mut simulation = Simulation::new(3);
    let (a, b) = (simulation.join(), simulation.join());
    let (publisher, subscriber) = (&simulation.participants[a], &simulation.participants[b]);
    let mut commands = vec![publisher.publish_audio(), publisher.publish_video(&[])];
    for kind in [Kind::Audio, Kind::Video] {
        let track = if kind == Kind::Audio {
            publisher.audio_track()
        } else {
            publisher.video_track()
        };
        commands.push(subscriber.add_slot(kind));
        commands.push(Command::Bind {
            slot: subscriber.slot(kind).0,
            track: Some(track),
        });
    }
    for command in commands {
        simulation.command(command);
    }
    simulation.links[a].0 = towards;
    let key_frame = [0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 0, 0, 0];
    let begin_ns = simulation.now_ns;
    let mut worst = 0.0_f64;
    for turn in 0..3_000_u64 {
        let elapsed_ns = simulation.now_ns - begin_ns;
        // The sender's clock runs at its own rate, from an epoch of its own.
        let sender_ns = 1_000 * SECOND
            + elapsed_ns.saturating_add_signed(elapsed_ns as i64 / 1_000_000 * drift_ppm);
        let (audio_ts, video_ts) = (
            (sender_ns / 1_000 * 48 / 1_000) as u32,
            (sender_ns / 1_000 * 90 / 1_000) as u32,
        );
        let sender = &mut simulation.participants[a];
        let mut out = vec![
            sender.rtp(audio_ssrc(1), AUDIO_PT, audio_ts, false, &[1], None),
            sender.rtp(video_ssrc(1, 0), VIDEO_PT, video_ts, true, &key_frame, None),
        ];
        // As libwebrtc: video reports each second, audio each five.
        if turn % 50 == 10 {
            out.push(sender.sender_report(video_ssrc(1, 0), ntp(sender_ns), video_ts));
        }
        if turn % 250 == 120 {
            out.push(sender.sender_report(audio_ssrc(1), ntp(sender_ns), audio_ts));
        }
        for datagram in out {
            simulation.towards_relay(a, datagram);
        }
        simulation.run_for(20 * MS);
        if turn < 400 {
            continue;
        }
        let receiver = &simulation.participants[b];
        let newest = |kind| {
            let ssrc = receiver.slot(kind).1;
            let report = receiver
                .sender_reports
                .iter()
                .rfind(|report| report.ssrc == ssrc)
                .expect("reports arrive");
            let timestamp = receiver
                .received
                .iter()
                .rfind(|got| got.header.ssrc == ssrc)
                .unwrap()
                .header
                .timestamp;
            captured_ms(
                report,
                timestamp,
                if kind == Kind::Audio {
                    48_000.0
                } else {
                    90_000.0
                },
            )
        };
        worst = worst.max((newest(Kind::Audio) - newest(Kind::Video)).abs());
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
