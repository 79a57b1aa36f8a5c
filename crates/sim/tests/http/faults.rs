use std::fmt::Display;
use std::time::{Duration, Instant};

use natrium_sim::Options;
use natrium_sim::control::{FaultKind, NewFault};
use reqwest::RequestBuilder;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::bot::{Scene, read, scene, scene_of, started_scene};

#[tokio::test]
async fn a_429_says_how_long_in_header_and_body() {
    let scene = started_scene().await;
    scene.control.fails("sendMessage", FaultKind::TooManyRequests { retry_after: 7 }, 1).await.unwrap();
    let answer = scene.bot.call("SendMessage", json!({ "chat_id": 1001, "text": "x" })).await;
    assert_eq!(answer.error(), (429, "Too Many Requests: retry after 7"));
    assert_eq!(answer.headers["retry-after"], "7");
    assert_eq!(answer.body["parameters"], json!({ "retry_after": 7 }));
    assert_eq!(scene.anna.chat().await.unwrap().len(), 1, "it was not sent");
    scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": "x" })).await.result();
    assert!(scene.control.state().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_5xx_is_a_page_and_confirms_nothing() {
    let scene = started_scene().await;
    scene.anna.says("keep me").await.unwrap();
    scene.control.fails("getUpdates", FaultKind::ServerError { status: 502 }, 1).await.unwrap();
    let response = scene.bot.get("getUpdates?offset=2000000000").send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()), (502, "text/html"));
    assert!(response.text().await.unwrap().contains("<h1>502 Bad Gateway</h1>"));
    assert_eq!(scene.bot.call("getUpdates", json!({})).await.result()[0]["message"]["text"], "keep me");
}

#[tokio::test]
async fn a_dropped_connection_has_no_answer() {
    let scene = started_scene().await;
    scene.control.fails("getMe", FaultKind::Drop, 1).await.unwrap();
    let error = scene.bot.try_call("getMe", json!({})).await.unwrap_err();
    assert!(error.is_request(), "{error:?}");
    scene.bot.call("getMe", json!({})).await.result();
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_deed() {
    let scene = started_scene().await;
    let fault = NewFault { method: Some("sendMessage".into()), calls: Some(1), after: true, ..FaultKind::Drop.into() };
    scene.control.add_fault(fault).await.unwrap();
    scene.bot.try_call("sendMessage", json!({ "chat_id": 1001, "text": "twice?" })).await.unwrap_err();
    scene.anna.sees("twice?").await.unwrap();
    let call = scene.control.calls(Some("sendMessage")).await.unwrap().remove(0);
    assert_eq!(call.fault, Some(FaultKind::Drop));
}

#[tokio::test]
async fn an_outage_lasts_until_it_is_cleared() {
    let scene = started_scene().await;
    scene.control.outage().await.unwrap();
    for method in ["getMe", "getUpdates", "sendMessage"] {
        assert!(scene.bot.try_call(method, json!({})).await.is_err(), "{method}");
    }
    assert!(scene.bot.file("documents/file_0.yml").send().await.is_err());
    scene.control.clear_faults().await.unwrap();
    scene.bot.call("getMe", json!({})).await.result();
}

#[tokio::test]
async fn a_hang_hangs_and_latency_delays() {
    let scene = started_scene().await;
    scene.control.fails("getMe", FaultKind::Hang, 1).await.unwrap();
    let hanging = scene.bot.post("getMe").timeout(Duration::from_millis(300));
    assert!(read(hanging).await.unwrap_err().is_timeout());
    scene.control.fails("getMe", FaultKind::latency(400), 1).await.unwrap();
    let answer = scene.bot.call("getMe", json!({})).await;
    assert!(answer.status == 200 && answer.took >= Duration::from_millis(400), "{:?}", answer.took);
}

#[tokio::test]
async fn a_401_and_a_409_by_order() {
    let scene = started_scene().await;
    scene.control.fails("getUpdates", FaultKind::Unauthorized, 1).await.unwrap();
    assert_eq!(scene.bot.call("getUpdates", json!({})).await.error(), (401, "Unauthorized"));
    scene.control.fails("getUpdates", FaultKind::Conflict, 1).await.unwrap();
    assert_eq!(scene.bot.call("getUpdates", json!({})).await.status, 409);
    let fault = NewFault { calls: Some(1), skip: 2, ..FaultKind::Unauthorized.into() };
    scene.control.add_fault(fault).await.unwrap();
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(scene.bot.call("getMe", json!({})).await.status);
    }
    assert_eq!(statuses, [200, 200, 401, 200]);
    assert_eq!(scene.control.counters().await.unwrap().faults, 3);
}

