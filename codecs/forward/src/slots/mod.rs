//! The lines towards participants: what each carries, which encoding feeds it (`feeding`), which layers of it pass
//! (`layers`), under which numbers it leaves (`line`), and when it needs a key frame to begin (`starts`).

pub(crate) mod feeding;
pub(crate) mod layers;
pub(crate) mod line;
pub(crate) mod slot;
mod starts;
