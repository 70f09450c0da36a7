//! See `fuzz::stun`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::stun::check(input));
