//! A writer that hangs: whoever waits for it waits until its successor answers.

use interfaces::configs::History;
use interfaces::supervisor::WorkerState;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::stage::{SAVED, Stage, fees};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_waits_for_the_successor_of_a_hung_writer_and_is_saved_once() {
    let mut stage = Stage::set().await;
    stage.service.environment.push(("NATRIUM_TIMING".into(), "watchdog=2s,abort=300ms".into()));
    stage.service.start().unwrap();
    let anna = stage.anna().await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("fees.yml").await.unwrap();

    let hung = stage.service.worker("writer").await.unwrap();
    kill(Pid::from_raw(hung), Signal::SIGSTOP).unwrap();
    anna.sends("fees.yml", fees("through the hang")).await.unwrap();
    anna.sees_now(SAVED).await.unwrap();

    let writer = stage.worker("writer").await;
    let death = writer.last_death.unwrap();
    assert_eq!((death.pid, death.hung, writer.generation, writer.state), (hung, true, 2, WorkerState::Ready));
    let history = History { kind: "fees".to_owned(), before: None, limit: 10 };
    assert_eq!(stage.service.configs().history(&history).await.unwrap().versions.len(), 1);
    assert_eq!(stage.fees(), fees("through the hang"));
    assert_eq!(stage.worker("bot").await.generation, 1, "who waits does not hang");
    stage.strike().await;
}
