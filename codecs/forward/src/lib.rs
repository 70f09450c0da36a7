//! The sans-IO packet path: what happens to a packet between one socket read and the next send.
//!
//! No socket, no clock, no thread: the time is an argument, and what leaves is written to an [`outbox::Outbox`].
//! The `engine` crate drives one [`worker::Worker`] per thread. A packet comes in at [`worker::Worker::handle_datagram`],
//! leaves by [`worker::Worker::outbox`], and passes on its way
//!
//! 1. `worker`: which protocol, whose leg; what is STUN or DTLS goes to `legs`, what is RTCP to `rtcp`;
//! 2. [`srtp`], then `ingress`: authenticated, placed, read;
//! 3. `tracks`: registered with its encoding, and kept in `repair` for whoever loses it;
//! 4. `egress`: to each slot that carries the track, or, where its path is full, to `congestion_control`, to wait;
//! 5. `slots`: whether it passes, and under which numbers;
//! 6. `egress` again: written anew, laid into the outbox, grouped, made equally long, protected.
//!
//! `control` is the other way in and out: commands from Python, and what it is told.
#![forbid(unsafe_code)]

pub mod srtp;
pub mod worker;

mod congestion_control;
mod control;
mod egress;
mod ingress;
mod legs;
mod repair;
mod rtcp;
mod slots;
mod tracks;

pub use control::{command, counters, event};
pub use egress::{outbox, runs};
pub use worker::ids;

pub use legs::ice_lite::Credentials;
pub use worker::ids::{FIRST_TCP_SOCKET, LegId, SlotId, TrackId, Tuple};
