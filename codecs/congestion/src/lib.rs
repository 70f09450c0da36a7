//! How much a receiver's path carries, estimated at the sender from the receiver's feedback.
//!
//! Sans-IO: no clock, no socket, no randomness, no allocation; the time is an argument. An [`Estimator`]
//! is one path, so that a receiver's feedback can change nobody else's. The method is Google Congestion
//! Control as libwebrtc has it (draft-ietf-rmcat-gcc-02 and `modules/congestion_controller/goog_cc`);
//! where it differs, the module says why. [`estimator`](Estimator) is the only door.
#![forbid(unsafe_code)]
#![allow(
    clippy::cast_precision_loss,
    reason = "times and sizes stay below 2^53 (`samples`), where a double holds every whole number"
)]

pub mod limits;

mod acknowledged;
mod aimd;
mod capacity_estimate;
mod contact;
mod delay;
mod elapsed;
mod estimator;
mod feedback;
mod groups;
mod loss;
mod loss_likelihood;
mod overuse;
mod probe_results;
mod probes;
mod receiver_clock;
mod round_trip;
mod samples;
mod standing;
mod trendline;
mod waiting;

pub use estimator::Estimator;
pub use overuse::Usage;
pub use probes::Probe;
pub use samples::Sample;
pub use standing::Standing;
