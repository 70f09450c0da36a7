//! See `fuzz::vp8`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::vp8::check(input));
