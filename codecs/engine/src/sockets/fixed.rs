//! A place on the heap that never moves, for structures that point at themselves.
#![expect(
    unsafe_code,
    reason = "pointers into the value must stay valid beside one another"
)]

use std::mem::MaybeUninit;
use std::ptr::NonNull;

/// An owned allocation reached through one raw pointer.
///
/// A `Box` would claim to be the only way to its value each time it is used or moved, which the kernel's
/// structures, pointing at one another, contradict.
pub struct Fixed<T>(NonNull<T>);

impl<T> Fixed<T> {
    /// Allocates.
    ///
    /// # Safety
    /// All zeroes are a valid `T`.
    pub unsafe fn zeroed() -> Self {
        let mut allocation = Box::new(MaybeUninit::<T>::uninit());
        // SAFETY: the pointer is to `size_of::<T>()` writable bytes.
        unsafe { allocation.as_mut_ptr().write_bytes(0, 1) };
        let Some(place) = NonNull::new(Box::into_raw(allocation).cast()) else {
            unreachable!("a box is never null");
        };
        Self(place)
    }

    /// Where the value is, for as long as `self` lives.
    pub fn as_ptr(&self) -> *mut T {
        self.0.as_ptr()
    }
}

impl<T> Drop for Fixed<T> {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `Box::into_raw` and is given back once; the value was zeroed.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}
