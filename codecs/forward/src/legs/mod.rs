//! One transport each: the paths that ICE-lite has found authentic (`ice_lite`, `checks`, `rebinding`), its handshake
//! with Python (`handshakes`), its keys (`srtp`, beside this folder) and all else that is known of it (`leg`).

mod checks;
mod handshakes;
pub(crate) mod ice_lite;
pub(crate) mod leg;
pub(crate) mod paths;
pub(crate) mod rebinding;
