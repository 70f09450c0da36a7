//! The class `relay._engine.Estimator`: many receivers' paths, for simulations of links.
//!
//! The packet path has its estimators beside its legs and needs none of this.

use congestion::{Estimator, Sample};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::estimator_rows::{self as rows, SAMPLE_BYTES, Told};

/// Receivers' paths by index; documented in `relay/_engine.pyi`.
#[pyclass(name = "Estimator", module = "relay._engine")]
#[derive(Default)]
pub struct PyEstimator {
    paths: Vec<Estimator>,
    /// Of the feedback that is being read.
    samples: Vec<Sample>,
}

#[pymethods]
impl PyEstimator {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn admit(&mut self) -> u32 {
        self.paths.push(Estimator::new());
        self.paths.len() as u32 - 1
    }

    fn update<'py>(
        &mut self,
        py: Python<'py>,
        samples: &Bound<'py, PyAny>,
        now_us: u64,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let buffer = PyBuffer::<u8>::get(samples)?;
        let cells = buffer.as_slice(py).unwrap_or_default();
        if buffer.item_count() != cells.len() || !cells.len().is_multiple_of(SAMPLE_BYTES) {
            return Err(PyValueError::new_err(
                "samples are whole rows, one behind the other",
            ));
        }
        let mut told = None;
        for cells in cells.chunks_exact(SAMPLE_BYTES) {
            let mut row = [0; SAMPLE_BYTES];
            for (byte, cell) in row.iter_mut().zip(cells) {
                *byte = cell.get();
            }
            let (of, sample) = rows::sample(row);
            if told != Some(of) {
                self.hear(told);
            }
            told = Some(of);
            self.samples.push(sample);
        }
        self.hear(told);
        Ok(PyBytes::new(py, &self.tick(now_us)))
    }

    fn rates_bps<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let rates = self.paths.iter().map(Estimator::rate_bps);
        PyBytes::new(py, &rates.flat_map(u64::to_ne_bytes).collect::<Vec<_>>())
    }
}

impl PyEstimator {
    /// Lets a path hear the feedback that was read; a stranger's is dropped.
    fn hear(&mut self, told: Option<Told>) {
        if let Some(told) = told
            && let Some(path) = self.paths.get_mut(told.receiver as usize)
        {
            path.hear_untrusted(&self.samples, told.feedback_us);
        }
        self.samples.clear();
    }

    /// Gives the bursts to send, as rows.
    fn tick(&mut self, now_us: u64) -> Vec<u8> {
        let mut probes = Vec::new();
        for (receiver, path) in (0_u32..).zip(&mut self.paths) {
            if let Some(probe) = path.tick(now_us, None) {
                probes.extend(rows::probe(receiver, probe));
            }
        }
        probes
    }
}
