//! A descriptor never names a layer that its structure has not, nor a structure more than the format can.

use wire::extensions::dependency_descriptor::{
    DependencyDescriptor, MAX_DECODE_TARGETS, Structure, template_id_untrusted,
};

/// Reads the first half of the input as a structure, and the whole and the second half by it.
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
            for target in structure.targets() {
                assert!(!descriptor.is_switch(target) || descriptor.is_present(target));
            }
        }
    }
}
