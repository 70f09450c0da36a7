#![expect(
    clippy::indexing_slicing,
    reason = "indexing JSON gives null for what is missing, and null fails the test"
)]

use super::*;
use crate::signalling::{Video, VideoCodec};
use serde_json::{Value, json};

/// As Janus 1.1.2 answers an offer on a publishing handle, and offers on a receiving one.
fn description(setup: &str, direction: &str) -> String {
    let shared = "a=rtcp-mux\r\na=ice-ufrag:sUgr\r\na=ice-pwd:ySWDtOpt+mwCmvwgm265q8\r\n\
        a=ice-options:trickle\r\na=candidate:1 1 udp 2015363327 198.18.0.1 20241 typ host\r\n";
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=VideoRoom r\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
        a=fingerprint:sha-256 {FINGERPRINT}\r\na=ice-lite\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 127.0.0.1\r\na={direction}\r\na=mid:0\r\n{shared}\
        a=setup:{setup}\r\na=rtpmap:111 opus/48000/2\r\n\
        a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n\
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 127.0.0.1\r\na={direction}\r\na=mid:1\r\n{shared}\
        a=setup:{setup}\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\n\
        a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n\
        a=extmap:5 urn:example:not-known\r\n\
        a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
    )
}

const FINGERPRINT: &str = "8A:2D:5A:F6:B8:CC:EB:D5:9A:D4:7C:82:64:01:2B:45:F1:12:E8:AA:7A:81:D2:E8:4E:FD:C3:09:36:64:88:77";

fn hear(janus: &mut Janus, told: &Value) -> Vec<Step> {
    let mut steps = Vec::new();
    janus.handle_text_untrusted(&told.to_string(), &mut steps);
    steps
}

fn said(step: Option<&Step>) -> Value {
    match step {
        Some(Step::Send(words)) => serde_json::from_str(words).expect("JSON"),
        other => panic!("nothing was said: {other:?}"),
    }
}

fn success(transaction: u32, id: u64) -> Value {
    json!({ "janus": "success", "transaction": transaction.to_string(), "data": { "id": id } })
}

fn event(transaction: u32, data: &Value, sdp: &str) -> Value {
    json!({
        "janus": "event", "transaction": transaction.to_string(),
        "plugindata": { "data": data }, "jsep": { "sdp": sdp },
    })
}

/// As far as its offer, and that offer.
fn at_the_door() -> (Janus, Value) {
    let mut janus = Janus::new(person(false));
    let mut steps = Vec::new();
    janus.handle_open(&mut steps);
    hear(&mut janus, &success(1, 5));
    hear(&mut janus, &success(2, 6));
    let steps = hear(&mut janus, &success(3, 0));
    let request = said(steps.first());
    (janus, request)
}

fn person(simulcast: bool) -> Person {
    Person {
        room: "r".into(),
        credential: "me".into(),
        session: 9,
        password: "oIJOAEpjFLGVkuhoxabB3FXN".into(),
        fingerprint: FINGERPRINT.into(),
        audio_ssrc: 11,
        video_ssrcs: (12, 13),
        video: Video {
            codec: VideoCodec::Vp8,
            simulcast,
        },
    }
}

/// As far as Janus' first offer, what that led to, and what came before.
fn received_one() -> (Janus, Vec<Step>, Vec<Step>) {
    let (mut janus, _) = at_the_door();
    let others = json!({ "publishers": [{ "id": "you" }] });
    let before = hear(
        &mut janus,
        &event(4, &others, &description("passive", "recvonly")),
    );
    hear(&mut janus, &success(5, 7));
    let steps = hear(
        &mut janus,
        &event(6, &json!({}), &description("actpass", "sendonly")),
    );
    (janus, before, steps)
}

#[test]
fn its_offer_leaves_the_handshake_s_beginning_to_itself() {
    let (_, request) = at_the_door();
    let sdp = request["jsep"]["sdp"].as_str().expect("an offer");
    assert!(sdp.contains("a=setup:active\r\n") && !sdp.contains("actpass"));
    // Without one Janus waits for candidates to trickle.
    assert!(sdp.contains("a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host"));
    assert_eq!(request["body"]["id"], "me");
}