/// What somebody at the other end of the line sees.
#[derive(Debug, PartialEq)]
enum Seen {
    Good,
    /// A good answer, this late at least.
    Late(Duration),
    /// A good answer whose head came at once, and its body this much later at least.
    Slow(Duration),
    Nothing,
    /// The connection ends before there is an answer.
    Closed,
    /// A 200 whose body is shorter than its head promised.
    Half,
    Status(u16),
    /// A status with a page of HTML.
    Page(u16),
}

/// As late as the faults here make an answer.
const LATE: Duration = Duration::from_millis(400);

/// How long nothing is waited for.
const SILENCE: Duration = Duration::from_millis(800);

/// Makes a call that must look like this. How late a good answer is does not matter: who was spared is told by the hits.
async fn meets(request: RequestBuilder, expected: &Seen, what: &dyn Display) {
    let patience = if *expected == Seen::Nothing { SILENCE } else { Duration::from_secs(30) };
    let seen = seen(request.timeout(patience)).await;
    let is_good = *expected == Seen::Good && matches!(seen, Seen::Good | Seen::Late(_) | Seen::Slow(_));
    assert!(is_good || seen == *expected, "{what}: {seen:?} and not {expected:?}");
}

/// How many calls the only fault has hit.
async fn hits(scene: &Scene) -> u64 {
    scene.control.state().await.unwrap().faults[0].hits
}

async fn seen(request: RequestBuilder) -> Seen {
    let began = Instant::now();
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) if error.is_timeout() => return Seen::Nothing,
        Err(error) => {
            assert!(error.is_request(), "{error:?}");
            return Seen::Closed;
        }
    };
    let head = began.elapsed();
    let (status, promised) = (response.status().as_u16(), response.content_length().unwrap());
    let is_page = response.headers()["content-type"] == "text/html";
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(_) => {
                let length = u64::try_from(body.len()).unwrap();
                assert!(status == 200 && length == promised / 2, "{length} of {promised} bytes");
                return Seen::Half;
            }
        }
    }
    assert_eq!(u64::try_from(body.len()).unwrap(), promised);
    match status {
        200 if head >= LATE => Seen::Late(LATE),
        200 if began.elapsed() >= head + LATE => Seen::Slow(LATE),
        200 => Seen::Good,
        status if is_page => Seen::Page(status),
        status => {
            let answer: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(answer["error_code"], status);
            Seen::Status(status)
        }
    }
}

fn kinds() -> Vec<(Value, Seen)> {
    vec![
        (json!({ "kind": "latency", "millis": 400 }), Seen::Late(LATE)),
        (json!({ "kind": "latency", "millis": 400, "up_to_millis": 600 }), Seen::Late(LATE)),
        (json!({ "kind": "latency", "millis": 400, "after": true }), Seen::Late(LATE)),
        (json!({ "kind": "hang" }), Seen::Nothing),
        (json!({ "kind": "drop" }), Seen::Closed),
        (json!({ "kind": "too_many_requests", "retry_after": 3 }), Seen::Status(429)),
        (json!({ "kind": "server_error", "status": 503 }), Seen::Page(503)),
        (json!({ "kind": "unauthorized" }), Seen::Status(401)),
        (json!({ "kind": "conflict" }), Seen::Status(409)),
        (json!({ "kind": "truncated" }), Seen::Half),
        (json!({ "kind": "slow_body", "millis": 500 }), Seen::Slow(LATE)),
        (json!({ "kind": "outage" }), Seen::Closed),
    ]
}

