//! See `fuzz::transport_feedback`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::transport_feedback::check(input));
