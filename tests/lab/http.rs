//! HTTP on sockets that systemd holds: whoever connects while the service is restarted or dies waits, and is refused never.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use harness::until;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::host::{Host, PATIENCE, UNIT};

const API: &str = "127.0.0.1:8010";

/// The status code, and the body.
async fn get(path: &str) -> std::io::Result<(u16, String)> {
    let mut server = TcpStream::connect(API).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {API}\r\nconnection: close\r\n\r\n");
    server.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    server.read_to_string(&mut answer).await?;
    let code = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Ok((code, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()))
}

/// Asks until it is over. Answers how long the slowest answer took.
async fn ask_on(over: Arc<AtomicBool>, answered: Arc<AtomicUsize>) -> Duration {
    let mut longest = Duration::ZERO;
    while !over.load(Ordering::Relaxed) {
        let began = Instant::now();
        match get("/healthz").await {
            Ok((200, _)) => answered.fetch_add(1, Ordering::Relaxed),
            // Accepted, and the process that had accepted it died: that is no refusal.
            Ok((0, _)) => continue,
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => continue,
            other => panic!("{other:?}"),
        };
        longest = longest.max(began.elapsed());
    }
    longest
}

#[test]
fn over_restarts_and_deaths_no_connection_is_refused() {
    let Some(host) = Host::installed() else { return };
    let lab = &host.lab;
    lab.edit(UNIT, "[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestartSec=100ms\n").unwrap();
    // The service is started by whoever connects first.
    lab.run(["systemctl", "start", "natrium-api.socket", "natrium-page.socket"]).unwrap();
    assert_eq!(lab.property(UNIT, "ActiveState").unwrap(), "inactive");
    assert_eq!(host.plays(get("/healthz")).unwrap().0, 200);
    lab.until_state(UNIT, "active").unwrap();
    until("it is ready", PATIENCE, || (host.plays(get("/readyz")).unwrap().0 == 200).then_some(())).unwrap();

    let (over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let asking: Vec<_> = (0..4).map(|_| host.starts(ask_on(over.clone(), answered.clone()))).collect();
    let goes_on = || {
        let enough = answered.load(Ordering::Relaxed) + 20;
        until("it is answered", PATIENCE, || (answered.load(Ordering::Relaxed) >= enough).then_some(())).unwrap();
    };
    for _ in 0..5 {
        goes_on();
        lab.run(["systemctl", "restart", "natrium"]).unwrap();
    }
    goes_on();
    let before = lab.main_pid(UNIT).unwrap();
    lab.run(["systemctl", "kill", "--kill-whom=main", "--signal=KILL", "natrium"]).unwrap();
    host.until_succeeded(before);
    goes_on();
    over.store(true, Ordering::Relaxed);
    let longest = asking.into_iter().map(|asked| host.plays(asked).unwrap()).max().unwrap();
    println!("{} requests, the longest took {longest:?}", answered.load(Ordering::Relaxed));

    let (code, metrics) = host.plays(get("/metrics")).unwrap();
    assert_eq!(code, 200);
    for worker in ["writer", "bot", "web"] {
        assert!(metrics.contains(&format!("natrium_worker_up{{worker=\"{worker}\"}} 1")), "{metrics}");
    }
}