/// Puts a fault of this kind and scope in force.
async fn inject(scene: &Scene, kind: &Value, scope: &Value) {
    let mut fault = kind.as_object().unwrap().clone();
    fault.extend(scope.as_object().unwrap().clone());
    scene.control.clear_faults().await.unwrap();
    let fault = serde_json::from_value(Value::Object(fault)).unwrap();
    scene.control.add_fault(fault).await.unwrap();
}

fn sends(scene: &Scene, chat: i64) -> RequestBuilder {
    scene.bot.post("SendMessage").json(&json!({ "chat_id": chat, "text": "x" }))
}

#[tokio::test]
async fn every_kind_of_fault_hits_its_method_and_no_other() {
    let scene = started_scene().await;
    for (kind, expected) in kinds() {
        inject(&scene, &kind, &json!({ "method": "sendMessage" })).await;
        meets(sends(&scene, 1001), &expected, &kind).await;
        meets(scene.bot.get("getMe"), &Seen::Good, &kind).await;
        assert_eq!(hits(&scene).await, 1, "{kind}");
    }
}

#[tokio::test]
async fn the_chat_of_a_fault_may_be_named() {
    let scene = started_scene().await;
    let control = crate::chats::Control::of(&scene);
    let borises = json!([
        { "id": 1002, "first_name": "Boris", "last_name": "B", "username": "boris_sim", "started": true },
        { "id": 1003, "first_name": "Boris", "started": true },
    ]);
    control.done("/users/many", borises).await;
    let new = json!({ "kind": "supergroup", "title": "Our Team", "username": "sim_team", "owner": 1001, "bots": [{}] });
    let team = control.done("/chats", new).await["chat"].clone();
    for (name, chat) in [
        ("anna", json!(1001)),
        ("1001", json!(1001)),
        ("@Boris_Sim", json!(1002)),
        ("boris b", json!(1002)),
        ("our team", team.clone()),
        ("@sim_team", team.clone()),
    ] {
        let faults = control.done("/faults", json!({ "kind": "unauthorized", "chat": name })).await;
        assert_eq!(faults[0]["chat"], chat, "{name}");
        let answer = scene.bot.call("sendMessage", json!({ "chat_id": chat, "text": "x" })).await;
        assert_eq!(answer.status, 401, "{name}");
        assert_eq!(scene.bot.call("sendMessage", json!({ "chat_id": 1003, "text": "x" })).await.status, 200, "{name}");
        scene.control.clear_faults().await.unwrap();
    }
    for (name, why) in [
        ("Eva", "`chat` is \"Eva\", and nobody and no chat is called that; it is an id, a @username, "),
        ("Boris", "`chat` is \"Boris\", and 2 are called that: 1002, 1003; say which by its id"),
    ] {
        let response = reqwest::Client::new()
            .post(format!("{}/control/faults", scene.telegram.url()))
            .json(&json!({ "kind": "drop", "chat": name }))
            .send();
        let refusal: Value = response.await.unwrap().json().await.unwrap();
        assert!(refusal["error"].as_str().unwrap().starts_with(why), "{refusal}");
    }
}

