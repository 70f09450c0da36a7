use super::*;

/// What the relay's own tests read and answer.
const WRITTEN: &str = include_str!("../../../../../tests/captures/sdp_load_generator.sdp");
const FINGERPRINT: &str = "8A:2D:5A:F6:B8:CC:EB:D5:9A:D4:7C:82:64:01:2B:45:\
    F1:12:E8:AA:7A:81:D2:E8:4E:FD:C3:09:36:64:88:77";
const CAPTURED: &str = include_str!("../../../../../tests/captures/sdp_chromium_sdk.sdp");

fn offer(simulcast: bool) -> String {
    let offer = Offer {
        session: 7,
        version: 2,
        password: "oIJOAEpjFLGVkuhoxabB3FXN",
        fingerprint: FINGERPRINT,
        address: SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 43_714),
        audio_ssrc: 11,
        video_ssrcs: (12, 13),
        simulcast,
        slots: &[true, true, false, false, false],
    };
    offer.write()
}

fn section(sdp: &str, index: usize) -> Vec<&str> {
    let section = sdp.split("\nm=").nth(index).expect("as many m-lines");
    section.lines().map(str::trim_end).collect()
}

/// Lines that are not of one session only.
fn lasting<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let own = [
        "a=candidate",
        "a=ice-",
        "a=fingerprint",
        "a=msid",
        "a=ssrc",
        "a=simulcast",
        "c=",
    ];
    let lines = lines.iter().skip(1).copied();
    lines
        .filter(|line| !own.iter().any(|start| line.starts_with(start)))
        .collect()
}

#[test]
fn its_lines_are_those_of_the_captured_offer() {
    let written = offer(true);
    for index in 1..=7 {
        let (ours, theirs) = (section(&written, index), section(CAPTURED, index));
        assert_eq!(lasting(&ours), lasting(&theirs), "m-line {index}");
        let formats = |lines: &[&str]| {
            let first = lines.first().expect("an m-line");
            let words = first.split(' ').skip(2).map(str::to_owned);
            words.collect::<Vec<_>>()
        };
        assert_eq!(formats(&ours), formats(&theirs), "m-line {index}");
    }
}

#[test]
fn without_simulcast_the_camera_has_an_ssrc_and_one_for_retransmissions() {
    let written = offer(false);
    assert!(written.contains("a=ssrc-group:FID 12 13\r\n"));
    assert!(!written.contains("a=rid"));
}

#[test]
fn the_relays_tests_read_what_is_written() {
    assert_eq!(offer(false), WRITTEN);
}
