use forward::LegId;
use wire::extensions::video_layers_allocation::{SpatialLayer, VideoLayersAllocation};

use super::*;

fn connected(leg: u32) -> News {
    News::Event(Event::Connected { leg: LegId(leg) })
}

fn dtls(leg: u32) -> News {
    News::Event(Event::Dtls {
        leg: LegId(leg),
        datagram: vec![22; 100],
    })
}

fn layers(track: u32, kbps: u32) -> News {
    let mut layers = Box::<VideoLayersAllocation>::default();
    layers.layers[0][0] = Some(SpatialLayer {
        temporal_layer_count: 1,
        target_kbps: [kbps, 0, 0, 0],
        resolution: None,
    });
    News::Event(Event::LayersChanged {
        track: TrackId(track),
        layers,
    })
}

fn one_worker() -> (EventSender, EventReceiver) {
    let (mut senders, receiver) = event_queue(1).expect("a descriptor");
    (senders.remove(0), receiver)
}

#[test]
fn a_flood_of_dtls_is_dropped_and_pushes_out_no_lifecycle_event() {
    let (mut sender, receiver) = one_worker();
    let kept = (0..10_000).filter(|leg| sender.send(dtls(*leg))).count();
    assert_eq!(kept, DROPPABLE_CAPACITY);
    assert!(sender.send(connected(7)));
    sender.flush();
    assert_eq!(
        receiver.drain().first(),
        Some(&Notice {
            worker: 0,
            news: connected(7)
        })
    );
}

#[test]
fn lifecycle_events_beyond_the_queue_wait_and_come_in_order() {
    let (mut sender, receiver) = one_worker();
    let total = LIFECYCLE_CAPACITY as u32 + 500;
    for leg in 0..total {
        assert!(sender.send(connected(leg)));
    }
    let mut arrived = Vec::new();
    while arrived.len() < total as usize {
        sender.flush();
        arrived.extend(receiver.drain().into_iter().map(|notice| notice.news));
    }
    assert_eq!(arrived, (0..total).map(connected).collect::<Vec<_>>());
}

#[test]
fn of_what_tracks_say_of_their_layers_the_latest_waits_for_a_slow_reader() {
    let (mut sender, receiver) = one_worker();
    let rounds = LAYERS_CAPACITY as u32;
    for round in 0..rounds {
        for track in 0..3 {
            assert!(sender.send(layers(track, round)));
        }
        sender.flush();
        assert!(sender.latest.len() <= 3);
    }
    sender.send(connected(7));
    sender.flush();
    let first = receiver.drain();
    assert_eq!(
        first.first().map(|notice| &notice.news),
        Some(&connected(7))
    );
    assert_eq!(first.len(), 1 + LAYERS_CAPACITY);
    sender.flush();
    let last: Vec<_> = receiver.drain().into_iter().map(|one| one.news).collect();
    assert_eq!(last, [0, 1, 2].map(|track| layers(track, rounds - 1)));
    sender.flush();
    assert_eq!(receiver.drain(), [], "nothing waits any more");
}

#[test]
fn a_leg_is_connected_before_its_first_dtls_record() {
    let (mut sender, receiver) = one_worker();
    sender.send(connected(1));
    sender.send(dtls(1));
    sender.flush();
    let news: Vec<_> = receiver
        .drain()
        .into_iter()
        .map(|notice| notice.news)
        .collect();
    assert_eq!(news, [connected(1), dtls(1)]);
}