#[tokio::test]
async fn every_kind_of_fault_hits_its_chat_however_the_call_is_encoded() {
    let scene = started_scene().await;
    let boris = scene.control.user(1002, "Boris").await.unwrap();
    boris.says("/start").await.unwrap();
    for (kind, expected) in kinds() {
        inject(&scene, &kind, &json!({ "chat": 1001 })).await;
        let fields = |chat| [("chat_id", chat), ("text", "x")];
        let form = |chat| scene.bot.post("sendMessage").form(&fields(chat));
        let document = |chat: i64| {
            let part = Part::bytes(b"a: 1".as_slice()).file_name("a.yml");
            let form = Form::new().part("document", part).text("chat_id", chat.to_string());
            scene.bot.post("sendDocument").multipart(form)
        };
        let query = |chat| scene.bot.get(&format!("sendMessage?text=x&chat_id={chat}"));
        let hit = [sends(&scene, 1001), form("1001"), document(1001), query("1001")];
        let spared = [sends(&scene, 1002), form("1002"), document(1002), query("1002"), scene.bot.get("getMe")];
        for (number, request) in hit.into_iter().enumerate() {
            meets(request, &expected, &format!("{kind}, encoding {number}")).await;
        }
        for (number, request) in spared.into_iter().enumerate() {
            meets(request, &Seen::Good, &format!("{kind}, encoding {number}")).await;
        }
        assert_eq!(hits(&scene).await, 4, "{kind}");
    }
}

#[tokio::test]
async fn every_kind_of_fault_hits_in_its_time_only() {
    let scene = started_scene().await;
    for (kind, expected) in kinds() {
        inject(&scene, &kind, &json!({ "from_millis": 60_000, "until_millis": 120_000 })).await;
        meets(scene.bot.get("getMe"), &Seen::Good, &format!("{kind} is early")).await;
        assert_eq!(hits(&scene).await, 0, "{kind}");
        scene.control.advance(Duration::from_secs(60)).await.unwrap();
        meets(scene.bot.get("getMe"), &expected, &kind).await;
        scene.control.advance(Duration::from_secs(60)).await.unwrap();
        meets(scene.bot.get("getMe"), &Seen::Good, &format!("{kind} is over")).await;
        assert_eq!(scene.control.state().await.unwrap().faults, [], "and nobody has to clear it");
    }
}

#[tokio::test]
async fn an_outage_loses_the_answer_to_a_poll_that_waits_and_the_updates_come_again() {
    let scene = started_scene().await;
    let bot = scene.bot.clone();
    let poll = tokio::spawn(async move { bot.try_call("getUpdates", json!({ "timeout": 30 })).await });
    scene.control.polling().await.unwrap();
    // The outage begins later than the poll came, by the clock too.
    scene.control.advance(Duration::from_millis(5)).await.unwrap();
    scene.control.outage().await.unwrap();
    scene.anna.says("anybody?").await.unwrap();
    assert!(poll.await.unwrap().unwrap_err().is_request());
    scene.control.clear_faults().await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({})).await.result();
    assert_eq!(updates[0]["message"]["text"], "anybody?");
}

#[tokio::test]
async fn a_fault_whose_time_is_over_leaves_the_list_by_itself() {
    let scene = started_scene().await;
    inject(&scene, &json!({ "kind": "outage" }), &json!({ "until_millis": 150 })).await;
    let over = async {
        while !scene.control.state().await.unwrap().faults.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), over).await.expect("it is over by itself");
    meets(scene.bot.get("getMe"), &Seen::Good, &"").await;
}

#[tokio::test]
async fn a_download_is_cut_in_the_middle_and_comes_in_pieces() {
    let scene = started_scene().await;
    let content: Vec<u8> = (0..3_000_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    scene.anna.sends("big.bin", content).await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({ "offset": -1 })).await.result();
    let file = &updates[0]["message"]["document"]["file_id"];
    let path = scene.bot.call("getFile", json!({ "file_id": file })).await.result()["file_path"].clone();
    let path = path.as_str().unwrap();
    inject(&scene, &json!({ "kind": "truncated" }), &json!({ "method": "download", "calls": 1 })).await;
    let mut response = scene.bot.file(path).send().await.unwrap();
    assert_eq!(response.content_length(), Some(3_000_000));
    let mut got = 0;
    let ended = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => got += chunk.len(),
            ended => break ended,
        }
    };
    assert!(ended.is_err() && got > 1_000_000 && got <= 1_500_000, "{got} bytes, {ended:?}");
    inject(&scene, &json!({ "kind": "slow_body", "millis": 500 }), &json!({ "method": "download", "calls": 1 })).await;
    meets(scene.bot.file(path), &Seen::Slow(LATE), &"").await;
    meets(scene.bot.file(path), &Seen::Good, &"").await;
}

