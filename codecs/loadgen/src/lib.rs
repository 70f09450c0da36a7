//! The other end of the wire: synthetic participants, and the small programs that `benchmarks/` drives.
//!
//! It shares the relay's formats and its SRTP contexts (`wire`, `forward::srtp`) and nothing else of it: the
//! floor that the relay is compared with has its own sockets and its own cryptography. Unsafe code is in
//! [`kernel`] only. It needs no Python.
#![deny(unsafe_code)]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a figure is rounded anyway, and counts are not negative"
)]

pub mod distribution;
pub mod dtls;
pub mod emulator;
pub mod floor;
pub mod generator;
pub mod hex;
pub mod kernel;
pub mod load;
pub mod outcome;
pub mod packet_path;
pub mod participant;
pub mod program;
pub mod sdp;
pub mod setup;
pub mod signalling;
pub mod traffic;
