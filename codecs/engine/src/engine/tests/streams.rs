//! TCP beside UDP: the same packet path, and harm to nobody but who does it.

use std::io::Write;
use std::time::Instant;

use forward::LegId;
use forward::event::Event;

use super::bench::{Bench, PANIC, PATIENCE, PROVE, echo, hear, say, until_closed};
use crate::event_queue::{News, Notice};

/// Waits until a counter has come so far.
fn until_counted(bench: &Bench, name: &str, least: u64) {
    let until = Instant::now() + 5 * PATIENCE;
    while bench.counted(name) < least {
        assert!(Instant::now() < until, "{name}: {}", bench.counted(name));
        std::thread::yield_now();
    }
}

#[test]
fn packets_pass_whole_however_they_are_cut_and_their_time_is_recorded() {
    let bench = Bench::new(1);
    let mut stream = bench.connected(0);
    say(&mut stream, &[PROVE]);
    assert_eq!(hear(&mut stream), [PROVE]);
    for byte in [0, 3, 7, 7] {
        stream.write_all(&[byte]).expect("it is there");
    }
    stream.write_all(&[7, 0, 0]).expect("it is there");
    assert_eq!(hear(&mut stream), [7; 3]);
    for len in [1, 100, 1_499, 1_500] {
        say(&mut stream, &vec![1; len]);
        assert_eq!(hear(&mut stream), vec![1; len]);
    }
    echo(&bench.peer(0), &[2; 100]);
    bench.engine.stop();
    assert_eq!(bench.counted("tcp_frames_received"), 6);
    assert_eq!(bench.counted("tcp_frames_sent"), 6);
    assert_eq!(bench.counted("datagrams_received"), 1);
    assert_eq!(bench.counted("forward_latency_count"), 7);
}

#[test]
fn a_length_that_lies_closes_its_connection_and_no_other() {
    let bench = Bench::new(1);
    let (mut liar, mut neighbour) = (bench.connected(0), bench.connected(0));
    say(&mut liar, &[PROVE]);
    assert_eq!(hear(&mut liar), [PROVE]);
    liar.write_all(&[0xff, 0xff, 1, 2, 3]).expect("it is there");
    until_closed(&mut liar);
    // The path is forgotten with its connection.
    let leg = LegId(128);
    let news = News::Event(Event::ConsentLost { leg });
    assert_eq!(bench.notices(1), [Notice { worker: 0, news }]);
    say(&mut neighbour, &[5; 50]);
    assert_eq!(hear(&mut neighbour), [5; 50]);
    bench.engine.stop();
    assert_eq!(bench.counted("tcp_closed_framing"), 1);
    assert_eq!(bench.counted("tcp_accepted"), 2);
}

#[test]
fn a_panic_over_a_packet_by_tcp_costs_its_sender_and_no_neighbour() {
    let bench = Bench::new(1);
    let (mut stream, mut neighbour) = (bench.connected(0), bench.connected(0));
    say(&mut stream, &[PANIC]);
    let news = News::Event(Event::ConsentLost { leg: LegId(7) });
    assert_eq!(bench.notices(1), [Notice { worker: 0, news }]);
    say(&mut neighbour, &[2; 100]);
    assert_eq!(hear(&mut neighbour), [2; 100]);
    bench.engine.stop();
    assert_eq!(bench.counted("datagram_panics"), 1);
    assert_eq!(bench.counted("worker_panics"), 0);
}

#[test]
fn a_stranger_that_talks_on_is_cut_off() {
    let bench = Bench::new(1);
    let mut stranger = bench.connected(0);
    // Empty ones say nothing and count all the same.
    stranger.write_all(&[0; 2 * 32]).expect("it is there");
    until_closed(&mut stranger);
    bench.engine.stop();
    assert_eq!(bench.counted("tcp_closed_chatter"), 1);
    assert_eq!(bench.counted("tcp_frames_received"), 0);
}

#[test]
fn one_place_may_not_have_all_the_room() {
    let bench = Bench::new(1);
    let mut waiting: Vec<_> = (0..64).map(|_| bench.connected(0)).collect();
    until_closed(&mut bench.connected(0));
    let first = waiting.first_mut().expect("there are some");
    say(first, &[PROVE]);
    assert_eq!(hear(first), [PROVE]);
    let mut next = bench.connected(0);
    say(&mut next, &[9; 9]);
    assert_eq!(hear(&mut next), [9; 9]);
    bench.engine.stop();
    assert_eq!(bench.counted("tcp_refused_place"), 1);
}

#[test]
fn a_slow_reader_loses_whole_packets_and_holds_up_nobody() {
    const SAID: u64 = 3_000;
    let bench = Bench::new(1);
    let (mut slow, mut neighbour) = (bench.connected(0), bench.connected(0));
    say(&mut slow, &[PROVE]);
    assert_eq!(hear(&mut slow), [PROVE]);
    // Many times what kernels and relay hold; all of it is read, else this would never end.
    for number in 0..SAID {
        // None of the letters that the packet path obeys.
        say(&mut slow, &[(number % 32) as u8; 1_400]);
    }
    until_counted(&bench, "tcp_frames_received", 1 + SAID);
    say(&mut neighbour, &[5; 50]);
    assert_eq!(hear(&mut neighbour), [5; 50]);
    let dropped = bench.counted("drop_tcp_full");
    assert!(dropped > 100, "{dropped}");
    let sent = 1 + SAID - dropped;
    let mut heard = 1;
    while heard + bench.counted("drop_tcp_old") < sent {
        let packet = hear(&mut slow);
        assert_eq!(packet.len(), 1_400);
        assert!(packet.iter().all(|byte| Some(byte) == packet.first()));
        heard += 1;
    }
    // And is served again.
    say(&mut slow, &[6; 60]);
    assert_eq!(hear(&mut slow), [6; 60]);
    bench.engine.stop();
    assert_eq!(bench.counted("tcp_closed_broken"), 0);
}
