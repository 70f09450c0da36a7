//! A descriptor never names a layer that its structure has not, nor a structure more than the format can; and one that
//! is written anew is read as the same but for what was to change.

use wire::extensions::dependency_descriptor::{
    DependencyDescriptor, MAX_DECODE_TARGETS, Structure, template_id_untrusted,
};

/// Reads the input as a structure, and each of its beginnings and ends by it.
pub fn check(input: &[u8]) {
    let Ok(Some(structure)) = Structure::parse_untrusted(input) else {
        return;
    };
    let count = structure.targets().count();
    assert!((1..=MAX_DECODE_TARGETS).contains(&count));
    for target in structure.targets() {
        assert!(target.spatial_layer < 4 && target.temporal_layer < 8);
    }
    for len in 0..=input.len() {
        let (front, back) = input.split_at(len);
        for value in [front, back] {
            let Ok(descriptor) = DependencyDescriptor::parse_untrusted(value, &structure) else {
                continue;
            };
            let template_id = template_id_untrusted(value).expect("it was read");
            assert!(structure.has_template(template_id));
            assert!(descriptor.spatial_layer < 4 && descriptor.temporal_layer < 8);
            let mut out = [0; 256];
            let number = descriptor.frame_number.wrapping_add(7);
            if let Some(len) = descriptor.rewrite(value, number, 1, &mut out) {
                let written = out.get(..len).expect("as long as it says");
                let again = DependencyDescriptor::parse_untrusted(written, &structure);
                let again = again.expect("what was written can be read");
                assert_eq!(again.frame_number, number);
                assert_eq!(again.active_targets, Some(1));
                assert_eq!(again.spatial_layer, descriptor.spatial_layer);
                assert_eq!(again.starts_frame, descriptor.starts_frame);
            }
        }
    }
}
