//! An extended number keeps its low bits and is the nearest to its reference.

use wire::sequence::{Seq16, extend};

/// Input: reference (8 bytes, of which 48 bits are used), then a number (2 bytes).
pub fn check(input: &[u8]) {
    let Some((reference, rest)) = input.split_first_chunk() else {
        return;
    };
    let Some((sequence, _)) = rest.split_first_chunk() else {
        return;
    };
    let reference = u64::from_be_bytes(*reference) >> 16;
    let sequence = u16::from_be_bytes(*sequence);
    let extended = extend(reference, sequence);
    assert_eq!(extended & 0xffff, u64::from(sequence));
    assert!(extended.abs_diff(reference) <= 0x8000 || extended < 0x1_0000);
    let (new, old) = (Seq16(sequence), Seq16(reference as u16));
    assert!(!(new.newer_than(old) && old.newer_than(new)));
    assert!(!new.newer_than(old) || extended > reference);
}