#[test]
fn it_sends_on_one_leg_and_receives_on_another() {
    let (_, before, steps) = received_one();
    let reached = [Step::Reached(Point::Joined), Step::Reached(Point::Answered)];
    assert_eq!(before.get(..2), Some(&reached[..]));
    let Some(Step::Connect(publishing)) = before.get(2) else {
        panic!("no leg: {before:?}");
    };
    let sends = publishing.sends.as_ref().expect("it sends");
    assert_eq!((sends.audio.ssrc, sends.audio.payload_type), (11, 111));
    let video = sends.video.first().expect("pictures");
    assert_eq!((video.ssrc, video.payload_type), (12, 96));
    let rtx = video.rtx.as_ref().expect("retransmissions");
    assert_eq!((rtx.ssrc, rtx.payload_type), (13, 97));
    let Some(Step::Connect(receiving)) = steps.first() else {
        panic!("no leg: {steps:?}");
    };
    assert_eq!(receiving.sends, None);
    assert_eq!(receiving.remote.to_string(), "198.18.0.1:20241");
    // Janus checks back on both, and waits for answers.
    for leg in [publishing, receiving] {
        let own = leg.ice.own.as_ref().expect("its own credentials");
        assert_eq!(own.password, "oIJOAEpjFLGVkuhoxabB3FXN");
    }
    let ids = receiving.extensions;
    assert_eq!((ids.audio_level, ids.abs_send_time), (1, 0));
    assert_eq!((ids.transport_sequence, ids.mid), (3, 4));
}

#[test]
fn its_answer_takes_what_it_knows_of_the_offer() {
    let (_, _, steps) = received_one();
    let request = said(steps.get(1));
    assert_eq!(request["handle_id"], 7);
    let sdp = request["jsep"]["sdp"].as_str().expect("an answer");
    for line in [
        "a=group:BUNDLE 0 1",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
        "a=recvonly",
        "a=setup:active",
        "a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host",
        "a=rtcp-fb:96 transport-cc",
        "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    ] {
        assert!(sdp.contains(&format!("{line}\r\n")), "{line}");
    }
    assert!(!sdp.contains("not-known"));
}

#[test]
fn who_comes_later_is_received_on_the_same_leg() {
    let (mut janus, ..) = received_one();
    hear(&mut janus, &json!({ "janus": "event", "transaction": "7" }));
    let comes = json!({ "publishers": [{ "id": "third" }] });
    hear(
        &mut janus,
        &json!({ "janus": "event", "plugindata": { "data": comes } }),
    );
    let steps = hear(
        &mut janus,
        &event(8, &json!({}), &description("actpass", "sendonly")),
    );
    let [Step::Send(answer)] = steps.as_slice() else {
        panic!("not only an answer: {steps:?}");
    };
    assert!(answer.contains("o=- 9 2 "));
}

#[test]
fn a_failure_is_told_once_and_ends_it() {
    let (mut janus, _) = at_the_door();
    let refused = json!({ "janus": "error", "transaction": "4", "error": { "code": 456 } });
    assert_eq!(
        hear(&mut janus, &refused),
        [Step::Fail(Failure::of_untrusted("janus_456"))]
    );
    assert_eq!(hear(&mut janus, &refused), []);
    let (mut janus, _) = at_the_door();
    let steps = hear(
        &mut janus,
        &event(4, &json!({}), &description("active", "recvonly")),
    );
    assert_eq!(
        steps.last(),
        Some(&Step::Fail(Failure::new("answer_not_passive")))
    );
}

#[test]
fn it_keeps_its_session_and_ends_it_when_it_leaves() {
    let (mut janus, _) = at_the_door();
    let mut steps = Vec::new();
    for _ in 0..5 {
        janus.handle_heartbeat(&mut steps);
    }
    assert_eq!(steps.len(), 1);
    assert_eq!(said(steps.first())["janus"], "keepalive");
    janus.leave(&mut steps);
    assert_eq!(said(steps.get(1))["janus"], "destroy");
    assert_eq!(steps.get(2), Some(&Step::Close));
}

#[test]
fn several_encodings_are_not_driven() {
    let mut steps = Vec::new();
    Janus::new(person(true)).handle_open(&mut steps);
    assert_eq!(steps, [Step::Fail(Failure::new("no_simulcast"))]);
}
