//! Connections over loopback, in a time of the tests' own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;

use forward::FIRST_TCP_SOCKET;
use forward::outbox::Outbox;

use super::*;
use crate::counters::DriverCounter;
use crate::system;

const SECOND: u64 = 1_000_000_000;
const PATIENCE: Duration = Duration::from_secs(5);

/// Streams with one listener, and what they say.
struct Bench {
    streams: Streams,
    address: SocketAddr,
    frames: Frames,
    counts: DriverCounts,
    now_ns: u64,
}

impl Bench {
    fn new() -> Self {
        Self::at(([127, 0, 0, 1], 0).into())
    }

    fn at(address: SocketAddr) -> Self {
        let listener = Listener::bind(address).expect("a free port");
        let address = listener.local().expect("it is bound");
        Self {
            streams: Streams::new(vec![listener]).expect("descriptors are free"),
            address,
            frames: Frames::default(),
            counts: DriverCounts::default(),
            now_ns: 1_000 * SECOND,
        }
    }

    /// A connection that has been taken in, or refused.
    fn connect(&mut self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a valid timeout");
        assert!(self.turn().is_empty(), "nobody has said anything");
        stream
    }

    /// Waits until there is something to do, and does it; gives what came, whole packets each.
    fn turn(&mut self) -> Vec<(Heard, Vec<u8>)> {
        let mut ready = [libc::pollfd {
            fd: self.streams.as_fd().as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        }];
        system::poll(&mut ready, PATIENCE).expect("no signals in tests");
        let mut came = Vec::new();
        for found in 0..self.streams.look() {
            let heard = self
                .streams
                .handle(found, &mut self.frames, self.now_ns, &mut self.counts);
            let Some(heard) = heard else {
                continue;
            };
            while let Some(packet) = self.frames.next_packet().expect("no lie") {
                came.push((heard, packet.to_vec()));
            }
            self.streams.keep(heard, self.frames.begun());
        }
        came
    }

    /// A connection that has said something and is known for it.
    fn prove(&mut self) -> (TcpStream, Heard) {
        let mut stream = self.connect();
        stream.write_all(&[0, 1, 7]).expect("it is there");
        let came = self.turn();
        let [(heard, packet)] = came.as_slice() else {
            panic!("{came:?}");
        };
        assert_eq!(packet, &[7]);
        assert!(self.streams.note(*heard, true, &mut self.counts));
        (stream, *heard)
    }

    /// Lets time pass; gives the paths that have ended by then.
    fn later(&mut self, seconds: u64, knows: bool) -> Vec<Tuple> {
        self.now_ns += seconds * SECOND;
        self.streams.sweep(self.now_ns, |_| knows, &mut self.counts);
        std::iter::from_fn(|| self.streams.take_ended()).collect()
    }

    fn send(&mut self, tuple: Tuple, packets: &[&[u8]]) -> Vec<u64> {
        let mut outbox = Outbox::new(1 << 20);
        for packet in packets {
            let kept = outbox.push_with(tuple, 5, |room| {
                room.get_mut(..packet.len())?.copy_from_slice(packet);
                Some(packet.len())
            });
            assert!(kept);
        }
        outbox.close(|_, _| false);
        self.streams
            .send(&outbox, self.now_ns, &mut self.counts)
            .to_vec()
    }

    fn counted(&self, counter: DriverCounter) -> u64 {
        self.counts.get(counter)
    }
}

fn is_closed(mut stream: &TcpStream) -> bool {
    matches!(stream.read(&mut [0; 16]), Ok(0))
}

#[test]
fn a_path_is_its_listener_and_its_far_end_in_both_families() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let mut bench = Bench::at(address.parse().expect("a literal address"));
        let (stream, heard) = bench.prove();
        assert_eq!(heard.tuple.socket, FIRST_TCP_SOCKET);
        assert_eq!(
            Some(heard.tuple.remote),
            stream.local_addr().ok(),
            "as the far end has it"
        );
        let [near, far] = [1, 2].map(|byte: u8| [byte; 20]);
        assert_eq!(bench.send(heard.tuple, &[&near, &far]), [5, 5]);
        let mut bytes = [0; 44];
        (&stream).read_exact(&mut bytes).expect("both come");
        let expected: [&[u8]; 4] = [&[0, 20], &near, &[0, 20], &far];
        assert_eq!(bytes.as_slice(), expected.concat());
    }
}

#[test]
fn who_proves_nothing_has_ten_seconds() {
    let mut bench = Bench::new();
    let stranger = bench.connect();
    assert!(bench.later(10, true).is_empty());
    assert_eq!(bench.counted(DriverCounter::TcpUnproven), 1);
    assert_eq!(bench.later(1, true).len(), 1);
    assert!(is_closed(&stranger));
    assert_eq!(bench.counted(DriverCounter::TcpClosedUnproven), 1);
    assert_eq!(bench.counted(DriverCounter::TcpUnproven), 0);
}

