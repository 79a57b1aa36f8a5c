//! The least of a client: what it sends and hears is plain to see. And a house with the real `natrium-web`.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use harness::until;

use crate::house::{HEALTHY, House, PATIENCE};

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// What was answered to one request.
    pub(crate) fn read(answer: &str) -> io::Result<Self> {
        let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, answer.to_owned());
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(cut)?;
        let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(cut)?;
        Ok(Self { code, head: head.to_owned(), body: body.to_owned() })
    }

    /// The value of a header field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

pub(crate) fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// All that is answered to these bytes until the other side has nothing more to say.
pub(crate) fn exchange(address: SocketAddr, bytes: &[u8]) -> io::Result<String> {
    let mut stream = connect(address)?;
    stream.write_all(bytes)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Asks on a connection of its own.
pub(crate) fn ask(address: SocketAddr, method: &str, path: &str) -> io::Result<Answer> {
    let request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    Answer::read(&exchange(address, request.as_bytes())?)
}

pub(crate) fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, "GET", path).unwrap()
}

/// A house whose writer and bot are stand-ins, and whose web is the real one. Nothing is started yet.
pub(crate) fn house(writer: &str, bot: &str) -> House {
    let house = House::new(writer, bot);
    house.plays("web", "natrium-web");
    house.instance.with_web().unwrap();
    house
}

/// The same with healthy workers, all ready.
pub(crate) fn healthy() -> House {
    let mut house = house(HEALTHY, HEALTHY);
    house.instance.start().unwrap();
    house.ready("web", 1);
    house
}

/// Where it is reached, once web says so: it may be on its way out when asked first, and its successor not there yet.
pub(crate) fn address(house: &House, name: &str) -> SocketAddr {
    until("web says where it is", PATIENCE, || house.block_on(house.instance.address(name)).ok()).unwrap()
}
