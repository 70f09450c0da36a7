//! How long ago something was, on the relay's clock.

/// The time since then: for ever if it never was, none if it is yet to come.
pub fn elapsed_us(then_us: Option<i64>, now_us: i64) -> i64 {
    then_us.map_or(i64::MAX, |then_us| now_us.saturating_sub(then_us).max(0))
}

/// A moment as all computation here has it; a clock that stands behind [`LATEST_US`] stands there.
pub fn moment_us(clock_us: u64) -> i64 {
    clock_us.min(LATEST_US).cast_signed()
}

/// 142 years: differences of such times, and their sums over a feedback, stay exact.
pub const LATEST_US: u64 = 1 << 52;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_was_is_longest_ago_and_what_is_to_come_is_now() {
        assert_eq!(elapsed_us(None, 7), i64::MAX);
        assert_eq!(elapsed_us(Some(5), 7), 2);
        assert_eq!(elapsed_us(Some(9), 7), 0);
        assert_eq!(moment_us(u64::MAX), 1 << 52);
    }
}
