//! The workers together: started, spoken to, stopped.

use std::io;
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use forward::command::Command;
use forward::worker::{Worker, WorkerConfig};

use crate::clock::BatchClock;
use crate::counters::{SharedFigures, names};
use crate::event_queue::{EventReceiver, EventSender, Notice, event_queue};
use crate::eventfd::EventFd;
use crate::packet_path::PacketPath;
use crate::sockets::streams::Streams;
use crate::sockets::{WorkerSocket, bind_both};
use crate::system;
use crate::worker_thread::WorkerThread;

/// How an engine is set up.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// For each worker, the addresses of its sockets; port 0 lets the kernel choose.
    pub listen: Vec<Vec<SocketAddr>>,
    /// Receive buffer of each socket; the kernel may give less.
    pub receive_buffer_bytes: u32,
    /// How long a batch may gather; at most [`MAX_GATHER`] is used.
    pub gather: Duration,
    /// Whether to listen for TCP too, on the same addresses and numbers.
    pub tcp: bool,
}

/// The workers and the ways to and from them.
pub struct Engine {
    faces: Vec<Face>,
    /// Emptied by `stop`.
    threads: Mutex<Vec<Thread>>,
    events: EventReceiver,
}

/// What can be said about a worker, also after it stopped.
struct Face {
    addresses: Vec<SocketAddr>,
    receive_buffer_bytes: u32,
    figures: Arc<SharedFigures>,
}

/// What keeps a worker running: it ends when `commands` is dropped.
struct Thread {
    commands: SyncSender<Command>,
    wake: Arc<EventFd>,
    handle: JoinHandle<()>,
}

/// Why a command was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CommandRefused {
    /// The worker has [`COMMAND_CAPACITY`] commands to do yet.
    Full,
    /// The engine was stopped.
    Stopped,
    /// There is no worker of that index.
    UnknownWorker,
}

impl Engine {
    /// Opens all sockets, then starts the workers.
    ///
    /// # Errors
    /// A socket or a thread could not be had; nothing is left behind.
    pub fn start(config: &EngineConfig) -> io::Result<Self> {
        let unix_minus_monotonic_ns = BatchClock::read().unix_minus_monotonic_ns();
        Self::start_with(config, || {
            let seed = system::random_u64()?;
            Ok(Box::new(move || {
                Worker::new(WorkerConfig {
                    unix_minus_monotonic_ns,
                    // A worker that starts over repeats no sequence numbers: its legs have new keys.
                    seed: seed ^ system::monotonic_ns(),
                    outbox_bytes: OUTBOX_BYTES,
                })
            }))
        })
    }

