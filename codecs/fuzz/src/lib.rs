//! What must hold for any bytes: one invariant for each fuzz target of `wire`.
//!
//! The targets call these under libFuzzer, and `wire/tests/seeds.rs` replays the committed corpus
//! through them in every test run, so nothing here may need more than `wire`.

pub mod av1;
pub mod datagram;
pub mod dependency_descriptor;
pub mod extension_values;
pub mod framing;
pub mod h264;
pub mod opus;
pub mod red;
pub mod rtcp;
pub mod rtp;
pub mod sequence;
pub mod small_token;
pub mod stun;
pub mod transport_feedback;
pub mod transport_feedback_writer;
pub mod video_layers_allocation;
pub mod vp8;
pub mod vp9;
