//! The writer is killed while somebody presses.

use std::thread;
use std::time::Duration;

use harness::{any_below, until_async};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::browser::form;
use super::{signed_in, stage};
use crate::stage::PATIENCE;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whenever_the_writer_is_killed_a_press_is_answered_truly_and_pressing_again_does_it_once() {
    let stage = stage().await;
    let anna = stage.anna().await;
    stage.has(["first", "second"]).await;
    let mut browser = signed_in(&stage, &anna).await;
    let (mut killed_amid, mut unknown) = (0, 0);
    for round in 0..12 {
        let before = stage.versions().await;
        // What one round goes back to is what the round before has replaced.
        let path = format!("/rollback/fees/{}", before - 1);
        let asked = browser.get(&path);
        assert_eq!(asked.code, 200, "{}", asked.body);
        let form = form(&asked.body, &path);
        let writer = async || stage.service.worker("writer").await.ok();
        let writer = until_async("a writer", PATIENCE, writer).await.unwrap();
        let pressing = {
            let (mut browser, path, form) = (browser.clone(), path.clone(), form.clone());
            thread::spawn(move || browser.post(&path, &form))
        };
        // At any moment of it.
        thread::sleep(Duration::from_micros(any_below(10_000) as u64));
        killed_amid += usize::from(!pressing.is_finished());
        kill(Pid::from_raw(writer), Signal::SIGKILL).unwrap();
        // Now and then the next writer is longer away than a browser is let wait.
        if round % 3 > 0 {
            stage.service.succeeded("writer", writer).await.unwrap();
        }
        let mut answer = pressing.join().unwrap();
        stage.service.succeeded("writer", writer).await.unwrap();
        let done = format!("version {} has the content of version {}", before + 1, before - 1);
        while answer.code != 200 {
            assert_eq!(answer.code, 503, "{}", answer.body);
            assert!(answer.body.contains("it is not known whether"), "{}", answer.body);
            unknown += 1;
            answer = browser.sends(&path, &answer);
        }
        assert!(answer.body.contains(&done), "round {round}: {}", answer.body);
        assert_eq!(stage.versions().await, before + 1, "round {round}");
    }
    assert!(killed_amid > 0, "every press was answered before its writer was killed");
    eprintln!("{killed_amid} of 12 kills were amid a press, {unknown} answers were unknown");
    stage.strike().await;
}
