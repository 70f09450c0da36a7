//! From the outbox to the sockets: few trips through the kernel, and no destination harms another.

use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use forward::outbox::Outbox;

use super::WorkerSocket;
use super::buffers::SendBuffers;
use super::runs::{Plan, Run};
use crate::counters::{DriverCounter, DriverCounts};
use crate::system;

/// Sends outboxes; allocates until it has seen its largest batch.
#[derive(Default)]
pub struct Writer {
    plan: Plan,
    buffers: SendBuffers,
    /// The datagrams of a run the kernel refused, as messages of one.
    singles: Vec<Run>,
    /// Arrival times of the forwarded packets that were sent.
    forwarded: Vec<u64>,
}

impl Writer {
    /// Sends everything in the outbox; what the kernel will not take is counted and gone.
    ///
    /// Returns the arrival times of the forwarded packets among what was sent.
    pub fn send(
        &mut self,
        sockets: &mut [WorkerSocket],
        outbox: &Outbox,
        counts: &mut DriverCounts,
    ) -> &[u64] {
        self.forwarded.clear();
        let sends_runs = |socket: u8| {
            sockets
                .get(usize::from(socket))
                .is_some_and(|socket| socket.sends_runs)
        };
        self.plan.arrange(outbox.spans(), sends_runs);

        let Self {
            plan,
            buffers,
            singles,
            forwarded,
        } = self;
        let mut patience = Patience::Fresh;
        for of_one_socket in plan
            .runs()
            .chunk_by(|run, next| run.tuple.socket == next.tuple.socket)
        {
            let Some(socket) = of_one_socket
                .first()
                .and_then(|run| sockets.get_mut(usize::from(run.tuple.socket)))
            else {
                continue;
            };
            let mut sending = Sending {
                socket,
                plan,
                outbox,
                buffers,
                forwarded,
                counts,
                patience,
            };
            sending.runs(of_one_socket, singles);
            patience = sending.patience;
        }
        forwarded
    }
}

/// Whether this outbox has already waited for the kernel; it waits once.
#[derive(Clone, Copy)]
enum Patience {
    Fresh,
    Spent,
}

/// One socket's part of one outbox on its way.
struct Sending<'a> {
    socket: &'a mut WorkerSocket,
    plan: &'a Plan,
    outbox: &'a Outbox,
    buffers: &'a mut SendBuffers,
    forwarded: &'a mut Vec<u64>,
    counts: &'a mut DriverCounts,
    patience: Patience,
}

/// What to do about a message the kernel refused.
#[derive(Debug, Eq, PartialEq)]
enum Refusal {
    Interrupted,
    NoRoom,
    /// The device cannot cut runs (`EIO`), so it need not be asked again.
    NeverRuns,
    /// This run cannot be cut: `EINVAL` and `EMSGSIZE` also mean a path narrower than one segment, which says
    /// nothing about the other receivers.
    NotThisRun,
    /// A destination's own trouble: unreachable, refused, forbidden, or a port that is none.
    Lost,
}

