//! Whether two rates agree: on what a steady link carries, and on when one has become slower. Pure.

use crate::ours::Said;

/// A rate over time: from when (µs) it was how much (bit/s); each holds until the next.
#[derive(Clone, Debug, Default)]
pub struct Course(Vec<(u64, u64)>);

impl Course {
    /// Says what the rate is from now on; times do not fall.
    pub fn note(&mut self, at_us: u64, bps: u64) {
        if self.0.last().is_none_or(|(_, before)| *before != bps) {
            self.0.push((at_us, bps));
        }
    }

    /// What the rate was at a time; 0 before the first.
    pub fn at(&self, at_us: u64) -> u64 {
        let since = self.0.partition_point(|(from_us, _)| *from_us <= at_us);
        since.checked_sub(1).map_or(0, |place| self.0[place].1)
    }

    /// The median over a span, looked at every [`LOOK_US`].
    pub fn median(&self, span: Span) -> u64 {
        let moments = (span.from_us..span.to_us).step_by(LOOK_US);
        let mut seen: Vec<u64> = moments.map(|at_us| self.at(at_us)).collect();
        seen.sort_unstable();
        seen[seen.len() / 2]
    }

    /// How long after the beginning of a span the rate was first no more than this, if it ever was.
    pub fn at_most_after_us(&self, bps: u64, span: Span) -> Option<u64> {
        if self.at(span.from_us) <= bps {
            return Some(0);
        }
        let within = self.0.iter().filter(|(at_us, _)| span.holds(*at_us));
        let mut low = within.filter(|(_, rate)| *rate <= bps);
        low.next().map(|(at_us, _)| at_us - span.from_us)
    }
}

/// A part of a trace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Span {
    pub from_us: u64,
    pub to_us: u64,
}

impl Span {
    fn holds(self, at_us: u64) -> bool {
        (self.from_us..self.to_us).contains(&at_us)
    }
}

/// The spans in which a link carried the same, without their first seconds.
pub fn steady(capacity: &[(u64, u64)], ends_us: u64) -> Vec<Span> {
    let all = spans(capacity, ends_us);
    let judged = all.into_iter().filter(|(_, bps)| *bps > 0);
    judged
        .map(|(span, _)| Span {
            from_us: span.from_us + SETTLED_US,
            ..span
        })
        .filter(|span| span.to_us >= span.from_us + SHORTEST_US)
        .collect()
}

/// The spans that begin with a step down to what then is carried. An outage is none: nobody tells of it.
pub fn steps_down(capacity: &[(u64, u64)], ends_us: u64) -> Vec<(Span, u64)> {
    let all = spans(capacity, ends_us);
    let pairs = all.windows(2);
    let down = pairs.filter(|pair| pair[1].1 > 0 && pair[1].1 < pair[0].1);
    down.map(|pair| pair[1]).collect()
}

fn spans(capacity: &[(u64, u64)], ends_us: u64) -> Vec<(Span, u64)> {
    let ends = capacity.iter().skip(1).map(|(at_us, _)| *at_us);
    let ends = ends.chain([ends_us]);
    let spans = capacity.iter().zip(ends);
    spans
        .map(|((from_us, bps), to_us)| {
            let span = Span {
                from_us: *from_us,
                to_us,
            };
            (span, *bps)
        })
        .collect()
}

/// How two rates compare over a trace.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Medians, bit/s.
    Steady { ours_bps: u64, theirs_bps: u64 },
    /// From the step until the path is thought to carry no more than it does, µs; none if that was never so.
    Step {
        ours_us: Option<u64>,
        theirs_us: Option<u64>,
        /// Until ours lets no more be sent, which also empties the queue; told, and not compared.
        sent_us: Option<u64>,
    },
}

impl Verdict {
    /// All that a trace allows to judge.
    pub fn all(capacity: &[(u64, u64)], ends_us: u64, ours: &Said, theirs: &Course) -> Vec<Self> {
        let steady = steady(capacity, ends_us)
            .into_iter()
            .map(|span| Self::Steady {
                ours_bps: ours.rates.median(span),
                theirs_bps: theirs.median(span),
            });
        let steps = steps_down(capacity, ends_us);
        let steps = steps.into_iter().map(|(span, bps)| Self::Step {
            ours_us: ours.estimates.at_most_after_us(bps, span),
            theirs_us: theirs.at_most_after_us(bps, span),
            sent_us: ours.rates.at_most_after_us(bps, span),
        });
        steady.chain(steps).collect()
    }

    /// By how much ours is more: percent of a rate, milliseconds of a step; a step that one of them never saw
    /// counts as a minute.
    pub fn difference(&self) -> i64 {
        match *self {
            Self::Steady {
                ours_bps,
                theirs_bps,
            } => (ours_bps as f64 / theirs_bps as f64 * 100.0 - 100.0).round() as i64,
            Self::Step {
                ours_us, theirs_us, ..
            } => {
                let ms = |us: Option<u64>| us.unwrap_or(60_000_000).cast_signed() / 1_000;
                ms(ours_us) - ms(theirs_us)
            }
        }
    }

