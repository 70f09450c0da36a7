use super::*;
use crate::signalling::{Video, VideoCodec};

const ANSWER: &str = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:abcd1234\r\n\
    a=ice-pwd:0123456789abcdef012345\r\na=setup:passive\r\n\
    a=fingerprint:sha-256 8A:2D:5A:F6:B8:CC:EB:D5:9A:D4:7C:82:64:01:2B:45:F1:12:E8:AA:7A:81:D2:E8:4E:FD:C3:09:36:64:88:77\r\n\
    a=candidate:1 1 udp 1 127.0.0.1 3478 typ host\r\na=rtpmap:111 opus/48000/2\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:1\r\na=rtpmap:96 VP8/90000\r\n";

mod asks;

const JOINED: &str = r#"{"type":"joined","id":1,"slots":{"audio":2,"video":3},"new":{"field":1}}"#;
const PUBLISHED: &str = r#"{"type":"published","id":3,"tracks":[{"id":"t-1","kind":"video","source":"camera","muted":false}]}"#;
const FAR: &str = r#"{"type":"error","id":1,"code":"token_invalid","words":"","action":""}"#;
const CLOSING: &str = r#"{"type":"closing","code":"draining","words":"","action":""}"#;
const LEG_FAILED: &str = r#"{"type":"connection","state":"failed"}"#;
const CONNECTED: &str = r#"{"type":"connection","state":"connected"}"#;
const OK: &str = r#"{"type":"ok","id":9}"#;
const MORE: &str = r#"{"type":"more_slots","audio":1,"video":1}"#;
const AGAIN: &str = r#"{"type":"renegotiate","reason":"codec"}"#;

fn person() -> Person {
    Person {
        room: "r".into(),
        credential: "token".into(),
        session: 1,
        password: "0123456789abcdef012345".into(),
        fingerprint: "8A".into(),
        audio_ssrc: 1,
        video_ssrcs: (2, 3),
        video: Video {
            codec: VideoCodec::Vp8,
            simulcast: false,
        },
    }
}

fn answer() -> String {
    json!({ "type": "answer", "id": 2, "sdp": ANSWER }).to_string()
}

/// A participant that has come so far, by what it was told.
fn at(state: State) -> Visavis {
    let mut visavis = Visavis::new(person());
    let mut steps = Vec::new();
    if state != State::Opening {
        visavis.handle_open(&mut steps);
    }
    for text in [JOINED, &answer(), PUBLISHED, PUBLISHED] {
        if visavis.state() != state && state != State::Opening {
            visavis.handle_text_untrusted(text, &mut steps);
        }
    }
    match state {
        State::Leaving => visavis.leave(&mut steps),
        State::Over => visavis.handle_text_untrusted(CLOSING, &mut steps),
        _ => {}
    }
    assert_eq!(visavis.state(), state);
    visavis
}

fn told(state: State, text: &str) -> (State, Vec<Step>) {
    let (mut visavis, mut steps) = (at(state), Vec::new());
    visavis.handle_text_untrusted(text, &mut steps);
    (visavis.state(), steps)
}

fn types(steps: &[Step]) -> Vec<String> {
    let words = steps.iter().map(|step| match step {
        Step::Send(text) => {
            let message: serde_json::Value = serde_json::from_str(text).expect("JSON");
            message
                .get("type")
                .and_then(|word| word.as_str())
                .expect("a type")
                .to_owned()
        }
        Step::Reached(point) => format!("{point:?}"),
        Step::Connect(_) => "Connect".into(),
        Step::Obey(_) => "Obey".into(),
        Step::Fail(failure) => failure.word().to_owned(),
        Step::Close => "Close".into(),
    });
    words.collect()
}

const EVERY: [State; 8] = [
    State::Opening,
    State::Joining,
    State::Offering,
    State::PublishingMicrophone,
    State::PublishingCamera,
    State::Consulting,
    State::Leaving,
    State::Over,
];

#[test]
fn a_join_goes_the_way_of_the_browser_sdk() {
    let (mut visavis, mut steps) = (Visavis::new(person()), Vec::new());
    visavis.handle_open(&mut steps);
    for text in [JOINED, &answer(), PUBLISHED, PUBLISHED, CONNECTED] {
        visavis.handle_text_untrusted(text, &mut steps);
    }
    visavis.leave(&mut steps);
    visavis.handle_text_untrusted(OK, &mut steps);
    let expected = [
        "join", "Joined", "offer", "Answered", "Connect", "publish", "publish", "leave", "Close",
    ];
    assert_eq!(types(&steps), expected);
    let Some(Step::Connect(plan)) = steps.iter().find(|step| matches!(step, Step::Connect(_)))
    else {
        panic!("{steps:?}");
    };
    let lines = plan.sends.as_ref().expect("it sends");
    let video = lines.video.first().expect("pictures");
    assert_eq!((lines.audio.payload_type, video.payload_type), (111, 96));
    assert_eq!(plan.remote.port(), 3_478);
}

