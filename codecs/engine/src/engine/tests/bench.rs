//! An engine whose packet path is the tests' own, and peers on loopback.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use forward::command::Command;
use forward::counters::{Counter, Counters};
use forward::event::Event;
use forward::outbox::Outbox;
use forward::{LegId, Tuple};

use crate::counters::names;
use crate::engine::{Engine, EngineConfig};
use crate::event_queue::Notice;
use crate::packet_path::PacketPath;
use crate::system;

/// Sends back what comes in; does as the first byte says.
pub struct Echo {
    outbox: Outbox,
    events: Vec<Event>,
    counters: Counters,
    gate: Arc<Barrier>,
    known: HashSet<Tuple>,
    is_broken: bool,
}

pub const PANIC: u8 = b'!';
pub const PANIC_TWICE: u8 = b'#';
pub const TELL: u8 = b'?';
/// Whoever says this is known from then on, and told so by its echo.
pub const PROVE: u8 = b'+';

impl PacketPath for Echo {
    fn handle_datagram(&mut self, _: u64, arrival_ns: u64, tuple: Tuple, datagram: &mut [u8]) {
        self.counters.one(Counter::StunAnswered);
        match datagram.first() {
            Some(&PANIC) => panic!("as the test asked"),
            Some(&PANIC_TWICE) => {
                self.is_broken = true;
                panic!("as the test asked")
            }
            Some(&TELL) => self.events.push(Event::Connected {
                leg: LegId(datagram.len() as u32),
            }),
            first => {
                if first == Some(&PROVE) {
                    self.known.insert(tuple);
                }
                self.outbox.push_with(tuple, arrival_ns, |room| {
                    room.get_mut(..datagram.len())?.copy_from_slice(datagram);
                    Some(datagram.len())
                });
            }
        }
    }

    fn knows(&self, tuple: Tuple) -> bool {
        self.known.contains(&tuple)
    }

    fn handle_closed(&mut self, tuple: Tuple) {
        if self.known.remove(&tuple) {
            let leg = LegId(u32::from(tuple.socket));
            self.events.push(Event::ConsentLost { leg });
        }
    }

    fn expel(&mut self, _: Tuple) {
        assert!(!self.is_broken, "as the test asked");
        self.events.push(Event::ConsentLost { leg: LegId(7) });
    }

    fn handle_command(&mut self, _: u64, command: Command) {
        match command {
            Command::RemoveLeg { .. } => panic!("as the test asked"),
            Command::Unpublish { .. } => {
                self.gate.wait();
                self.gate.wait();
            }
            _ => self.counters.one(Counter::CommandsUnknownTarget),
        }
    }

    fn handle_tick(&mut self, _: u64) {}

    fn is_pacing(&self) -> bool {
        false
    }

    fn handle_pace(&mut self, _: u64) {}

    fn must_send(&self) -> bool {
        self.outbox.is_nearly_full()
    }

    fn outbox(&mut self) -> &mut Outbox {
        self.outbox.close(|_, _| false);
        &mut self.outbox
    }

    fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    fn counters(&self) -> &Counters {
        &self.counters
    }

    fn record_latency(&mut self, arrival_ns: u64, sent_ns: u64) {
        self.counters
            .record_latency(sent_ns.saturating_sub(arrival_ns));
    }
}

pub struct Bench {
    pub engine: Engine,
    pub gate: Arc<Barrier>,
}

impl Bench {
    pub fn new(workers: usize) -> Self {
        let gate = Arc::new(Barrier::new(2));
        let config = EngineConfig {
            listen: vec![vec![([127, 0, 0, 1], 0).into()]; workers],
            receive_buffer_bytes: 1 << 20,
            gather: Duration::from_micros(200),
            tcp: true,
        };
        let path_gate = Arc::clone(&gate);
        let engine = Engine::start_with(&config, || {
            let gate = Arc::clone(&path_gate);
            Ok(Box::new(move || Echo {
                outbox: Outbox::new(1 << 20),
                events: Vec::new(),
                counters: Counters::default(),
                gate: Arc::clone(&gate),
                known: HashSet::new(),
                is_broken: false,
            }))
        })
        .expect("loopback has free ports");
        Self { engine, gate }
    }

    pub fn peer(&self, worker: usize) -> UdpSocket {
        peer_of(self.address(worker))
    }

    /// A connection to a worker, which waits with [`PATIENCE`].
    pub fn connected(&self, worker: usize) -> TcpStream {
        let stream = TcpStream::connect(self.address(worker)).expect("it listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a valid timeout");
        stream
    }

    fn address(&self, worker: usize) -> SocketAddr {
        let address = self
            .engine
            .addresses()
            .nth(worker)
            .and_then(|all| all.first().copied());
        address.expect("the worker has a socket")
    }

    pub fn counted(&self, name: &str) -> u64 {
        names()
            .zip(self.engine.counters())
            .find(|(known, _)| *known == name)
            .expect("a counter")
            .1
    }

    /// Waits for the wake-up, then drains, until as many notices came.
    pub fn notices(&self, count: usize) -> Vec<Notice> {
        let until = Instant::now() + PATIENCE;
        let mut notices = Vec::new();
        while notices.len() < count {
            assert!(Instant::now() < until, "the events came within two seconds");
            let fd = self.engine.event_fd();
            let mut readable = [libc::pollfd {
                fd,
                events: libc::POLLIN,
                revents: 0,
            }];
            system::poll(&mut readable, PATIENCE).expect("no signals in tests");
            notices.extend(self.engine.drain());
        }
        notices
    }
}

/// A socket that speaks to a worker's and waits with [`PATIENCE`].
pub fn peer_of(address: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket
        .set_read_timeout(Some(PATIENCE))
        .expect("a valid timeout");
    socket.connect(address).expect("loopback is there");
    socket
}

pub fn echo(peer: &UdpSocket, datagram: &[u8]) {
    let mut bytes = [0; 2_048];
    peer.send(datagram).expect("loopback takes datagrams");
    let len = peer.recv(&mut bytes).expect("an echo within two seconds");
    assert_eq!(bytes.get(..len), Some(datagram));
}

/// Sends a packet by a connection, behind its length.
pub fn say(stream: &mut TcpStream, packet: &[u8]) {
    let length = (packet.len() as u16).to_be_bytes();
    stream
        .write_all(&[length.as_slice(), packet].concat())
        .expect("it is there");
}

/// The next packet that comes by a connection.
pub fn hear(stream: &mut TcpStream) -> Vec<u8> {
    let mut length = [0; 2];
    stream
        .read_exact(&mut length)
        .expect("a packet within two seconds");
    let mut packet = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut packet).expect("the rest of it");
    packet
}

/// Waits until the far end has closed a connection, whatever came before.
pub fn until_closed(stream: &mut TcpStream) {
    let mut bytes = [0; 2_048];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
                return;
            }
        }
    }
}

pub const PATIENCE: Duration = Duration::from_secs(2);
