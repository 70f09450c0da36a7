//! See `fuzz::video_layers_allocation`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::video_layers_allocation::check(input));
