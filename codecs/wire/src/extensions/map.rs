//! Which id stands for which extension on one leg, both ways without a search.

use super::ExtensionKind;
use crate::Malformed;

/// One leg's negotiated ids.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ExtensionMap {
    ids: [Option<u8>; ExtensionKind::COUNT],
    kinds: [Option<ExtensionKind>; 256],
}

impl ExtensionMap {
    /// A leg on which nothing has been negotiated.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            ids: [None; ExtensionKind::COUNT],
            kinds: [None; 256],
        }
    }

    /// Binds `kind` to `id`; binding the same pair again changes nothing.
    ///
    /// # Errors
    ///
    /// `Reserved` for ids 0 and 15 (RFC 8285 §4.2), `Conflict` if either is bound to another.
    pub fn set(&mut self, kind: ExtensionKind, id: u8) -> Result<(), Malformed> {
        if matches!(id, 0 | 15) {
            return Err(Malformed::Reserved);
        }
        match (self.id(kind), self.kind(id)) {
            (None, None) => {}
            (Some(bound), _) if bound == id => return Ok(()),
            _ => return Err(Malformed::Conflict),
        }
        if let Some(slot) = self.ids.get_mut(kind.index()) {
            *slot = Some(id);
        }
        if let Some(slot) = self.kinds.get_mut(usize::from(id)) {
            *slot = Some(kind);
        }
        Ok(())
    }

    /// The id of `kind`, if negotiated.
    #[must_use]
    pub fn id(&self, kind: ExtensionKind) -> Option<u8> {
        self.ids.get(kind.index()).copied().flatten()
    }

    /// What `id` stands for; `None` for an id that was not negotiated or that we do not know.
    #[must_use]
    pub fn kind(&self, id: u8) -> Option<ExtensionKind> {
        self.kinds.get(usize::from(id)).copied().flatten()
    }
}

impl Default for ExtensionMap {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use super::{ExtensionKind, ExtensionMap};
    use crate::Malformed;
    use proptest::prelude::*;

    #[test]
    fn a_conflict_changes_nothing() {
        let mut map = ExtensionMap::new();
        assert_eq!(map.set(ExtensionKind::Mid, 4), Ok(()));
        assert_eq!(map.set(ExtensionKind::Mid, 4), Ok(()));
        let before = map;
        assert_eq!(map.set(ExtensionKind::Mid, 5), Err(Malformed::Conflict));
        assert_eq!(map.set(ExtensionKind::Rid, 4), Err(Malformed::Conflict));
        assert_eq!(map.set(ExtensionKind::Rid, 0), Err(Malformed::Reserved));
        assert_eq!(map.set(ExtensionKind::Rid, 15), Err(Malformed::Reserved));
        assert_eq!(map, before);
    }

    proptest! {
        #[test]
        fn both_directions_always_agree(
            bindings in proptest::collection::vec((0..ExtensionKind::COUNT, any::<u8>()), 0..40)
        ) {
            let mut map = ExtensionMap::default();
            for (kind, id) in bindings {
                let kind = ExtensionKind::ALL[kind];
                if map.set(kind, id).is_ok() {
                    prop_assert_eq!(map.id(kind), Some(id));
                }
            }
            for id in 0..=255 {
                prop_assert!(map.kind(id).is_none_or(|kind| map.id(kind) == Some(id)));
            }
            for kind in ExtensionKind::ALL {
                prop_assert!(map.id(kind).is_none_or(|id| map.kind(id) == Some(kind)));
            }
        }
    }
}
