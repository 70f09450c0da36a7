//! Events on their way from the workers to Python: bounded, one wake-up for a batch.
//!
//! Three queues, so that a flood of one kind cannot push out another. What may be dropped (DTLS records,
//! which are sent again; reports and levels, which come again) is dropped and counted when Python is
//! slow. The life of legs, tracks and slots is never dropped: it waits with its worker. So does what publishers
//! say of their layers, of which only the latest word of each track counts.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::os::fd::RawFd;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use forward::TrackId;
use forward::event::Event;

use crate::eventfd::EventFd;

/// What Python is told, and by which worker.
#[derive(Debug, PartialEq)]
pub struct Notice {
    /// Index of the worker.
    pub worker: u32,
    /// What happened there.
    pub news: News,
}

/// What happened on a worker.
#[derive(Debug, PartialEq)]
pub enum News {
    /// The packet path says so.
    Event(Event),
    /// The packet path panicked and was replaced by an empty one.
    Failed,
}

impl News {
    fn way(&self) -> Way {
        match self {
            Self::Event(
                Event::Dtls { .. }
                | Event::SpeakerLevel { .. }
                | Event::Estimates { .. }
                | Event::Feedback { .. }
                | Event::Report { .. }
                | Event::Stillness { .. },
            ) => Way::Droppable,
            Self::Event(Event::LayersChanged { track, .. }) => Way::Latest(*track),
            Self::Event(_) | Self::Failed => Way::Lifecycle,
        }
    }
}

/// What becomes of news for which a queue has no room.
enum Way {
    Lifecycle,
    Latest(TrackId),
    Droppable,
}

/// A worker's end.
pub struct EventSender {
    worker: u32,
    lifecycle: SyncSender<Notice>,
    layers: SyncSender<Notice>,
    droppable: SyncSender<Notice>,
    /// Lifecycle notices the queue had no room for. Not bounded by a number but by what can happen:
    /// each is a transition that a command or a timer of seconds must precede.
    waiting: VecDeque<Notice>,
    /// Words on layers the queue had no room for, at most one of a track: the next replaces it.
    latest: BTreeMap<TrackId, Notice>,
    wake: Arc<EventFd>,
    sent_since_wake: bool,
}

/// Python's end.
pub struct EventReceiver {
    lifecycle: Mutex<Receiver<Notice>>,
    layers: Mutex<Receiver<Notice>>,
    droppable: Mutex<Receiver<Notice>>,
    wake: Arc<EventFd>,
}

/// A queue from `workers` workers.
///
/// # Errors
/// No file descriptor is left.
pub fn event_queue(workers: u32) -> io::Result<(Vec<EventSender>, EventReceiver)> {
    let (lifecycle, lifecycle_receiver) = sync_channel(LIFECYCLE_CAPACITY);
    let (layers, layers_receiver) = sync_channel(LAYERS_CAPACITY);
    let (droppable, droppable_receiver) = sync_channel(DROPPABLE_CAPACITY);
    let wake = Arc::new(EventFd::new()?);
    let senders = (0..workers)
        .map(|worker| EventSender {
            worker,
            lifecycle: lifecycle.clone(),
            layers: layers.clone(),
            droppable: droppable.clone(),
            waiting: VecDeque::new(),
            latest: BTreeMap::new(),
            wake: Arc::clone(&wake),
            sent_since_wake: false,
        })
        .collect();
    let receiver = EventReceiver {
        lifecycle: Mutex::new(lifecycle_receiver),
        layers: Mutex::new(layers_receiver),
        droppable: Mutex::new(droppable_receiver),
        wake,
    };
    Ok((senders, receiver))
}

impl EventSender {
    /// Queues one piece of news; returns whether it was kept.
    pub fn send(&mut self, news: News) -> bool {
        let way = news.way();
        let notice = Notice {
            worker: self.worker,
            news,
        };
        match way {
            Way::Lifecycle => self.waiting.push_back(notice),
            Way::Latest(track) => drop(self.latest.insert(track, notice)),
            Way::Droppable => {
                let kept = self.droppable.try_send(notice).is_ok();
                self.sent_since_wake |= kept;
                return kept;
            }
        }
        true
    }

    /// Hands over what waits and wakes Python if there is anything new; call once a turn.
    pub fn flush(&mut self) {
        while let Some(notice) = self.waiting.pop_front() {
            match self.lifecycle.try_send(notice) {
                Ok(()) => self.sent_since_wake = true,
                Err(TrySendError::Full(notice)) => {
                    self.waiting.push_front(notice);
                    break;
                }
                // Nobody listens any more: the engine is being taken down.
                Err(TrySendError::Disconnected(_)) => {}
            }
        }
        while let Some((track, notice)) = self.latest.pop_first() {
            match self.layers.try_send(notice) {
                Ok(()) => self.sent_since_wake = true,
                Err(TrySendError::Full(notice)) => {
                    self.latest.insert(track, notice);
                    break;
                }
                Err(TrySendError::Disconnected(_)) => {}
            }
        }
        if std::mem::take(&mut self.sent_since_wake) {
            self.wake.signal();
        }
    }
}

impl EventReceiver {
    /// What is readable while there is something to drain.
    #[must_use]
    pub fn wake_fd(&self) -> RawFd {
        self.wake.raw()
    }

    /// Takes up to [`DRAIN_LIMIT`] notices of each kind, lifecycle first: a leg is connected before its first
    /// DTLS record. What is left makes the wake-up readable again.
    #[must_use]
    pub fn drain(&self) -> Vec<Notice> {
        self.wake.reset();
        let mut notices = Vec::new();
        for queue in [&self.lifecycle, &self.layers, &self.droppable] {
            let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            let before = notices.len();
            notices.extend(queue.try_iter().take(DRAIN_LIMIT));
            if notices.len() - before == DRAIN_LIMIT {
                self.wake.signal();
            }
        }
        notices
    }
}

/// A whole process's legs connecting within one stall of Python: 4 workers of 250 rooms of two, four
/// events each.
const LIFECYCLE_CAPACITY: usize = 8_192;
/// Half a second of a process of 1,000 tracks, at 0.6 kB each; what comes meanwhile is one a track.
const LAYERS_CAPACITY: usize = 512;
/// A DTLS flight of about four records from 500 legs at once; 2,048 x 1,500 bytes are at most 3 MiB.
const DROPPABLE_CAPACITY: usize = 2_048;
/// One drain holds the event loop for about a millisecond.
const DRAIN_LIMIT: usize = 1_024;

#[cfg(test)]
mod tests;
