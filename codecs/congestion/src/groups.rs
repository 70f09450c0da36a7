//! Packets that left together, and how much later each such group came than the one before.
//!
//! libwebrtc `inter_arrival_delta.cc`, draft-ietf-rmcat-gcc-02 §5.1 and §5.2: a group is what left within
//! 5 ms, and what then arrives in a burst behind it. libwebrtc cuts a burst after 100 ms
//! (`kMaxBurstDuration`); here it lasts while it lasts: it is a queue that empties, of which nothing more
//! can be learnt.

/// How a group differs from the one before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delta {
    /// How much later its last packet left.
    pub sent_ms: f64,
    /// How much later its last packet came.
    pub arrival_ms: f64,
}

/// The last two groups.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// May still grow.
    open: Option<Group>,
    before: Option<Group>,
}

#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_field_names, reason = "times end in their unit")]
struct Group {
    first_sent_us: i64,
    last_sent_us: i64,
    /// The latest arrival of this group and all before it: reordered packets never set it back.
    latest_arrival_us: i64,
}

impl Groups {
    /// Adds a packet that arrived, by a steady clock; gives the difference of the group that this completes.
    pub fn add(&mut self, sent_us: i64, arrival_us: i64) -> Option<Delta> {
        let mut group = Group {
            first_sent_us: sent_us,
            last_sent_us: sent_us,
            latest_arrival_us: arrival_us,
        };
        let Some(open) = self.open else {
            self.open = Some(group);
            return None;
        };
        group.latest_arrival_us = arrival_us.max(open.latest_arrival_us);
        if open.holds(sent_us, arrival_us) {
            group.first_sent_us = open.first_sent_us;
            self.open = Some(group);
            return None;
        }
        self.open = Some(group);
        self.before.replace(open).map(|before| Delta {
            sent_ms: ms(open.last_sent_us - before.last_sent_us),
            arrival_ms: ms(open.latest_arrival_us - before.latest_arrival_us),
        })
    }
}

impl Group {
    /// Whether the next packet left with this group, or arrives in a burst behind it.
    fn holds(&self, sent_us: i64, arrival_us: i64) -> bool {
        let sent_gap_us = sent_us - self.last_sent_us;
        let arrival_gap_us = arrival_us - self.latest_arrival_us;
        let in_burst = arrival_gap_us < sent_gap_us && arrival_gap_us <= BURST_GAP_US;
        in_burst || sent_gap_us == 0 || sent_us - self.first_sent_us <= GROUP_US
    }
}

fn ms(us: i64) -> f64 {
    us as f64 / 1e3
}

/// `kSendTimeGroupLength` (libwebrtc `delay_based_bwe.cc`).
const GROUP_US: i64 = 5_000;

/// `kBurstDeltaThreshold` (libwebrtc `inter_arrival_delta.cc`).
const BURST_GAP_US: i64 = 5_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn deltas(moments_ms: &[(i64, i64)]) -> Vec<(i64, i64)> {
        let mut groups = Groups::default();
        moments_ms
            .iter()
            .filter_map(|(sent_ms, arrival_ms)| groups.add(sent_ms * 1_000, arrival_ms * 1_000))
            .map(|delta| (delta.sent_ms as i64, delta.arrival_ms as i64))
            .collect()
    }

    #[test]
    fn what_left_within_five_milliseconds_is_one_group() {
        let moments = [
            (0, 0),
            (4, 5),
            (20, 30),
            (24, 35),
            (40, 60),
            (60, 80),
            (80, 100),
        ];
        // Three complete groups follow the first; the last may still grow.
        assert_eq!(deltas(&moments), [(20, 30), (16, 25), (20, 20)]);
    }

    #[test]
    fn what_comes_in_a_burst_belongs_to_the_group_before() {
        let moments = [(0, 0), (20, 60), (30, 62), (40, 64), (80, 90), (100, 110)];
        assert_eq!(deltas(&moments), [(40, 64), (40, 26)]);
    }

    #[test]
    fn a_packet_that_was_overtaken_sets_no_group_back() {
        let moments = [(0, 10), (20, 50), (24, 45), (40, 60), (60, 80)];
        assert_eq!(deltas(&moments), [(24, 40), (16, 10)]);
    }
}
