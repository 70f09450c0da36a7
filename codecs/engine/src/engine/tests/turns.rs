//! What a worker's turn does first, and how much: the real packet path, held up where a test wants it to be.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use forward::command::Command;
use forward::counters::Counters;
use forward::event::Event;
use forward::outbox::Outbox;
use forward::worker::{Worker, WorkerConfig};
use forward::{Credentials, LegId, SlotId, TrackId, Tuple};
use wire::stun::{BindingRequest, StunClass, StunMessage, write_binding_request};

use super::bench::peer_of;
use crate::engine::{Engine, EngineConfig};
use crate::packet_path::PacketPath;

/// A packet path that stands still until the gate was passed twice, at [`HOLD`] and in [`Turns::hold`].
struct Held {
    worker: Worker,
    gate: Arc<Barrier>,
    obeyed_in_turn: usize,
    most_obeyed_in_turn: Arc<AtomicUsize>,
}

impl Held {
    fn stand(&self) {
        self.gate.wait();
        self.gate.wait();
    }
}

impl PacketPath for Held {
    fn handle_datagram(&mut self, now_ns: u64, arrival_ns: u64, tuple: Tuple, datagram: &mut [u8]) {
        if datagram == HOLD {
            self.stand();
        }
        self.worker
            .handle_datagram(now_ns, arrival_ns, tuple, datagram);
    }

    fn knows(&self, tuple: Tuple) -> bool {
        self.worker.knows(tuple)
    }

    fn handle_closed(&mut self, tuple: Tuple) {
        self.worker.handle_closed(tuple);
    }

    fn expel(&mut self, tuple: Tuple) {
        self.worker.expel(tuple);
    }

    fn handle_command(&mut self, now_ns: u64, command: Command) {
        self.obeyed_in_turn += 1;
        if matches!(command, Command::Unpublish { .. }) {
            self.stand();
        }
        self.worker.handle_command(now_ns, command);
    }

    fn handle_tick(&mut self, now_ns: u64) {
        self.worker.handle_tick(now_ns);
    }

    fn is_pacing(&self) -> bool {
        self.worker.is_pacing()
    }

    fn handle_pace(&mut self, now_ns: u64) {
        self.worker.handle_pace(now_ns);
    }

    fn must_send(&self) -> bool {
        self.worker.must_send()
    }

    fn outbox(&mut self) -> &mut Outbox {
        self.worker.outbox()
    }

    /// Called once, at the end of a turn.
    fn take_events(&mut self) -> Vec<Event> {
        let obeyed = std::mem::take(&mut self.obeyed_in_turn);
        self.most_obeyed_in_turn
            .fetch_max(obeyed, Ordering::Relaxed);
        self.worker.take_events()
    }

    fn counters(&self) -> &Counters {
        self.worker.counters()
    }

    fn record_latency(&mut self, arrival_ns: u64, sent_ns: u64) {
        self.worker.record_latency(arrival_ns, sent_ns);
    }
}

/// One worker with two sockets, and a peer of each.
struct Turns {
    engine: Engine,
    peers: [UdpSocket; 2],
    gate: Arc<Barrier>,
    most_obeyed_in_turn: Arc<AtomicUsize>,
}

impl Turns {
    fn new() -> Self {
        let (gate, most) = (Arc::new(Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
        let config = EngineConfig {
            listen: vec![vec![([127, 0, 0, 1], 0).into(); 2]],
            receive_buffer_bytes: 1 << 20,
            gather: Duration::ZERO,
            tcp: false,
        };
        let engine = Engine::start_with(&config, || {
            let (gate, most) = (Arc::clone(&gate), Arc::clone(&most));
            Ok(Box::new(move || Held {
                worker: Worker::new(WorkerConfig {
                    unix_minus_monotonic_ns: 0,
                    seed: 1,
                    outbox_bytes: 1 << 20,
                }),
                gate: Arc::clone(&gate),
                obeyed_in_turn: 0,
                most_obeyed_in_turn: Arc::clone(&most),
            }))
        })
        .expect("loopback has free ports");
        let addresses = engine.addresses().next().expect("there is one worker");
        let &[first, second] = addresses else {
            panic!("{addresses:?}")
        };
        let peers = [peer_of(first), peer_of(second)];
        Self {
            engine,
            peers,
            gate,
            most_obeyed_in_turn: most,
        }
    }

    fn command(&self, command: Command) {
        self.engine.command(0, command).expect("there is room");
    }

    /// Lets the worker stand in a command while `meanwhile` is done.
    fn hold(&self, meanwhile: impl FnOnce()) {
        self.command(Command::Unpublish { track: TrackId(1) });
        self.gate.wait();
        meanwhile();
        self.gate.wait();
    }
}

#[test]
fn a_turn_obeys_so_many_commands_however_many_sockets_it_reads() {
    let turns = Turns::new();
    turns.hold(|| {
        for slot in 0..2_000 {
            turns.command(Command::RemoveSlot { slot: SlotId(slot) });
        }
        for peer in &turns.peers {
            peer.send(&[0]).expect("loopback takes datagrams");
        }
    });
    turns.engine.stop();
    assert_eq!(turns.most_obeyed_in_turn.load(Ordering::Relaxed), 256);
}

#[test]
fn a_check_is_answered_though_its_leg_was_added_in_the_same_turn() {
    let turns = Turns::new();
    let [first, second] = &turns.peers;
    // The turn after this finds both sockets readable, and has obeyed its commands when it stands.
    turns.hold(|| {
        first.send(HOLD).expect("loopback takes datagrams");
        second.send(&[0]).expect("loopback takes datagrams");
    });
    turns.gate.wait();
    turns.command(Command::AddLeg {
        leg: LegId(1),
        credentials: Credentials {
            ufrag: b"frag".to_vec(),
            password: PASSWORD.to_vec(),
        },
        reduced_size_rtcp: true,
    });
    second.send(&check()).expect("loopback takes datagrams");
    turns.gate.wait();

    let mut bytes = [0; 1_500];
    let len = second
        .recv(&mut bytes)
        .expect("an answer to the only check");
    let answer = StunMessage::parse_untrusted(bytes.get(..len).expect("it fits"));
    assert_eq!(answer.expect("well-formed").class, StunClass::Success);
}

fn check() -> Vec<u8> {
    let request = BindingRequest {
        transaction_id: [5; 12],
        username: b"frag:peer",
        priority: 1,
        tie_breaker: 7,
        controlling: true,
        use_candidate: true,
    };
    let mut out = vec![0; 256];
    let len = write_binding_request(&mut out, &request, PASSWORD).expect("it fits");
    out.truncate(len);
    out
}

/// The datagram at which the worker stands.
const HOLD: &[u8] = b"|";
const PASSWORD: &[u8] = b"a-password-of-twenty-two";
