//! Work in another network namespace than the program's own.
#![expect(unsafe_code, reason = "the border to the kernel")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

use super::checked;

/// Does something in a network namespace. What is opened there stays there; the calling thread stays where it is.
///
/// # Errors
/// The namespace cannot be entered, or what the work says.
pub fn inside<T: Send>(
    namespace: &Path,
    work: impl FnOnce() -> io::Result<T> + Send,
) -> io::Result<T> {
    let namespace = File::open(namespace)?;
    std::thread::scope(|scope| {
        let visit = scope.spawn(|| {
            // SAFETY: no pointers. It moves this thread alone, which ends with the work.
            checked(unsafe { libc::setns(namespace.as_raw_fd(), libc::CLONE_NEWNET) })?;
            work()
        });
        visit
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the visit ended early")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_namespace_cannot_be_entered() {
        for path in ["/nowhere", "/proc/self/stat"] {
            let entered = inside(Path::new(path), || Ok(()));
            assert!(entered.is_err(), "{path}");
        }
    }
}
