//! A frame's packets leave with one length, and a subscriber reads what the publisher wrote.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::counters::Counter;
use simulation::participant::{VIDEO_PT, video_ssrc};
use simulation::pictures::two;
use simulation::{MS, Simulation};
use wire::payload::Kind;
use wire::rtp::RtpHeader;

const PARTS: u16 = 5;

/// The first three parts of a frame are a byte shorter than the others.
fn payload(frame: u16, part: u16) -> Vec<u8> {
    let start = if part == 0 { 0x10 } else { 0x00 };
    let key = u8::from(frame != 0 || part != 0);
    let mut payload = vec![start, key, 0, 0, 0x9d, 0x01, 0x2a];
    payload.extend((frame * PARTS + part).to_be_bytes());
    payload.resize(700 + usize::from(part > 2), 7);
    payload
}

/// Hands in a whole frame before anything is sent; returns what leaves, run by run.
fn frame(simulation: &mut Simulation, frame: u16) -> Vec<Vec<Vec<u8>>> {
    let (now_ns, tuple) = (simulation.now_ns, simulation.participants[0].tuple);
    for part in 0..PARTS {
        let (ssrc, timestamp) = (video_ssrc(1, 0), u32::from(frame) * 3_000);
        let (payload, last) = (payload(frame, part), part + 1 == PARTS);
        let mut rtp =
            simulation.participants[0].rtp(ssrc, VIDEO_PT, timestamp, last, &payload, None);
        let worker = &mut simulation.worker;
        worker.handle_datagram(now_ns, now_ns, tuple, &mut rtp);
    }
    let outbox = simulation.worker.outbox();
    let of_run = |run| {
        let spans = outbox.of_run(run);
        let bytes = spans.map(|span| &outbox.bytes()[span.start as usize..][..span.len.into()]);
        bytes.map(<[u8]>::to_vec).collect()
    };
    let runs = outbox.runs().iter().map(of_run).collect();
    outbox.clear();
    runs
}

#[test]
fn what_was_padded_is_read_and_sent_again_as_it_was_written() {
    let mut simulation = two(&[]);
    for number in 0..3 {
        let runs = frame(&mut simulation, number);
        let [run] = &runs[..] else {
            panic!("{} runs", runs.len())
        };
        assert_eq!(run.len(), usize::from(PARTS));
        for (part, datagram) in run.iter().enumerate() {
            assert_eq!(datagram.len(), run[0].len());
            let header = RtpHeader::parse_untrusted(datagram).unwrap();
            assert_eq!(header.has_padding, part < 3);
            // Two that were padded are lost: they are asked for, and come on the other line.
            if number == 1 && part < 2 {
                continue;
            }
            let answers = simulation.participants[1].receive(simulation.now_ns, datagram.clone());
            for answer in answers {
                simulation.towards_relay(1, answer);
            }
        }
        simulation.run_for(33 * MS);
    }
    let subscriber = &simulation.participants[1];
    assert_eq!(subscriber.undecryptable, 0);
    let expected: Vec<_> = (0..3)
        .flat_map(|number| (0..PARTS).map(move |part| payload(number, part)))
        .collect();
    let received = subscriber.line(subscriber.slot(Kind::Video).1);
    assert_eq!(received.into_values().collect::<Vec<_>>(), expected);
    assert_eq!(simulation.counted(Counter::EgressRtxPackets), 2);
    assert_eq!(simulation.counted(Counter::EgressPaddingBytes), 9);
}
