//! The OpenAPI document says what the control API does: it is made of the routes, and what is answered fits it.

use std::collections::BTreeSet;
use std::time::Duration;

use natrium_sim::control::{Condition, FaultKind, MessagePattern, NewFault, Wait};
use serde_json::{Value, json};

use crate::bot::{Scene, started_scene};

async fn document(scene: &Scene) -> Value {
    let response = reqwest::get(format!("{}/control/openapi.json", scene.telegram.url())).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    response.json().await.unwrap()
}

/// Whether a value is what the document says of a type.
#[track_caller]
fn fits(document: &Value, name: &str, value: &Value) {
    let components = &document["components"];
    assert!(!components["schemas"][name].is_null(), "the document does not describe {name}");
    let schema = json!({ "$ref": format!("#/components/schemas/{name}"), "components": components });
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let wrong: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{name}: {wrong:#?}\n{value:#}");
}

/// `METHOD /path`, with `ID` for whatever names something.
fn operations(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/control").unwrap();
        let path: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "ID" } else { part }).collect();
        for method in ["get", "post", "put", "delete", "patch"] {
            if item.get(method).is_some() {
                found.insert(format!("{} {}", method.to_uppercase(), path.join("/")));
            }
        }
    }
    found
}

/// The same from the tables of the crate's README.
fn documented() -> BTreeSet<String> {
    let readme = include_str!("../../README.md");
    let cells = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let calls = cells
        .flat_map(|cell| cell.split('`'))
        .filter(|call| ["GET /", "POST /", "DELETE /", "PUT /"].iter().any(|method| call.starts_with(method)));
    let is_name = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_uppercase());
    let named = |call: &str| {
        let (method, path) = call.split('?').next().unwrap().split_once(' ').unwrap();
        let path: Vec<&str> = path.split('/').map(|part| if is_name(&part) { "ID" } else { part }).collect();
        format!("{method} {}", path.join("/"))
    };
    calls.map(named).collect()
}

#[tokio::test]
async fn every_control_is_in_the_document_and_in_the_readme() {
    let scene = started_scene().await;
    let document = document(&scene).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let (served, mut told) = (operations(&document), documented());
    told.remove("GET /openapi.json");
    assert_eq!(served, told, "served, and told in the README");
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let said = ["summary", "operationId"].map(|key| operation[key].as_str().unwrap_or_default());
            assert!(said.iter().all(|text| !text.is_empty()), "{method} {path}: {operation}");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{method} {path}");
        }
    }
    let mut names = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            assert!(names.insert(operation["operationId"].to_string()), "twice: {}", operation["operationId"]);
        }
    }
}

#[tokio::test]
async fn what_is_answered_is_what_the_document_says() {
    let scene = started_scene().await;
    let document = document(&scene).await;
    let text = json!({ "chat_id": 1001, "text": "<b>hi</b> /start", "parse_mode": "HTML",
        "reply_markup": { "inline_keyboard": [[{ "text": "Show", "callback_data": "s" }]] } });
    let said = scene.bot.call("sendMessage", text).await.result()["message_id"].clone();
    let quoting = json!({ "chat_id": 1001, "text": "so?", "reply_parameters": { "message_id": said, "quote": "<b>hi</b>", "quote_parse_mode": "HTML" } });
    scene.bot.call("sendMessage", quoting).await.result();
    let liked = json!({ "chat_id": 1001, "message_id": said, "reaction": [{ "type": "emoji", "emoji": "👍" }] });
    scene.bot.call("setMessageReaction", liked).await.result();
    scene.anna.sends("fees.yml", "currency: USD").await.unwrap();
    let query = scene.anna.presses("Show").await.unwrap();
    scene.bot.call("answerCallbackQuery", json!({ "callback_query_id": query, "text": "done" })).await.result();
    let fault = NewFault { method: Some("getMe".to_owned()), probability: Some(0.5), ..FaultKind::latency(5).into() };
    scene.control.add_fault(fault).await.unwrap();
    let get = async |path: &str| -> Value {
        reqwest::get(format!("{}/control{path}", scene.telegram.url())).await.unwrap().json().await.unwrap()
    };
    fits(&document, "State", &get("/state").await);
    fits(&document, "Counters", &get("/counters").await);
    for (path, name) in [("/calls", "CallView"), ("/users/1001/messages", "MessageView"), ("/faults", "FaultView")] {
        let list = get(path).await;
        assert!(!list.as_array().unwrap().is_empty(), "{path}");
        list.as_array().unwrap().iter().for_each(|one| fits(&document, name, one));
    }
    let seen = get("/users/1001/messages").await;
    let of = |name: &str| seen.as_array().unwrap().iter().find_map(|message| message.get(name)).cloned().unwrap();
    assert_eq!(of("quote"), json!({ "text": "hi", "entities": [{ "type": "bold", "offset": 0, "length": 2 }] }));
    assert_eq!(of("reactions"), json!([{ "from": 5_550_001_111_i64, "emoji": "👍" }]));
    fits(&document, "Refusal", &get("/users/77/messages").await);
    let pattern = MessagePattern { contains: Some("hi".to_owned()), ..MessagePattern::default() };
    let condition = Condition::Message { user: Some(1001), chat: None, matching: pattern };
    let wait = json!(Wait { condition: condition.clone(), timeout: Some(5_000) });
    fits(&document, "Wait", &wait);
    fits(
        &document,
        "Met",
        &json!(scene.control.clone().patient(Duration::from_secs(5)).wait(condition, "it").await.unwrap()),
    );
}

#[tokio::test]
async fn what_the_document_forbids_is_refused() {
    let scene = started_scene().await;
    let document = document(&scene).await;
    let components = &document["components"];
    let schema = json!({ "$ref": "#/components/schemas/NewUser", "components": components });
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for (user, good) in [
        (json!({ "id": 5, "first_name": "Eva" }), true),
        (json!({ "id": 5, "first_name": "Eva", "nickname": "e" }), false),
        (json!({ "id": "5", "first_name": "Eva" }), false),
        (json!({ "id": 5 }), false),
    ] {
        let request = reqwest::Client::new().post(format!("{}/control/users", scene.telegram.url())).json(&user);
        assert_eq!(
            (validator.is_valid(&user), request.send().await.unwrap().status().is_success()),
            (good, good),
            "{user}"
        );
    }
}
