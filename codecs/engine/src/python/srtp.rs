//! SRTP as the packet path does it, for oracles in tests and for benchmark peers; no session uses it.

use std::sync::{Mutex, PoisonError};

use forward::srtp::{Inbound, Outbound, SrtpError};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use wire::rtp::RtpHeader;

use super::arguments::profile;

/// What a peer sends: checked against replay, authenticated, decrypted.
#[pyclass(frozen, name = "SrtpInbound", module = "relay._engine")]
pub struct PySrtpInbound {
    context: Mutex<Inbound>,
}

#[pymethods]
impl PySrtpInbound {
    #[new]
    fn new(profile_iana: u16, key: &[u8], salt: &[u8]) -> PyResult<Self> {
        let context = Inbound::new(profile(profile_iana)?, key, salt).map_err(named)?;
        Ok(Self {
            context: Mutex::new(context),
        })
    }

    fn unprotect_rtp<'py>(&self, py: Python<'py>, packet: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let header = header(packet)?;
        let mut packet = packet.to_vec();
        let mut context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        let opened =
            context.unprotect_rtp(&mut packet, header.header_len, header.ssrc, header.sequence);
        first(py, &packet, opened)
    }

    fn unprotect_rtcp<'py>(&self, py: Python<'py>, packet: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let mut packet = packet.to_vec();
        let mut context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = context.unprotect_rtcp(&mut packet);
        first(py, &packet, opened)
    }
}

/// What the relay sends: encrypted and tagged.
#[pyclass(frozen, name = "SrtpOutbound", module = "relay._engine")]
pub struct PySrtpOutbound {
    context: Mutex<Outbound>,
}

#[pymethods]
impl PySrtpOutbound {
    #[new]
    fn new(profile_iana: u16, key: &[u8], salt: &[u8]) -> PyResult<Self> {
        let context = Outbound::new(profile(profile_iana)?, key, salt).map_err(named)?;
        Ok(Self {
            context: Mutex::new(context),
        })
    }

    fn protect_rtp<'py>(
        &self,
        py: Python<'py>,
        packet: &[u8],
        index: u64,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let header = header(packet)?;
        if index & 0xffff != u64::from(header.sequence) {
            return Err(PyValueError::new_err(
                "the index does not end in the packet's sequence number",
            ));
        }
        let mut buffer = with_room(packet);
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        let sealed = context.protect_rtp(
            &mut buffer,
            packet.len(),
            header.header_len,
            header.ssrc,
            index,
        );
        first(py, &buffer, sealed)
    }

    fn protect_rtcp<'py>(&self, py: Python<'py>, packet: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let mut buffer = with_room(packet);
        let mut context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        let sealed = context.protect_rtcp(&mut buffer, packet.len());
        first(py, &buffer, sealed)
    }
}

fn header(packet: &[u8]) -> PyResult<RtpHeader> {
    RtpHeader::parse_untrusted(packet).map_err(|_| PyValueError::new_err("malformed"))
}

fn with_room(packet: &[u8]) -> Vec<u8> {
    let mut buffer = Vec::with_capacity(packet.len() + MAX_OVERHEAD_BYTES);
    buffer.extend_from_slice(packet);
    buffer.resize(packet.len() + MAX_OVERHEAD_BYTES, 0);
    buffer
}

fn first<'py>(
    py: Python<'py>,
    buffer: &[u8],
    len: Result<usize, SrtpError>,
) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(
        py,
        buffer.get(..len.map_err(named)?).unwrap_or_default(),
    ))
}

fn named(error: SrtpError) -> PyErr {
    PyValueError::new_err(error.name())
}

/// The longest tag and the SRTCP index: 16 + 4 bytes in every profile at most.
const MAX_OVERHEAD_BYTES: usize = 20;
