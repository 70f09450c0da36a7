//! The class `relay._engine.Engine`.

use std::net::SocketAddr;
use std::time::Duration;

use forward::command::{AddSlot, Command, Publish};
use forward::{LegId, SlotId, TrackId};
use pyo3::exceptions::{PyIndexError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use super::arguments::{
    CodecRow, check_record, chosen_layers, codecs, credentials, distance, extensions, keys, kind,
    kind_of, or_none, rids, socket_addresses, ssrcs, token,
};
use super::events::PyEvent;
use crate::engine::{CommandRefused, Engine, EngineConfig};

/// Worker threads with their sockets; documented in relay/_engine.pyi.
#[pyclass(frozen, name = "Engine", module = "relay._engine")]
pub struct PyEngine {
    engine: Engine,
}

#[pymethods]
#[expect(
    clippy::too_many_arguments,
    reason = "commands are plain ints and bytes; relay/engine.py gives them names"
)]
impl PyEngine {
    #[new]
    fn new(
        listen: Vec<Vec<(String, u16)>>,
        receive_buffer_bytes: u32,
        gather_us: u32,
        tcp: bool,
    ) -> PyResult<Self> {
        if listen.is_empty() || listen.len() > MAX_WORKERS {
            return Err(PyValueError::new_err("an engine has 1 to 16 workers"));
        }
        let listen = listen
            .into_iter()
            .map(socket_addresses)
            .collect::<PyResult<_>>()?;
        let gather = Duration::from_micros(gather_us.into());
        let engine = Engine::start(&EngineConfig {
            listen,
            receive_buffer_bytes,
            gather,
            tcp,
        })?;
        Ok(Self { engine })
    }

    fn addresses(&self) -> Vec<Vec<(String, u16)>> {
        let pair = |address: &SocketAddr| (address.ip().to_string(), address.port());
        self.engine
            .addresses()
            .map(|addresses| addresses.iter().map(pair).collect())
            .collect()
    }

    fn event_fd(&self) -> i32 {
        self.engine.event_fd()
    }

    fn drain_events(&self, py: Python<'_>) -> Vec<PyEvent> {
        self.engine
            .drain()
            .into_iter()
            .map(|notice| PyEvent::of(py, notice))
            .collect()
    }

    fn counters(&self) -> Vec<u64> {
        self.engine.counters()
    }

    fn heartbeat_ns(&self) -> Vec<u64> {
        self.engine.heartbeat_ns().collect()
    }

