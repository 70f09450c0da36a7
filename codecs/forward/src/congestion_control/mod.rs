//! What each subscriber's path carries and what follows: samples of it (`departures`) for the estimator (`bandwidth`,
//! `estimates`), pictures that wait for it (`pacer`, `held_back`), bursts that ask for more (`probing`, `padding`), and what
//! is done when it narrows (`falls`). Publishers do this themselves, from what `rtcp` tells them.

pub(crate) mod bandwidth;
pub(crate) mod clocked;
mod departures;
mod estimates;
mod falls;
pub(crate) mod held_back;
pub(crate) mod pacer;
mod padding;
mod probing;
