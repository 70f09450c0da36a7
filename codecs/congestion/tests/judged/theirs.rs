//! A trace played to `goog_cc`, as libwebrtc's transport feedback adapter would.
//!
//! What libwebrtc does between a feedback's bytes and its controller is done here: packets are told to it as they
//! leave, each is told of as received once, and a feedback in which nothing arrived waits for the next (the
//! crate takes a feedback without arrivals for a mistake). Packets of which no feedback spoke are not in a trace; the
//! controller is then told of less than was sent.

use std::collections::{BTreeMap, HashMap, HashSet};

use goog_cc::network_control::{NetworkControllerConfig, NetworkControllerInterface};
use goog_cc::transport::{
    NetworkAvailability, NetworkControlUpdate, PacedPacketInfo, PacketResult, ProcessInterval,
    SentPacket, TargetRateConstraints, TransportPacketsFeedback,
};
use goog_cc::units::{DataRate, DataSize, Timestamp};
use goog_cc::{GoogCcConfig, GoogCcNetworkController};

use congestion::Sample;
use congestion::limits::{LEAST_BPS, MOST_BPS, START_BPS};

use crate::EPOCH_US;
use crate::judging::Course;
use crate::trace::{Departure, Trace};

/// Whether it is told what was lost.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Losses {
    Told,
    /// Then it goes by delays, bursts and what arrives.
    Untold,
}

/// What libwebrtc would have allowed at each time of a trace.
pub fn rates(trace: &Trace, losses: Losses) -> Course {
    let departures = trace.departures();
    let mut playing = Playing::new(&departures, losses);
    let mut leaving = departures.iter().peekable();
    for feedback in &trace.feedbacks {
        while let Some(departure) = leaving.next_if(|next| next.sent_us <= feedback.at_us) {
            playing.process_until(departure.sent_us);
            playing.send(departure);
        }
        playing.process_until(feedback.at_us);
        playing.hear(&feedback.samples, feedback.at_us);
    }
    playing.course
}

struct Playing {
    losses: Losses,
    controller: GoogCcNetworkController,
    bursts: HashMap<u32, PacedPacketInfo>,
    sent: HashMap<u64, SentPacket>,
    received: HashSet<u64>,
    /// Told lost, and not yet told to the controller.
    waiting: BTreeMap<u64, PacketResult>,
    lost: HashSet<u64>,
    in_flight_bytes: i64,
    processed_us: u64,
    course: Course,
}

impl Playing {
    fn new(departures: &[Departure], losses: Losses) -> Self {
        let at_time = moment(0);
        let constraints = TargetRateConstraints {
            at_time,
            min_data_rate: Some(DataRate::from_bits_per_sec_float(LEAST_BPS)),
            max_data_rate: Some(DataRate::from_bits_per_sec_float(MOST_BPS)),
            starting_rate: Some(DataRate::from_bits_per_sec_float(START_BPS)),
        };
        let config = NetworkControllerConfig {
            constraints,
            ..NetworkControllerConfig::default()
        };
        let told = GoogCcConfig {
            feedback_only: true,
        };
        let mut playing = Self {
            losses,
            controller: GoogCcNetworkController::new(config, told),
            bursts: bursts(departures),
            sent: HashMap::new(),
            received: HashSet::new(),
            waiting: BTreeMap::new(),
            lost: HashSet::new(),
            in_flight_bytes: 0,
            processed_us: 0,
            course: Course::default(),
        };
        let update = playing
            .controller
            .on_network_availability(NetworkAvailability {
                at_time,
                network_available: true,
            });
        playing.note(0, &update);
        playing.process(0);
        playing
    }

    fn process_until(&mut self, at_us: u64) {
        while self.processed_us + PROCESS_US <= at_us {
            self.process(self.processed_us + PROCESS_US);
        }
    }

    fn process(&mut self, at_us: u64) {
        self.processed_us = at_us;
        let update = self.controller.on_process_interval(ProcessInterval {
            at_time: moment(at_us),
            pacer_queue: None,
        });
        self.note(at_us, &update);
    }

    fn send(&mut self, departure: &Departure) {
        let size_bytes = i64::from(departure.size_bytes);
        self.in_flight_bytes += size_bytes;
        let packet = SentPacket {
            send_time: moment(departure.sent_us),
            size: DataSize::from_bytes(size_bytes),
            pacing_info: self
                .bursts
                .get(&departure.cluster)
                .copied()
                .unwrap_or_default(),
            sequence_number: departure.sequence.cast_signed(),
            data_in_flight: DataSize::from_bytes(self.in_flight_bytes),
            ..SentPacket::default()
        };
        self.sent.insert(departure.sequence, packet);
        let update = self.controller.on_sent_packet(packet);
        self.note(departure.sent_us, &update);
    }

    fn hear(&mut self, samples: &[Sample], at_us: u64) {
        for sample in samples {
            self.take(sample);
        }
        let results: Vec<PacketResult> = self.waiting.values().copied().collect();
        if !results.iter().any(PacketResult::is_received) {
            return;
        }
        self.waiting.clear();
        let update = self
            .controller
            .on_transport_packets_feedback(TransportPacketsFeedback {
                feedback_time: moment(at_us),
                data_in_flight: DataSize::from_bytes(self.in_flight_bytes),
                packet_feedbacks: results,
                sendless_arrival_times: Vec::new(),
            });
        self.note(at_us, &update);
    }

    fn take(&mut self, sample: &Sample) {
        let sequence = sample.sequence;
        if self.received.contains(&sequence) {
            return;
        }
        let receive_time = match sample.arrival_us {
            Some(arrival_us) => {
                self.received.insert(sequence);
                Timestamp::from_micros(EPOCH_US.cast_signed() + arrival_us)
            }
            None if self.lost.contains(&sequence) => return,
            None => Timestamp::plus_infinity(),
        };
        let sent_packet = self.sent[&sequence];
        if self.lost.insert(sequence) {
            self.in_flight_bytes -= sent_packet.size.bytes();
        }
        let result = PacketResult {
            sent_packet,
            receive_time,
            ..PacketResult::default()
        };
        if result.is_received() || self.losses == Losses::Told {
            self.waiting.insert(sequence, result);
        }
    }

    fn note(&mut self, at_us: u64, update: &NetworkControlUpdate) {
        if let Some(target) = &update.target_rate {
            self.course
                .note(at_us, target.target_rate.bps().unsigned_abs());
        }
    }
}

/// What the pacer would have known of each burst: how many packets and bytes it is.
fn bursts(departures: &[Departure]) -> HashMap<u32, PacedPacketInfo> {
    let mut sizes: HashMap<u32, (i64, i64)> = HashMap::new();
    for departure in departures.iter().filter(|departure| departure.cluster != 0) {
        let (packets, bytes) = sizes.entry(departure.cluster).or_default();
        *packets += 1;
        *bytes += i64::from(departure.size_bytes);
    }
    sizes
        .into_iter()
        .map(|(cluster, (packets, bytes))| {
            let info = PacedPacketInfo::new(cluster.cast_signed(), packets, bytes);
            (cluster, info)
        })
        .collect()
}

fn moment(at_us: u64) -> Timestamp {
    Timestamp::from_micros((EPOCH_US + at_us).cast_signed())
}

/// libwebrtc's own (`GetProcessInterval`).
const PROCESS_US: u64 = 25_000;