#[tokio::test]
async fn a_truncated_answer_is_of_a_call_that_was_done_and_the_connection_is_of_no_more_use() {
    let scene = started_scene().await;
    scene.control.fails("sendMessage", FaultKind::Truncated, 1).await.unwrap();
    meets(sends(&scene, 1001), &Seen::Half, &"").await;
    scene.anna.sees("x").await.unwrap();
    meets(sends(&scene, 1001), &Seen::Good, &"").await;
    let calls = scene.control.calls(Some("sendMessage")).await.unwrap();
    assert_eq!((&calls[0].fault, calls[0].status), (&Some(FaultKind::Truncated), Some(200)));
    assert_eq!(calls[1].fault, None);
}

#[tokio::test]
async fn nobody_has_to_send_the_body_of_a_call_that_is_dropped_by_its_method() {
    let scene = started_scene().await;
    scene.control.fails("sendDocument", FaultKind::Drop, 1).await.unwrap();
    let mut line = TcpStream::connect(scene.telegram.address()).await.unwrap();
    let head = format!(
        "POST /bot{}/sendDocument HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=x\r\n\
         content-length: 1000000\r\n\r\n",
        scene.telegram.token()
    );
    line.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let ended = timeout(Duration::from_secs(10), line.read_to_end(&mut answer)).await;
    // Closed or reset, as it happens.
    assert!(ended.is_ok() && answer.is_empty(), "{ended:?}, {answer:?}");
}

#[tokio::test]
async fn chance_strikes_the_same_calls_in_every_run_of_a_seed() {
    let run = async |seed| {
        let scene = scene_of(Options { seed, ..Options::default() }).await;
        scene.control.add_fault(NewFault { probability: Some(0.5), ..FaultKind::Conflict.into() }).await.unwrap();
        let mut statuses = Vec::new();
        for _ in 0..40 {
            statuses.push(scene.bot.call("getMe", json!({})).await.status);
        }
        statuses
    };
    let first = run(5).await;
    assert!(first.contains(&200) && first.contains(&409), "{first:?}");
    assert_eq!(first, run(5).await);
    assert_ne!(first, run(6).await);
}

#[tokio::test]
async fn what_was_dropped_has_no_status_in_the_log() {
    let scene = started_scene().await;
    scene.control.fails("getMe", FaultKind::Drop, 1).await.unwrap();
    meets(scene.bot.get("getMe"), &Seen::Closed, &"").await;
    let call = scene.control.calls(Some("getMe")).await.unwrap().remove(0);
    assert_eq!((call.fault, call.status, call.response), (Some(FaultKind::Drop), None, None));
}

#[tokio::test]
async fn a_wrong_fault_is_refused_with_a_sentence() {
    let scene = scene().await;
    for (fault, sentence) in [
        (json!({ "kind": "drop", "probability": 2 }), "`probability` must be a number from 0 to 1, and is 2"),
        (json!({ "kind": "drop", "metod": "getMe" }), "`drop` has no field `metod`; did you mean `method`?"),
        (json!({ "kind": "drop", "method": "getNe" }), "Telegram has no method `getNe`; did you mean `getMe`?"),
        (json!({ "kind": "drop", "from_millis": 9, "until_millis": 5 }), "`until_millis` (5) must be later than"),
    ] {
        let url = format!("{}/control/faults", scene.telegram.url());
        let response = reqwest::Client::new().post(url).json(&fault).send().await.unwrap();
        assert_eq!(response.status(), 400, "{fault}");
        let said: Value = response.json().await.unwrap();
        assert!(said["error"].as_str().unwrap().starts_with(sentence), "{said}");
    }
    assert_eq!(scene.control.state().await.unwrap().faults, []);
}
