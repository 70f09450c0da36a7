//! See `fuzz::red`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::red::check(input));
