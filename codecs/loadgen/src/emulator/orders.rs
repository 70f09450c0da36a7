//! What is asked of a running link: changes, one line of JSON each, on the program's input. Its end is the link's.

use std::io::{self, BufRead, Write as _};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::change::Change;
use super::setup::load;

/// One line, understood.
#[derive(Debug)]
pub enum Order {
    /// A change, whose time counts from now.
    Change(Box<Change>),
    /// It cannot be; why.
    Refuse(String),
    /// There is nobody any more.
    End,
}

/// Lines read and understood beside the packets, in a thread of their own.
pub struct Orders {
    coming: Receiver<Order>,
    told: UnixStream,
}

impl Orders {
    /// Begins to listen.
    ///
    /// # Errors
    /// No descriptor or thread is left.
    pub fn listen(input: impl BufRead + Send + 'static) -> io::Result<Self> {
        let (sender, coming) = channel();
        let (told, telling) = UnixStream::pair()?;
        told.set_nonblocking(true)?;
        thread::Builder::new()
            .name("orders".into())
            .spawn(move || pass_on(input, &sender, &telling))?;
        Ok(Self { coming, told })
    }

    /// The next order, if one has come.
    pub fn poll(&mut self) -> Option<Order> {
        // What was told is forgotten first: an order that comes now is told anew.
        let mut forgotten = [0; 64];
        let _ = io::Read::read(&mut &self.told, &mut forgotten);
        self.coming.try_recv().ok()
    }
}

impl AsRawFd for Orders {
    fn as_raw_fd(&self) -> RawFd {
        self.told.as_raw_fd()
    }
}

fn pass_on(input: impl BufRead, sender: &Sender<Order>, mut telling: &UnixStream) {
    let lines = input.lines().map_while(Result::ok);
    let orders = lines.map(|line| understand(&line));
    for order in orders.chain([Order::End]) {
        // A link that has ended hears nothing more.
        if sender.send(order).is_err() || telling.write_all(&[1]).is_err() {
            return;
        }
    }
}

fn understand(line: &str) -> Order {
    let change = serde_json::from_str(line)
        .map_err(|error| format!("the change is not valid: {error}"))
        .and_then(|asked| Change::of(asked, &load));
    match change {
        Ok(change) => Order::Change(Box::new(change)),
        Err(sentence) => Order::Refuse(sentence),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::time::Duration;

    use super::*;
    use crate::kernel::epoll::Epoll;

    #[test]
    fn lines_become_orders_and_their_end_is_one() {
        let lines = "{\"direction\": \"up\", \"key\": \"loss\", \"value\": 0.5}\nwhat?\n\
            {\"direction\": \"up\", \"key\": \"loss\", \"value\": 7}\n";
        let mut orders = Orders::listen(Cursor::new(lines)).expect("there is a thread");
        let mut epoll = Epoll::new().expect("there is a descriptor");
        epoll.add(&orders, 0).expect("it can be watched");
        let mut seen = Vec::new();
        while !matches!(seen.last(), Some(Order::End)) {
            let told = epoll.wait(Duration::from_secs(10)).expect("it waits");
            assert_eq!(told.count(), 1, "nobody told of an order");
            while let Some(order) = orders.poll() {
                seen.push(order);
            }
        }
        assert!(
            matches!(
                seen.as_slice(),
                [
                    Order::Change(_),
                    Order::Refuse(_),
                    Order::Refuse(_),
                    Order::End
                ]
            ),
            "{seen:?}"
        );
    }
}
