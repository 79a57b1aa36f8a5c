//! To play with: runs until Ctrl-C.

use std::{net::SocketAddr, time::Duration};

use harness::until_async;
use tokio::signal::unix::{SignalKind, signal};

use crate::stage::Stage;

/// How long a person waits for the first line.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts everything, says where the page is and what to try, and cleans up on Ctrl-C.
pub(crate) async fn until_interrupted() -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut stage = Stage::set()?;
    stage.service.start()?;
    let service = &stage.service;
    let address = until_async("web says where it is", PATIENCE, async || service.address("api").await.ok()).await?;
    println!("{}", invitation(&stage, address));
    let mut watch = tokio::time::interval(Duration::from_millis(500));
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = watch.tick() => {
                if stage.service.processes().is_empty() {
                    anyhow::bail!("the service ended; its last lines:\n{}", stage.service.log());
                }
            }
        }
    }
    println!("\nstopping");
    let status = stage.service.stop()?;
    anyhow::ensure!(status.success(), "natriumd ended with {status}:\n{}", stage.service.log());
    println!("everything has ended and {} is removed", stage.service.path().display());
    Ok(())
}

fn invitation(stage: &Stage, api: SocketAddr) -> String {
    let (service, path) = (&stage.service, stage.service.path().display());
    let pid = service.pid().unwrap_or_default();
    format!(
        "
Natrium runs, with a simulated Telegram.

  The page to play on:  {}/

  Try, as Anna:     /start, then /set_fees, then send the sample fees.yml
  Try, as Anna:     /set_fees again, then a broken file, a photo, a file that is too large
  Try, as Anna:     /page, and open the link: history, differences and rolling back in the browser
  Try, as Boris:    /set_rates (he reads Russian); /get_fees
  Try, as Sam:      anything: he is no admin

  The published files:  {path}/published/
  For programs:         http://{api}/readyz and http://{api}/metrics
  The state:            natrium status --runtime-directory {path}/run
  Kill something:       kill -9 one of these, and go on talking
{}
  The log:              tail -f {path}/log

Ctrl-C ends everything (natriumd is process {pid}) and removes the directory.",
        stage.telegram.url,
        processes(stage),
    )
}

fn processes(stage: &Stage) -> String {
    stage.service.processes().iter().map(|(pid, name)| format!("                          {pid}  {name}\n")).collect()
}
