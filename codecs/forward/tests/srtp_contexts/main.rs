//! SRTP contexts seen from outside: what a peer can do to one, and what it must never get out of it.
//!
//! Numbers in test names' comments are the rows of the project's threat list.
#![expect(
    clippy::indexing_slicing,
    reason = "the packets cut here were built three lines above"
)]

mod allocations;
mod leg;
mod malformed;
mod nonces;
mod replay;
mod round_trip;
mod senders;
