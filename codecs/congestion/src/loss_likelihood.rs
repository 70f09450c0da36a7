//! Which capacity makes the observed losses most likely.
//!
//! The idea of libwebrtc's `loss_based_bwe_v2.cc`: of several capacities, each with the inherent loss that
//! suits it best, the one under which the losses at the rates that were sent are most likely. Beyond a
//! capacity the surplus is lost, and of what is left the inherent share.

/// An observation, weighed by its age.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weighed {
    /// Over the highest of all observations.
    pub rate: f64,
    pub packets: f64,
    pub lost: f64,
}

/// A capacity that may be the path's.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Of the highest rate sent.
    pub share: f64,
    /// By how much it is likelier than a capacity that was never reached; above minus [`DOUBT_NATS`].
    pub lead_nats: f64,
}

/// The likeliest capacity below the highest rate, unless one never reached is likelier beyond doubt.
pub fn likeliest(observations: &[Weighed]) -> Option<Candidate> {
    let never_reached = log_likelihood(observations, NEVER_REACHED, f64::NEG_INFINITY);
    let (mut best, mut most) = (None, never_reached - DOUBT_NATS);
    for share in CAPACITY_SHARES {
        let likelihood = log_likelihood(observations, share, most);
        if likelihood > most {
            most = likelihood;
            best = Some(share);
        }
    }
    best.map(|share| Candidate {
        share,
        lead_nats: most - never_reached,
    })
}

/// The logarithm of how likely the losses are under a capacity; anything below `least` if it is below.
fn log_likelihood(observations: &[Weighed], capacity: f64, least: f64) -> f64 {
    let (mut explained, mut left, mut lost) = (0.0, 0.0, 0.0);
    for each in observations {
        let surplus = surplus(each.rate, capacity);
        explained += each.packets * surplus;
        left += each.packets * (1.0 - surplus);
        lost += each.lost;
    }
    let inherent = ((lost - explained) / left.max(LEAST_LEFT)).clamp(LEAST_INHERENT, MOST_INHERENT);
    let mut sum = 0.0;
    for each in observations {
        let chance = inherent + (1.0 - inherent) * surplus(each.rate, capacity);
        let chance = chance.clamp(LEAST_CHANCE, 1.0 - LEAST_CHANCE);
        sum += each.lost * chance.ln() + (each.packets - each.lost) * (-chance).ln_1p();
        // No observation makes it likelier.
        if sum < least {
            break;
        }
    }
    sum
}

/// The share of what was sent that does not fit.
fn surplus(rate: f64, capacity: f64) -> f64 {
    if rate > capacity {
        1.0 - capacity / rate
    } else {
        0.0
    }
}

/// Of the highest rate sent: the capacities that are tried beside one that was never reached.
const CAPACITY_SHARES: [f64; 8] = [0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.92];
const NEVER_REACHED: f64 = 2.0;

/// Within which neither of two is told from the other.
pub const DOUBT_NATS: f64 = 2.0;

/// Of the packets that fit. With more than the most neither sound nor picture is of use: then it counts as
/// congestion.
const LEAST_INHERENT: f64 = 0.001;
pub const MOST_INHERENT: f64 = 0.3;

/// Nothing is certain, or a single packet could refute it.
const LEAST_CHANCE: f64 = 1e-6;

/// Packets, so that nothing is divided by none.
const LEAST_LEFT: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::*;

    fn observations(of: &[(f64, f64, f64)]) -> Vec<Weighed> {
        of.iter()
            .map(|&(rate, packets, lost)| Weighed {
                rate,
                packets,
                lost,
            })
            .collect()
    }

    #[test]
    fn the_capacity_above_which_all_is_lost_is_likeliest() {
        let sent = observations(&[(1.0, 100.0, 25.0), (0.7, 70.0, 0.0), (0.9, 90.0, 15.0)]);
        let found = likeliest(&sent).map(|candidate| (candidate.share * 100.0).round() as i64);
        assert_eq!(found, Some(75));
    }

    #[test]
    fn losses_at_every_rate_are_the_paths_own() {
        let sent = observations(&[(1.0, 400.0, 40.0), (0.5, 200.0, 20.0), (0.25, 100.0, 10.0)]);
        assert!(likeliest(&sent).is_none());
    }

    #[test]
    fn losses_at_one_rate_leave_it_in_doubt() {
        let sent = observations(&[(1.0, 100.0, 10.0), (1.0, 100.0, 10.0)]);
        let lead_nats = likeliest(&sent).map(|candidate| candidate.lead_nats);
        assert!(lead_nats.is_some_and(|nats| nats.abs() < DOUBT_NATS));
    }

    #[test]
    fn giving_up_early_changes_no_verdict() {
        let sent = observations(&[(1.0, 80.0, 20.0), (0.8, 60.0, 4.0), (0.6, 50.0, 1.0)]);
        for share in CAPACITY_SHARES {
            let whole = log_likelihood(&sent, share, f64::NEG_INFINITY);
            for least in [whole - 1.0, whole + 1.0] {
                let early = log_likelihood(&sent, share, least);
                assert_eq!(early < least, whole < least);
            }
        }
    }
}
