//! `natrium-web` and the ports it is reached by, with the real `natriumd`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "web/answers.rs"]
mod answers;
#[path = "web/crash.rs"]
mod crash;
#[path = "web/handed_down.rs"]
mod handed_down;
#[path = "web/hostile.rs"]
mod hostile;
#[allow(dead_code, reason = "supervisor.rs uses the rest of it")]
#[path = "supervisor/house.rs"]
mod house;
#[path = "web/http.rs"]
mod http;
#[path = "web/metrics.rs"]
mod metrics;
#[path = "web/page.rs"]
mod page;
#[path = "web/ports.rs"]
mod ports;
#[path = "web/ready.rs"]
mod ready;
#[allow(dead_code, reason = "bot.rs uses the rest of it")]
#[path = "bot/stage.rs"]
mod stage;
#[path = "web/stop.rs"]
mod stop;
