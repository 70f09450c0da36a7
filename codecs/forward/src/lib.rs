//! The sans-IO packet path: what happens to a packet between one socket read and the next send.
//!
//! No socket, no clock, no thread: the time is an argument, and what leaves is written to an
//! [`outbox::Outbox`]. A packet's journey reads top to bottom in [`worker`] (whose datagram is it),
//! then `ingress` (authenticate, place, register), `fan_out` (to whom), `egress` (filter, renumber, rewrite) and `outbox`
//! (group, make equal, protect).
//! The `engine` crate drives one [`worker::Worker`] per thread.
#![forbid(unsafe_code)]

pub mod command;
pub mod counters;
pub mod event;
pub mod ids;
pub mod outbox;
pub mod runs;
pub mod srtp;
pub mod worker;

mod agenda;
mod allowance;
mod announced_layers;
mod arrivals;
mod bandwidth;
mod cache;
mod checks;
mod clocked;
mod commands;
mod departures;
mod egress;
mod encoding;
mod estimates;
mod falls;
mod fan_out;
mod feedback;
mod feedback_pace;
mod feeding;
mod figures;
mod handshakes;
mod held_back;
mod history;
mod ice_lite;
mod identify;
mod incoming;
mod ingress;
mod key_frames;
mod last_frames;
mod layers;
mod leg;
mod leg_commands;
mod line;
mod missing;
mod names;
mod now;
mod output;
mod pacer;
mod padding;
mod pages;
mod paths;
mod probing;
mod publisher_limit;
mod random;
mod rebinding;
mod receive;
mod recovery;
mod removal;
mod reports;
mod resend;
mod retransmit;
mod rewrite;
mod sealing;
mod sender_clock;
mod slot;
mod sources;
mod speaker;
mod starts;
mod stillness;
mod structures;
mod track;
mod transport_feedback;

pub use ice_lite::Credentials;
pub use ids::{FIRST_TCP_SOCKET, LegId, SlotId, TrackId, Tuple};
