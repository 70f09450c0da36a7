//! An allocation never describes more than the format can, nor more than its bytes hold.

use wire::extensions::video_layers_allocation::parse_untrusted;

/// Bounds what was read by the bytes it was read from.
pub fn check(input: &[u8]) {
    let Ok(allocation) = parse_untrusted(input) else {
        return;
    };
    assert!(allocation.stream_count <= 4);
    assert!(allocation.stream_index < allocation.stream_count.max(1));
    let described = usize::from(allocation.stream_count);
    assert!(
        allocation
            .layers
            .iter()
            .skip(described)
            .flatten()
            .all(Option::is_none)
    );
    let mut needed = 1;
    for layer in allocation.active() {
        assert!((1..=4).contains(&layer.temporal_layer_count));
        let sent = usize::from(layer.temporal_layer_count);
        assert!(layer.target_kbps.iter().skip(sent).all(|&kbps| kbps == 0));
        needed += sent + if layer.resolution.is_some() { 5 } else { 0 };
    }
    assert!(needed <= input.len());
    let sizes = allocation
        .active()
        .filter(|layer| layer.resolution.is_some())
        .count();
    assert!(sizes == 0 || sizes == allocation.active().count());
}
