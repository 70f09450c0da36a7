//! See `fuzz::opus`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::opus::check(input));
