//! The bottleneck: it lets one packet out after the other, at a rate or by a trace.
//!
//! Work is reckoned in billionths of a bit, so that bit/s times nanoseconds is work, exactly. What is left of the moment in
//! which a packet was done goes to the next one: over a busy time of any length, no rounding adds up.

use super::trace::{OPPORTUNITY_BYTES, Trace};

/// How fast a direction is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Capacity {
    /// Nothing waits.
    #[default]
    Unlimited,
    /// Bits a second of IP packets; at 0 everything waits.
    Rate(u64),
    /// As it was recorded.
    Trace(Trace),
}

/// Serves one packet at a time.
#[derive(Debug, Default)]
pub struct Server {
    capacity: Capacity,
    /// When the present capacity began to hold: a trace counts from there.
    began_ns: u64,
    /// The trace's first opportunity that nobody has used.
    next: u64,
    job: Option<Job>,
    /// Work that was left over when the last packet was done.
    spare: u64,
    spare_at_ns: u64,
}

#[derive(Clone, Copy, Debug)]
struct Job {
    work: u64,
    since_ns: u64,
    /// `None`: not at this rate.
    done_ns: Option<u64>,
}

impl Capacity {
    /// Bits a second in the long run; `None` without limit.
    #[must_use]
    pub fn mean_bps(&self) -> Option<u64> {
        match self {
            Self::Unlimited => None,
            Self::Rate(rate_bps) => Some(*rate_bps),
            Self::Trace(trace) => Some(trace.mean_bps()),
        }
    }
}

impl Server {
    /// Whether a packet is being served.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    /// When the packet being served is done, as things are; `None` without one, or never at this rate.
    #[must_use]
    pub fn done_ns(&self) -> Option<u64> {
        self.job.and_then(|job| job.done_ns)
    }

    /// Begins with a packet. The server is not busy.
    pub fn begin(&mut self, now_ns: u64, bytes: usize) {
        let spare = if self.spare_at_ns == now_ns {
            self.spare
        } else {
            0
        };
        let asked = bytes as u64 * WORK_PER_BYTE;
        let work = asked.saturating_sub(spare);
        self.spare = spare.saturating_sub(asked);
        if let Capacity::Trace(trace) = &self.capacity {
            // Opportunities that passed while nobody waited are gone.
            self.next = self.next.max(trace.first_from(now_ns - self.began_ns));
        }
        self.take(work, now_ns);
    }

    /// The packet being served is done, at its time.
    pub fn finish(&mut self) {
        let Some((job, done_ns)) = self.job.take().and_then(|job| Some((job, job.done_ns?))) else {
            return;
        };
        let left_over = match &self.capacity {
            // A packet that the last one's spare already paid for leaves the rest of it.
            _ if job.work == 0 => self.spare,
            Capacity::Unlimited => 0,
            Capacity::Rate(rate_bps) => (done_ns - job.since_ns) * rate_bps - job.work,
            Capacity::Trace(_) => {
                let used = job.work.div_ceil(WORK_PER_OPPORTUNITY);
                self.next += used;
                used * WORK_PER_OPPORTUNITY - job.work
            }
        };
        (self.spare, self.spare_at_ns) = (left_over, done_ns);
    }

    /// Goes on at another capacity; what has been done of a packet stays done.
    pub fn change(&mut self, now_ns: u64, capacity: Capacity) {
        let left = self.job.take().map(|job| self.left_of(job, now_ns));
        self.capacity = capacity;
        (self.began_ns, self.next) = (now_ns, 0);
        (self.spare, self.spare_at_ns) = (0, now_ns);
        if let Some(work) = left {
            self.take(work, now_ns);
        }
    }

    fn take(&mut self, work: u64, now_ns: u64) {
        let done_ns = match &self.capacity {
            _ if work == 0 => Some(now_ns),
            Capacity::Unlimited => Some(now_ns),
            Capacity::Rate(0) => None,
            Capacity::Rate(rate_bps) => Some(now_ns + work.div_ceil(*rate_bps)),
            Capacity::Trace(trace) => {
                let last = self.next + work.div_ceil(WORK_PER_OPPORTUNITY) - 1;
                Some(self.began_ns + trace.at_ns(last))
            }
        };
        self.job = Some(Job {
            work,
            since_ns: now_ns,
            done_ns,
        });
    }

    fn left_of(&self, job: Job, now_ns: u64) -> u64 {
        let done = match &self.capacity {
            Capacity::Unlimited => job.work,
            Capacity::Rate(rate_bps) => (now_ns - job.since_ns).saturating_mul(*rate_bps),
            Capacity::Trace(trace) => {
                let passed = trace.first_from(now_ns - self.began_ns);
                passed.saturating_sub(self.next) * WORK_PER_OPPORTUNITY
            }
        };
        job.work.saturating_sub(done)
    }
}

