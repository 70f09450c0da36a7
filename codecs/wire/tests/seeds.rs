//! Replays the committed fuzz corpus: every seed and every past crash, in every test run.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation
)]

use std::fs;
use std::path::Path;

#[path = "../../fuzz/src/lib.rs"]
mod invariants;

macro_rules! replayed {
    ($($target:ident),+ $(,)?) => {$(
        #[test]
        fn $target() {
            let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../fuzz/corpus")
                .join(stringify!($target));
            let mut seeds = 0;
            for entry in fs::read_dir(&corpus).unwrap() {
                let seed = fs::read(entry.unwrap().path()).unwrap();
                invariants::$target::check(&seed);
                // Every truncation of a seed is a lie about some length.
                (0..seed.len()).for_each(|len| invariants::$target::check(&seed[..len]));
                seeds += 1;
            }
            assert!(seeds > 0, "{} has no seed", corpus.display());
        }
    )+};
}

replayed!(
    av1,
    datagram,
    dependency_descriptor,
    extension_values,
    framing,
    h264,
    opus,
    red,
    rtcp,
    rtp,
    sequence,
    small_token,
    stun,
    transport_feedback,
    transport_feedback_writer,
    video_layers_allocation,
    vp8,
    vp9,
);

#[test]
fn every_fuzz_target_of_this_crate_is_replayed() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/src");
    let this = include_str!("seeds.rs");
    for entry in fs::read_dir(targets).unwrap() {
        let name = entry
            .unwrap()
            .path()
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        assert!(
            name == "lib" || this.contains(&format!("    {name},\n")),
            "{name}"
        );
    }
}