#[test]
fn who_is_known_may_be_silent_for_a_minute() {
    let mut bench = Bench::new();
    let (stream, heard) = bench.prove();
    assert!(bench.later(60, true).is_empty());
    assert_eq!(bench.counted(DriverCounter::TcpProven), 1);
    assert_eq!(bench.later(1, true), [heard.tuple]);
    assert!(is_closed(&stream));
    assert_eq!(bench.counted(DriverCounter::TcpClosedIdle), 1);
}

#[test]
fn whose_leg_is_gone_is_closed() {
    let mut bench = Bench::new();
    let (stream, heard) = bench.prove();
    assert_eq!(bench.later(1, false), [heard.tuple]);
    assert!(is_closed(&stream));
    assert_eq!(bench.counted(DriverCounter::TcpClosedUnknown), 1);
    // What is on its way to it is counted.
    assert!(bench.send(heard.tuple, &[&[1; 9]]).is_empty());
    assert_eq!(bench.counted(DriverCounter::DropTcpGone), 1);
}

#[test]
fn who_leaves_is_forgotten_and_may_come_again() {
    let mut bench = Bench::new();
    let (stream, heard) = bench.prove();
    drop(stream);
    assert!(bench.turn().is_empty());
    assert_eq!(bench.later(0, true), [heard.tuple]);
    assert_eq!(bench.counted(DriverCounter::TcpClosedByPeer), 1);
    let (_, other) = bench.prove();
    assert_ne!(other.tuple, heard.tuple);
    assert_eq!(other.place, heard.place, "places are used again");
}

#[test]
fn a_frame_may_come_in_pieces_between_those_of_others() {
    let mut bench = Bench::new();
    let (mut one, from_one) = bench.prove();
    let (mut other, from_other) = bench.prove();
    one.write_all(&[0, 4, 1]).expect("it is there");
    assert!(bench.turn().is_empty());
    other.write_all(&[0, 2, 2, 2]).expect("it is there");
    let came = bench.turn();
    let packets: Vec<_> = came.iter().map(|(_, packet)| packet.as_slice()).collect();
    assert_eq!(packets, [[2, 2]]);
    assert!(
        came.iter()
            .all(|(heard, _)| heard.tuple == from_other.tuple)
    );
    one.write_all(&[1, 1, 1]).expect("it is there");
    let came = bench.turn();
    let [(heard, packet)] = came.as_slice() else {
        panic!("{came:?}");
    };
    assert_eq!(packet, &[1; 4]);
    assert_eq!(heard.tuple, from_one.tuple);
}

#[test]
fn of_many_who_come_at_once_sixteen_are_taken_in_at_each_turn() {
    let mut bench = Bench::new();
    let _crowd: Vec<TcpStream> = (0..33)
        .map(|_| TcpStream::connect(bench.address).expect("it listens"))
        .collect();
    for taken_in in [16, 32, 33] {
        assert!(bench.turn().is_empty(), "nobody has said anything");
        assert_eq!(bench.counted(DriverCounter::TcpAccepted), taken_in);
    }
}

#[test]
fn where_it_is_crowded_and_nobody_floods_the_oldest_that_has_proven_nothing_leaves() {
    let mut bench = Bench::new();
    let (_known, _) = bench.prove();
    bench.now_ns += 1;
    let oldest = bench.connect();
    bench.now_ns += 1;
    let _newest = bench.connect();
    bench.streams.end_one_unproven(&mut bench.counts);
    let tuple = Tuple {
        socket: FIRST_TCP_SOCKET,
        remote: oldest.local_addr().expect("it is connected"),
    };
    assert_eq!(bench.later(0, true), [tuple]);
    assert!(is_closed(&oldest));
    assert_eq!(bench.counted(DriverCounter::TcpClosedCrowded), 1);
    assert_eq!(bench.counted(DriverCounter::TcpProven), 1);
    assert_eq!(bench.counted(DriverCounter::TcpUnproven), 1);
}

#[test]
fn where_all_places_are_taken_who_has_been_silent_longest_leaves_and_who_speaks_stays() {
    let mut bench = Bench::new();
    let (spare, from_spare) = bench.prove();
    bench.now_ns += SECOND;
    let (mut used, _) = bench.prove();
    bench.now_ns += 5 * SECOND;
    used.write_all(&[0, 1, 7]).expect("it is there");
    assert_eq!(bench.turn().len(), 1);
    bench
        .streams
        .end_most_silent(bench.now_ns, &mut bench.counts);
    assert_eq!(bench.streams.take_ended(), Some(from_spare.tuple));
    assert!(is_closed(&spare));
    // All are heard now and then: nobody leaves.
    bench
        .streams
        .end_most_silent(bench.now_ns + 5 * SECOND, &mut bench.counts);
    assert_eq!(bench.streams.take_ended(), None);
    assert_eq!(bench.counted(DriverCounter::TcpClosedCrowded), 1);
}
