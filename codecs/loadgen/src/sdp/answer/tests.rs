use proptest::prelude::*;

use super::*;

const ANSWER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\na=ice-lite\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=ice-ufrag:abcd1234\r\n\
    a=ice-pwd:0123456789abcdef012345\r\n\
    a=fingerprint:sha-1 00:11\r\n\
    a=fingerprint:sha-256 8A:2D:5A:F6:B8:CC:EB:D5:9A:D4:7C:82:64:01:2B:45:F1:12:E8:AA:7A:81:D2:E8:4E:FD:C3:09:36:64:88:77\r\n\
    a=setup:passive\r\n\
    a=candidate:1 1 udp 2130706431 fd00::2 3478 typ host\r\n\
    a=candidate:2 1 tcp 2130706430 192.0.2.1 9 typ host tcptype passive\r\n\
    a=candidate:3 1 udp 2130706429 192.0.2.1 3478 typ host\r\n\
    a=candidate:4 1 udp 2130706428 127.0.0.1 3479 typ host\r\n\
    a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n\
    a=recvonly\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 96 97 108 109\r\na=mid:1\r\n\
    a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n\
    a=rtpmap:102 H264/90000\r\na=fmtp:102 packetization-mode=0\r\n\
    a=rtpmap:108 H264/90000\r\na=fmtp:108 level-asymmetry-allowed=1; packetization-mode=1\r\n\
    m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\n";

#[test]
fn an_answer_says_where_the_relay_is_and_what_it_takes() {
    let answer = Description::parse_untrusted(ANSWER).expect("it is whole");
    assert_eq!(answer.ufrag, "abcd1234");
    assert_eq!(answer.setup, Setup::Passive);
    assert_eq!(answer.fingerprint.first_chunk(), Some(&[0x8a, 0x2d, 0x5a]));
    assert_eq!(
        answer.address,
        SocketAddrV4::new(Ipv4Addr::LOCALHOST, 3_479)
    );
    let (audio, video) = (answer.of_mid("0"), answer.of_mid("1"));
    let (audio, video) = (audio.expect("audio"), video.expect("video"));
    assert_eq!(audio.codec("opus", &[]), Some((111, None)));
    assert_eq!(audio.extensions.first().map(|(id, _)| *id), Some(1));
    assert_eq!(video.codec("vp8", &[]), Some((96, Some(97))));
    assert_eq!(
        video.codec("h264", &["packetization-mode=1"]),
        Some((108, None))
    );
    assert_eq!(video.codec("av1", &[]), None);
    assert!(answer.of_mid("2").is_some_and(|media| !media.accepted));
}

#[test]
fn hostile_answers_are_refused_with_what_is_wrong() {
    let without = |start: &str| {
        let lines = ANSWER.lines().filter(|line| !line.starts_with(start));
        lines.collect::<Vec<_>>().join("\r\n")
    };
    let with = |line: &str| format!("{ANSWER}{line}\r\n");
    let long = with(&"a=x".repeat(30_000));
    let many = with(&"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n".repeat(70));
    for (sdp, wrong) in [
        (without("a=ice-pwd"), Malformed::Credentials),
        (ANSWER.replace("abcd1234", "a:b d"), Malformed::Credentials),
        (without("a=fingerprint"), Malformed::Fingerprint),
        (ANSWER.replace("8A:2D", "8A"), Malformed::Fingerprint),
        (ANSWER.replace("8A:2D", "ZZ:2D"), Malformed::Fingerprint),
        (without("a=setup"), Malformed::Setup),
        (without("a=candidate"), Malformed::Address),
        (with("m=audio"), Malformed::Line),
        (with("m=audio 99999999 X 1"), Malformed::Line),
        (with("a=rtpmap:300 x/1"), Malformed::Line),
        (with("a=rtpmap:128 x/1"), Malformed::Line),
        (with("a=extmap:-1 urn:x"), Malformed::Line),
        (String::new(), Malformed::Credentials),
        (long, Malformed::TooLarge),
        (many, Malformed::TooLarge),
    ] {
        assert_eq!(Description::parse_untrusted(&sdp), Err(wrong), "{sdp:.80}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(sdp in "(?s)([mac]=[ -~]{0,40}\r?\n|.{0,20}){0,20}") {
        let _ = Description::parse_untrusted(&sdp);
    }

    #[test]
    fn no_change_of_one_byte_makes_it_panic(at in 0..ANSWER.len(), byte in 0_u8..128) {
        let mut bytes = ANSWER.as_bytes().to_vec();
        *bytes.get_mut(at).expect("within it") = byte;
        let _ = Description::parse_untrusted(&String::from_utf8_lossy(&bytes));
    }
}
