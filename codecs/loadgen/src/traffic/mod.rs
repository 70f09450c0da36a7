//! What participants send, as numbers and bytes; no socket and no clock.

pub mod captured;
pub mod frames;
pub mod h264;
pub mod lead;
pub mod opus;
pub mod random;
pub mod stamp;
pub mod vp8;
