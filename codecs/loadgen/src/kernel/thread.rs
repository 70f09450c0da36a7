//! Where and how promptly the calling thread runs.
#![expect(unsafe_code, reason = "the border to the kernel")]

use std::io;

use super::checked;

/// Keeps the calling thread, and the threads it starts, on one core.
///
/// # Errors
/// The machine has no such core, or it is not ours to use.
pub fn pin_to_core(core: usize) -> io::Result<()> {
    if core >= libc::CPU_SETSIZE.unsigned_abs() as usize {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: a set of bits; all zeroes is the empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: `core` is within the set, as was checked.
    unsafe { libc::CPU_SET(core, &mut set) };
    // SAFETY: pointer and size describe `set`; 0 is the calling thread.
    checked(unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) }).map(drop)
}

/// Lets sleeps of the calling thread end when they should: by default they may end 50 µs late, so that the
/// kernel can join wake-ups (prctl(2), `PR_SET_TIMERSLACK`), and 3 ms late where another thread is in its turn on
/// the core. Who asks for short turns preempts it (sched(7), `sched_runtime`; Linux 6.12, ignored by older ones).
///
/// # Errors
/// A sandbox forbids it.
pub fn wake_promptly() -> io::Result<()> {
    const SLACK_NS: libc::c_ulong = 1;
    const TURN_NS: u64 = 100_000;
    // SAFETY: no pointers.
    checked(unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, SLACK_NS) })?;
    // SAFETY: integers, for which zero is a value: an ordinary thread.
    let mut wish: libc::sched_attr = unsafe { std::mem::zeroed() };
    wish.size = size_of_val(&wish) as u32;
    // What is not said is asked for as 0: whoever started us before others, or behind them, meant it.
    wish.sched_nice = niceness();
    wish.sched_runtime = TURN_NS;
    // SAFETY: `wish` says its own size and outlives the call; 0 is the calling thread.
    let asked = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const wish, 0) };
    checked(asked as libc::c_int).map(drop)
}

/// Puts the calling thread before all ordinary ones, and not the threads that it starts from then on (sched(7),
/// `SCHED_FIFO` with `SCHED_RESET_ON_FORK`): when it wakes it runs at once, whoever else has the core.
///
/// # Errors
/// The right to do so is missing (`CAP_SYS_NICE`), or the thread's control group has no share of such time.
pub fn go_first() -> io::Result<()> {
    // Interrupts and whatever else is before ordinary threads stay before this one.
    let wish = libc::sched_param { sched_priority: 1 };
    let policy = libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK;
    // SAFETY: `wish` outlives the call; 0 is the calling thread.
    checked(unsafe { libc::sched_setscheduler(0, policy, &raw const wish) }).map(drop)
}

/// How nice the calling thread is: -20 to 19.
fn niceness() -> libc::c_int {
    // SAFETY: no pointers; 0 is the calling thread, which is there: -1 is a niceness here, and no error.
    unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
}

/// Lets every other thread of this core go first (nice(2)): it works in the gaps that they leave, and has a tenth of
/// a core that is full (sched(7): weight 110 against 1,024), so that nobody is taken for dead meanwhile.
///
/// # Errors
/// Never: being nicer needs no right.
pub fn let_others_go_first() -> io::Result<()> {
    const NICE: libc::c_int = 10;
    // SAFETY: no pointers; 0 is the calling thread, for Linux gives each thread a priority of its own.
    checked(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) }).map(drop)
}

/// Lets the process have as many descriptors as it ever may.
///
/// # Errors
/// The kernel does not tell or does not allow.
pub fn raise_descriptor_limit() -> io::Result<u64> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is writable for the call.
    checked(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) })?;
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: `limit` outlives the call.
    checked(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) })?;
    Ok(limit.rlim_cur)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wakes_promptly_is_as_nice_as_before() {
        // A thread of its own: niceness stays.
        let after = std::thread::spawn(|| {
            let_others_go_first()?;
            wake_promptly()?;
            io::Result::Ok(niceness())
        });
        let after = after.join().expect("it does not panic");
        assert_eq!(after.expect("being nicer needs no right"), 10);
    }
}
