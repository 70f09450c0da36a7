//! What participants send, as numbers and bytes; no socket and no clock.

pub mod frames;
pub mod opus;
pub mod random;
pub mod stamp;
pub mod vp8;
