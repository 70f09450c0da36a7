#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::message_writer::MessageWriter;
use super::*;

/// RFC 5769 §2.1 to §2.3 share this password and this transaction.
pub(super) const PASSWORD: &[u8] = b"VOkJxbRl1RmTxUk/WvJxBt";
pub(super) const TRANSACTION: TransactionId = [
    0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae,
];
/// MD5 of "マトリックス:example.org:TheMatrIX" (RFC 5769 §2.4, RFC 8489 §9.2.2).
pub(super) const LONG_TERM_KEY: [u8; 16] = [
    0xe8, 0xca, 0x7a, 0xd5, 0x9d, 0x5e, 0xb0, 0x51, 0x8e, 0x31, 0x29, 0x11, 0xd2, 0xda, 0xb2, 0xa9,
];

pub(super) const REQUEST: &str = "00010058 2112a442 b7e7a701 bc34d686 fa87dfae \
    80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff \
    80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020 \
    00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2 80280004 e57a3bcf";
pub(super) const IPV4_RESPONSE: &str = "0101003c 2112a442 b7e7a701 bc34d686 fa87dfae \
    8022000b 74657374 20766563 746f7220 00200008 0001a147 e112a643 \
    00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96";
pub(super) const IPV6_RESPONSE: &str = "01010048 2112a442 b7e7a701 bc34d686 fa87dfae \
    8022000b 74657374 20766563 746f7220 \
    00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9 \
    00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c";
pub(super) const LONG_TERM_REQUEST: &str = "00010060 2112a442 78ad3433 c6ad72c0 29da412e \
    00060012 e3839ee3 8388e383 aae38383 e382afe3 82b90000 \
    0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 36347341 \
    0014000b 6578616d 706c652e 6f726700 \
    00080014 f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666";

