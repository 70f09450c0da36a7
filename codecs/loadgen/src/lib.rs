//! The other end of the wire: synthetic participants, and the small programs that `benchmarks/` drives.
//!
//! It shares the relay's formats and its SRTP contexts (`wire`, `forward::srtp`) and nothing else of it: the
//! floor that the relay is compared with has its own sockets and its own cryptography. The only unsafe code
//! is in [`kernel`], and the one global allocator in [`allocations`]. It needs no Python.
#![deny(unsafe_code)]

pub mod kernel;
