//! See `fuzz::sequence`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::sequence::check(input));
