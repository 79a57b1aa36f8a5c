//! An orderly stop while operators upload.

use std::time::{Duration, Instant};

use harness::any_below;

use crate::operators::{Operators, names, service};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_orderly_stop_under_load_is_prompt_and_keeps_all_that_was_acknowledged() {
    let mut service = service();
    service.start().unwrap();
    // Who calls while it is stopped waits for the next start.
    let mut operators = Operators::at_work(&service, 3, 20);
    for _ in 0..3 {
        operators.go_on(10 + any_below(10)).await;
        assert!(!operators.are_done(), "it was not stopped under load");
        let began = Instant::now();
        assert!(service.stop().unwrap().success(), "{}", service.log());
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
        assert_eq!(
            names(&service.state()),
            ["backups", "lock", "store.refusals", "store.reserve", "store.sqlite"],
            "it was not closed"
        );
        service.start().unwrap();
    }
    operators.done(&service).await;
    assert!(service.stop().unwrap().success(), "{}", service.log());
    assert!(!service.log().contains("NotSaved") && !service.log().contains("ERROR"), "{}", service.log());
}
