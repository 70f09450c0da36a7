//! The engine over loopback with a packet path of the tests' own.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use forward::LegId;
use forward::event::Event;

use super::*;
use crate::event_queue::News;
use bench::{Bench, Echo, PANIC, PANIC_TWICE, PATIENCE, TELL, echo};

mod bench;
mod streams;
mod turns;

#[test]
fn datagrams_pass_and_their_time_on_the_way_is_recorded() {
    let bench = Bench::new(1);
    let peer = bench.peer(0);
    for len in [1, 100, 1_499, 1_500] {
        echo(&peer, &vec![1; len]);
    }
    bench.engine.stop();
    assert_eq!(bench.counted("datagrams_received"), 4);
    assert_eq!(bench.counted("segments_sent"), 4);
    assert_eq!(bench.counted("forward_latency_count"), 4);
}

#[test]
fn a_datagram_longer_than_a_frame_reaches_the_packet_path_as_one_byte_too_long() {
    let bench = Bench::new(1);
    let peer = bench.peer(0);
    peer.send(&[TELL; 9_000]).expect("loopback takes datagrams");
    let news = News::Event(Event::Connected { leg: LegId(1_501) });
    assert_eq!(bench.notices(1), [Notice { worker: 0, news }]);
}

#[test]
fn a_panic_over_a_datagram_costs_its_sender_and_no_neighbour() {
    let bench = Bench::new(1);
    let (peer, neighbour) = (bench.peer(0), bench.peer(0));
    peer.send(&[PANIC]).expect("loopback takes datagrams");
    let news = News::Event(Event::ConsentLost { leg: LegId(7) });
    assert_eq!(bench.notices(1), [Notice { worker: 0, news }]);
    echo(&neighbour, &[2; 100]);
    bench.engine.stop();
    assert_eq!(bench.counted("datagram_panics"), 1);
    assert_eq!(bench.counted("worker_panics"), 0);
}

#[test]
fn a_panic_costs_one_worker_its_legs_and_nobody_else_anything() {
    let bench = Bench::new(2);
    let (peer, neighbour) = (bench.peer(0), bench.peer(1));
    echo(&peer, &[1; 100]);
    peer.send(&[PANIC_TWICE]).expect("loopback takes datagrams");
    assert_eq!(
        bench.notices(1),
        [Notice {
            worker: 0,
            news: News::Failed
        }]
    );
    echo(&neighbour, &[2; 100]);
    echo(&peer, &[3; 100]);
    bench.engine.stop();
    assert_eq!(bench.counted("worker_panics"), 1);
    // What the failed packet path had counted is in the sum: an echo, the panic, two echoes.
    assert_eq!(bench.counted("stun_answered"), 4);
}

#[test]
fn commands_behind_one_that_panics_are_still_obeyed() {
    let bench = Bench::new(1);
    bench
        .engine
        .command(0, Command::RemoveLeg { leg: LegId(1) })
        .expect("there is room");
    for slot in 0..10 {
        bench
            .engine
            .command(
                0,
                Command::RemoveSlot {
                    slot: forward::SlotId(slot),
                },
            )
            .expect("there is room");
    }
    assert_eq!(
        bench.notices(1),
        [Notice {
            worker: 0,
            news: News::Failed
        }]
    );
    bench.engine.stop();
    assert_eq!(bench.counted("commands_unknown_target"), 10);
}

#[test]
fn a_flood_of_commands_is_refused_and_never_waits() {
    let bench = Bench::new(1);
    bench
        .engine
        .command(
            0,
            Command::Unpublish {
                track: forward::TrackId(1),
            },
        )
        .expect("there is room");
    // The worker now stands in that command until the gate is passed a second time.
    bench.gate.wait();
    let slot = |slot| Command::RemoveSlot {
        slot: forward::SlotId(slot),
    };
    for index in 0..COMMAND_CAPACITY {
        assert_eq!(bench.engine.command(0, slot(index as u32)), Ok(()));
    }
    assert_eq!(bench.engine.command(0, slot(0)), Err(CommandRefused::Full));
    bench.gate.wait();
    bench.engine.stop();
    assert_eq!(
        bench.counted("commands_unknown_target"),
        COMMAND_CAPACITY as u64
    );
}

#[test]
fn a_command_for_no_worker_or_a_stopped_one_is_refused() {
    let bench = Bench::new(1);
    let command = || Command::RemoveSlot {
        slot: forward::SlotId(1),
    };
    assert_eq!(
        bench.engine.command(1, command()),
        Err(CommandRefused::UnknownWorker)
    );
    bench.engine.stop();
    bench.engine.stop();
    assert_eq!(
        bench.engine.command(0, command()),
        Err(CommandRefused::Stopped)
    );
}

#[test]
fn a_stopped_engine_frees_its_ports() {
    let bench = Bench::new(1);
    let address = bench
        .engine
        .addresses()
        .next()
        .and_then(|all| all.first().copied())
        .expect("a socket");
    bench.engine.stop();
    UdpSocket::bind(address).expect("the port is free again");
}

#[test]
fn an_engine_that_cannot_have_its_port_leaves_nothing_behind() {
    let taken = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let free = UdpSocket::bind("127.0.0.1:0")
        .expect("a free port")
        .local_addr()
        .expect("it is bound");
    let started = AtomicUsize::new(0);
    let config = EngineConfig {
        listen: vec![vec![free], vec![taken.local_addr().expect("it is bound")]],
        receive_buffer_bytes: 1 << 20,
        gather: Duration::ZERO,
        tcp: false,
    };
    let engine = Engine::start_with::<Echo>(&config, || {
        started.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(|| {
            unreachable!("no thread starts before every socket is open")
        }))
    });
    assert_eq!(
        engine.err().map(|error| error.kind()),
        Some(io::ErrorKind::AddrInUse)
    );
    assert_eq!(started.load(Ordering::Relaxed), 1);
    UdpSocket::bind(free).expect("the other worker's port is free again");
}

#[test]
fn a_worker_that_idles_still_beats() {
    let bench = Bench::new(1);
    let beat = || {
        bench
            .engine
            .heartbeat_ns()
            .next()
            .expect("there is one worker")
    };
    let first = beat();
    let until = Instant::now() + PATIENCE;
    while beat() == first {
        assert!(Instant::now() < until, "the loop turned within two seconds");
        std::thread::yield_now();
    }
}

#[test]
fn packets_of_many_senders_come_back_to_the_right_ones() {
    let bench = Bench::new(1);
    let peers: Vec<_> = (0..20_u8).map(|index| (index, bench.peer(0))).collect();
    for round in 0..10_u8 {
        for (index, peer) in &peers {
            peer.send(&[1, *index, round])
                .expect("loopback takes datagrams");
        }
    }
    for round in 0..10_u8 {
        for (index, peer) in &peers {
            let mut bytes = [0; 8];
            let len = peer.recv(&mut bytes).expect("an echo within two seconds");
            assert_eq!(bytes.get(..len), Some(&[1, *index, round][..]));
        }
    }
}
