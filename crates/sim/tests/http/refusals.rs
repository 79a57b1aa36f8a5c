//! What the control API refuses it refuses in one way: `{"error": "…"}`, with what was asked, what is wrong, and where to look.

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::bot::{Scene, scene};

struct Refused {
    status: u16,
    error: String,
    allow: Option<String>,
}

async fn refused(scene: &Scene, method: Method, path: &str, kind: Option<&str>, body: &str) -> Refused {
    let mut request = Client::new().request(method.clone(), format!("{}/control{path}", scene.telegram.url()));
    if let Some(kind) = kind {
        request = request.header("content-type", kind);
    }
    let response = request.body(body.to_owned()).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    assert_eq!(headers["content-type"], "application/json", "{method} {path} {body}");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["error"], "{method} {path}: {body}");
    let allow = headers.get("allow").map(|value| value.to_str().unwrap().to_owned());
    Refused { status, error: body["error"].as_str().unwrap().to_owned(), allow }
}

const JSON: Option<&str> = Some("application/json");

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_with_the_place_of_the_mistake() {
    let scene = scene().await;
    for (path, body, status, says) in [
        ("/users", r#"{"id":"x","first_name":"A"}"#, 422, r#"id: invalid type: string "x", expected i64"#),
        ("/users", r#"{"id":5}"#, 422, "missing field `first_name`"),
        ("/users", r#"{"id":5,"first_name":"A","nick":1}"#, 422, "nick: unknown field `nick`"),
        ("/users", r#"{"id":5"#, 400, "EOF while parsing an object at line 1 column 7"),
        ("/users/many", r#"[{"id":5}]"#, 422, "missing field `first_name`"),
        ("/users/1001/messages", "{}", 422, "missing field `text`"),
        ("/chats", r#"{"kind":"party"}"#, 422, "unknown variant `party`"),
        ("/wait", r#"{"for":"ever"}"#, 422, "unknown variant `ever`"),
        ("/faults", r#"{"kind""#, 400, "EOF while parsing an object"),
        ("/channels/news/posts", r#"{"media":5}"#, 422, "media: invalid type"),
        ("/preview/limit", "{}", 422, "missing field `requests`"),
        ("/bots", "{}", 422, "missing field `token`"),
        ("/revoke", r#"{"bot":"x"}"#, 422, "bot: invalid type"),
        ("/clock", "{}", 422, "missing field `millis`"),
        ("/flood", "{}", 422, "missing field `limited`"),
    ] {
        let refused = refused(&scene, Method::POST, path, JSON, body).await;
        assert_eq!(refused.status, status, "{path} {body}: {}", refused.error);
        assert!(refused.error.starts_with(&format!("POST /control{path}: the body ")), "{}", refused.error);
        assert!(refused.error.contains(says), "{path} {body}: {}", refused.error);
        assert!(refused.error.ends_with("; see GET /control/openapi.json"), "{}", refused.error);
    }
    let plain = refused(&scene, Method::POST, "/users", None, r#"{"id":5,"first_name":"A"}"#).await;
    let says = "POST /control/users: the body must come with `Content-Type: application/json`";
    assert_eq!((plain.status, plain.error.contains(says)), (415, true), "{}", plain.error);
}

#[tokio::test]
async fn a_path_or_a_query_that_cannot_be_read_is_refused_with_what_is_wrong_in_it() {
    let scene = scene().await;
    for (method, path, says) in [
        (Method::GET, "/users/anna/messages", "the path "),
        (Method::POST, "/users/anna/deactivate", "`anna`"),
        (Method::GET, "/chats/team/messages", "`team`"),
        (Method::DELETE, "/faults/all", "`all`"),
        (Method::GET, "/files/x", "`x`"),
        (Method::DELETE, "/channels/news/posts/last", "`last`"),
        (Method::GET, "/calls?after=x", "after: invalid digit"),
        (Method::GET, "/calls?unsimulated=maybe", "unsimulated: "),
        (Method::GET, "/users/1001/messages?bot=x", "the query "),
        (Method::POST, "/chats/-5/documents?name=a", "missing field `from`"),
        (Method::GET, "/chats/-5/commands", "missing field `user`"),
    ] {
        let refused = refused(&scene, method.clone(), path, None, "").await;
        let place = format!("{method} /control{}: the ", path.split('?').next().unwrap());
        assert_eq!(refused.status, 400, "{path}: {}", refused.error);
        assert!(refused.error.starts_with(&place) && refused.error.contains(says), "{path}: {}", refused.error);
    }
}

#[tokio::test]
async fn what_is_not_there_is_named_with_where_to_look() {
    let scene = scene().await;
    for (method, path, status, error) in [
        (
            Method::GET,
            "/nothing",
            404,
            "there is no GET /control/nothing; GET /control/openapi.json lists what there is",
        ),
        (Method::POST, "/", 404, "there is no POST /control/; GET /control/openapi.json lists what there is"),
        (Method::GET, "/reset", 405, "there is no GET /control/reset; GET /control/openapi.json lists what there is"),
        (
            Method::DELETE,
            "/users",
            405,
            "there is no DELETE /control/users; GET /control/openapi.json lists what there is",
        ),
        (Method::DELETE, "/faults/7", 404, "there is no fault 7 in force; GET /control/faults lists those that are"),
        (Method::GET, "/files/7", 404, "there is no file 7; messages say the key of theirs"),
        (Method::POST, "/users/1001/samples/x", 404, "there is no sample x; GET /control/state lists those there are"),
    ] {
        let refused = refused(&scene, method, path, None, "").await;
        assert_eq!((refused.status, refused.error.as_str()), (status, error));
        assert_eq!(refused.allow.is_some(), status == 405, "{path} says what is allowed there");
    }
}

#[tokio::test]
async fn a_refused_fault_is_told_like_the_rest() {
    let scene = scene().await;
    let wrong = json!({ "kind": "latensy" }).to_string();
    let refused = refused(&scene, Method::POST, "/faults", JSON, &wrong).await;
    assert_eq!(refused.status, 400, "{}", refused.error);
    assert!(refused.error.contains("latency"), "{}", refused.error);
}
