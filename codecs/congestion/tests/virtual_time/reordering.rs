//! Packets that others overtake are told as lost first, and as arrived by the next feedback.

use congestion::Sample;

use crate::path::{Path, TICK_US};

/// What becomes of every tenth packet.
#[derive(Clone, Copy, PartialEq)]
enum Tenth {
    Lost,
    /// It comes behind the feedback that should have told of it.
    Late,
}

/// For how many ticks of 30 s less than 0.75 of the estimate is sent, though no queue stands: losses are asked.
fn ticks_of_asking(tenth: Tenth) -> (usize, f64) {
    let mut path = Path::new(1e6);
    path.used_share = 0.9;
    let (mut asking, mut used, mut late) = (0, 0.0, Vec::new());
    for tick in 0..300_u64 {
        let mut told = path.send(TICK_US);
        let mut behind: Vec<Sample> = Vec::new();
        // Not while a first few packets are all there is to judge by.
        let of_tenth = |it: &&mut Sample| tick >= 30 && it.sequence % 10 == 3;
        for sample in told.iter_mut().filter(of_tenth) {
            if let Some(arrival_us) = sample.arrival_us.take() {
                behind.push(Sample {
                    arrival_us: Some(arrival_us + TICK_US.cast_signed()),
                    ..*sample
                });
            }
        }
        // Feedback begins with the lowest number that it tells of.
        let before = std::mem::replace(&mut late, behind);
        if tenth == Tenth::Late {
            told.splice(..0, before);
        }
        path.hear(&told);
        let standing = path.estimator.standing();
        let is_held_back = standing.rate_bps * 4 < standing.estimate_bps * 3;
        asking += usize::from(is_held_back && standing.wait_ms < 20.0);
        if tick >= 150 {
            used += path.rate_bps() / path.capacity_bps / 150.0;
        }
    }
    (asking, used)
}

#[test]
fn a_tenth_that_comes_late_is_no_loss() {
    let (asking, used) = ticks_of_asking(Tenth::Late);
    assert_eq!(asking, 0);
    assert!((0.75..=1.05).contains(&used), "{used}");
    let (asking, _) = ticks_of_asking(Tenth::Lost);
    assert!(asking >= 7, "a dip of 0.75 s, {asking}");
}
