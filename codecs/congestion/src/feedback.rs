//! What a feedback tells as a whole.

use crate::samples::Packet;

/// One feedback's packets, counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Feedback {
    pub packets: u32,
    pub lost: u32,
    /// Of all of them, lost ones too.
    pub bytes: f64,
    pub first_sent_us: i64,
    pub last_sent_us: i64,
    /// Of those that arrived, if any did.
    pub arrived: Option<Arrived>,
    /// Whether it tells of an outage; what it counts then left after that.
    pub after_outage: bool,
    /// When the first of those left that were lost since the last one that arrived, in whichever feedback.
    pub losing_since_us: Option<i64>,
    /// From when until before when left what the last outage has kept from being counted, in whichever feedback.
    pub dropped_us: (i64, i64),
    /// When the first packet left that arrived after the last outage, in whichever feedback.
    pub outage_ended_us: Option<i64>,
}

/// Of a feedback's packets, those that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Arrived {
    /// When the newest of them left.
    pub last_sent_us: i64,
    /// The fastest one's arrival minus sending, the two clocks' offset in it.
    pub shortest_transit_us: i64,
}

impl Feedback {
    /// The feedback after this one, of which nothing has come yet: an outage may reach into it.
    pub fn following(&self) -> Self {
        Self {
            last_sent_us: self.last_sent_us,
            losing_since_us: self.losing_since_us,
            dropped_us: self.dropped_us,
            outage_ended_us: self.outage_ended_us,
            ..Self::default()
        }
    }

    /// Counts a packet, with its arrival on a steady clock.
    ///
    /// While nothing arrives at all the path is gone, and what is lost then says neither what it carries nor what it
    /// always loses: with the packet that arrives after such an outage counting begins anew. But for one that follows
    /// another soon: so it looks where somebody lets everything pass for a while and then nothing, as much as he grants.
    pub fn add(&mut self, packet: &Packet, arrival_us: Option<i64>) {
        if arrival_us.is_none() {
            self.losing_since_us.get_or_insert(packet.sent_us);
        } else if let Some(since_us) = self.losing_since_us.take()
            && self.last_sent_us - since_us >= OUTAGE_US
        {
            self.end_outage(since_us, packet.sent_us);
        }
        if self.packets == 0 {
            self.first_sent_us = packet.sent_us;
        }
        self.packets += 1;
        self.bytes += packet.size_bytes;
        self.last_sent_us = packet.sent_us;
        let Some(arrival_us) = arrival_us else {
            self.lost += 1;
            return;
        };
        let transit_us = arrival_us - packet.sent_us;
        let before = self.arrived.map(|arrived| arrived.shortest_transit_us);
        self.arrived = Some(Arrived {
            last_sent_us: packet.sent_us,
            shortest_transit_us: before.map_or(transit_us, |before| before.min(transit_us)),
        });
    }

    /// Takes note that what left from `since_us` on was lost, up to what left at `ended_us`.
    fn end_outage(&mut self, since_us: i64, ended_us: i64) {
        let before_us = self.outage_ended_us.replace(ended_us);
        if before_us.is_some_and(|before_us| since_us - before_us < REPEATED_US) {
            return;
        }
        let from_us = if self.packets > 0 {
            self.first_sent_us
        } else {
            ended_us
        };
        *self = Self {
            after_outage: true,
            dropped_us: (from_us, ended_us),
            outage_ended_us: self.outage_ended_us,
            ..Self::default()
        };
    }

    /// Whether what left then was kept from being counted by an outage: there is no loss of it to take back.
    pub const fn has_dropped(&self, sent_us: i64) -> bool {
        let (from_us, until_us) = self.dropped_us;
        from_us <= sent_us && sent_us < until_us
    }

    /// Takes back a loss, if it was counted here: of a packet that left then.
    pub fn recover(&mut self, sent_us: i64) -> bool {
        let is_here = self.packets > 0 && sent_us >= self.first_sent_us && self.lost > 0;
        self.lost -= u32::from(is_here);
        is_here
    }
}

/// For which nothing of what was sent arrives. Radio loses bursts that are shorter, and a tenth of a megabit each second
/// brings ten packets.
const OUTAGE_US: i64 = 200_000;