    /// Whether the two agree.
    pub fn agrees(&self) -> bool {
        match *self {
            Self::Steady {
                ours_bps,
                theirs_bps,
            } => ours_bps.abs_diff(theirs_bps) as f64 <= STEADY_SHARE * theirs_bps as f64,
            Self::Step {
                ours_us, theirs_us, ..
            } => match (ours_us, theirs_us) {
                (Some(ours_us), Some(theirs_us)) => ours_us.abs_diff(theirs_us) <= STEP_US,
                (ours_us, theirs_us) => ours_us == theirs_us,
            },
        }
    }
}

const LOOK_US: usize = 10_000;

/// After the start and after each change: bursts find a link within this, and queues are empty again.
const SETTLED_US: u64 = 8_000_000;
const SHORTEST_US: u64 = 4_000_000;

/// What was asked for when this judge was: a steady rate within 15 %, a step down within 300 ms.
const STEADY_SHARE: f64 = 0.15;
const STEP_US: u64 = 300_000;

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_US: u64 = 1_000_000;

    fn course(rates: &[(u64, u64)]) -> Course {
        let mut course = Course::default();
        for (at_ms, kbps) in rates {
            course.note(at_ms * 1_000, kbps * 1_000);
        }
        course
    }

    const fn span(from_s: u64, to_s: u64) -> Span {
        Span {
            from_us: from_s * SECOND_US,
            to_us: to_s * SECOND_US,
        }
    }

    #[test]
    fn a_rate_holds_until_the_next() {
        let course = course(&[(1_000, 300), (2_000, 500), (2_500, 500), (3_000, 400)]);
        let rates = [0, 1_000, 1_999, 2_000, 2_999, 9_000].map(|ms| course.at(ms * 1_000));
        assert_eq!(rates, [0, 300_000, 300_000, 500_000, 500_000, 400_000]);
    }

    #[test]
    fn a_short_dip_does_not_move_the_median() {
        let dips = course(&[(0, 900), (11_000, 300), (12_000, 900), (14_000, 1_000)]);
        assert_eq!(dips.median(span(10, 15)), 900_000);
        assert_eq!(dips.median(span(14, 15)), 1_000_000);
    }

    #[test]
    fn a_fall_counts_from_the_step_and_not_once_the_span_is_over() {
        let falls = course(&[(0, 900), (10_400, 600), (10_900, 480), (11_200, 700)]);
        assert_eq!(falls.at_most_after_us(500_000, span(10, 20)), Some(900_000));
        assert_eq!(falls.at_most_after_us(900_000, span(10, 20)), Some(0));
        assert_eq!(falls.at_most_after_us(400_000, span(10, 20)), None);
        assert_eq!(falls.at_most_after_us(650_000, span(0, 10)), None);
    }

    #[test]
    fn steady_is_what_did_not_change_lately_and_a_step_down_is_no_outage() {
        let mbps = 1_000_000;
        let link = [
            (0, 2 * mbps),
            (20 * SECOND_US, mbps),
            (25 * SECOND_US, 0),
            (27 * SECOND_US, mbps),
            (40 * SECOND_US, 3 * mbps),
        ];
        let ends_us = 50 * SECOND_US;
        assert_eq!(steady(&link, ends_us), [span(8, 20), span(35, 40)]);
        assert_eq!(steps_down(&link, ends_us), [(span(20, 25), mbps)]);
    }

    #[test]
    fn rates_agree_within_fifteen_percent_and_falls_within_three_tenths_of_a_second() {
        let steady = |ours_bps| Verdict::Steady {
            ours_bps,
            theirs_bps: 1_000_000,
        };
        assert!(steady(850_000).agrees() && steady(1_150_000).agrees());
        assert!(!steady(849_000).agrees() && !steady(1_151_000).agrees());
        let step = |ours_us, theirs_us| {
            let verdict = Verdict::Step {
                ours_us,
                theirs_us,
                sent_us: None,
            };
            verdict.agrees()
        };
        assert!(step(Some(700_000), Some(1_000_000)) && step(Some(1_300_000), Some(1_000_000)));
        assert!(!step(Some(600_000), Some(1_000_000)) && !step(None, Some(1_000_000)));
        assert!(!step(Some(600_000), None) && step(None, None));
    }

    #[test]
    fn everything_that_a_trace_allows_is_judged() {
        let link = [(0, 1_000_000), (20 * SECOND_US, 500_000)];
        let ours = Said {
            rates: course(&[(0, 900), (20_400, 300), (24_000, 450)]),
            estimates: course(&[(0, 900), (20_700, 450)]),
        };
        let theirs = course(&[(0, 850), (20_500, 400)]);
        let found = Verdict::all(&link, 34 * SECOND_US, &ours, &theirs);
        assert_eq!(
            found,
            [
                Verdict::Steady {
                    ours_bps: 900_000,
                    theirs_bps: 850_000
                },
                Verdict::Steady {
                    ours_bps: 450_000,
                    theirs_bps: 400_000
                },
                Verdict::Step {
                    ours_us: Some(700_000),
                    theirs_us: Some(500_000),
                    sent_us: Some(400_000)
                },
            ]
        );
    }
}