impl Sending<'_> {
    fn runs(&mut self, runs: &[Run], singles: &mut Vec<Run>) {
        let mut rest = runs;
        while let Some(head) = rest.first() {
            let taken = match self
                .buffers
                .send(self.socket.as_fd(), self.plan, rest, self.outbox)
            {
                Ok(taken) => {
                    rest.iter().take(taken).for_each(|run| self.count_sent(run));
                    taken
                }
                Err(error) => match refusal(error.raw_os_error(), head.count > 1) {
                    Refusal::Interrupted => 0,
                    Refusal::NoRoom => self.wait_or_drop(head),
                    Refusal::Lost => self.drop_run(head),
                    refusal @ (Refusal::NeverRuns | Refusal::NotThisRun) => {
                        self.counts.one(DriverCounter::GsoFallbacks);
                        self.socket.sends_runs &= refusal != Refusal::NeverRuns;
                        self.one_by_one(head, singles);
                        1
                    }
                },
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    /// Sends a refused run as single datagrams.
    fn one_by_one(&mut self, run: &Run, singles: &mut Vec<Run>) {
        let mut own = std::mem::take(singles);
        own.clear();
        let spans = self.plan.spans(run, self.outbox.spans());
        own.extend(
            spans
                .enumerate()
                .map(|(offset, span)| Run::of_one(run.first + offset, span)),
        );
        // Singles are never refused as runs, so this goes one level deep.
        self.runs(&own, singles);
        *singles = own;
    }

    /// Waits for the socket's buffer to drain, once an outbox; returns how many runs are done with.
    fn wait_or_drop(&mut self, run: &Run) -> usize {
        if matches!(self.patience, Patience::Spent) {
            return self.drop_run(run);
        }
        self.patience = Patience::Spent;
        let fd = self.socket.as_fd().as_raw_fd();
        let mut writable = [libc::pollfd {
            fd,
            events: libc::POLLOUT,
            revents: 0,
        }];
        // Whether it is writable now is what the next send will say.
        let _ = system::poll(&mut writable, SEND_PATIENCE);
        0
    }

    fn drop_run(&mut self, run: &Run) -> usize {
        self.counts.add(DriverCounter::SendErrors, run.count as u64);
        1
    }

    fn count_sent(&mut self, run: &Run) {
        self.counts.one(DriverCounter::MessagesSent);
        self.counts
            .add(DriverCounter::SegmentsSent, run.count as u64);
        if run.count > 1 {
            self.counts.one(DriverCounter::GsoMessages);
        }
        let arrivals = self
            .plan
            .spans(run, self.outbox.spans())
            .map(|span| span.arrival_ns);
        self.forwarded
            .extend(arrivals.filter(|arrival_ns| *arrival_ns > 0));
    }
}

fn refusal(errno: Option<i32>, is_run: bool) -> Refusal {
    match errno {
        Some(libc::EINTR) => Refusal::Interrupted,
        Some(libc::EAGAIN) => Refusal::NoRoom,
        Some(libc::EIO) if is_run => Refusal::NeverRuns,
        Some(libc::EINVAL | libc::EMSGSIZE) if is_run => Refusal::NotThisRun,
        // ENOBUFS too: a full queue of the device says nothing about when it will have room.
        _ => Refusal::Lost,
    }
}

/// What a full send buffer may cost the packets behind it; half of the forwarding budget (2 ms).
const SEND_PATIENCE: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, UdpSocket};

    use forward::Tuple;

    use super::super::buffers::SEND_BATCH;
    use super::*;

    struct Bench {
        sockets: Vec<WorkerSocket>,
        outbox: Outbox,
        counts: DriverCounts,
        writer: Writer,
    }

    impl Bench {
        fn new() -> Self {
            let socket =
                WorkerSocket::bind(([127, 0, 0, 1], 0).into(), 131_072).expect("a free port");
            Self {
                sockets: vec![socket],
                outbox: Outbox::new(1 << 20),
                counts: DriverCounts::default(),
                writer: Writer::default(),
            }
        }

        fn put(&mut self, remote: SocketAddr, bytes: &[u8], arrival_ns: u64) {
            let kept = self
                .outbox
                .push_with(Tuple { socket: 0, remote }, arrival_ns, |room| {
                    room.get_mut(..bytes.len())?.copy_from_slice(bytes);
                    Some(bytes.len())
                });
            assert!(kept);
        }

        fn send(&mut self) -> Vec<u64> {
            let sent = self
                .writer
                .send(&mut self.sockets, &self.outbox, &mut self.counts)
                .to_vec();
            self.outbox.clear();
            sent
        }

        fn counted(&self) -> [u64; 5] {
            [
                DriverCounter::MessagesSent,
                DriverCounter::GsoMessages,
                DriverCounter::SegmentsSent,
                DriverCounter::GsoFallbacks,
                DriverCounter::SendErrors,
            ]
            .map(|counter| self.counts.get(counter))
        }
    }

    fn receiver() -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        socket
            .set_read_timeout(Some(Duration::from_secs(2)))
            .expect("a valid timeout");
        let address = socket.local_addr().expect("it is bound");
        (socket, address)
    }

    fn read(socket: &UdpSocket) -> Vec<u8> {
        let mut bytes = [0; 2_048];
        let len = socket
            .recv(&mut bytes)
            .expect("a datagram within two seconds");
        bytes.get(..len).unwrap_or_default().to_vec()
    }

    #[test]
    fn a_run_arrives_as_the_datagrams_it_was_made_of() {
        let mut bench = Bench::new();
        let ((first, to_first), (second, to_second)) = (receiver(), receiver());
        for index in 0..5_u8 {
            bench.put(to_first, &[index; 1_000], 10 + u64::from(index));
            bench.put(to_second, &[100 + index; 400], 0);
        }
        bench.put(to_first, &[9; 10], 0);
        assert_eq!(bench.send(), [10, 11, 12, 13, 14]);
        for index in 0..5_u8 {
            assert_eq!(read(&first), [index; 1_000]);
            assert_eq!(read(&second), [100 + index; 400]);
        }
        assert_eq!(read(&first), [9; 10]);
        assert_eq!(bench.counted(), [2, 2, 11, 0, 0]);
    }

    #[test]
    fn a_destination_that_cannot_be_reached_loses_only_its_own() {
        let mut bench = Bench::new();
        let (socket, address) = receiver();
        bench.put(([127, 0, 0, 1], 0).into(), &[1; 100], 5);
        bench.put(address, &[2; 100], 6);
        assert_eq!(bench.send(), [6]);
        assert_eq!(read(&socket), [2; 100]);
        assert_eq!(bench.counted(), [1, 0, 1, 0, 1]);
    }

    #[test]
    fn a_run_the_kernel_refuses_leaves_one_by_one() {
        let mut bench = Bench::new();
        let no_port: SocketAddr = ([127, 0, 0, 1], 0).into();
        let (socket, address) = receiver();
        bench.put(no_port, &[1; 100], 0);
        bench.put(no_port, &[1; 100], 0);
        bench.put(address, &[2; 100], 0);
        assert!(bench.send().is_empty());
        assert_eq!(read(&socket), [2; 100]);
        // Port 0 is refused with EINVAL as a run and as single datagrams.
        assert_eq!(bench.counted(), [1, 0, 1, 1, 2]);
        assert!(bench.sockets.iter().all(|socket| socket.sends_runs));
    }

    #[test]
    fn a_device_that_cannot_cut_runs_is_not_asked_twice() {
        assert_eq!(refusal(Some(libc::EIO), true), Refusal::NeverRuns);
        assert_eq!(refusal(Some(libc::EIO), false), Refusal::Lost);
    }

    #[test]
    fn without_runs_every_datagram_is_a_message() {
        let mut bench = Bench::new();
        bench
            .sockets
            .iter_mut()
            .for_each(|socket| socket.sends_runs = false);
        let (socket, address) = receiver();
        for index in 0..(SEND_BATCH as u8 + 9) {
            bench.put(address, &[index; 50], 0);
        }
        bench.send();
        for index in 0..(SEND_BATCH as u8 + 9) {
            assert_eq!(read(&socket), [index; 50]);
        }
        assert_eq!(bench.counted(), [73, 0, 73, 0, 0]);
    }
}
