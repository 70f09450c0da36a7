//! See `fuzz::rtcp`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::rtcp::check(input));
