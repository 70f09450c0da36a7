//! A media packet on its way out: to whom (`fan_out`), filtered and renumbered as `slots` have it (`forwarding`), written anew
//! (`rewrite`), laid into the outbox; then grouped, made equally long (`runs`) and protected (`sealing`).

pub(crate) mod fan_out;
pub(crate) mod forwarding;
pub mod outbox;
pub(crate) mod rewrite;
pub mod runs;
mod sealing;
