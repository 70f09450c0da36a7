//! Bytes to meaning and back: the formats a relay reads and writes.
//!
//! No clock, no socket, no state, and no allocation on the packet path. `forward` calls it.
//! Every function that eats network bytes ends in `_untrusted`, is total, and has a fuzz target.
#![forbid(unsafe_code)]

mod bit_reader;
pub mod datagram;
pub mod extensions;
pub mod framing;
pub mod malformed;
pub mod payload;
mod reader;
pub mod rtcp;
pub mod rtp;
pub mod sequence;
pub mod stun;
mod writer;

pub use malformed::Malformed;
