//! The class `relay._engine.Estimator`: many receivers' paths, for simulations of links.
//!
//! The packet path has its estimators beside its legs and needs none of this.

use congestion::{Estimator, Sample};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::estimator_rows::{self as rows, SAMPLE_BYTES, Told};

/// Receivers' paths by index; documented in `relay/_engine.pyi`.
#[pyclass(name = "Estimator", module = "relay._engine")]
#[derive(Default)]
pub struct PyEstimator {
    /// Boxed, so that one that is admitted moves no other.
    paths: Vec<Option<Box<Estimator>>>,
    vacant: Vec<u32>,
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
        let fresh = Some(Box::default());
        let Some(receiver) = self.vacant.pop() else {
            self.paths.push(fresh);
            return self.paths.len() as u32 - 1;
        };
        if let Some(place) = self.paths.get_mut(receiver as usize) {
            *place = fresh;
        }
        receiver
    }

    fn release(&mut self, receiver: u32) -> PyResult<()> {
        let place = self.paths.get_mut(receiver as usize);
        place.and_then(Option::take).ok_or_else(stranger)?;
        self.vacant.push(receiver);
        Ok(())
    }

    fn report_untrusted(&mut self, receiver: u32, remb_bps: u64, now_us: u64) -> PyResult<()> {
        self.path(receiver)?.report_untrusted(remb_bps, now_us);
        Ok(())
    }

    fn limit_use(&mut self, receiver: u32, useful_bps: u64) -> PyResult<()> {
        self.path(receiver)?.limit_use(useful_bps);
        Ok(())
    }

    #[pyo3(signature = (samples, now_us, last_sent_us=None))]
    fn update<'py>(
        &mut self,
        py: Python<'py>,
        samples: &Bound<'py, PyAny>,
        now_us: u64,
        last_sent_us: Option<Vec<u64>>,
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
        let last_sent_us = last_sent_us.unwrap_or_default();
        Ok(PyBytes::new(py, &self.tick(now_us, &last_sent_us)))
    }

    fn rates_bps<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let rates = self.paths.iter().map(Option::as_deref);
        let rates = rates.map(|path| path.map_or(0, Estimator::rate_bps));
        PyBytes::new(py, &rates.flat_map(u64::to_ne_bytes).collect::<Vec<_>>())
    }

    fn standing<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let standing = self.paths.iter().map(Option::as_deref);
        let rows = standing.flat_map(|path| rows::standing(path.map(Estimator::standing)));
        PyBytes::new(py, &rows.collect::<Vec<_>>())
    }
}

impl PyEstimator {
    fn path(&mut self, receiver: u32) -> PyResult<&mut Estimator> {
        let place = self.paths.get_mut(receiver as usize);
        place.and_then(Option::as_deref_mut).ok_or_else(stranger)
    }

    /// Lets a path hear the feedback that was read; a stranger's is dropped.
    fn hear(&mut self, told: Option<Told>) {
        if let Some(told) = told
            && let Some(Some(path)) = self.paths.get_mut(told.receiver as usize)
        {
            path.hear_untrusted(&self.samples, told.feedback_us);
        }
        self.samples.clear();
    }

    /// Gives the bursts to send, as rows.
    fn tick(&mut self, now_us: u64, last_sent_us: &[u64]) -> Vec<u8> {
        let mut probes = Vec::new();
        for (receiver, path) in (0_u32..).zip(&mut self.paths) {
            let Some(path) = path else { continue };
            let last_sent_us = last_sent_us.get(receiver as usize).copied();
            let probe = path.tick(now_us, last_sent_us);
            probes.extend(
                probe
                    .into_iter()
                    .flat_map(|probe| rows::probe(receiver, probe)),
            );
        }
        probes
    }
}

fn stranger() -> PyErr {
    PyIndexError::new_err("no such receiver")
}
