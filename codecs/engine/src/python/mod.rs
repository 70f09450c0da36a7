//! Python's face of the engine: the only files that know `PyO3`.

mod arguments;
pub mod engine;
pub mod estimator;
mod estimator_rows;
pub mod events;
pub mod srtp;
