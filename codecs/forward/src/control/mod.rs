//! Between Python and a worker: commands come down, events, figures and counts go up.

pub mod command;
mod commands;
pub mod counters;
pub mod event;
pub(crate) mod figures;
mod leg_commands;
mod stillness;
