#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::unusual_byte_groupings
)]

use super::*;
use proptest::prelude::*;

/// Writes fields of bits, as the specification's tables list them.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn put(mut self, value: u32, width: u32) -> Self {
        self.0
            .extend((0..width).rev().map(|bit| value >> bit & 1 == 1));
        self
    }

    fn all(self, values: &[u32], width: u32) -> Self {
        values
            .iter()
            .fold(self, |bits, value| bits.put(*value, width))
    }

    fn bytes(self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            let value = bits
                .iter()
                .fold(0, |value, bit| value << 1 | u8::from(*bit));
            value << (8 - bits.len())
        };
        self.0.chunks(8).map(byte).collect()
    }
}

fn mandatory(starts: u32, ends: u32, template: u32, number: u32) -> Bits {
    Bits::default()
        .put(starts, 1)
        .put(ends, 1)
        .put(template, 6)
        .put(number, 16)
}

/// Two spatial and two temporal layers: six templates from the number 60 on, four decode targets, two chains.
fn l2t2() -> Vec<u8> {
    mandatory(1, 0, 60, 7)
        .put(0b10000, 5)
        .put(60, 6)
        .put(3, 5)
        // Layers: (0,0) (0,0) (0,1) (1,0) (1,0) (1,1).
        .all(&[0, 1, 2, 0, 1, 3], 2)
        .all(&[2, 2, 2, 2], 2)
        .all(&[2, 2, 3, 3], 2)
        .all(&[0, 1, 0, 3], 2)
        .all(&[0, 0, 2, 2], 2)
        .all(&[0, 0, 2, 2], 2)
        .all(&[0, 0, 0, 1], 2)
        // Differences: none; 4; 2; 1; 4 and 1; 2 and 1.
        .put(0, 1)
        .put(0b1_0011_0, 6)
        .put(0b1_0001_0, 6)
        .put(0b1_0000_0, 6)
        .put(0b1_0011_1_0000_0, 11)
        .put(0b1_0001_1_0000_0, 11)
        // Two chains of at most four: ns(5); each target by one of the two: ns(2).
        .put(2, 2)
        .all(&[0, 0, 1, 1], 1)
        .all(&[0, 0, 4, 3, 2, 1, 1, 1, 1, 1, 3, 2], 4)
        .put(1, 1)
        .all(&[159, 89, 319, 179], 16)
        .bytes()
}

fn structure() -> Structure {
    Structure::parse_untrusted(&l2t2()).unwrap().unwrap()
}

fn target(spatial: u8, temporal: u8) -> DecodeTarget {
    let is_it = |target: &DecodeTarget| {
        (target.spatial_layer, target.temporal_layer) == (spatial, temporal)
    };
    structure().targets().find(is_it).unwrap()
}

#[test]
fn a_structure_tells_targets_and_templates() {
    let structure = structure();
    let layers: Vec<_> = structure
        .targets()
        .map(|target| (target.spatial_layer, target.temporal_layer))
        .collect();
    assert_eq!(layers, [(0, 0), (0, 1), (1, 0), (1, 1)]);
    assert!(structure.has_template(60) && structure.has_template(63));
    assert!(
        structure.has_template(0) && structure.has_template(1),
        "numbers wrap"
    );
    assert!(!structure.has_template(2) && !structure.has_template(59));
}

#[test]
fn the_packet_that_brings_a_structure_is_read_by_it() {
    let first = DependencyDescriptor::parse_untrusted(&l2t2(), &structure()).unwrap();
    assert!(first.starts_frame && !first.ends_frame);
    assert_eq!((first.frame_number, first.active_targets), (7, None));
    assert_eq!((first.spatial_layer, first.temporal_layer), (0, 0));
    assert!(structure().targets().all(|target| first.is_switch(target)));
}

#[test]
fn three_bytes_name_a_template() {
    let value = mandatory(0, 1, 1, 9).bytes();
    let last = DependencyDescriptor::parse_untrusted(&value, &structure()).unwrap();
    assert!(!last.starts_frame && last.ends_frame);
    assert_eq!((last.spatial_layer, last.temporal_layer), (1, 1));
    assert!(!last.is_switch(target(1, 1)));
    let other = mandatory(0, 1, 2, 9).bytes();
    assert_eq!(
        DependencyDescriptor::parse_untrusted(&other, &structure()),
        Err(Malformed::Reserved)
    );
    assert_eq!(Structure::parse_untrusted(&value), Ok(None));
}

