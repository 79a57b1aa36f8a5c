//! `natrium audit` of what happened days ago.

use std::process::Command;

use harness::until;
use serde_json::Value;

use crate::hosted::Host;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_of_days_ago_that_are_alike_are_one_entry_with_their_number() {
    let mut host = Host::new().await;
    host.service.start().unwrap();
    assert!(host.service.stop().unwrap().success(), "{}", host.service.log());
    // What a stranger did five days ago, twelve seconds of a day long, and yesterday.
    let script = "import sqlite3, sys, time
store, day, now = sqlite3.connect(sys.argv[1]), 86400000, int(time.time() * 1000)
noon = now // day * day + day // 2
for at in [noon - 5 * day + 1000 * n for n in range(13)] + [noon - day, noon - day + 1]:
    store.execute('''INSERT INTO audit (at_ms, actor_origin, actor_id, actor_name, action, outcome, reason, request_id)
        VALUES (?1, 'telegram', 7, 'Mallory', 'message', 'refused', 'stranger', 'old:' || ?1)''', (at,))
store.commit()";
    let store = host.service.state().join("store.sqlite");
    assert!(Command::new("python3").args(["-c", script]).arg(store).status().unwrap().success());
    host.service.start().unwrap();
    let entries = || {
        let (text, code) = host.natrium(&["audit", "--user", "7", "--json"]);
        assert_eq!(code, 0, "{text}");
        let told: Value = serde_json::from_str(&text).unwrap();
        told["entries"].as_array().unwrap().clone()
    };
    until("they are one", std::time::Duration::from_secs(20), || (entries().len() == 3).then_some(())).unwrap();
    let told: Vec<_> = entries().into_iter().map(|entry| (entry["times"].clone(), entry["first_ms"].clone())).collect();
    assert_eq!(told[..2], [(1.into(), Value::Null), (1.into(), Value::Null)], "of yesterday, each has its own");
    let [first, last] = ["first_ms", "at_ms"].map(|name| entries()[2][name].as_i64().unwrap());
    assert_eq!((told[2].0.clone(), last - first), (13.into(), 12_000));
    let (text, _) = host.natrium(&["audit", "--user", "7"]);
    assert!(text.lines().any(|line| line.contains("refused: stranger, 13 times since ")), "{text}");
    assert!(host.service.stop().unwrap().success(), "{}", host.service.log());
}
