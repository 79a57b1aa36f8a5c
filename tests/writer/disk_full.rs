//! No space left, and space again.

use std::fs;

use harness::{Instance, SmallDisk};
use interfaces::CallError;
use interfaces::configs::{Error, Get, PutReply};
use interfaces::supervisor::{Status, Worker, WorkerState};

use crate::operators::{document, names, put, service, upload};

/// A service whose state and published files lie on `disk`.
pub(crate) fn on(disk: &SmallDisk) -> Instance {
    let service = service();
    let settings = fs::read_to_string(service.settings()).unwrap();
    let moved = ["state", "published"].iter().fold(settings, |settings, name| {
        let (usual, small) = (service.path().join(name), disk.path().join(name));
        settings.replace(&usual.display().to_string(), &small.display().to_string())
    });
    service.write_settings(&moved).unwrap();
    service
}

async fn writer(service: &Instance) -> Worker {
    let status = service.supervisor().status(&Status {}).await.unwrap();
    status.workers.into_iter().find(|worker| worker.name == "writer").unwrap()
}

fn no_space(refused: Result<PutReply, CallError<Error>>) {
    match refused {
        Err(CallError::Reply(Error::NotSaved { kind, reason })) => {
            assert!(kind == "fees" && reason.to_lowercase().contains("no space left on device"), "{kind}: {reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_uploads_the_file_stands_and_the_service_lives() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    let mut service = on(&disk);
    service.start().unwrap();
    let first = document("fees", "first");
    upload(&service, "fees", 0, &first).await;
    let before = writer(&service).await;
    disk.fill().unwrap();

    let configs = service.configs();
    let large = document("fees", &"large ".repeat(20_000));
    no_space(configs.put(&put("fees", 1, &large, "large")).await);
    for number in 0..20 {
        let request = format!("small.{number}");
        no_space(configs.put(&put("fees", 1, &document("fees", &request), &request)).await);
    }
    let published = disk.path().join("published");
    assert_eq!(names(&published), ["fees.yml", "fees.yml.meta.json"], "no half document");
    assert_eq!(fs::read_to_string(published.join("fees.yml")).unwrap(), first, "the old version stands");
    let current = configs.get(&Get { kind: "fees".to_owned(), version: None }).await.unwrap();
    assert_eq!((current.version.version, current.content), (1, first.clone()));
    let meanwhile = writer(&service).await;
    assert_eq!((meanwhile.pid, meanwhile.state), (before.pid, WorkerState::Ready), "{}", meanwhile.status);

    disk.relieve().unwrap();
    let reply = configs.put(&put("fees", 1, &large, "large")).await.unwrap();
    assert_eq!((reply.version.version, reply.published), (2, true));
    assert_eq!(fs::read_to_string(published.join("fees.yml")).unwrap(), large);
    assert_eq!(fs::read_to_string(disk.path().join("state/backups/fees.v1.yml")).unwrap(), first);
    assert!(service.stop().unwrap().success(), "{}", service.log());
}
