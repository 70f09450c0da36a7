//! What participants say by RTCP (`feedback`), and what they are told: reports, on one clock (`sender_clock`), what of
//! theirs arrived and when (`arrivals`, `transport_feedback`), and a cap on what they send (`publisher_limit`).

pub(crate) mod arrivals;
mod feedback;
mod feedback_pace;
pub(crate) mod publisher_limit;
mod reports;
pub(crate) mod sender_clock;
pub(crate) mod transport_feedback;
