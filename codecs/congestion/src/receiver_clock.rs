//! A receiver's clock as if nobody had set it.

/// By how much a receiver's clock has been set so far.
#[derive(Clone, Debug, Default)]
pub struct ReceiverClock {
    /// Arrival minus sending of the last packet, the two clocks' offset in it.
    transit_us: Option<i64>,
    stepped_us: i64,
}

impl ReceiverClock {
    /// When a packet came, with every step of the clock taken out.
    pub fn steady_us(&mut self, sent_us: i64, arrival_us: i64) -> i64 {
        let transit_us = arrival_us - sent_us;
        let change_us = transit_us - self.transit_us.replace(transit_us).unwrap_or(transit_us);
        if change_us.abs() > CLOCK_STEP_US {
            self.stepped_us += change_us;
        }
        arrival_us - self.stepped_us
    }

    /// The same of a packet that came late: how long it took says nothing of the clock.
    pub fn corrected_us(&self, arrival_us: i64) -> i64 {
        arrival_us - self.stepped_us
    }
}

/// `kArrivalTimeOffsetThreshold` (libwebrtc `inter_arrival_delta.cc`): a path changes by less between two
/// packets, so this was the receiver's clock. libwebrtc then begins anew; here the step is taken out of
/// all that follows, and the estimate goes on.
const CLOCK_STEP_US: i64 = 3_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_the_receivers_clock_is_taken_out() {
        for set_by_us in [30_000_000, -30_000_000] {
            let mut clock = ReceiverClock::default();
            let steady_us: Vec<i64> = (0..12)
                .map(|turn| {
                    let sent_us = 20_000 * turn;
                    let ahead_us = if turn >= 5 { set_by_us } else { 0 };
                    clock.steady_us(sent_us, sent_us + 50_000 + ahead_us)
                })
                .collect();
            assert!(steady_us.windows(2).all(|pair| match pair {
                [before, after] => after - before == 20_000,
                _ => false,
            }));
        }
    }

    #[test]
    fn a_queue_that_grows_is_no_step() {
        let mut clock = ReceiverClock::default();
        assert_eq!(clock.steady_us(0, 50_000), 50_000);
        assert_eq!(clock.steady_us(20_000, 3_020_000), 3_020_000);
    }
}
