//! See `fuzz::vp9`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::vp9::check(input));
