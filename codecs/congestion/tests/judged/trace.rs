//! A trace: what one receiver told of what it was sent, as the relay heard it, and what its link carried.
//!
//! Text. A head of `word rest` lines, ended by an empty one:
//!
//! ```text
//! feedback-trace 1
//! browser Chromium 156.0.8078.79
//! link the down direction, in words
//! capacity 0 2500000
//! capacity 14000000 500000
//! ```
//!
//! `capacity` is from when (µs; 0 is when the first packet left) the link carries how many bits a second; 0 is
//! an outage. Then a line for each feedback, everything as the difference to what stood before it, and 0 before
//! all: when it reached the relay (µs), how many sequence numbers are left out, and of each packet, in order,
//! `sent,arrived,size,cluster`: when it left (µs), when it came (steps of 250 µs of the receiver's clock; `x` if
//! it was lost), its bytes on the wire (itself, not the difference; nothing where they are as many as the packet
//! before had) and the burst it was part of. What says nothing is left out at the end.
//! Written by `benchmarks/adaptation/feedback_trace.py`.

use congestion::Sample;

/// A captured session.
pub struct Trace {
    /// The link, in words.
    pub link: String,
    /// From when it carried how much: µs, bit/s.
    pub capacity: Vec<(u64, u64)>,
    pub feedbacks: Vec<Feedback>,
}

/// One feedback.
pub struct Feedback {
    /// When it reached the relay.
    pub at_us: u64,
    /// Times are the trace's own.
    pub samples: Vec<Sample>,
}

/// A packet as it left.
#[derive(Clone, Copy)]
pub struct Departure {
    pub sent_us: u64,
    pub sequence: u64,
    pub size_bytes: u32,
    pub cluster: u32,
}

impl Trace {
    /// Reads what the capture wrote.
    pub fn read(text: &str) -> Self {
        let (head, body) = text
            .split_once("\n\n")
            .expect("an empty line ends the head");
        let (mut link, mut capacity) = (String::new(), Vec::new());
        let mut lines = head.lines();
        assert_eq!(lines.next(), Some("feedback-trace 1"));
        for line in lines {
            let (word, rest) = line.split_once(' ').expect("a word and its value");
            match word {
                "browser" => {}
                "link" => rest.clone_into(&mut link),
                "capacity" => {
                    let (from_us, bps) = rest.split_once(' ').expect("from when, how much");
                    capacity.push((number(from_us), number(bps)));
                }
                _ => panic!("{word:?} is not known"),
            }
        }
        let mut before = Before::default();
        let feedbacks = body.lines().map(|line| before.feedback(line)).collect();
        Self {
            link,
            capacity,
            feedbacks,
        }
    }

    /// When the last feedback came.
    pub fn ends_us(&self) -> u64 {
        self.feedbacks.last().map_or(0, |feedback| feedback.at_us)
    }

    /// Every packet of which was told, by sequence number.
    pub fn departures(&self) -> Vec<Departure> {
        let samples = self.feedbacks.iter().flat_map(|feedback| &feedback.samples);
        let mut departures: Vec<Departure> = samples
            .map(|sample| Departure {
                sent_us: sample.sent_us,
                sequence: sample.sequence,
                size_bytes: sample.size_bytes,
                cluster: sample.cluster,
            })
            .collect();
        departures.sort_by_key(|departure| departure.sequence);
        departures.dedup_by_key(|departure| departure.sequence);
        departures
    }
}

/// What stood before, to which differences are added.
#[derive(Default)]
struct Before {
    at_us: u64,
    next_sequence: u64,
    sent_us: u64,
    arrival_us: i64,
    size_bytes: u32,
}

impl Before {
    fn feedback(&mut self, line: &str) -> Feedback {
        let mut words = line.split(' ');
        let mut next = || words.next().expect("a time and a sequence number");
        self.at_us = later(self.at_us, number(next()));
        self.next_sequence = later(self.next_sequence, number(next()));
        Feedback {
            at_us: self.at_us,
            samples: words.map(|word| self.packet(word)).collect(),
        }
    }

    fn packet(&mut self, word: &str) -> Sample {
        let mut parts = word.split(',');
        self.sent_us = later(self.sent_us, number(parts.next().expect("when it left")));
        let arrival_us = match parts.next().expect("when it came") {
            "x" => None,
            steps => {
                self.arrival_us += number::<i64>(steps) * STEP_US;
                Some(self.arrival_us)
            }
        };
        if let Some(size) = parts.next().filter(|size| !size.is_empty()) {
            self.size_bytes = number(size);
        }
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        Sample {
            sequence,
            sent_us: self.sent_us,
            arrival_us,
            size_bytes: self.size_bytes,
            cluster: parts.next().map_or(0, number),
        }
    }
}

fn later(before: u64, difference: i64) -> u64 {
    let after = before.checked_add_signed(difference);
    after.expect("nothing is before the trace")
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    let Ok(value) = text.parse() else {
        panic!("{text:?} is no number");
    };
    value
}

/// Of the receiver's clock (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
const STEP_US: i64 = 250;

/// Also what `tests/unit/benchmarks/test_feedback_trace.py` expects to be written.
const EXAMPLE: &str = "\
feedback-trace 1
browser Chromium 1.2
link down: 1 Mbit/s
capacity 0 1000000
capacity 2000000 500000

90000 0 0,0,130 20000,81,1100 20,x,,3
50000 -1 -20,-1,1000 40000,160,1100,3
";

#[test]
fn a_trace_is_read_as_it_was_written() {
    let trace = Trace::read(EXAMPLE);
    assert_eq!(trace.link, "down: 1 Mbit/s");
    assert_eq!(trace.capacity, [(0, 1_000_000), (2_000_000, 500_000)]);
    let [first, second] = &trace.feedbacks[..] else {
        panic!("there are two feedbacks");
    };
    let sample = |sequence, sent_us, arrival_us, size_bytes, cluster| Sample {
        sequence,
        sent_us,
        arrival_us,
        size_bytes,
        cluster,
    };
    assert_eq!(first.at_us, 90_000);
    assert_eq!(
        first.samples,
        [
            sample(0, 0, Some(0), 130, 0),
            sample(1, 20_000, Some(20_250), 1_100, 0),
            sample(2, 20_020, None, 1_100, 3),
        ]
    );
    assert_eq!((second.at_us, trace.ends_us()), (140_000, 140_000));
    assert_eq!(
        second.samples,
        [
            sample(2, 20_000, Some(20_000), 1_000, 0),
            sample(3, 60_000, Some(60_000), 1_100, 3),
        ]
    );
}
