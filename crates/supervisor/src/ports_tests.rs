//! What is listened on when, with real sockets of the loopback.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::{Ipv4Addr, TcpStream};

use super::*;

fn free() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn web(api: SocketAddr, page: SocketAddr) -> Web {
    Web { enabled: true, api, page, page_url: None }
}

fn addresses(ports: &Ports) -> Vec<SocketAddr> {
    let listeners = ports.ports.iter().flat_map(|port| match port {
        Port::HandedDown(listeners) => listeners.as_slice(),
        Port::Own { listener, .. } => listener.as_slice(),
    });
    listeners.map(|listener| listener.local_addr().unwrap()).collect()
}

/// Ports that listen, both on addresses that were free.
fn open() -> (Ports, SocketAddr, SocketAddr) {
    let mut ports = Ports::new(HandedDown::default(), &web(free(), free()));
    ports.open().unwrap();
    let [api, page] = addresses(&ports)[..] else { unreachable!("two ports have two addresses") };
    (ports, api, page)
}

#[test]
fn what_is_handed_down_wins_and_there_may_be_several() {
    let given = [TcpListener::bind(free()).unwrap(), TcpListener::bind(free()).unwrap()];
    let mut expected: Vec<_> = given.iter().map(|listener| listener.local_addr().unwrap()).collect();
    let taken = HandedDown { listeners: given.map(|listener| ("api", listener)).into(), complaints: Vec::new() };
    let mut ports = Ports::new(taken, &web(free(), free()));
    assert_eq!(ports.names(), ["api", "api", "page"]);
    ports.open().unwrap();
    let opened = addresses(&ports);
    assert_eq!(opened[..2], expected);
    assert_eq!(ports.listeners().len(), 3);
    // It is not ours to close, whatever the settings say.
    expected.push(opened[2]);
    ports.reconfigure(&web("127.0.0.9:0".parse().unwrap(), free())).unwrap();
    assert_eq!(addresses(&ports), expected);
    ports.reconfigure(&Web { enabled: false, ..web(free(), free()) }).unwrap();
    assert_eq!(addresses(&ports), expected[..2]);
}

#[test]
fn if_one_cannot_be_had_nobody_is_let_in_by_the_other() {
    let taken = TcpListener::bind(free()).unwrap();
    let (ports, api, _) = open();
    drop(ports);
    let mut ports = Ports::new(HandedDown::default(), &web(api, taken.local_addr().unwrap()));
    let error = ports.open().unwrap_err();
    assert_eq!(error.errno, Errno::EADDRINUSE);
    assert_eq!(
        error.to_string(),
        format!("listening on {} (page): Address already in use", taken.local_addr().unwrap())
    );
    assert!(TcpStream::connect(api).is_err(), "nobody would answer there");
    drop(taken);
    ports.open().unwrap();
    assert!(TcpStream::connect(api).is_ok());
}

#[test]
fn an_address_that_did_not_change_keeps_who_waits_there() {
    let (mut ports, api, page) = open();
    // Port 0 as before is the port that it was.
    ports.reconfigure(&web(free(), free())).unwrap();
    assert_eq!(addresses(&ports), [api, page]);
    ports.reconfigure(&web("127.0.0.8:0".parse().unwrap(), free())).unwrap();
    assert_ne!(addresses(&ports)[0], api);
    assert_eq!(addresses(&ports)[1], page);
    assert!(TcpStream::connect(api).is_err());
}

#[test]
fn new_addresses_that_cannot_be_had_change_nothing() {
    let taken = TcpListener::bind(free()).unwrap();
    let (mut ports, api, page) = open();
    let error = ports.reconfigure(&web("127.0.0.8:0".parse().unwrap(), taken.local_addr().unwrap())).unwrap_err();
    assert_eq!(error.errno, Errno::EADDRINUSE);
    assert_eq!(addresses(&ports), [api, page]);
}

#[test]
fn an_address_that_is_only_in_its_own_way_is_bound_for_the_successor() {
    let (mut ports, api, page) = open();
    // The worker that goes has them open still.
    let worker: Vec<_> = ports.listeners().into_iter().map(|fd| fd.try_clone_to_owned().unwrap()).collect();
    ports.reconfigure(&web(page, api)).unwrap();
    assert_eq!(ports.open().unwrap_err().errno, Errno::EADDRINUSE);
    drop(worker);
    ports.open().unwrap();
    assert_eq!(addresses(&ports), [page, api]);
}

#[test]
fn switched_off_it_listens_nowhere_and_switched_on_again_it_does() {
    let (mut ports, api, page) = open();
    ports.reconfigure(&Web { enabled: false, ..web(api, page) }).unwrap();
    assert_eq!(addresses(&ports), []);
    assert!(TcpStream::connect(api).is_err());
    ports.reconfigure(&web(api, page)).unwrap();
    assert_eq!(addresses(&ports), [api, page]);
}

#[test]
fn the_backlog_is_as_long_as_the_system_allows() {
    let (ports, api, _) = open();
    let longest = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap();
    // One more than the standard library's backlog would take: a connection beyond it is not answered.
    let many = 200.min(longest.trim().parse().unwrap());
    let waiting: Vec<_> = (0..many).map(|_| TcpStream::connect(api).unwrap()).collect();
    drop((waiting, ports));
}

#[test]
fn what_does_not_listen_is_no_listener() {
    let listener = TcpListener::bind(free()).unwrap();
    let connected = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    assert!(listening(Some(listener)).is_ok());
    let error = listening(Some(TcpListener::from(std::os::fd::OwnedFd::from(connected)))).unwrap_err();
    assert_eq!(error.to_string(), "it does not listen");
}
