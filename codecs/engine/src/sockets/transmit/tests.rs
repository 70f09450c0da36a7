//! Runs over loopback, and what the kernel refuses.

use std::net::{SocketAddr, UdpSocket};

use forward::Tuple;

use super::super::send_buffers::SEND_BATCH;
use super::*;

struct Bench {
    sockets: Vec<WorkerSocket>,
    outbox: Outbox,
    counts: DriverCounts,
    writer: Writer,
}

impl Bench {
    fn new() -> Self {
        let socket = WorkerSocket::bind(([127, 0, 0, 1], 0).into(), 131_072).expect("a free port");
        Self {
            sockets: vec![socket],
            outbox: Outbox::new(1 << 20),
            counts: DriverCounts::default(),
            writer: Writer::default(),
        }
    }

    fn put(&mut self, remote: SocketAddr, bytes: &[u8], arrival_ns: u64) {
        let kept = self
            .outbox
            .push_with(Tuple { socket: 0, remote }, arrival_ns, |room| {
                room.get_mut(..bytes.len())?.copy_from_slice(bytes);
                Some(bytes.len())
            });
        assert!(kept);
    }

    fn send(&mut self) -> Vec<u64> {
        self.outbox.close(|_, _| false);
        let sent = self
            .writer
            .send(&mut self.sockets, &self.outbox, &mut self.counts)
            .to_vec();
        self.outbox.clear();
        sent
    }

    fn counted(&self) -> [u64; 5] {
        [
            DriverCounter::MessagesSent,
            DriverCounter::GsoMessages,
            DriverCounter::SegmentsSent,
            DriverCounter::GsoFallbacks,
            DriverCounter::SendErrors,
        ]
        .map(|counter| self.counts.get(counter))
    }
}

fn receiver() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    socket
        .set_read_timeout(Some(Duration::from_secs(2)))
        .expect("a valid timeout");
    let address = socket.local_addr().expect("it is bound");
    (socket, address)
}

fn read(socket: &UdpSocket) -> Vec<u8> {
    let mut bytes = [0; 2_048];
    let len = socket
        .recv(&mut bytes)
        .expect("a datagram within two seconds");
    bytes.get(..len).unwrap_or_default().to_vec()
}

#[test]
fn a_run_arrives_as_the_datagrams_it_was_made_of() {
    let mut bench = Bench::new();
    let ((first, to_first), (second, to_second)) = (receiver(), receiver());
    for index in 0..5_u8 {
        bench.put(to_first, &[index; 1_000], 10 + u64::from(index));
        bench.put(to_second, &[100 + index; 400], 0);
    }
    bench.put(to_first, &[9; 10], 0);
    assert_eq!(bench.send(), [10, 11, 12, 13, 14]);
    for index in 0..5_u8 {
        assert_eq!(read(&first), [index; 1_000]);
        assert_eq!(read(&second), [100 + index; 400]);
    }
    assert_eq!(read(&first), [9; 10]);
    assert_eq!(bench.counted(), [2, 2, 11, 0, 0]);
}

#[test]
fn a_destination_that_cannot_be_reached_loses_only_its_own() {
    let mut bench = Bench::new();
    let (socket, address) = receiver();
    bench.put(([127, 0, 0, 1], 0).into(), &[1; 100], 5);
    bench.put(address, &[2; 100], 6);
    assert_eq!(bench.send(), [6]);
    assert_eq!(read(&socket), [2; 100]);
    assert_eq!(bench.counted(), [1, 0, 1, 0, 1]);
}

#[test]
fn a_run_the_kernel_refuses_leaves_one_by_one() {
    let mut bench = Bench::new();
    let no_port: SocketAddr = ([127, 0, 0, 1], 0).into();
    let (socket, address) = receiver();
    bench.put(no_port, &[1; 100], 0);
    bench.put(no_port, &[1; 100], 0);
    bench.put(address, &[2; 100], 0);
    assert!(bench.send().is_empty());
    assert_eq!(read(&socket), [2; 100]);
    // Port 0 is refused with EINVAL as a run and as single datagrams.
    assert_eq!(bench.counted(), [1, 0, 1, 1, 2]);
    assert!(bench.sockets.iter().all(|socket| socket.sends_runs));
}

#[test]
fn a_device_that_cannot_cut_runs_is_not_asked_twice() {
    assert_eq!(refusal(Some(libc::EIO), true), Refusal::NeverRuns);
    assert_eq!(refusal(Some(libc::EIO), false), Refusal::Lost);
}

#[test]
fn without_runs_every_datagram_is_a_message() {
    let mut bench = Bench::new();
    bench
        .sockets
        .iter_mut()
        .for_each(|socket| socket.sends_runs = false);
    let (socket, address) = receiver();
    for index in 0..(SEND_BATCH as u8 + 9) {
        bench.put(address, &[index; 50], 0);
    }
    bench.send();
    for index in 0..(SEND_BATCH as u8 + 9) {
        assert_eq!(read(&socket), [index; 50]);
    }
    assert_eq!(bench.counted(), [73, 0, 73, 0, 0]);
}