    fn start_with<P: PacketPath + 'static>(
        config: &EngineConfig,
        new_path: impl Fn() -> io::Result<Box<dyn Fn() -> P + Send>>,
    ) -> io::Result<Self> {
        let (senders, events) = event_queue(config.listen.len() as u32)?;
        let gather = config.gather.min(MAX_GATHER);
        let mut prepared = Vec::new();
        for (addresses, events) in config.listen.iter().zip(senders) {
            let bind =
                |address: &SocketAddr| bind_both(*address, config.receive_buffer_bytes, config.tcp);
            let bound = addresses.iter().map(bind).collect::<io::Result<Vec<_>>>()?;
            let (sockets, listeners): (Vec<_>, Vec<_>) = bound.into_iter().unzip();
            let streams = Streams::new(listeners.into_iter().flatten().collect())?;
            prepared.push(prepare(sockets, streams, events, gather, new_path()?)?);
        }
        let mut engine = Self {
            faces: Vec::new(),
            threads: Mutex::new(Vec::new()),
            events,
        };
        for (index, (face, commands, worker)) in prepared.into_iter().enumerate() {
            let wake = Arc::clone(&worker.wake);
            // Returning early drops `engine`, which stops the workers that were started.
            let handle = thread::Builder::new()
                .name(format!("media-{index}"))
                .spawn(move || worker.run())?;
            engine.faces.push(face);
            engine.threads().push(Thread {
                commands,
                wake,
                handle,
            });
        }
        Ok(engine)
    }

    /// For each worker, the addresses of its sockets.
    pub fn addresses(&self) -> impl Iterator<Item = &[SocketAddr]> {
        self.faces.iter().map(|face| face.addresses.as_slice())
    }

    /// For each worker, the smallest receive buffer the kernel gave one of its sockets.
    pub fn receive_buffer_bytes(&self) -> impl Iterator<Item = u32> {
        self.faces.iter().map(|face| face.receive_buffer_bytes)
    }

    /// For each worker, when its loop last turned, monotonic.
    pub fn heartbeat_ns(&self) -> impl Iterator<Item = u64> {
        self.faces.iter().map(|face| face.figures.heartbeat_ns())
    }

    /// All counters summed over the workers, in the order of [`names`].
    #[must_use]
    pub fn counters(&self) -> Vec<u64> {
        let mut sums = vec![0; names().count()];
        self.faces
            .iter()
            .for_each(|face| face.figures.add_to(&mut sums));
        sums
    }

    /// Readable when [`Engine::drain`] has something.
    #[must_use]
    pub fn event_fd(&self) -> RawFd {
        self.events.wake_fd()
    }

    /// What happened since the last drain.
    #[must_use]
    pub fn drain(&self) -> Vec<Notice> {
        self.events.drain()
    }

    /// Queues a command; never waits.
    ///
    /// # Errors
    /// The queue is full, the engine is stopped, or the worker does not exist; the command is gone.
    pub fn command(&self, worker: u32, command: Command) -> Result<(), CommandRefused> {
        let threads = self.threads();
        let Some(thread) = threads.get(worker as usize) else {
            let exists = self.faces.len() > worker as usize;
            return Err(if exists {
                CommandRefused::Stopped
            } else {
                CommandRefused::UnknownWorker
            });
        };
        thread
            .commands
            .try_send(command)
            .map_err(|refusal| match refusal {
                TrySendError::Full(_) => CommandRefused::Full,
                TrySendError::Disconnected(_) => CommandRefused::Stopped,
            })?;
        thread.wake.signal();
        Ok(())
    }

    /// Ends the workers once they have done what they were told, and closes their sockets.
    pub fn stop(&self) {
        let threads = std::mem::take(&mut *self.threads());
        let ending: Vec<_> = threads
            .into_iter()
            .map(
                |Thread {
                     commands,
                     wake,
                     handle,
                 }| {
                    drop(commands);
                    wake.signal();
                    handle
                },
            )
            .collect();
        for handle in ending {
            // A worker contains its panics; one that could not start over has ended all the same.
            let _ = handle.join();
        }
    }

    fn threads(&self) -> std::sync::MutexGuard<'_, Vec<Thread>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}

fn prepare<P: PacketPath>(
    sockets: Vec<WorkerSocket>,
    streams: Streams,
    events: EventSender,
    gather: Duration,
    new_path: Box<dyn Fn() -> P + Send>,
) -> io::Result<(Face, SyncSender<Command>, WorkerThread<P>)> {
    let (commands, receiver) = sync_channel(COMMAND_CAPACITY);
    let figures = Arc::new(SharedFigures::new());
    let face = Face {
        addresses: sockets.iter().map(WorkerSocket::local).collect(),
        receive_buffer_bytes: sockets
            .iter()
            .map(WorkerSocket::receive_buffer_bytes)
            .min()
            .unwrap_or(0),
        figures: Arc::clone(&figures),
    };
    // Healthy from its start: the first turn may be a moment away.
    figures.beat(system::monotonic_ns());
    let wake = Arc::new(EventFd::new()?);
    let worker = WorkerThread {
        new_path,
        sockets,
        streams,
        commands: receiver,
        wake,
        events,
        figures,
        gather,
    };
    Ok((face, commands, worker))
}

/// DTLS and STUN pass through the same wait as media and may lose 1 ms to it; a thread's sleep overshoots by
/// its timer slack, 50 µs by default (prctl(2), `PR_SET_TIMERSLACK`).
pub const MAX_GATHER: Duration = Duration::from_micros(900);
/// Python can queue about this many in the time a worker gathers a batch.
pub const COMMAND_CAPACITY: usize = 4_096;
/// A full read fanned out to three receivers is 256 x 3 x 1,200 bytes; more leave in several sends.
const OUTBOX_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests;
