//! Killed at any moment while several operators upload: what was acknowledged is there once, and callers only wait.

use harness::any_below;
use nix::sys::signal::Signal;

use crate::operators::{Operators, service};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_killed_again_and_again_loses_and_doubles_nothing() {
    let mut service = service();
    service.start().unwrap();
    let mut operators = Operators::at_work(&service, 3, 40);
    let mut kills = 0;
    while !operators.are_done() {
        // After none at all it dies while it starts.
        operators.go_on(any_below([1, 10, 30, 60][kills % 4])).await;
        service.kill("writer").await.unwrap();
        kills += 1;
    }
    assert!(kills >= 6, "only {kills} kills in {} uploads", operators.acknowledged());
    operators.done(&service).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supervisor_killed_again_and_again_loses_and_doubles_nothing() {
    let mut service = service();
    service.start().unwrap();
    let mut operators = Operators::at_work(&service, 3, 20);
    for _ in 0..5 {
        operators.go_on(1 + any_below(20)).await;
        assert!(!operators.are_done(), "it was not killed under load");
        service.signal(Signal::SIGKILL).unwrap();
        service.wait_ended().unwrap();
        service.spawn().unwrap();
    }
    operators.done(&service).await;
    service.wait_ready().unwrap();
    assert!(service.stop().unwrap().success(), "{}", service.log());
}