/// From the end of an outage to the next one, whose losses count. Bursts end sooner again where a policer grants a rate,
/// and coverage seldom goes twice within so long.
const REPEATED_US: i64 = 5_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// A feedback on packets that left so long apart; those that came took 50 ms.
    fn feedback(gap_us: i64, arrived: &[bool]) -> Feedback {
        let mut feedback = Feedback::default();
        add_all(&mut feedback, 0, gap_us, arrived);
        feedback
    }

    /// Lets a feedback go on with packets from this turn on.
    fn add_all(feedback: &mut Feedback, first: i64, gap_us: i64, arrived: &[bool]) {
        for (turn, arrived) in (first..).zip(arrived) {
            let sent_us = turn * gap_us;
            let packet = Packet {
                sent_us,
                arrival_us: None,
                size_bytes: 1_000.0,
                cluster: 0,
            };
            feedback.add(&packet, arrived.then_some(sent_us + 50_000));
        }
    }

    #[test]
    fn what_left_before_the_end_of_an_outage_is_not_counted() {
        let told = [vec![true; 10], vec![false; 41], vec![true; 5]].concat();
        let feedback = feedback(5_000, &told);
        assert!(feedback.after_outage);
        assert_eq!((feedback.packets, feedback.lost), (5, 0));
        assert_eq!(feedback.first_sent_us, 51 * 5_000);
        let dropped = |turn: i64| feedback.following().has_dropped(turn * 5_000);
        assert!(dropped(0) && dropped(50) && !dropped(-1) && !dropped(51));
        assert!((feedback.bytes - 5_000.0).abs() < 1e-9);
    }

    #[test]
    fn outages_that_follow_each_other_are_losses_from_the_second_on() {
        for (between, is_repeated) in [(999, true), (1_001, false)] {
            let outage = vec![false; 41];
            let told = [vec![true; 10], outage.clone(), vec![true; between]].concat();
            let first = feedback(5_000, &told);
            assert!(first.after_outage);
            let again = [told, outage.clone(), vec![true; 5]].concat();
            let second = feedback(5_000, &again);
            let lost = if is_repeated { 41 } else { 0 };
            assert_eq!(second.lost, lost, "{between} packets between them");
            let third = feedback(5_000, &[again, outage, vec![true; 5]].concat());
            assert_eq!(third.lost, lost + 41);
        }
    }

    #[test]
    fn an_outage_is_remembered_from_one_feedback_to_the_next() {
        let told = [vec![true; 10], vec![false; 41], vec![true; 5]].concat();
        let first = feedback(5_000, &told);
        let mut next = first.following();
        let later = [vec![false; 43], vec![true]].concat();
        add_all(&mut next, 56, 5_000, &later);
        assert!(first.after_outage && !next.after_outage);
        assert_eq!((next.packets, next.lost), (44, 43));
        assert!(next.has_dropped(0), "what the first one has dropped");
    }

    #[test]
    fn losses_in_a_row_that_are_shorter_are_losses() {
        let told = [vec![true; 10], vec![false; 40], vec![true; 5]].concat();
        let feedback = feedback(5_000, &told);
        assert!(!feedback.after_outage);
        assert_eq!((feedback.packets, feedback.lost), (55, 40));
    }

    #[test]
    fn an_outage_reaches_from_one_feedback_into_the_next() {
        let told = [vec![true; 10], vec![false; 25]].concat();
        let mut next = feedback(5_000, &told).following();
        assert_eq!((next.packets, next.lost), (0, 0));
        // The last one left 120 ms after the first that was lost; 16 more are 200 ms.
        let later = [vec![false; 16], vec![true]].concat();
        add_all(&mut next, 35, 5_000, &later);
        assert!(next.after_outage);
        assert_eq!((next.packets, next.lost), (1, 0));
        let dropped = |turn: i64| next.has_dropped(turn * 5_000);
        assert!(!dropped(34), "it was counted with the one before");
        assert!(dropped(35) && dropped(50));
        assert!(!next.following().after_outage);
    }

    #[test]
    fn nothing_sent_for_a_while_after_a_loss_is_no_outage() {
        let lost_last = [vec![true; 10], vec![false; 3]].concat();
        let mut next = feedback(5_000, &lost_last).following();
        add_all(&mut next, 2_000, 5_000, &[true]);
        assert!(!next.after_outage);
        assert_eq!(next.losing_since_us, None);
    }

    #[test]
    fn a_path_of_which_one_packet_comes_now_and_then_is_not_gone() {
        let told = [vec![false; 19], vec![true]].concat().repeat(10);
        let feedback = feedback(10_000, &told);
        assert!(!feedback.after_outage);
        assert_eq!((feedback.packets, feedback.lost), (200, 190));
    }
}
