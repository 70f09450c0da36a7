//! A link that is as bad as it is asked to be, between two network namespaces.
//!
//! Each direction is `loss → rate server with a queue → delay and jitter → out`. Everything is computation on times that it
//! is handed, without a clock, a descriptor or a thread, but for [`run`] with its [`way`]s and [`packets`], [`journal`],
//! [`orders`], and the traces that [`setup`] reads. The program `emulator` is [`run::serve`]; `benchmarks/adaptation` drives it.

pub mod change;
pub mod delay;
pub mod journal;
pub mod label;
pub mod link;
pub mod loss;
pub mod orders;
pub mod outcome;
pub mod packets;
pub mod record;
pub mod run;
pub mod schedule;
pub mod server;
pub mod setting;
pub mod setup;
pub mod tally;
pub mod trace;
pub mod way;
