//! The compiled module `relay._engine`: worker threads, batched sockets, the clock, Python's face.
//!
//! The only crate that knows `PyO3`, opens a socket or reads a clock, and the only one with unsafe
//! code: `system`, `epoll` and, in `sockets`, `address`, `fixed`, `receive_buffers` and `send_buffers`.
//! `relay/engine.py` is its only caller.
#![deny(unsafe_code)]

pub mod clock;
pub mod counters;
pub mod engine;
pub mod epoll;
pub mod event_queue;
pub mod eventfd;
mod gathering;
pub mod packet_path;
pub mod python;
pub mod readiness;
pub mod sockets;
pub mod system;
pub mod worker_thread;

#[pyo3::pymodule(name = "_engine")]
mod module {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::python::engine::PyEngine;
    #[pymodule_export]
    use crate::python::estimator::PyEstimator;
    #[pymodule_export]
    use crate::python::events::PyEvent;
    #[pymodule_export]
    use crate::python::srtp::{PySrtpInbound, PySrtpOutbound};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add(
            "COUNTER_NAMES",
            crate::counters::names().collect::<Vec<_>>(),
        )?;
        module.add("BUILD", BUILD)
    }

    /// What was compiled and how, for the metric `visavis_build_info`.
    const BUILD: &str = if cfg!(debug_assertions) {
        concat!(env!("CARGO_PKG_VERSION"), " debug")
    } else {
        concat!(env!("CARGO_PKG_VERSION"), " release")
    };
}
