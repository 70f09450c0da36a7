//! Changes that are to come, in the order of their times; those of one time in the order in which they were given.

use std::collections::BTreeMap;

use super::change::Change;

/// What is to come.
#[derive(Debug, Default)]
pub struct Schedule {
    coming: BTreeMap<(u64, u64), Change>,
    given: u64,
}

impl Schedule {
    /// Adds changes whose times count from `begin_ns`.
    pub fn add(&mut self, begin_ns: u64, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            let at_ns = begin_ns + change.after_ns;
            self.coming.insert((at_ns, self.given), change);
            self.given += 1;
        }
    }

    /// When the next one is due.
    #[must_use]
    pub fn next_ns(&self) -> Option<u64> {
        self.coming.first_key_value().map(|((at_ns, _), _)| *at_ns)
    }

    /// The next one that is due, with its time.
    pub fn poll(&mut self, now_ns: u64) -> Option<(u64, Change)> {
        let entry = self.coming.first_entry()?;
        let at_ns = entry.key().0;
        (at_ns <= now_ns).then(|| (at_ns, entry.remove()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn change(document: Value) -> Change {
        let asked = serde_json::from_value(document).expect("it is valid");
        Change::of(asked, &|_| Err("there are no files here".into())).expect("it can be")
    }

    #[test]
    fn changes_come_in_the_order_of_their_times_and_then_as_they_were_given() {
        let mut schedule = Schedule::default();
        schedule.add(
            0,
            [(20.0, 1), (10.0, 2), (10.0, 3)].map(|(t_ms, rate_bps)| {
                change(json!({"t_ms": t_ms, "direction": "down", "key": "rate_bps", "value": rate_bps}))
            }),
        );
        schedule.add(
            5_000_000,
            [change(
                json!({"direction": "up", "key": "rate_bps", "value": 4}),
            )],
        );
        assert_eq!(schedule.next_ns(), Some(5_000_000));
        assert_eq!(schedule.poll(4_999_999), None);
        let mut seen = Vec::new();
        while let Some((at_ns, change)) = schedule.poll(60_000_000) {
            seen.push((at_ns / 1_000_000, change.asked.value.as_u64()));
        }
        assert_eq!(
            seen,
            [(5, Some(4)), (10, Some(2)), (10, Some(3)), (20, Some(1))]
        );
        assert_eq!(schedule.next_ns(), None);
    }
}
