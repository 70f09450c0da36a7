//! Whatever a writer writes, the parser reads back; whatever bytes come, it survives.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::message_writer::MessageWriter;
use super::tests::*;
use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_check_reads_back(
        transaction_id: TransactionId, username in vec(any::<u8>(), 1..100), priority: u32,
        tie_breaker: u64, controlling: bool, use_candidate: bool, password in vec(any::<u8>(), 22..32),
    ) {
        let request = BindingRequest {
            transaction_id, username: &username, priority, tie_breaker, controlling, use_candidate,
        };
        let mut out = [0; 300];
        let len = write_binding_request(&mut out, &request, &password).unwrap();
        let message = StunMessage::parse_untrusted(&out[..len]).unwrap();
        prop_assert_eq!(message.class, StunClass::Request);
        prop_assert_eq!(message.transaction_id, transaction_id);
        prop_assert_eq!(message.username, Some(&username[..]));
        prop_assert_eq!(message.priority, Some(priority));
        prop_assert_eq!(message.use_candidate, use_candidate);
        prop_assert_eq!(message.ice_controlling, controlling.then_some(tie_breaker));
        prop_assert_eq!(message.ice_controlled, (!controlling).then_some(tie_breaker));
        prop_assert!(message.has_valid_fingerprint() && message.verify_integrity(&password));
        for short in 0..len {
            prop_assert_eq!(write_binding_request(&mut out[..short], &request, &password), None);
        }
    }

    #[test]
    fn an_answer_tells_the_address(
        transaction_id: TransactionId, ip: std::net::IpAddr, port: u16
    ) {
        let mut out = [0; 100];
        let mapped = SocketAddr::new(ip, port);
        let len = write_binding_success(&mut out, &transaction_id, mapped, PASSWORD).unwrap();
        let message = StunMessage::parse_untrusted(&out[..len]).unwrap();
        let canonical = SocketAddr::new(ip.to_canonical(), port);
        prop_assert_eq!(message.xor_mapped_address, Some(canonical));
        prop_assert!(message.has_valid_fingerprint() && message.verify_integrity(PASSWORD));
    }

    #[test]
    fn class_and_method_survive_their_interleaving(kind in 0..0x4000_u16) {
        let mut datagram = [0; HEADER_BYTES];
        datagram[..2].copy_from_slice(&kind.to_be_bytes());
        datagram[4..8].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
        let message = StunMessage::parse_untrusted(&datagram).unwrap();
        let method = message.method;
        let split = method & 0x0f | (method & 0x70) << 1 | (method & 0xf80) << 2;
        prop_assert_eq!(split | message.class.bits(), kind);
    }

    #[test]
    fn hostile_attributes_are_survived(body in vec(any::<u8>(), 0..40), kinds in vec(0..0x30_u16, 0..4)) {
        let mut out = [0; 300];
        let mut writer = MessageWriter::new(&mut out, StunClass::Request, &TRANSACTION).unwrap();
        for kind in kinds {
            writer.attribute(kind, &body).unwrap();
        }
        let len = writer.fingerprint().unwrap();
        if let Ok(message) = StunMessage::parse_untrusted(&out[..len]) {
            prop_assert!(message.has_valid_fingerprint());
            prop_assert!(!message.verify_integrity(PASSWORD));
        }
    }
}
