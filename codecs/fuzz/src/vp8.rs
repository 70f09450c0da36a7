//! A VP8 descriptor leaves a byte of frame, and its patch can be undone.

use wire::payload::vp8::Vp8Descriptor;

/// Rewrites both counters and puts them back.
pub fn check(input: &[u8]) {
    let Ok(descriptor) = Vp8Descriptor::parse_untrusted(input) else {
        return;
    };
    assert!((1..input.len()).contains(&descriptor.descriptor_len));
    let mut patched = input.to_vec();
    descriptor.patch(&mut patched, Some(0x5a5a), Some(0xa5));
    let after = Vp8Descriptor::parse_untrusted(&patched).expect("a patch keeps the layout");
    assert_eq!(after.descriptor_len, descriptor.descriptor_len);
    assert_eq!(after.key_frame, descriptor.key_frame);
    assert_eq!(after.temporal_layer, descriptor.temporal_layer);
    let mask = if descriptor.picture_id_is_15_bit {
        0x7fff
    } else {
        0x7f
    };
    assert_eq!(
        after.picture_id,
        descriptor.picture_id.map(|_| 0x5a5a & mask)
    );
    assert_eq!(after.tl0_pic_idx, descriptor.tl0_pic_idx.map(|_| 0xa5));
    descriptor.patch(&mut patched, descriptor.picture_id, descriptor.tl0_pic_idx);
    assert_eq!(patched, input);
}
