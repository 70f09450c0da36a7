//! Nothing is allocated for a packet between the socket it came from and the socket it leaves by.

use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::time::Duration;

use allocations::{Counting, asked};
use engine::counters::{DriverCounter, DriverCounts};
use engine::sockets::WorkerSocket;
use engine::sockets::receive::Reader;
use engine::sockets::streams::Streams;
use engine::sockets::streams::frames::Frames;
use engine::sockets::streams::listener::Listener;
use engine::sockets::transmit::Writer;
use forward::Tuple;
use forward::outbox::Outbox;

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn a_batch_from_socket_to_socket_allocates_nothing() {
    let mut sockets =
        [WorkerSocket::bind(([127, 0, 0, 1], 0).into(), 1 << 20).expect("a free port")];
    let address = sockets
        .iter()
        .map(WorkerSocket::local)
        .next()
        .expect("one socket");
    let peers: Vec<_> = (0..8)
        .map(|_| {
            let peer = UdpSocket::bind("127.0.0.1:0").expect("a free port");
            peer.connect(address).expect("loopback is there");
            peer.set_read_timeout(Some(Duration::from_secs(2)))
                .expect("a valid timeout");
            peer
        })
        .collect();
    let (mut reader, mut writer) = (Reader::default(), Writer::default());
    let (mut outbox, mut counts) = (Outbox::new(1 << 20), DriverCounts::default());

    let mut relay_batch = || {
        for peer in peers.iter().cycle().take(64) {
            peer.send(&[7; 1_100]).expect("loopback takes datagrams");
        }
        let before = asked();
        let [socket] = &mut sockets;
        let batch = reader
            .read(socket, &mut counts)
            .expect("the batch is there");
        for index in 0..batch.len {
            let Some(arrival) = reader.arrival(batch, index, socket, &mut counts) else {
                continue;
            };
            let tuple = Tuple {
                socket: 0,
                remote: arrival.remote,
            };
            outbox.push_with(tuple, arrival.arrival_ns, |room| {
                room.get_mut(..arrival.bytes.len())?
                    .copy_from_slice(arrival.bytes);
                Some(arrival.bytes.len())
            });
        }
        outbox.close(|_, _| false);
        assert_eq!(
            writer.send(&mut sockets, &outbox, &mut counts).len(),
            batch.len
        );
        outbox.clear();
        let allocations = asked() - before;
        for peer in peers.iter().cycle().take(batch.len) {
            peer.recv(&mut [0; 2_048])
                .expect("an echo within two seconds");
        }
        allocations
    };

    let first = relay_batch();
    assert!(
        first > 0,
        "the first batch sizes the lists, and shows that allocations are counted"
    );
    assert_eq!((0..20).map(|_| relay_batch()).sum::<u64>(), 0);
    assert_eq!(counts.get(DriverCounter::DatagramsReceived), 21 * 64);
    assert_eq!(counts.get(DriverCounter::GsoMessages), 21 * 8);
}

#[test]
fn a_batch_from_connection_to_connection_allocates_nothing() {
    const PACKETS: usize = 10;
    let listener = Listener::bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let address = listener.local().expect("it is bound");
    let mut streams = Streams::new(vec![listener]).expect("descriptors are free");
    let mut peer = TcpStream::connect(address).expect("it listens");
    peer.set_read_timeout(Some(Duration::from_secs(2)))
        .expect("a valid timeout");
    let (mut frames, mut outbox) = (Frames::default(), Outbox::new(1 << 20));
    let mut counts = DriverCounts::default();
    let frame: [&[u8]; 2] = [&1_100_u16.to_be_bytes(), &[7; 1_100]];
    let said = frame.concat().repeat(PACKETS);

    let mut relay_batch = || {
        peer.write_all(&said).expect("it is there");
        let before = asked();
        let mut handled = 0;
        while handled < PACKETS {
            for found in 0..streams.look() {
                let heard = streams.handle(found, &mut frames, 1, &mut counts);
                let Some(heard) = heard else {
                    continue;
                };
                while let Some(packet) = frames.next_packet().expect("no lie") {
                    outbox.push_with(heard.tuple, 1, |room| {
                        room.get_mut(..packet.len())?.copy_from_slice(packet);
                        Some(packet.len())
                    });
                    handled += 1;
                }
                streams.keep(heard, frames.begun());
            }
        }
        outbox.close(|_, _| false);
        assert_eq!(streams.send(&outbox, 1, &mut counts).len(), PACKETS);
        outbox.clear();
        let allocations = asked() - before;
        let mut echoed = vec![0; said.len()];
        peer.read_exact(&mut echoed)
            .expect("an echo within two seconds");
        assert_eq!(echoed, said);
        allocations
    };

    assert!(relay_batch() > 0, "the first batch makes the connection");
    assert_eq!((0..20).map(|_| relay_batch()).sum::<u64>(), 0);
    assert_eq!(
        counts.get(DriverCounter::TcpFramesSent),
        21 * PACKETS as u64
    );
}