const WORK_PER_BYTE: u64 = 8 * 1_000_000_000;
const WORK_PER_OPPORTUNITY: u64 = OPPORTUNITY_BYTES * WORK_PER_BYTE;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: u64 = 1_000_000;

    fn at(capacity: Capacity) -> Server {
        let mut server = Server::default();
        server.change(0, capacity);
        server
    }

    fn trace(text: &str) -> Capacity {
        Capacity::Trace(Trace::parse(text).expect("it is valid"))
    }

    /// When packets that all wait from the beginning are done.
    fn done_ns(server: &mut Server, packets: &[usize]) -> Vec<u64> {
        let mut now_ns = 0;
        let mut done = Vec::new();
        for bytes in packets {
            server.begin(now_ns, *bytes);
            now_ns = server.done_ns().expect("it ends");
            server.finish();
            done.push(now_ns);
        }
        done
    }

    proptest! {
        #[test]
        fn a_busy_server_keeps_its_rate_over_every_window(
            rate_bps in 1_000_u64..1_000_000_000,
            packets in proptest::collection::vec(20_usize..1_500, 1..200),
        ) {
            let mut bits = 0_u64;
            for (done_ns, bytes) in done_ns(&mut at(Capacity::Rate(rate_bps)), &packets).iter().zip(&packets) {
                bits += 8 * *bytes as u64;
                // The first nanosecond in which all bits so far are through, and no later one.
                let exact_ns = u128::from(bits) * 1_000_000_000;
                prop_assert_eq!(u128::from(*done_ns), exact_ns.div_ceil(u128::from(rate_bps)));
            }
        }

        #[test]
        fn a_busy_trace_uses_every_opportunity_to_the_last_byte(
            mut moments in proptest::collection::vec(0_u64..40, 0..30),
            packets in proptest::collection::vec(20_usize..1_500, 1..200),
        ) {
            moments.sort_unstable();
            moments.push(40);
            let text = moments.iter().map(u64::to_string).collect::<Vec<_>>().join("\n");
            let recorded = Trace::parse(&text).expect("it is valid");
            let mut bytes = 0_u64;
            for (done_ns, each) in done_ns(&mut at(trace(&text)), &packets).iter().zip(&packets) {
                // Of opportunities at one moment any may be the one: only the moment is seen.
                bytes += *each as u64;
                let earliest_ns = recorded.at_ns(bytes.div_ceil(OPPORTUNITY_BYTES) - 1);
                prop_assert_eq!(*done_ns, earliest_ns);
            }
        }
    }

    #[test]
    fn opportunities_that_nobody_waited_for_are_gone() {
        let mut server = at(trace("1\n2\n3\n10\n"));
        server.begin(2 * MS + 1, 1_504);
        assert_eq!(server.done_ns(), Some(3 * MS));
        server.finish();
        server.begin(4 * MS, 1_505);
        assert_eq!(server.done_ns(), Some(11 * MS));
    }

    #[test]
    fn what_is_left_of_an_opportunity_is_for_who_waits_at_that_moment() {
        let mut server = at(trace("1\n10\n"));
        server.begin(0, 1_000);
        assert_eq!(server.done_ns(), Some(MS));
        server.finish();
        server.begin(MS, 504);
        assert_eq!(server.done_ns(), Some(MS));
        server.finish();
        server.begin(MS, 1);
        assert_eq!(server.done_ns(), Some(10 * MS));
        server.finish();
        server.begin(10 * MS + 1, 1);
        assert_eq!(server.done_ns(), Some(11 * MS));
    }

    #[test]
    fn a_packet_in_service_goes_on_at_the_new_rate() {
        let mut server = at(Capacity::Rate(1_000_000));
        // 10 ms of work, of which 4 are done.
        server.begin(0, 1_250);
        server.change(4 * MS, Capacity::Rate(500_000));
        assert_eq!(server.done_ns(), Some(16 * MS));
        server.change(10 * MS, Capacity::Rate(0));
        assert_eq!((server.done_ns(), server.is_busy()), (None, true));
        server.change(50 * MS, Capacity::Rate(1_000_000));
        assert_eq!(server.done_ns(), Some(53 * MS));
        server.change(51 * MS, Capacity::Unlimited);
        assert_eq!(server.done_ns(), Some(51 * MS));
    }

    #[test]
    fn a_trace_counts_from_when_it_holds() {
        let mut server = at(Capacity::Rate(0));
        server.begin(0, 1_504);
        server.change(7 * MS, trace("2\n5\n"));
        assert_eq!(server.done_ns(), Some(9 * MS));
    }
}
