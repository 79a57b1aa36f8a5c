//! Who speaks for whom, with a real process of another user: in his own name everything that an operator may, in others' nothing.

use std::path::Path;
use std::process::Command;

use interfaces::admins::{self, Get};
use interfaces::audit::{self, Outcome};
use interfaces::configs::{History, Proposals};
use serde_json::{Value, json};

use crate::operators::{PATIENCE, document, service};

/// Becomes a user, with the group of the service, then asks. Connects by a name in the working directory, which he could not reach
/// by himself.
const CALLER: &str = "
import os, socket, sys
os.setgroups([]); os.setuid(int(sys.argv[1]))
calling = socket.socket(socket.AF_UNIX)
calling.connect('writer.sock')
calling.sendall(sys.argv[2].encode() + b'\\0')
answer = b''
while not answer.endswith(b'\\0'):
    answer += calling.recv(65536) or sys.exit('hung up')
print(answer[:-1].decode())
";

/// Nobody on this machine.
const USER: u32 = 54_321;

fn asked(runtime: &Path, method: &str, parameters: &Value) -> Value {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    assert!(python.exists(), "{} is missing: run scripts/venv", python.display());
    let call = json!({ "method": format!("io.natrium.{method}"), "parameters": parameters }).to_string();
    let mut command = Command::new(python);
    let output = command.args(["-c", CALLER, &USER.to_string(), &call]).current_dir(runtime).output().unwrap();
    assert!(output.status.success(), "{method}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Everything that names who does it, in somebody's name.
fn calls(by: &Value) -> Vec<(&'static str, Value)> {
    let with = |id: &str, more: Value| {
        let mut all = json!({ "kind": "fees", "request_id": id });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let content = document("fees", "one");
    let settled = json!({ "bot": 1, "update_id": 1, "chat": 1001, "user": by["id"] });
    vec![
        ("Configs.Put", with("put", json!({ "content": content, "base": 0, "author": by }))),
        ("Configs.Rollback", with("rollback", json!({ "to": 1, "base": 1, "author": by }))),
        ("Configs.Propose", with("propose", json!({ "content": content, "base": 0, "author": by }))),
        ("Configs.Approve", json!({ "id": 1, "by": by, "request_id": "approve" })),
        ("Configs.Decline", json!({ "id": 1, "by": by, "request_id": "decline" })),
        ("Configs.Adopt", with("adopt", json!({ "sha256": "any", "author": by }))),
        ("Configs.Restore", with("restore", json!({ "sha256": "any", "by": by }))),
        ("Configs.Cancel", json!({ "request_id": "cancel", "settles": [settled] })),
        ("Admins.Set", json!({ "user": 7, "name": "Eve", "role": "owner", "by": by, "request_id": "set" })),
        ("Admins.Remove", json!({ "user": 1001, "by": by, "request_id": "remove" })),
        ("Admins.Invite", json!({ "role": "owner", "by": by, "request_id": "invite" })),
        ("Admins.Pair", json!({ "code": "x", "user": by["id"], "name": "Anna", "request_id": "pair" })),
        (
            "Audit.Record",
            json!({ "actor": by, "action": "put", "kind": "fees", "reason": "invalid", "request_id": "record" }),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_speaks_for_himself_and_for_nobody_else() {
    if !nix::unistd::geteuid().is_root() {
        return harness::skip("becoming another user takes root").unwrap();
    }
    let mut service = service();
    service.start().unwrap();
    let audit = audit::Client::new(service.pool("writer"), PATIENCE);
    let trail = async || {
        let page = audit::List { before: None, limit: 100, kind: None, user: None };
        audit.list(&page).await.unwrap().entries
    };
    let runtime = service.runtime();
    let before = trail().await.len();
    let anna = json!({ "origin": "telegram", "id": 1001, "name": "Anna" });
    let root = json!({ "origin": "operator", "id": 0, "name": "root" });
    for (method, parameters) in calls(&anna) {
        let answer = asked(&runtime, method, &parameters);
        assert_eq!(answer["error"], "org.varlink.service.PermissionDenied", "{method}: {answer}");
    }
    let refused = trail().await;
    let refused = &refused[..refused.len() - before];
    assert_eq!(refused.len(), calls(&anna).len(), "{refused:?}");
    for entry in refused {
        assert_eq!((entry.actor.id, entry.outcome), (i64::from(USER), Outcome::Refused), "{entry:?}");
        assert_eq!(entry.reason.as_deref(), Some("another's name"), "{entry:?}");
        assert_eq!(entry.about.as_deref(), Some("in the name of Telegram user 1001"), "{entry:?}");
    }
    let answer = asked(&runtime, "Configs.Put", &calls(&root)[0].1);
    assert_eq!(answer["error"], "org.varlink.service.PermissionDenied", "another operator's: {answer}");
    let history = History { kind: "fees".to_owned(), before: None, limit: 100 };
    assert!(service.configs().history(&history).await.unwrap().versions.is_empty(), "nothing is done");
    assert!(service.configs().proposals(&Proposals { kind: None }).await.unwrap().proposals.is_empty());
    let eve = admins::Client::new(service.pool("writer"), PATIENCE).get(&Get { user: 7 }).await.unwrap().admin;
    assert_eq!(eve, None);

    let himself = json!({ "origin": "operator", "id": USER, "name": "olga" });
    let answer = asked(&runtime, "Configs.Put", &calls(&himself)[0].1);
    assert_eq!(answer["parameters"]["version"]["author"], himself, "{answer}");
    assert!(service.stop().unwrap().success(), "{}", service.log());
}
