//! What is refused is not kept: files that came with a call, or from a person, and were sent nowhere.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use bytes::Bytes;
use serde_json::{Value, json};

use super::files::{KEPT_BYTES, UPLOAD_BYTES};
use super::people::{Document, PeopleError};
use super::token::Token;
use super::*;
use crate::api::{self, ApiCall, Parameters, Reply, UploadedFile};
use crate::control::NewUser;

/// Its memory is shared by all that are kept.
static FILE: LazyLock<Bytes> = LazyLock::new(|| vec![0; UPLOAD_BYTES].into());
const BOT: i64 = 77;
const ANNA: ChatKey = ChatKey::Private { bot: BOT, user: 1001 };
const NOW: Millis = Millis(1_800_000_000_000);

/// A bot, Anna who talks to it, and Boris who never did.
fn world() -> World {
    let mut world = World::new(7);
    world.flood = Flood::new(false);
    world.add_bot(&Token::parse("77:secret").unwrap(), None, None);
    for (id, name) in [(1001, "Anna"), (1002, "Boris")] {
        let person = json!({ "id": id, "first_name": name, "started": id == 1001 });
        world.put_user(serde_json::from_value::<NewUser>(person).unwrap()).unwrap();
    }
    world
}

/// A call with a file as large as there may be, as the part `file`; what it is refused with, or the message.
fn upload(world: &mut World, method: &str, parameters: Value) -> Result<Value, String> {
    let mut decoded = Parameters::default();
    for (name, value) in parameters.as_object().unwrap() {
        decoded.add(name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    let bytes = FILE.clone();
    decoded.add_file("file".to_owned(), UploadedFile { name: "a.bin".to_owned(), bytes });
    let call = ApiCall::new(BOT, &decoded, NOW);
    match api::perform(world, &api::find(method).unwrap(), &call) {
        Ok(Reply::Done(result, _)) => Ok(result),
        Ok(Reply::Poll(_)) => Ok(Value::Null),
        Err(error) => Err(error.description),
    }
}

fn is_empty(world: &World) -> bool {
    world.files.has_room(KEPT_BYTES)
}

#[test]
fn the_file_of_a_refused_call_is_not_kept() {
    let mut world = world();
    let said =
        upload(&mut world, "sendMessage", json!({ "chat_id": 1001, "text": "hi" })).unwrap()["message_id"].clone();
    let document = |chat: i64| json!({ "chat_id": chat, "document": "attach://file" });
    let file = json!({ "type": "document", "media": "attach://file" });
    let answering = json!({ "chat_id": 1001, "document": "attach://file", "reply_parameters": { "message_id": 99 } });
    let album = json!({ "chat_id": 1001, "media": [file, { "type": "document", "media": "unknown" }] });
    let foreign = json!({ "chat_id": 1001, "message_id": 99, "media": file });
    let long = json!({ "type": "document", "media": "attach://file", "caption": "x".repeat(1025) });
    let too_long = json!({ "chat_id": 1001, "message_id": said, "media": long });
    for (method, parameters, refused) in [
        ("sendDocument", document(1002), "Bad Request: chat not found"),
        ("sendDocument", answering, "Bad Request: message to be replied not found"),
        ("sendMediaGroup", album, "Bad Request: wrong file identifier/HTTP URL specified"),
        ("editMessageMedia", foreign, "Bad Request: message to edit not found"),
        ("editMessageMedia", too_long, "Bad Request: MEDIA_CAPTION_TOO_LONG"),
    ] {
        assert_eq!(upload(&mut world, method, parameters).unwrap_err(), refused);
        assert!(is_empty(&world), "{method}: {refused}");
    }
    world.set_blocked(ANNA, true, NOW);
    assert_eq!(
        upload(&mut world, "sendDocument", document(1001)).unwrap_err(),
        "Forbidden: bot was blocked by the user"
    );
    assert!(is_empty(&world), "of one whom the person blocked");
}

#[test]
fn what_comes_too_fast_is_not_kept_and_what_is_sent_is() {
    let mut world = world();
    world.flood = Flood::new(true);
    let document = json!({ "chat_id": 1001, "document": "attach://file" });
    let album = [(); 2].map(|()| json!({ "type": "document", "media": "attach://file" }));
    let album = json!({ "chat_id": 1001, "media": album });
    while upload(&mut world, "sendMessage", json!({ "chat_id": 1001, "text": "hi" })).is_ok() {}
    for (method, parameters) in [("sendDocument", &document), ("sendMediaGroup", &album)] {
        assert!(upload(&mut world, method, parameters.clone()).unwrap_err().starts_with("Too Many Requests"));
        assert!(is_empty(&world), "{method}");
    }
    world.flood = Flood::new(false);
    upload(&mut world, "sendDocument", document.clone()).unwrap();
    assert!(!world.files.has_room(KEPT_BYTES - UPLOAD_BYTES));
    upload(&mut world, "sendMediaGroup", album).unwrap();
    assert!(!world.files.has_room(KEPT_BYTES - 3 * UPLOAD_BYTES));
    let full = loop {
        if let Err(full) = upload(&mut world, "sendDocument", document.clone()) {
            break full;
        }
    };
    assert_eq!(full, "Not Implemented: natrium-sim does not simulate more than 2 GiB of files");
}

#[test]
fn an_album_that_does_not_fit_is_not_kept_in_part() {
    let mut world = world();
    let document = json!({ "chat_id": 1001, "document": "attach://file" });
    while world.files.has_room(2 * UPLOAD_BYTES) {
        upload(&mut world, "sendDocument", document.clone()).unwrap();
    }
    let album = [(); 2].map(|()| json!({ "type": "document", "media": "attach://file" }));
    assert!(upload(&mut world, "sendMediaGroup", json!({ "chat_id": 1001, "media": album })).is_err());
    assert!(upload(&mut world, "sendDocument", document).is_ok(), "one of them fits still");
}

#[test]
fn a_file_that_a_person_may_not_send_is_not_kept() {
    let mut world = world();
    world.set_blocked(ANNA, true, NOW);
    let bytes = FILE.clone();
    let document = Document { name: "a.bin".to_owned(), bytes, ..Document::default() };
    assert_eq!(world.send_document(ANNA, 1001, document, NOW).unwrap_err(), PeopleError::Blocked(1001));
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend([0, 0, 1, 0, 0, 0, 0, 200]);
    assert_eq!(world.send_photo(ANNA, 1001, png.into(), "", NOW).unwrap_err(), PeopleError::Blocked(1001));
    assert!(is_empty(&world));
}
