//! See `fuzz::dependency_descriptor`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::dependency_descriptor::check(input));
