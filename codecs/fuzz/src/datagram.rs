//! Whatever arrives belongs to at most one protocol, and its parser survives it.

use wire::datagram::Protocol;
use wire::rtcp::Rtcp;
use wire::rtp::RtpHeader;
use wire::stun::StunMessage;

/// Tells the datagram apart and hands it on, as the relay does.
pub fn check(input: &[u8]) {
    let first = input.first().copied();
    match Protocol::of_untrusted(input) {
        None => {}
        Some(Protocol::Dtls) => assert!(first.is_some_and(|byte| (20..=63).contains(&byte))),
        Some(Protocol::Stun) => {
            assert!(input.len() >= 20);
            if let Ok(message) = StunMessage::parse_untrusted(input) {
                assert!(first.is_some_and(|byte| byte < 64));
                assert!(message.method < 0x1000);
            }
        }
        Some(Protocol::Rtp) => {
            // Twelve bytes with version 2: only the variable parts can be wrong.
            let header = RtpHeader::parse_untrusted(input);
            assert!(!header.is_err_and(|reason| reason == wire::Malformed::Version));
        }
        Some(Protocol::Rtcp) => {
            assert!(Rtcp::packets_untrusted(input).count() <= input.len() / 4 + 1);
        }
    }
}
