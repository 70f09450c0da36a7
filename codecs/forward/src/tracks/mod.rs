//! What participants publish: a track, its encodings, and what is known of each: how it arrives (`receive`), when it is
//! asked for a key frame, who speaks, which layers it has announced.

mod announced_layers;
pub(crate) mod encoding;
pub(crate) mod key_frames;
pub(crate) mod receive;
mod speaker;
pub(crate) mod track;
