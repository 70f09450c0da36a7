//! Nothing is allocated for a packet between the socket it came from and the socket it leaves by.

use std::net::UdpSocket;
use std::time::Duration;

use allocations::{Counting, asked};
use engine::counters::{DriverCounter, DriverCounts};
use engine::sockets::WorkerSocket;
use engine::sockets::receive::Reader;
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
