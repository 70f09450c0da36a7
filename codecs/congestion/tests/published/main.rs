//! What libwebrtc's own unit tests expect of its estimator, asked of ours: the facts, in tests of our own.
//!
//! | libwebrtc expects | ours |
//! |---|---|
//! | delay that rises by a tenth is overuse within 25 groups, delay that falls by 15 % is underuse, small packets count (`trendline_estimator_unittest`) | the same (`slopes`) |
//! | a burst measures the lesser of the rates at which it left and came; 0.95 of the latter where that is less than 0.9 of the former; nothing of a part, or of what came more than twice as fast (`probe_bitrate_estimator_unittest`) | the same (`bursts`) |
//! | no more than 1.5 times what arrived and 10 kbit/s; when less arrives, the rate stands (`aimd_rate_control_unittest`) | the same (`rates`) |
//! | after an overuse 0.85 of what arrived, less 5 kbit/s | 0.92, and less while a queue stands (`rates`) |
//! | silence, and then delay: the rate is lower than before it (`DelayBasedBweTest.TestLongTimeoutAndWrap`) | the same (`rates`) |
//! | from 1.0 to 0.5 Mbit/s at 30 frames a second, feedback with each: no more than 0.5 after 500 to 533 ms, after 867 to 933 ms if the receiver's clock is set by 30 s meanwhile (`DelayBasedBweTest.CapacityDrop…`, ± 33 ms) | not later, in both cases (`drops`) |
//! | losses of 10 % and more are held for congestion beyond what a presumed largest inherent loss explains (`loss_based_bwe_v2_test`) | losses are asked; a path's own cost it little (`tests/virtual_time`, `what_a_path_always_loses_costs_little_of_it`) |
#![allow(
    clippy::cast_precision_loss,
    reason = "times and rates of a test are far below 2^53"
)]

mod bursts;
mod drops;
mod link;
mod rates;
mod slopes;

/// When everything begins: the relay has been up for an hour.
const HOUR_US: u64 = 3_600_000_000;
