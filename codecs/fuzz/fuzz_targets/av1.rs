//! See `fuzz::av1`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::av1::check(input));
