//! When a picture stands still, as WebRTC's statistics define it (webrtc-stats, `freezeCount`): pure.

/// The last frames of one picture.
#[derive(Clone, Debug, Default)]
pub struct Freezes {
    last_ns: Option<u64>,
    durations_ns: [u64; FRAMES],
    sum_ns: u64,
    shown: usize,
}

impl Freezes {
    /// A frame is shown; gives how long the one before it stood if that was a freeze.
    ///
    /// A frame that is shown for at least three times the average of the last 30, and for at least 150 ms
    /// more than it, was frozen.
    pub fn show(&mut self, now_ns: u64) -> Option<u64> {
        let duration_ns = now_ns.saturating_sub(self.last_ns.replace(now_ns)?);
        let known = self.shown.min(FRAMES) as u64;
        let frozen = self
            .sum_ns
            .checked_div(known)
            .is_some_and(|average_ns| duration_ns >= (3 * average_ns).max(average_ns + LONGER_NS));
        let oldest = self.durations_ns.get_mut(self.shown % FRAMES)?;
        self.sum_ns = self.sum_ns - *oldest + duration_ns;
        *oldest = duration_ns;
        self.shown += 1;
        frozen.then_some(duration_ns)
    }
}

/// How many frames the average is over.
const FRAMES: usize = 30;
const LONGER_NS: u64 = 150_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// The freezes, in milliseconds, of a picture whose frames are shown for so many milliseconds each.
    fn frozen(durations_ms: &[u64]) -> Vec<u64> {
        let (mut freezes, mut now_ns) = (Freezes::default(), 7);
        assert_eq!(freezes.show(now_ns), None);
        let shown = durations_ms.iter().filter_map(|ms| {
            now_ns += ms * MS;
            freezes.show(now_ns)
        });
        shown.map(|ns| ns / MS).collect()
    }

    const NONE: [u64; 0] = [];

    #[test]
    fn at_30_frames_a_second_a_freeze_begins_at_the_average_and_150_ms() {
        let steady = vec![33; 40];
        assert_eq!(frozen(&[&steady[..], &[182]].concat()), NONE);
        assert_eq!(frozen(&[&steady[..], &[183]].concat()), [183]);
        let twice = [&steady[..], &[200, 33, 33, 500]].concat();
        assert_eq!(frozen(&twice), [200, 500]);
    }

    #[test]
    fn at_5_frames_a_second_it_begins_at_three_times_the_average() {
        assert_eq!(frozen(&[vec![200; 40], vec![599]].concat()), NONE);
        assert_eq!(frozen(&[vec![200; 40], vec![600]].concat()), [600]);
    }

    #[test]
    fn the_average_forgets_what_is_older_than_30_frames() {
        assert_eq!(
            frozen(&[vec![33; 40], vec![60; 30], vec![209]].concat()),
            NONE
        );
        assert_eq!(
            frozen(&[vec![33; 40], vec![60; 3], vec![209]].concat()),
            [209]
        );
    }

    #[test]
    fn nothing_was_frozen_before_the_second_frame() {
        assert_eq!(frozen(&[10_000]), NONE);
    }
}
