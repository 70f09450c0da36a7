//! See `fuzz::transport_feedback_writer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::transport_feedback_writer::check(input));
