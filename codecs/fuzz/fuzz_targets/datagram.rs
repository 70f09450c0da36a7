//! See `fuzz::datagram`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::datagram::check(input));
