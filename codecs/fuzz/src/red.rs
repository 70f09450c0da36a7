//! A redundant payload that is taken apart is put together again the same.

use wire::payload::red::{RedPayload, overhead, wrap};

/// Reads, accounts for every byte, and writes again.
pub fn check(input: &[u8]) {
    let Ok(red) = RedPayload::parse_untrusted(input) else {
        return;
    };
    let blocks: Vec<_> = red.blocks().collect();
    assert_eq!(overhead(&blocks) + red.primary.len(), input.len());
    let mut out = vec![0xaa; input.len()];
    out[..red.primary.len()].copy_from_slice(red.primary);
    let len = red.primary.len();
    let short = &mut out.clone()[..input.len() - 1];
    assert_eq!(wrap(short, len, red.primary_type, &blocks), None);
    let wrapped = wrap(&mut out, len, red.primary_type, &blocks);
    assert_eq!(wrapped, Some(input.len()));
    assert_eq!(out, input);
}
