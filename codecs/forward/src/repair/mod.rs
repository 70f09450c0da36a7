//! What is lost and comes again. From publishers: asked for (`missing`) or found in later packets (`recovery`). Towards
//! subscribers: what is kept of pictures (`cache`, `pages`), of sound (`last_frames`) and of what was sent (`history`), and
//! the answers to who asks (`retransmit`, `resend`, `past_repair`).

pub(crate) mod cache;
pub(crate) mod history;
pub(crate) mod last_frames;
pub(crate) mod missing;
pub(crate) mod pages;
pub(crate) mod past_repair;
pub(crate) mod recovery;
pub(crate) mod resend;
pub(crate) mod retransmit;
