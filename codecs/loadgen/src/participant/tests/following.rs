//! What a participant makes of the relay's word on its pictures.

use wire::rtcp::write_remb;
use wire::rtp::RtpHeader;

use super::*;
use crate::participant::following::Ask;

/// As long as what cameras see goes on before it begins again.
const MINUTE_FRAMES: u64 = 1_800;
const FRAME_NS: u64 = 1_000_000_000 / 30;

/// A cap as its relay tells it, which is the other participant.
fn cap(of: &mut Participant, bps: u64) -> Vec<u8> {
    let mut out = vec![0; 200];
    let len = write_remb(&mut out, 1, bps, &[20]).expect("there is room");
    let protected = of.transport.outbound.protect_rtcp(&mut out, len);
    out.truncate(protected.expect("there is room"));
    out
}

/// What its pictures take, with all headers but those of IP and UDP.
fn sent_bps(of: &mut Participant) -> f64 {
    let mut bytes = 0;
    for frame in 0..MINUTE_FRAMES {
        let datagrams = made(|burst| of.show(frame * FRAME_NS, burst));
        bytes += datagrams.iter().map(Vec::len).sum::<usize>();
    }
    8.0 * bytes as f64 / 60.0
}

/// The sources of its next pictures.
fn sources(of: &mut Participant) -> Vec<u32> {
    let datagrams = made(|burst| of.show(0, burst));
    let headers = datagrams.iter().map(|one| RtpHeader::parse_untrusted(one));
    let mut sources: Vec<u32> = headers.map(|one| one.expect("it is RTP").ssrc).collect();
    sources.dedup();
    sources
}

fn ask(rid: &str, active: bool, most_bps: Option<u64>) -> Ask {
    Ask {
        rid: rid.into(),
        active,
        most_bps,
    }
}

/// One that sends three encodings, as sources 100, 101 and 102.
fn simulcast() -> Participant {
    let mut connected = connected(0, VideoCodec::Vp8);
    let line = connected.video.pop().expect("it has one");
    let rids = ["l", "m", "h"].into_iter().zip(100..);
    connected.video = rids
        .map(|(rid, ssrc)| LineSetup {
            ssrc,
            rid: Some(rid.into()),
            rtx: None,
            ..line.clone()
        })
        .collect();
    Participant::new(0, 1, connected).expect("it can be")
}

#[test]
fn pictures_stay_below_a_cap_beside_sound_until_it_is_taken_back() {
    let (mut one, mut other) = (
        participant(0, VideoCodec::Vp8),
        participant(1, VideoCodec::Vp8),
    );
    let free_bps = sent_bps(&mut one);
    assert!(free_bps > 1e6, "{free_bps}");
    let told = cap(&mut other, 500_000);
    let (arrivals, _) = given(&mut one, 0, vec![told]);
    let counted = Feedback {
        rembs: 1,
        ..Feedback::default()
    };
    assert_eq!(arrivals, [Arrival::Control(counted)]);
    let capped_bps = sent_bps(&mut one);
    assert!((390e3..440e3).contains(&capped_bps), "{capped_bps}");
    let told = cap(&mut other, 0);
    given(&mut one, 0, vec![told]);
    let released_bps = sent_bps(&mut one);
    assert!(
        (released_bps / free_bps - 1.0).abs() < 0.05,
        "{released_bps}"
    );
}

#[test]
fn an_encoding_takes_no_more_than_it_is_allowed() {
    let mut one = participant(0, VideoCodec::H264);
    one.obey(&[ask("", true, Some(300_000))]);
    let sent_bps = sent_bps(&mut one);
    assert!((290e3..340e3).contains(&sent_bps), "{sent_bps}");
}

#[test]
fn encodings_come_and_go_as_they_are_asked_for() {
    let mut one = simulcast();
    assert_eq!(sources(&mut one), [100, 101, 102]);
    one.send_best_alone();
    assert_eq!(sources(&mut one), [102]);
    one.obey(&[ask("m", true, None), ask("h", true, None)]);
    let camera = one.camera.as_ref().expect("it has one");
    let begins: Vec<bool> = camera
        .encodings
        .iter()
        .map(|one| one.key_frame_wanted)
        .collect();
    assert_eq!(begins, [false, true, false]);
    assert_eq!(sources(&mut one), [101, 102]);
    one.obey(&[ask("h", false, None), ask("x", true, None)]);
    assert_eq!(sources(&mut one), [101]);
}
