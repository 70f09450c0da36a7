//! What a link says, to its log and to whoever drives it, without ever waiting for either.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use serde_json::Value;

use super::record::{MAGIC, RECORD_BYTES, Record};
use crate::program;

/// Hands over to a thread that writes.
pub struct Journal {
    records: Vec<u8>,
    is_logged: bool,
    entries: SyncSender<Entry>,
    clerk: JoinHandle<io::Result<()>>,
    lost: u64,
}

enum Entry {
    Records(Vec<u8>),
    Line(Value),
}

impl Journal {
    /// Opens a log, or none; lines go to standard output in any case.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn open(log: Option<&Path>, began_ns: u64) -> io::Result<Self> {
        let mut file = log.map(File::create).transpose()?;
        if let Some(file) = &mut file {
            file.write_all(&MAGIC)?;
            file.write_all(&began_ns.to_le_bytes())?;
        }
        let (entries, coming) = sync_channel(WAITING_AT_MOST);
        let is_logged = file.is_some();
        let clerk = thread::Builder::new()
            .name("journal".into())
            .spawn(move || write(&coming, file))?;
        Ok(Self {
            records: Vec::with_capacity(BATCH_BYTES),
            is_logged,
            entries,
            clerk,
            lost: 0,
        })
    }

    /// Notes what became of a packet.
    pub fn record(&mut self, record: &Record) {
        if !self.is_logged {
            return;
        }
        self.records.extend_from_slice(&record.bytes());
        if self.records.len() + RECORD_BYTES > BATCH_BYTES {
            let batch = std::mem::replace(&mut self.records, Vec::with_capacity(BATCH_BYTES));
            let count = (batch.len() / RECORD_BYTES) as u64;
            if let Err(TrySendError::Full(_)) = self.entries.try_send(Entry::Records(batch)) {
                self.lost += count;
            }
        }
    }

    /// Says a line.
    pub fn say(&self, line: Value) {
        // Whoever reads none of some hundred lines does not miss the next one.
        let _ = self.entries.try_send(Entry::Line(line));
    }

    /// Writes the rest; gives how many records were lost because the disk was slow.
    ///
    /// # Errors
    /// The log could not be written.
    pub fn close(self) -> io::Result<u64> {
        // The links are over: now there is time to wait.
        let _ = self.entries.send(Entry::Records(self.records));
        drop(self.entries);
        let written = self.clerk.join();
        written.unwrap_or_else(|_| Err(io::Error::other("its thread ended early")))?;
        Ok(self.lost)
    }
}

/// After a failure it goes on to listen, so that nobody has to wait.
fn write(coming: &Receiver<Entry>, mut file: Option<File>) -> io::Result<()> {
    let mut outcome = Ok(());
    for entry in coming {
        match (entry, &mut file) {
            (Entry::Line(line), _) => program::say(&line),
            (Entry::Records(records), Some(file)) if outcome.is_ok() => {
                outcome = file.write_all(&records);
            }
            (Entry::Records(_), _) => {}
        }
    }
    outcome
}

/// Some 1,300 records.
const BATCH_BYTES: usize = 64 * 1_024;
/// 16 MB: more than ten seconds of 20,000 packets a second.
const WAITING_AT_MOST: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::change::Direction;
    use crate::emulator::label::Label;
    use crate::emulator::tally::Verdict;

    #[test]
    fn every_record_reaches_the_log() {
        let name = format!("visavis-journal-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut journal = Journal::open(Some(&path), 77).expect("it can be written");
        for came_ns in 0..5_000_u64 {
            journal.record(&Record {
                came_ns,
                left_ns: came_ns,
                queued_ns: 0,
                late_ns: 0,
                bytes: 100,
                verdict: Verdict::Delivered,
                direction: Direction::Down,
                is_copy: false,
                label: Label::default(),
            });
        }
        let lost = journal.close().expect("the disk has room");
        let log = std::fs::read(&path).expect("it was written");
        std::fs::remove_file(&path).expect("it is ours");
        let (head, records) = log.split_at(16);
        assert_eq!(head, [MAGIC, 77_u64.to_le_bytes()].as_flattened());
        assert_eq!((lost, records.len()), (0, 5_000 * RECORD_BYTES));
        for (came_ns, record) in (0_u64..).zip(records.chunks(RECORD_BYTES)) {
            assert_eq!(record.get(..8), Some(came_ns.to_le_bytes().as_slice()));
        }
    }
}
