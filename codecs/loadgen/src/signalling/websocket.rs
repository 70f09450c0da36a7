//! One WebSocket that never blocks: opened, read and written when its socket is ready.

use std::io;
use std::net::{SocketAddrV4, TcpStream};

use tungstenite::client::ClientRequestBuilder;
use tungstenite::handshake::client::ClientHandshake;
use tungstenite::handshake::{HandshakeError, MidHandshake};
use tungstenite::http::Uri;
use tungstenite::protocol::{Message, WebSocket, WebSocketConfig};

use super::Failure;
use crate::kernel::tcp;

/// Where a WebSocket leads.
#[derive(Clone, Debug)]
pub struct Endpoint {
    uri: Uri,
    address: SocketAddrV4,
}

/// One WebSocket.
pub struct Channel(State);

enum State {
    Connecting(TcpStream, ClientRequestBuilder),
    Upgrading(MidHandshake<ClientHandshake<TcpStream>>),
    Open(Box<WebSocket<TcpStream>>),
    Closed,
}

/// What was heard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Heard {
    /// It is open.
    Opened,
    /// A text message.
    Text(String),
}

impl Endpoint {
    /// Reads an address such as `ws://127.0.0.1:8080/v1/ws`; without TLS, and an IPv4 address or `localhost`.
    ///
    /// # Errors
    /// A sentence that says what it has to be.
    pub fn parse(url: &str) -> Result<Self, String> {
        let wrong = || format!("{url} is not ws:// with an IPv4 address and a port");
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let ip = match uri.host().ok_or_else(wrong)? {
            "localhost" => std::net::Ipv4Addr::LOCALHOST,
            host => host.parse().map_err(|_| wrong())?,
        };
        let port = uri.port_u16().ok_or_else(wrong)?;
        if uri.scheme_str() != Some("ws") {
            return Err(wrong());
        }
        Ok(Self {
            uri,
            address: SocketAddrV4::new(ip, port),
        })
    }
}

impl Channel {
    /// Begins to connect; `watch` is given the socket, which is to be watched for both directions.
    ///
    /// # Errors
    /// No descriptor or port is left.
    pub fn begin(
        endpoint: &Endpoint,
        subprotocol: &str,
        watch: impl FnOnce(&TcpStream) -> io::Result<()>,
    ) -> io::Result<Self> {
        let stream = tcp::begin_to_connect(endpoint.address)?;
        stream.set_nodelay(true)?;
        watch(&stream)?;
        let request =
            ClientRequestBuilder::new(endpoint.uri.clone()).with_sub_protocol(subprotocol);
        Ok(Self(State::Connecting(stream, request)))
    }

    /// Does what the socket is ready for.
    ///
    /// # Errors
    /// Why it is over: `unreachable`, `upgrade_refused`, `socket_lost`.
    pub fn handle_ready(&mut self, heard: &mut Vec<Heard>) -> Result<(), Failure> {
        loop {
            self.0 = match std::mem::replace(&mut self.0, State::Closed) {
                State::Connecting(stream, request) => {
                    if stream.peer_addr().is_err() {
                        if matches!(stream.take_error(), Ok(None)) {
                            self.0 = State::Connecting(stream, request);
                            return Ok(());
                        }
                        return Err(Failure::new("unreachable"));
                    }
                    let config = WebSocketConfig::default()
                        .read_buffer_size(BUFFER_BYTES)
                        .write_buffer_size(0)
                        .max_message_size(Some(LONGEST_MESSAGE_BYTES));
                    match tungstenite::client::client_with_config(request, stream, Some(config)) {
                        Ok((socket, _)) => opened(socket, heard),
                        Err(HandshakeError::Interrupted(middle)) => State::Upgrading(middle),
                        Err(HandshakeError::Failure(_)) => return Err(refused()),
                    }
                }
                State::Upgrading(middle) => match middle.handshake() {
                    Ok((socket, _)) => opened(socket, heard),
                    Err(HandshakeError::Interrupted(middle)) => {
                        self.0 = State::Upgrading(middle);
                        return Ok(());
                    }
                    Err(HandshakeError::Failure(_)) => return Err(refused()),
                },
                State::Open(mut socket) => {
                    read(&mut socket, heard)?;
                    // Pongs, and what did not fit before.
                    flush(&mut socket)?;
                    self.0 = State::Open(socket);
                    return Ok(());
                }
                State::Closed => return Err(lost()),
            }
        }
    }

    /// Sends a text message, at once or when the socket takes it.
    ///
    /// # Errors
    /// It is not open, or was lost.
    pub fn send(&mut self, text: String) -> Result<(), Failure> {
        let State::Open(socket) = &mut self.0 else {
            return Err(lost());
        };
        if would_block(socket.write(Message::Text(text.into())))? {
            flush(socket)?;
        }
        Ok(())
    }

    /// Says goodbye, and is closed.
    pub fn close(&mut self) {
        if let State::Open(mut socket) = std::mem::replace(&mut self.0, State::Closed) {
            // Whoever leaves does not wait for the other to say goodbye, too.
            let _ = socket.close(None);
            let _ = socket.flush();
        }
    }
}

fn opened(socket: WebSocket<TcpStream>, heard: &mut Vec<Heard>) -> State {
    heard.push(Heard::Opened);
    State::Open(Box::new(socket))
}

fn read(socket: &mut WebSocket<TcpStream>, heard: &mut Vec<Heard>) -> Result<(), Failure> {
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => heard.push(Heard::Text(text.as_str().to_owned())),
            // Pings are answered by the library; the other end sends no binary messages.
            Ok(_) => {}
            Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                return Ok(());
            }
            // What came before it was lost says more.
            Err(_) if !heard.is_empty() => return Ok(()),
            Err(_) => return Err(lost()),
        }
    }
}

fn flush(socket: &mut WebSocket<TcpStream>) -> Result<(), Failure> {
    would_block(socket.flush()).map(drop)
}

/// Whether all went out; what did not is sent when the socket is ready again.
fn would_block(result: tungstenite::Result<()>) -> Result<bool, Failure> {
    match result {
        Ok(()) => Ok(true),
        Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
            Ok(false)
        }
        Err(_) => Err(lost()),
    }
}

fn refused() -> Failure {
    Failure::new("upgrade_refused")
}

fn lost() -> Failure {
    Failure::new("socket_lost")
}

/// Thousands of them are open; a message of the relay's seldom has more.
const BUFFER_BYTES: usize = 4 * 1_024;
/// What the relay lets a message be, and some room for others.
const LONGEST_MESSAGE_BYTES: usize = 256 * 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_websocket_on_ipv4() {
        let endpoint = Endpoint::parse("ws://localhost:8080/v1/ws").expect("it is one");
        assert_eq!(endpoint.address.to_string(), "127.0.0.1:8080");
        for url in [
            "wss://127.0.0.1:1/",
            "ws://relay.example:80/",
            "ws://127.0.0.1/",
            "",
            "ws://[::1]:2/",
        ] {
            assert!(Endpoint::parse(url).is_err(), "{url}");
        }
    }
}