pub(super) fn bytes(hex: &str) -> Vec<u8> {
    let digits: String = hex.split_whitespace().collect();
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

/// Writes attributes as the vectors do: with their own padding bytes, which the checks cover.
pub(super) fn rewrite(
    class: StunClass,
    id: &TransactionId,
    parts: &[(u16, &[u8], &[u8])],
) -> Vec<u8> {
    let mut out = [0; 200];
    let mut message = MessageWriter::new(&mut out, class, id).unwrap();
    for (kind, value, padding) in parts {
        let at = message.writer.len();
        message
            .attribute(*kind, &[*value, *padding].concat())
            .unwrap();
        message
            .writer
            .patch_u16(at + 2, value.len() as u16)
            .unwrap();
    }
    message.integrity(PASSWORD).unwrap();
    let len = message.fingerprint().unwrap();
    out[..len].to_vec()
}

#[test]
fn rfc_5769_2_1_the_sample_request_parses_verifies_and_re_encodes() {
    let vector = bytes(REQUEST);
    let message = StunMessage::parse_untrusted(&vector).unwrap();
    assert_eq!(
        (message.class, message.method),
        (StunClass::Request, BINDING)
    );
    assert_eq!(message.transaction_id, TRANSACTION);
    assert_eq!(message.username, Some(&b"evtj:h6vY"[..]));
    assert_eq!(message.priority, Some(0x6e00_01ff));
    assert_eq!(message.ice_controlled, Some(0x932f_f9b1_5126_3b36));
    assert_eq!(
        (message.ice_controlling, message.use_candidate),
        (None, false)
    );
    assert!(message.unknown_required.is_empty());
    assert!(message.has_valid_fingerprint());
    assert!(message.verify_integrity(PASSWORD));
    assert!(!message.verify_integrity(b"VOkJxbRl1RmTxUk/WvJxBu"));
    let parts: [(u16, &[u8], &[u8]); 4] = [
        (0x8022, b"STUN test client", b""),
        (attributes::PRIORITY, &0x6e00_01ff_u32.to_be_bytes(), b""),
        (
            attributes::ICE_CONTROLLED,
            &0x932f_f9b1_5126_3b36_u64.to_be_bytes(),
            b"",
        ),
        (attributes::USERNAME, b"evtj:h6vY", b"   "),
    ];
    assert_eq!(rewrite(StunClass::Request, &TRANSACTION, &parts), vector);
}

#[test]
fn rfc_5769_2_2_and_2_3_the_sample_responses_parse_verify_and_re_encode() {
    for (hex, address) in [
        (IPV4_RESPONSE, "192.0.2.1:32853"),
        (
            IPV6_RESPONSE,
            "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
        ),
    ] {
        let vector = bytes(hex);
        let address: SocketAddr = address.parse().unwrap();
        let message = StunMessage::parse_untrusted(&vector).unwrap();
        assert_eq!(
            (message.class, message.method),
            (StunClass::Success, BINDING)
        );
        assert_eq!(message.xor_mapped_address, Some(address));
        assert!(message.has_valid_fingerprint());
        assert!(message.verify_integrity(PASSWORD));
        let (value, len) = attributes::xor_address_value(address, &TRANSACTION);
        let parts: [(u16, &[u8], &[u8]); 2] = [
            (0x8022, b"test vector", b" "),
            (attributes::XOR_MAPPED_ADDRESS, &value[..len], b""),
        ];
        assert_eq!(rewrite(StunClass::Success, &TRANSACTION, &parts), vector);
    }
}

#[test]
fn rfc_5769_2_4_the_long_term_request_parses_verifies_and_re_encodes() {
    let vector = bytes(LONG_TERM_REQUEST);
    let message = StunMessage::parse_untrusted(&vector).unwrap();
    assert_eq!(message.username, Some("マトリックス".as_bytes()));
    assert!(message.verify_integrity(&LONG_TERM_KEY));
    assert!(!message.verify_integrity(b"TheMatrIX"));
    assert!(!message.has_valid_fingerprint(), "the vector has none");
    assert!(message.unknown_required.is_empty());

    let mut out = [0; 200];
    let mut writer =
        MessageWriter::new(&mut out, StunClass::Request, &message.transaction_id).unwrap();
    writer
        .attribute(attributes::USERNAME, "マトリックス".as_bytes())
        .unwrap();
    writer
        .attribute(0x0015, b"f//499k954d6OL34oL9FSTvy64sA")
        .unwrap();
    writer.attribute(0x0014, b"example.org").unwrap();
    writer.integrity(&LONG_TERM_KEY).unwrap();
    assert_eq!(writer.writer.written(), vector);
}

#[test]
fn every_truncation_is_refused() {
    for hex in [REQUEST, IPV4_RESPONSE, IPV6_RESPONSE, LONG_TERM_REQUEST] {
        let vector = bytes(hex);
        for len in 0..vector.len() {
            assert!(
                StunMessage::parse_untrusted(&vector[..len]).is_err(),
                "{len} bytes"
            );
        }
    }
}

#[test]
fn a_length_lie_in_any_attribute_is_refused_or_breaks_the_seal() {
    let vector = bytes(REQUEST);
    for at in [22, 42, 50, 62, 78, 102] {
        for lie in [0, 1, 3, 5, 0x58, 0x7fff, 0xffff_u16] {
            let mut lying = vector.clone();
            lying[at..at + 2].copy_from_slice(&lie.to_be_bytes());
            if lying != vector {
                let sealed = StunMessage::parse_untrusted(&lying)
                    .is_ok_and(|message| message.verify_integrity(PASSWORD));
                assert!(!sealed, "length {lie} at {at}");
            }
        }
    }
}

#[test]
fn any_changed_byte_breaks_the_fingerprint() {
    let vector = bytes(REQUEST);
    for at in 0..vector.len() {
        let mut changed = vector.clone();
        changed[at] ^= 0x01;
        let valid = StunMessage::parse_untrusted(&changed)
            .is_ok_and(|message| message.has_valid_fingerprint());
        assert!(!valid, "byte {at}");
    }
}

#[test]
fn what_follows_the_integrity_is_not_believed_and_nothing_follows_the_fingerprint() {
    let mut out = [0; 200];
    let mut writer = MessageWriter::new(&mut out, StunClass::Request, &TRANSACTION).unwrap();
    writer.attribute(attributes::USERNAME, b"a:b").unwrap();
    writer.integrity(PASSWORD).unwrap();
    writer.attribute(attributes::USE_CANDIDATE, &[]).unwrap();
    writer.attribute(attributes::PRIORITY, &[1; 4]).unwrap();
    writer.attribute(0x7fff, &[1; 4]).unwrap();
    let len = writer.fingerprint().unwrap();
    let message = StunMessage::parse_untrusted(&out[..len]).unwrap();
    assert!(message.verify_integrity(PASSWORD) && message.has_valid_fingerprint());
    assert_eq!((message.use_candidate, message.priority), (false, None));
    assert!(message.unknown_required.is_empty());

    out[len..len + 4].copy_from_slice(&[0x80, 0x22, 0, 0]);
    out[3] += 4;
    assert_eq!(
        StunMessage::parse_untrusted(&out[..len + 4]),
        Err(Malformed::Length)
    );
}

#[test]
fn the_first_of_repeated_attributes_counts_and_few_unknown_ones_are_kept() {
    let mut out = [0; 200];
    let mut writer = MessageWriter::new(&mut out, StunClass::Request, &TRANSACTION).unwrap();
    writer.attribute(attributes::USERNAME, b"first").unwrap();
    writer.attribute(attributes::USERNAME, b"second").unwrap();
    for kind in 0x7001..=0x7006 {
        writer.attribute(kind, &[]).unwrap();
    }
    let len = writer.fingerprint().unwrap();
    let message = StunMessage::parse_untrusted(&out[..len]).unwrap();
    assert_eq!(message.username, Some(&b"first"[..]));
    assert_eq!(
        message.unknown_required.as_slice(),
        [0x7001, 0x7002, 0x7003, 0x7004]
    );
    assert!(
        !message.verify_integrity(PASSWORD),
        "there is nothing to verify"
    );
}

#[test]
fn refusals_read_back_and_stay_small() {
    let mut out = [0; 200];
    let len = write_binding_error(&mut out, &TRANSACTION, 401, None, &[]).unwrap();
    assert_eq!(len, 36);
    let message = StunMessage::parse_untrusted(&out[..len]).unwrap();
    assert_eq!(
        (message.class, message.error_code),
        (StunClass::Error, Some(401))
    );
    assert!(message.has_valid_fingerprint());

    let len = write_binding_error(&mut out, &TRANSACTION, 420, Some(PASSWORD), &[1, 2, 3]).unwrap();
    let message = StunMessage::parse_untrusted(&out[..len]).unwrap();
    assert_eq!(message.error_code, Some(420));
    assert!(message.verify_integrity(PASSWORD));

    assert_eq!(
        write_binding_error(&mut out, &TRANSACTION, 299, None, &[]),
        None
    );
    assert_eq!(
        write_binding_error(&mut out, &TRANSACTION, 700, None, &[]),
        None
    );
    assert_eq!(
        write_binding_error(&mut out[..35], &TRANSACTION, 401, None, &[]),
        None
    );
}

#[test]
fn an_ipv4_address_seen_by_a_dual_stack_socket_is_answered_as_ipv4() {
    let mut out = [0; 200];
    let seen = "[::ffff:192.0.2.7]:5000".parse().unwrap();
    let len = write_binding_success(&mut out, &TRANSACTION, seen, PASSWORD).unwrap();
    let message = StunMessage::parse_untrusted(&out[..len]).unwrap();
    assert_eq!(
        message.xor_mapped_address,
        Some("192.0.2.7:5000".parse().unwrap())
    );
}