    fn receive_buffer_bytes(&self) -> Vec<u32> {
        self.engine.receive_buffer_bytes().collect()
    }

    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.engine.stop());
    }

    fn add_leg(
        &self,
        worker: u32,
        leg: u32,
        ufrag: Vec<u8>,
        password: Vec<u8>,
        reduced_size_rtcp: bool,
    ) -> PyResult<()> {
        let command = Command::AddLeg {
            leg: LegId(leg),
            credentials: credentials(ufrag, password)?,
            reduced_size_rtcp,
        };
        self.command(worker, command)
    }

    fn restart_ice(
        &self,
        worker: u32,
        leg: u32,
        ufrag: Vec<u8>,
        password: Vec<u8>,
    ) -> PyResult<()> {
        let (leg, credentials) = (LegId(leg), credentials(ufrag, password)?);
        self.command(worker, Command::RestartIce { leg, credentials })
    }

    fn set_peer(&self, worker: u32, leg: u32, ufrag: Vec<u8>, password: Vec<u8>) -> PyResult<()> {
        let (leg, credentials) = (LegId(leg), credentials(ufrag, password)?);
        self.command(worker, Command::SetPeer { leg, credentials })
    }

    fn set_keys(
        &self,
        worker: u32,
        leg: u32,
        profile_iana: u16,
        inbound_key: Vec<u8>,
        inbound_salt: Vec<u8>,
        outbound_key: Vec<u8>,
        outbound_salt: Vec<u8>,
    ) -> PyResult<()> {
        let keys = keys(
            profile_iana,
            [inbound_key, inbound_salt, outbound_key, outbound_salt],
        )?;
        self.command(
            worker,
            Command::SetKeys {
                leg: LegId(leg),
                keys,
            },
        )
    }

    fn set_extensions(&self, worker: u32, leg: u32, ids: Vec<(u8, String)>) -> PyResult<()> {
        let (leg, map) = (LegId(leg), extensions(ids)?);
        self.command(worker, Command::SetExtensions { leg, map })
    }

    fn send_dtls(&self, worker: u32, leg: u32, datagram: Vec<u8>) -> PyResult<()> {
        check_record(&datagram)?;
        let leg = LegId(leg);
        self.command(worker, Command::SendDtls { leg, datagram })
    }

    fn publish(
        &self,
        worker: u32,
        leg: u32,
        track: u32,
        mid: &[u8],
        codecs: Vec<CodecRow>,
        rids: Vec<Vec<u8>>,
        ssrcs: Vec<(u32, u32)>,
        transport_cc: bool,
        nack: bool,
    ) -> PyResult<()> {
        let codecs = self::codecs(codecs)?;
        let publish = Publish {
            leg: LegId(leg),
            track: TrackId(track),
            mid: token(mid)?,
            kind: kind_of(&codecs)?,
            codecs,
            rids: self::rids(rids)?,
            ssrcs: self::ssrcs(ssrcs)?,
            transport_cc,
            nack,
        };
        self.command(worker, Command::Publish(Box::new(publish)))
    }

    fn unpublish(&self, worker: u32, track: u32) -> PyResult<()> {
        let track = TrackId(track);
        self.command(worker, Command::Unpublish { track })
    }

    fn set_forwarding(&self, worker: u32, track: u32, enabled: bool) -> PyResult<()> {
        let track = TrackId(track);
        self.command(worker, Command::SetForwarding { track, enabled })
    }

    fn add_slot(
        &self,
        worker: u32,
        leg: u32,
        slot: u32,
        mid: &[u8],
        kind: &str,
        ssrc: u32,
        rtx_ssrc: u32,
        codecs: Vec<CodecRow>,
    ) -> PyResult<()> {
        let slot = AddSlot {
            leg: LegId(leg),
            slot: SlotId(slot),
            mid: token(mid)?,
            kind: self::kind(kind)?,
            ssrc,
            rtx_ssrc: or_none(rtx_ssrc),
            codecs: self::codecs(codecs)?,
        };
        if kind_of(&slot.codecs)? != slot.kind {
            return Err(PyValueError::new_err("a slot's codecs are of its kind"));
        }
        self.command(worker, Command::AddSlot(Box::new(slot)))
    }

    fn remove_slot(&self, worker: u32, slot: u32) -> PyResult<()> {
        self.command(worker, Command::RemoveSlot { slot: SlotId(slot) })
    }

    fn bind(&self, worker: u32, slot: u32, track: u32) -> PyResult<()> {
        self.command(
            worker,
            Command::Bind {
                slot: SlotId(slot),
                track: or_none(track).map(TrackId),
            },
        )
    }

    fn set_layer(
        &self,
        worker: u32,
        slot: u32,
        encoding: i16,
        spatial: i16,
        temporal: i16,
    ) -> PyResult<()> {
        self.command(worker, chosen_layers(slot, encoding, spatial, temporal)?)
    }

    fn set_paused(&self, worker: u32, slot: u32, paused: bool) -> PyResult<()> {
        let slot = SlotId(slot);
        self.command(worker, Command::SetPaused { slot, paused })
    }

    fn set_redundancy(&self, worker: u32, slot: u32, distance: i16) -> PyResult<()> {
        let (slot, distance) = (SlotId(slot), self::distance(distance)?);
        self.command(worker, Command::SetRedundancy { slot, distance })
    }

    fn request_key_frame(&self, worker: u32, track: u32) -> PyResult<()> {
        let track = TrackId(track);
        self.command(worker, Command::RequestKeyFrame { track })
    }

    fn set_useful_rate(&self, worker: u32, leg: u32, bps: u64) -> PyResult<()> {
        let leg = LegId(leg);
        self.command(worker, Command::SetUsefulRate { leg, bps })
    }

    fn set_publisher_limit(&self, worker: u32, leg: u32, bps: u64) -> PyResult<()> {
        let leg = LegId(leg);
        self.command(worker, Command::SetPublisherLimit { leg, bps })
    }

    fn tap_feedback(&self, worker: u32, leg: u32, enabled: bool) -> PyResult<()> {
        let leg = LegId(leg);
        self.command(worker, Command::TapFeedback { leg, enabled })
    }

    fn remove_leg(&self, worker: u32, leg: u32) -> PyResult<()> {
        self.command(worker, Command::RemoveLeg { leg: LegId(leg) })
    }
}

impl PyEngine {
    fn command(&self, worker: u32, command: Command) -> PyResult<()> {
        self.engine
            .command(worker, command)
            .map_err(|refused| match refused {
                CommandRefused::Full => PyRuntimeError::new_err("engine queue full"),
                CommandRefused::Stopped => PyRuntimeError::new_err("engine stopped"),
                CommandRefused::UnknownWorker => PyIndexError::new_err("no such worker"),
            })
    }
}

/// The design runs up to 4; more processes, not more workers, fill a larger machine.
const MAX_WORKERS: usize = 16;
