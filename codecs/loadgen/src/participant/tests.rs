#![allow(clippy::indexing_slicing)]

use std::net::Ipv4Addr;

use forward::srtp::Profile;

use super::connected::MasterKey;
use super::*;
use crate::generator::open_socket;
use crate::setup::{Extensions, IceSetup, LineSetup, RtxSetup};

mod following;

const MS: u64 = 1_000_000;
const EXTENSIONS: Extensions = Extensions {
    audio_level: 1,
    abs_send_time: 2,
    transport_sequence: 3,
    mid: 4,
    rid: 5,
    repaired_rid: 6,
};

/// One of two who speak to one another as if each were the other's relay.
fn participant(place: u32, codec: VideoCodec) -> Participant {
    Participant::new(place, 1, connected(place, codec)).expect("it can be")
}

fn connected(place: u32, codec: VideoCodec) -> Connected {
    let key = |of: u32| MasterKey {
        key: vec![of as u8; 16],
        salt: vec![9; 12],
    };
    let line = |ssrc, payload_type, rtx| LineSetup {
        ssrc,
        payload_type,
        mid: "0".into(),
        rid: None,
        rtx,
    };
    let rtx = RtxSetup {
        ssrc: 30 + place,
        payload_type: 97,
    };
    Connected {
        consultation: 0,
        socket: open_socket().expect("a port is free"),
        remote: SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9),
        ice: Some(IceSetup {
            ufrag: "relay".into(),
            password: "password of the relay".into(),
            own: None,
        }),
        profile: Profile::AeadAes128Gcm,
        sends: key(place),
        receives: key(1 - place),
        extensions: EXTENSIONS,
        codec,
        audio: Some(line(10 + place, 111, None)),
        video: vec![line(20 + place, 96, Some(rtx))],
        received: ReceivedTypes {
            audio: 111,
            red: None,
            video: 96,
            rtx: Some(97),
        },
    }
}

/// What was put into a burst, which is not sent.
fn made(fill: impl FnOnce(&mut Burst)) -> Vec<Vec<u8>> {
    let mut burst = Burst::new(false);
    fill(&mut burst);
    burst.datagrams().map(<[u8]>::to_vec).collect()
}

/// Gives datagrams to somebody; what came of each, and what it has to say to that.
fn given(
    to: &mut Participant,
    at_ns: u64,
    mut datagrams: Vec<Vec<u8>>,
) -> (Vec<Arrival>, Vec<Vec<u8>>) {
    let mut arrivals = Vec::new();
    let said = made(|burst| {
        let taken = datagrams
            .iter_mut()
            .map(|datagram| to.receive(at_ns, datagram, burst));
        arrivals.extend(taken);
    });
    (arrivals, said)
}

fn stamps(arrivals: &[Arrival]) -> Vec<(u32, bool, bool)> {
    let media = arrivals.iter().filter_map(|arrival| match arrival {
        Arrival::Media {
            stamp,
            intact,
            repaired,
            ..
        } => Some((stamp.number, *intact, *repaired)),
        _ => None,
    });
    media.collect()
}

#[test]
fn what_is_lost_is_asked_for_and_sent_again_as_it_was() {
    for codec in [VideoCodec::Vp8, VideoCodec::H264] {
        let (mut one, mut other) = (participant(0, codec), participant(1, codec));
        let mut frame = made(|burst| one.show(0, burst));
        let count = frame.len() as u32;
        assert!(count > 3, "a key frame");
        frame.remove(2);
        frame.remove(1);
        let (arrivals, _) = given(&mut other, MS, frame);
        assert_eq!(stamps(&arrivals).len() as u32, count - 2);
        assert!(other.asks(), "two are missing");
        let mut told = Feedback::default();
        let asked = made(|burst| told = other.ask(2 * MS, burst));
        assert_eq!((told.nacks_sent, told.plis_sent, asked.len()), (2, 0, 1));
        let (heard, repairs) = given(&mut one, 3 * MS, asked);
        let counted = Feedback {
            nacks: 2,
            rtx_sent: 2,
            ..Feedback::default()
        };
        assert_eq!(heard, [Arrival::Control(counted)]);
        let (arrivals, _) = given(&mut other, 4 * MS, repairs);
        assert_eq!(stamps(&arrivals), [(1, true, true), (2, true, true)]);
        let nothing_more = made(|burst| told = other.ask(900 * MS, burst));
        assert!(nothing_more.is_empty() && told == Feedback::default());
    }
}

#[test]
fn who_began_without_a_key_frame_asks_for_one_and_gets_it() {
    let (mut one, mut other) = (
        participant(0, VideoCodec::Vp8),
        participant(1, VideoCodec::Vp8),
    );
    let key_frame_packets = made(|burst| one.show(0, burst)).len();
    let next = made(|burst| one.show(33 * MS, burst));
    given(&mut other, 34 * MS, next);
    let mut told = Feedback::default();
    let asked = made(|burst| told = other.ask(300 * MS, burst));
    assert_eq!(told.plis_sent, 1);
    let (heard, _) = given(&mut one, 301 * MS, asked);
    assert!(matches!(
        heard[..],
        [Arrival::Control(Feedback { plis: 1, .. })]
    ));
    let again = made(|burst| one.show(333 * MS, burst));
    assert!(again.len() > 4 && key_frame_packets > 4);
    given(&mut other, 334 * MS, again);
    assert!(made(|burst| told = other.ask(900 * MS, burst)).is_empty());
}

#[test]
fn a_picture_that_stood_still_is_told_with_the_packet_that_moves_it() {
    let (mut one, mut other) = (
        participant(0, VideoCodec::Vp8),
        participant(1, VideoCodec::Vp8),
    );
    let mut frozen = Vec::new();
    for frame in 0..20 {
        let at_ns = frame * 33 * MS + if frame > 15 { 400 * MS } else { 0 };
        let datagrams = made(|burst| one.show(at_ns, burst));
        for arrival in given(&mut other, at_ns, datagrams).0 {
            if let Arrival::Media { frozen_ns, .. } = arrival {
                frozen.extend(frozen_ns);
            }
        }
    }
    assert_eq!(frozen, [433 * MS]);
}
