use interfaces::configs::Ack;

use super::*;

fn ack(consumer: &str, version: i64) -> Ack {
    Ack { kind: "fees".to_owned(), consumer: consumer.to_owned(), version }
}

async fn said(configs: &Configs) -> Vec<(String, i64)> {
    let consumers = configs.consumers("fees".to_owned()).await.unwrap();
    consumers.into_iter().map(|consumer| (consumer.name, consumer.version)).collect()
}

#[test]
fn the_newest_word_of_each_program_counts() {
    run(async {
        let (room, store, configs) = opened().await;
        put(&configs, 0, "a: 1").await;
        put(&configs, 1, "a: 2").await;
        for (name, version) in [("web", 1), ("api", 2), ("web", 2), ("api", 1)] {
            configs.ack(ack(name, version)).await.unwrap();
        }
        let expected = [("api".to_owned(), 1), ("web".to_owned(), 2)];
        assert_eq!(said(&configs).await, expected);
        store.close().await;
        assert_eq!(said(&room.open().await).await, expected);
    });
}

#[test]
fn nobody_runs_what_there_is_not() {
    run(async {
        let room = Room::new();
        let configs = room.open().await;
        let error = configs.ack(ack("web", 1)).await.unwrap_err();
        assert!(matches!(error, GetError::NoSuchVersion), "{error}");
        let unheard = Ack { kind: "unheard".to_owned(), ..ack("web", 1) };
        assert!(matches!(configs.ack(unheard).await.unwrap_err(), GetError::NoSuchKind));
        assert!(matches!(configs.consumers("unheard".to_owned()).await.unwrap_err(), GetError::NoSuchKind));
        assert!(said(&configs).await.is_empty());
    });
}

#[test]
fn names_without_end_fill_no_disk() {
    run(async {
        let room = Room::new();
        let configs = room.open().await;
        put(&configs, 0, "a: 1").await;
        for number in 0..130 {
            configs.ack(ack(&format!("{number:03}"), 1)).await.unwrap();
        }
        let said = said(&configs).await;
        assert_eq!(said.len(), 100);
        assert!(said.iter().any(|(name, _)| name == "129"), "the newest stays");
    });
}
