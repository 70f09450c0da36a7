//! What a publisher says of its layers reaches Python, and nobody else.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod simulation;

use forward::counters::Counter;
use forward::event::Event;
use simulation::participant::{ANNOUNCEMENT, VIDEO_PT, video_ssrc};
use simulation::pictures::{two, vp8};
use simulation::{MS, SECOND, Simulation};
use wire::extensions::video_layers_allocation::VideoLayersAllocation;

/// One encoding with one spatial layer of two temporal ones: 100 and 300 kbit/s, 320 x 180 at 15 frames a second.
const SAID: [u8; 10] = [0x01, 0x40, 100, 0xac, 0x02, 0x01, 0x3f, 0x00, 0xb3, 15];

fn send(simulation: &mut Simulation, picture: u16, said: Option<&[u8]>) {
    simulation.participants[0].announces = said.map(<[u8]>::to_vec);
    let payload = vp8(picture == 0, picture, 0, 0);
    let timestamp = u32::from(picture) * 3_000;
    let rtp =
        simulation.participants[0].rtp(video_ssrc(1, 0), VIDEO_PT, timestamp, true, &payload, None);
    simulation.towards_relay(0, rtp);
    simulation.run_for(33 * MS);
}

#[test]
fn it_is_told_when_it_changes_and_never_forwarded() {
    let mut simulation = two(&[]);
    for picture in 0..60 {
        send(
            &mut simulation,
            picture,
            (picture % 3 == 0).then_some(&SAID),
        );
    }
    let told = told(&simulation);
    let [said] = told[..] else { panic!("{told:?}") };
    let layer = said.layers[0][0].unwrap();
    assert_eq!(layer.target_kbps, [100, 300, 0, 0]);
    let size = layer.resolution.unwrap();
    assert_eq!((size.width, size.height, size.max_fps), (320, 180, 15));
    let received = &simulation.participants[1].received;
    assert_eq!(received.len(), 60);
    for packet in received {
        let mut extensions = packet.header.extensions(&packet.packet).map(Result::unwrap);
        assert!(extensions.all(|(id, _)| id != ANNOUNCEMENT));
    }
}

#[test]
fn one_that_lies_is_counted_by_reason_and_its_packet_goes_on() {
    let mut simulation = two(&[]);
    send(&mut simulation, 0, Some(&SAID[..3]));
    send(&mut simulation, 1, Some(&[&SAID[..], &[0]].concat()));
    send(&mut simulation, 2, Some(&[0x41, 0]));
    for counter in [
        Counter::LayersAllocationTruncated,
        Counter::LayersAllocationLength,
        Counter::LayersAllocationValue,
    ] {
        assert_eq!(simulation.counted(counter), 1, "{}", counter.name());
    }
    assert_eq!(simulation.participants[1].received.len(), 3);
}

#[test]
fn one_that_only_a_retransmission_brings_counts_though_another_encoding_spoke_last() {
    let rids = ["h", "l"];
    let mut simulation = two(&rids);
    simulation.participants[0].repairs = false;
    let mut more = SAID;
    more[2] = 120;
    for picture in 0..40_u16 {
        for (encoding, rid) in (0..).zip(rids) {
            let publisher = &mut simulation.participants[0];
            // Both say it at first; what changes then, the larger one's lost packet says alone.
            let is_lost = picture == 20 && encoding == 0;
            publisher.announces = match picture {
                0 => Some(SAID.to_vec()),
                _ => is_lost.then(|| more.to_vec()),
            };
            let (payload, timestamp) =
                (vp8(picture == 0, picture, 0, 0), u32::from(picture) * 3_000);
            let ssrc = video_ssrc(1, encoding);
            let rtp = publisher.rtp(ssrc, VIDEO_PT, timestamp, true, &payload, Some(rid));
            if !is_lost {
                simulation.towards_relay(0, rtp);
            }
        }
        simulation.run_for(33 * MS);
        if let Some(sequence) = simulation.participants[0].nacked.pop() {
            let publisher = &mut simulation.participants[0];
            publisher.announces = Some(more.to_vec());
            let again = publisher.again(video_ssrc(1, 0), sequence, Some(rids[0]));
            simulation.towards_relay(0, again.unwrap());
        }
    }
    simulation.run_for(SECOND);
    let kbps: Vec<_> = told(&simulation)
        .iter()
        .map(|layers| layers.layers[0][0].unwrap().target_kbps[0])
        .collect();
    assert_eq!(kbps, [100, 120]);
}

/// What Python heard.
fn told(simulation: &Simulation) -> Vec<&VideoLayersAllocation> {
    let said = simulation.events.iter().filter_map(|event| match event {
        Event::LayersChanged { layers, .. } => Some(&**layers),
        _ => None,
    });
    said.collect()
}
