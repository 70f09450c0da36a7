//! A media packet on its way in: authenticated and placed (`admitting`), its track found where nobody signalled its SSRC
//! (`identify`, `sources`), and read as far as forwarding needs (`incoming`, `structures`).

pub(crate) mod admitting;
mod identify;
pub(crate) mod incoming;
pub(crate) mod sources;
pub(crate) mod structures;
