//! Feedback leaves at the end of a run of media, and without media all the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::command::Command;
use forward::counters::Counter;
use forward::worker::TICK_NS;
use simulation::participant::{AUDIO_PT, VIDEO_PT, audio_ssrc, video_ssrc};
use simulation::pictures::{two, vp8};
use simulation::{MS, Simulation};
use wire::payload::Kind;

/// What a batch sent: messages, and those among them that carry nothing but the relay's own words.
#[derive(Default)]
struct Sent {
    messages: usize,
    without_media: usize,
}

/// Both send and see a picture.
fn conversation() -> Simulation {
    let mut simulation = two(&[]);
    let (first, second) = (&simulation.participants[0], &simulation.participants[1]);
    let commands = [
        second.publish_video(&[]),
        first.add_slot(Kind::Video),
        Command::Bind {
            slot: first.slot(Kind::Video).0,
            track: Some(second.video_track()),
        },
    ];
    for command in commands {
        simulation.command(command);
    }
    simulation
}

fn send(simulation: &mut Simulation, sent: &mut Sent) {
    let outbox = simulation.worker.outbox();
    for run in outbox.runs() {
        sent.messages += 1;
        let of_media = outbox.of_run(run).any(|span| span.arrival_ns > 0);
        sent.without_media += usize::from(!of_media);
    }
    outbox.clear();
}

/// Two seconds in which those who send do so every 20 ms, as sound does.
fn talk(simulation: &mut Simulation, senders: &[usize]) -> Sent {
    let mut sent = Sent::default();
    for step in 0..200 {
        let now_ns = simulation.now_ns;
        for sender in senders.iter().filter(|_| step % 2 == 0) {
            let (ssrc, timestamp) = (video_ssrc(*sender as u32 + 1, 0), step * 900);
            let mut payload = vp8(step == 0, step as u16, 0, 0);
            payload.resize(900, 7);
            let publisher = &mut simulation.participants[*sender];
            let tuple = publisher.tuple;
            let mut packet = publisher.rtp(ssrc, VIDEO_PT, timestamp, true, &payload, None);
            let worker = &mut simulation.worker;
            worker.handle_datagram(now_ns, now_ns, tuple, &mut packet);
        }
        send(simulation, &mut sent);
        simulation.worker.handle_tick(now_ns);
        send(simulation, &mut sent);
        simulation.now_ns += TICK_NS;
    }
    sent
}

fn reports(simulation: &Simulation) -> usize {
    let feedback = simulation.counted(Counter::TransportFeedbackSent);
    (simulation.counted(Counter::EgressRtcpPackets) - feedback) as usize
}

#[test]
fn feedback_rides_behind_media_to_the_same_leg() {
    let mut simulation = conversation();
    let sent = talk(&mut simulation, &[0, 1]);
    let feedback = simulation.counted(Counter::TransportFeedbackSent);
    // Every 100 ms at the latest, and every 65 at the soonest: 20 to 31 in 2 s for each.
    assert!((38..=62).contains(&feedback), "{feedback}");
    assert!(sent.messages > 100);
    assert!(
        // The very first is due before its leg was sent anything.
        sent.without_media <= reports(&simulation) + 1,
        "{} messages without media",
        sent.without_media
    );
}

#[test]
fn who_is_sent_nothing_is_told_by_the_tick() {
    let mut simulation = conversation();
    let sent = talk(&mut simulation, &[0]);
    let feedback = simulation.counted(Counter::TransportFeedbackSent) as usize;
    assert!((19..=23).contains(&feedback), "{feedback}");
    assert!(sent.without_media >= feedback);
    assert!(simulation.now_ns > 2_000 * MS);
}

/// Bytes that arrived in 24 s, before consent runs out, with all headers, what of feedback went back, and in how many packets: of sound of this
/// many bytes every so often.
fn of_sound(bytes: usize, every_ms: u64) -> (u64, u64, u64) {
    let mut simulation = two(&[]);
    let mut arrived = 0;
    for number in 0..24_000 / every_ms as u32 {
        let sender = &mut simulation.participants[0];
        let timestamp = number * 48 * every_ms as u32;
        let ssrc = audio_ssrc(1);
        let rtp = sender.rtp(ssrc, AUDIO_PT, timestamp, false, &vec![7; bytes], None);
        arrived += rtp.len() as u64 + 28;
        simulation.towards_relay(0, rtp);
        simulation.run_for(every_ms * MS);
    }
    (
        arrived,
        simulation.counted(Counter::TransportFeedbackSentBytes),
        simulation.counted(Counter::TransportFeedbackSent),
    )
}

#[test]
fn feedback_takes_a_twentieth_of_sound_at_the_most() {
    for (bytes, every_ms) in [(80, 20), (160, 20), (80, 10), (120, 60)] {
        let (arrived, told, packets) = of_sound(bytes, every_ms);
        let tells_seldom = packets <= 24 * 4;
        assert!(
            told * 20 <= arrived + 2_000 || tells_seldom,
            "{told} of {arrived}"
        );
        assert!(packets >= 24 * 3, "{packets}");
    }
}

#[test]
fn a_silence_is_told_of_with_every_packet_that_breaks_it() {
    // Opus that is not sent (DTX) comes every 400 ms.
    let (_, _, packets) = of_sound(3, 400);
    assert!((58..=60).contains(&packets), "{packets}");
}
