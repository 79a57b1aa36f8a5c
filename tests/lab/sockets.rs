//! The sockets that systemd holds for the service: handed down by their names, and nobody is refused while it restarts.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use harness::until;

use crate::host::{Host, PATIENCE, UNIT};

const API: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8010);
const PAGE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8001);

#[test]
fn sockets_are_handed_down_and_outlive_a_restart() {
    let Some(host) = Host::installed() else { return };
    let lab = &host.lab;
    lab.run(["systemctl", "enable", "--now", "natrium-api.socket", "natrium-page.socket", "natrium.service"]).unwrap();
    let handed = |pid: i32| lab.run(["sh", "-c", &format!("tr '\\0' '\\n' < /proc/{pid}/environ")]).unwrap();
    let environment = handed(lab.main_pid(UNIT).unwrap());
    let names = environment.lines().find_map(|line| line.strip_prefix("LISTEN_FDNAMES=")).unwrap();
    let mut names: Vec<&str> = names.split(':').collect();
    names.sort_unstable();
    assert_eq!(names, ["api", "page"]);

    // Who connects while there is no service waits for the next one.
    let mut restart = lab.command(["systemctl", "restart", "natrium"]).spawn().unwrap();
    let restarted = until("it is restarted", PATIENCE, || {
        for address in [API, PAGE] {
            TcpStream::connect_timeout(&address, Duration::from_secs(10)).unwrap();
        }
        restart.try_wait().unwrap()
    });
    assert!(restarted.unwrap().success());

    lab.run(["systemctl", "stop", "natrium-api.socket", "natrium-page.socket", "natrium.service"]).unwrap();
    TcpStream::connect(API).unwrap_err();
    assert_eq!(lab.property(UNIT, "ActiveState").unwrap(), "inactive");
}

#[test]
fn a_connection_starts_a_service_whose_socket_is_up() {
    let Some(host) = Host::installed() else { return };
    let lab = &host.lab;
    lab.run(["systemctl", "start", "natrium-api.socket"]).unwrap();
    assert_eq!(lab.property(UNIT, "ActiveState").unwrap(), "inactive");
    let _waits = TcpStream::connect(API).unwrap();
    lab.until_state(UNIT, "active").unwrap();
    host.anna_uploads("started by a connection");
}