#[test]
fn the_offer_has_as_many_slots_as_joined_asks_for() {
    let (_, steps) = told(State::Joining, JOINED);
    let Some(Step::Send(offer)) = steps.last() else {
        panic!("{steps:?}");
    };
    assert_eq!(offer.matches("a=recvonly").count(), 5);
    assert!(offer.contains("\"fresh\":true"));
    let (mut visavis, mut steps) = (at(State::Consulting), Vec::new());
    visavis.handle_text_untrusted(MORE, &mut steps);
    let Some(Step::Send(offer)) = steps.last() else {
        panic!("{steps:?}");
    };
    assert_eq!(offer.matches("a=recvonly").count(), 7);
    assert!(offer.contains("\"fresh\":false"));
}

#[test]
fn slots_that_are_asked_for_while_a_join_is_under_way_are_offered_after_it() {
    for state in [
        State::Offering,
        State::PublishingMicrophone,
        State::PublishingCamera,
    ] {
        let (mut visavis, mut steps) = (at(state), Vec::new());
        visavis.handle_text_untrusted(MORE, &mut steps);
        assert!(steps.is_empty(), "{state:?} {steps:?}");
        for text in [answer().as_str(), PUBLISHED, PUBLISHED] {
            visavis.handle_text_untrusted(text, &mut steps);
        }
        assert_eq!(visavis.state(), State::Consulting);
        let Some(Step::Send(offer)) = steps.last() else {
            panic!("{state:?} {steps:?}");
        };
        assert_eq!(offer.matches("a=recvonly").count(), 7, "{state:?}");
    }
}

/// What each state makes of each message: the state after it, and the types of the steps.
#[test]
fn every_message_in_every_state_is_answered_as_the_table_says() {
    for state in EVERY {
        let over = matches!(state, State::Over);
        let (leaving, consulting) = (state == State::Leaving, state == State::Consulting);
        for (text, code) in [(FAR, "token_invalid"), (CLOSING, "draining")] {
            let expected: &[&str] = match state {
                State::Over => &[],
                State::Leaving => &["Close"],
                _ => &[code],
            };
            let (after, steps) = told(state, text);
            assert_eq!(
                (after, types(&steps)),
                (
                    State::Over,
                    expected.iter().map(|word| (*word).to_owned()).collect()
                ),
                "{state:?} {text}"
            );
        }
        let (after, steps) = told(state, LEG_FAILED);
        assert_eq!(
            (after == State::Over, steps.is_empty()),
            (true, over),
            "{state:?}"
        );
        for (text, moves) in [
            (JOINED, state == State::Joining),
            (answer().as_str(), state == State::Offering),
            (
                PUBLISHED,
                matches!(state, State::PublishingMicrophone | State::PublishingCamera),
            ),
            (OK, leaving),
            (CONNECTED, false),
            (r#"{"type":"speaking"}"#, false),
            (r#"{"type":"of_tomorrow","x":[1]}"#, false),
        ] {
            let (after, _) = told(state, text);
            assert_eq!(after != state, moves, "{state:?} {text}");
        }
        for text in [MORE, AGAIN] {
            let (after, steps) = told(state, text);
            assert_eq!(
                (after, steps.len()),
                (state, usize::from(consulting)),
                "{state:?} {text}"
            );
        }
        for text in [
            "",
            "[]",
            "{}",
            r#"{"type":7}"#,
            r#"{"type":"joined","slots":{"audio":-1}}"#,
        ] {
            let (after, steps) = told(state, text);
            let words = types(&steps);
            let expected: &[&str] = if over { &[] } else { &["message_malformed"] };
            assert_eq!(
                (after, words.as_slice()),
                (
                    State::Over,
                    expected
                        .iter()
                        .map(|word| (*word).to_owned())
                        .collect::<Vec<_>>()
                        .as_slice()
                ),
                "{state:?} {text}"
            );
        }
    }
}

#[test]
fn what_the_relay_may_not_say_fails_the_join() {
    let many = r#"{"type":"joined","slots":{"audio":100,"video":100}}"#;
    assert_eq!(
        types(&told(State::Joining, many).1).last().expect("a step"),
        "too_many_slots"
    );
    for (from, to, word) in [
        ("passive", "active", "answer_not_passive"),
        ("VP8", "VP9", "answer_without_codec"),
        ("127.0.0.1", "relay.example", "answer_without_address"),
        ("a=ice-pwd", "a=x", "answer_malformed"),
        ("m=video 9", "m=video 0", "answer_without_codec"),
    ] {
        let answer = json!({ "type": "answer", "sdp": ANSWER.replace(from, to) }).to_string();
        assert_eq!(types(&told(State::Offering, &answer).1), [word]);
    }
}

#[test]
fn a_reason_is_a_word_and_nothing_else() {
    assert_eq!(Failure::of_untrusted("room_full").word(), "room_full");
    for text in ["", "a b", "Ünlü", "x\n", &"x".repeat(41)] {
        assert_eq!(Failure::of_untrusted(text).word(), "unspeakable");
    }
}

#[test]
fn a_heartbeat_is_a_ping_until_it_is_over() {
    for (state, count) in [(State::Consulting, 1), (State::Over, 0)] {
        let (mut visavis, mut steps) = (at(state), Vec::new());
        visavis.handle_heartbeat(&mut steps);
        assert_eq!(steps.len(), count);
    }
}
