use super::*;

const HOUR_US: i64 = 3_600_000_000;
const TURN_US: i64 = 300_000;

/// Observes turns of packets sent and lost; gives the capacities proved, in kbit/s.
fn observe(losses: &mut Losses, turns: impl IntoIterator<Item = (u32, u32)>) -> Vec<i64> {
    let mut proved = Vec::new();
    for (turn, (packets, lost)) in (0..).zip(turns) {
        let first_sent_us = HOUR_US + turn * TURN_US;
        let feedback = Feedback {
            packets,
            lost,
            bytes: f64::from(packets) * 1_000.0,
            first_sent_us,
            last_sent_us: first_sent_us + TURN_US - TURN_US / i64::from(packets),
            arrived: None,
        };
        if losses.observe(&feedback) {
            let found = losses.judge(first_sent_us + TURN_US);
            proved.extend(found.map(|bps| (bps / 1e3).round() as i64));
        }
    }
    proved
}

#[test]
fn losses_that_do_not_follow_the_rate_prove_nothing() {
    let turns = (0..30).map(|turn| if turn % 2 == 0 { (40, 4) } else { (60, 6) });
    assert!(observe(&mut Losses::new(), turns).is_empty());
}

#[test]
fn losses_of_what_is_too_much_prove_the_capacity() {
    // 60 packets in a turn are 1.6 Mbit/s; 45 fit, whatever is sent beyond is lost.
    let turns = [40_u32, 60, 42, 60, 44, 60]
        .repeat(4)
        .into_iter()
        .map(|packets| (packets, packets.saturating_sub(45)));
    let proved = observe(&mut Losses::new(), turns);
    assert!(
        proved
            .first()
            .is_some_and(|kbps| (1_020..1_380).contains(kbps)),
        "{proved:?}"
    );
}

#[test]
fn many_losses_at_one_rate_are_asked_once_in_ten_seconds() {
    let mut losses = Losses::new();
    assert!(observe(&mut losses, [(60, 6); 12]).is_empty());
    let asked_us = losses.dipped_us.unwrap_or_default();
    assert!(asked_us > HOUR_US && asked_us < HOUR_US + 12 * TURN_US);
    assert!((losses.dip_share(asked_us + 100_000) - DIP_SHARE).abs() < 1e-9);
    assert!(losses.dip_share(asked_us + DIP_US) >= 1.0);
}

#[test]
fn a_loss_that_was_none_counts_nowhere_any_more() {
    let mut losses = Losses::new();
    // From the tenth turn on, ten packets come behind the feedback that should have told of them.
    for turn in 0..40 {
        let first_sent_us = HOUR_US + turn * TURN_US;
        let lost = if turn < 10 { 0 } else { 10 };
        let feedback = Feedback {
            packets: 60,
            lost,
            bytes: 60_000.0,
            first_sent_us,
            last_sent_us: first_sent_us + TURN_US - 5_000,
            arrived: None,
        };
        losses.own_share(&feedback, true);
        if losses.observe(&feedback) {
            assert_eq!(losses.judge(first_sent_us + TURN_US), None);
        }
        for late in 0..i64::from(lost) {
            losses.recover(first_sent_us + late * 5_000);
        }
    }
    assert_eq!(losses.dipped_us, None);
    assert_eq!(
        losses.lost + losses.kept.iter().map(|it| it.lost).sum::<u32>(),
        0
    );
    let share = losses.own_share(&Feedback::default(), true);
    assert!(share < 0.02, "{share}");
}

#[test]
fn what_was_lost_long_ago_takes_nothing_from_the_losses_of_now() {
    let mut losses = Losses::new();
    observe(&mut losses, [(60, 6); 25]);
    let counted = |losses: &Losses| losses.kept.iter().map(|it| it.lost).sum::<u32>();
    let before = (counted(&losses), losses.lost);
    losses.recover(HOUR_US - 1);
    losses.recover(HOUR_US + TURN_US);
    assert_eq!((counted(&losses), losses.lost), before);
    losses.recover(HOUR_US + 20 * TURN_US);
    assert_eq!(counted(&losses), before.0 - 1);
}

#[test]
fn few_losses_are_left_alone() {
    let mut losses = Losses::new();
    assert!(observe(&mut losses, [(60, 1); 20]).is_empty());
    assert_eq!(losses.dipped_us, None);
}

#[test]
fn what_a_path_loses_by_itself_is_counted_while_no_queue_stands() {
    let mut losses = Losses::new();
    let feedback = |lost| Feedback {
        packets: 30,
        lost,
        ..Feedback::default()
    };
    let share = (0..200).fold(0.0, |_, _| losses.own_share(&feedback(3), true));
    assert!((share - 0.1).abs() < 1e-6);
    let share = losses.own_share(&feedback(30), false);
    assert!((share - 0.1).abs() < 1e-6);
    let share = (0..200).fold(0.0, |_, _| losses.own_share(&feedback(30), true));
    assert!(share <= MOST_INHERENT);
}
