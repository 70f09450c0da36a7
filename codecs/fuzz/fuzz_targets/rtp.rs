//! See `fuzz::rtp`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::rtp::check(input));