#[test]
fn what_differs_from_the_template_counts() {
    let value = mandatory(1, 1, 0, 10)
        .put(0b01111, 5)
        .put(0b0011, 4)
        .all(&[0, 0, 2, 0], 2)
        // Differences of 4, 8 and 12 bits.
        .put(0b01_0101, 6)
        .put(0b10, 2)
        .put(200, 8)
        .put(0b11, 2)
        .put(4_000, 12)
        .put(0, 2)
        .all(&[3, 250], 8)
        .bytes();
    let frame = DependencyDescriptor::parse_untrusted(&value, &structure()).unwrap();
    assert_eq!(frame.active_targets, Some(0b0011));
    assert_eq!((frame.spatial_layer, frame.temporal_layer), (1, 0));
    assert!(frame.is_switch(target(1, 0)));
    for len in 0..value.len() {
        assert_eq!(
            DependencyDescriptor::parse_untrusted(&value[..len], &structure()),
            if len == 3 {
                // Cut there, it is a whole one that differs in nothing.
                DependencyDescriptor::parse_untrusted(&mandatory(1, 1, 0, 10).bytes(), &structure())
            } else {
                Err(Malformed::Truncated)
            },
            "{len} bytes"
        );
    }
}

#[test]
fn a_descriptor_for_a_part_of_the_layers_says_so_and_nothing_else_differs() {
    let custom = mandatory(1, 1, 0, 10)
        .put(0b01010, 5)
        .put(0b1111, 4)
        .put(0b01_0101, 6)
        .put(0, 2)
        .bytes();
    for value in [l2t2(), mandatory(0, 1, 1, 9).bytes(), custom] {
        let before = DependencyDescriptor::parse_untrusted(&value, &structure()).unwrap();
        let mut out = [0xff; 80];
        let len = before.rewrite(&value, 0xabcd, 0b0011, &mut out).unwrap();
        assert!(len <= value.len() + 2, "{len} bytes");
        let after = DependencyDescriptor::parse_untrusted(&out[..len], &structure()).unwrap();
        assert_eq!(
            (after.frame_number, after.active_targets),
            (0xabcd, Some(0b0011))
        );
        assert_eq!(
            Structure::parse_untrusted(&out[..len]),
            Structure::parse_untrusted(&value)
        );
        let again = DependencyDescriptor {
            frame_number: before.frame_number,
            active_targets: before.active_targets,
            targets_to: before.targets_to,
            targets_from: before.targets_from,
            ..after
        };
        assert_eq!(again, before);
        for short in 0..len - 1 {
            assert_eq!(
                before.rewrite(&value, 1, 0, &mut out[..short]),
                None,
                "{short} bytes"
            );
        }
    }
}

#[test]
fn every_truncation_of_a_structure_is_refused() {
    let value = l2t2();
    for len in 4..value.len() {
        assert_eq!(
            Structure::parse_untrusted(&value[..len]),
            Err(Malformed::Truncated),
            "{len} bytes"
        );
    }
}

#[test]
fn more_layers_and_templates_than_there_are_is_refused() {
    let begin = || mandatory(1, 0, 0, 0).put(0b10000, 5).put(0, 6).put(0, 5);
    let spatial = begin().all(&[2; 4], 2).bytes();
    assert_eq!(Structure::parse_untrusted(&spatial), Err(Malformed::Value));
    let temporal = begin().all(&[1; 8], 2).bytes();
    assert_eq!(Structure::parse_untrusted(&temporal), Err(Malformed::Value));
    let templates = begin().all(&[0; 65], 2).bytes();
    assert_eq!(
        Structure::parse_untrusted(&templates),
        Err(Malformed::Length)
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        mut value in proptest::collection::vec(any::<u8>(), 4..80),
        other in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        value[3] |= 0x80;
        let Ok(Some(structure)) = Structure::parse_untrusted(&value) else { return Ok(()) };
        prop_assert!((1..=MAX_DECODE_TARGETS).contains(&structure.targets().count()));
        prop_assert_eq!(Structure::parse_untrusted(&value), Ok(Some(structure)));
        for bytes in [&value, &other] {
            let Ok(read) = DependencyDescriptor::parse_untrusted(bytes, &structure) else { continue };
            prop_assert!(structure.has_template(template_id_untrusted(bytes).unwrap()));
            prop_assert!(read.spatial_layer < 4 && read.temporal_layer < 8);
        }
    }

    #[test]
    fn a_changed_bit_is_read_or_refused(place in 0..400_usize, other in any::<[u8; 6]>()) {
        let mut value = l2t2();
        let place = place % (8 * value.len());
        value[place / 8] ^= 0x80 >> (place % 8);
        if let Ok(Some(structure)) = Structure::parse_untrusted(&value) {
            prop_assert!(structure.targets().all(|target| target.spatial_layer < 4));
            let _ = DependencyDescriptor::parse_untrusted(&other, &structure);
        }
    }
}
