//! Everything that there is to see, once in each language.

use super::{signed_in, stage, started};
use crate::stage::{Stage, fees};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_looks_at_everything_and_goes_back_to_an_older_version() {
    let stage = stage().await;
    let anna = stage.anna().await;
    stage.has(["first", "second", "third"]).await;
    let mut browser = signed_in(&stage, &anna).await;

    let home = browser.get("/");
    assert_eq!(home.code, 200);
    for seen in ["<html lang=\"en\">", "Anna", "fees.yml", "Version 3", "/history/fees", "rates.yml", "No version yet"]
    {
        assert!(home.body.contains(seen), "{seen}: {}", home.body);
    }
    let style = home.body.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let sheet = browser.get(&style);
    assert_eq!((sheet.code, sheet.field("content-type")), (200, Some("text/css; charset=utf-8")));
    assert!(sheet.field("cache-control").unwrap().contains("immutable"));

    let history = browser.get("/history/fees");
    for seen in
        ["Version 3</strong> <span class=\"mark good\">current", "/diff/fees/2/3", "/get/fees/1", "/rollback/fees/2"]
    {
        assert!(history.body.contains(seen), "{seen}: {}", history.body);
    }
    assert!(!history.body.contains("/rollback/fees/3") && !history.body.contains("/diff/fees/0/1"), "{}", history.body);

    let diff = browser.get("/diff/fees/1/3");
    for seen in ["<tr class=\"old\"><td class=\"n\">1</td>", "# first</td>", "<tr class=\"new\">", "# third</td>"] {
        assert!(diff.body.contains(seen), "{seen}: {}", diff.body);
    }
    let got = browser.get("/get/fees/1");
    assert_eq!((got.code, got.body.as_str()), (200, fees("first").as_str()));
    assert_eq!(got.field("content-disposition"), Some("attachment; filename=\"fees.v1.yml\""));
    assert_eq!(got.field("content-type"), Some("application/yaml; charset=utf-8"));

    let asked = browser.get("/rollback/fees/1");
    assert!(
        asked.body.contains("This is what would change in version 3, the current one, saved by Anna"),
        "{}",
        asked.body
    );
    assert_eq!(stage.versions().await, 3, "looking changes nothing");
    let done = browser.sends("/rollback/fees/1", &asked);
    assert_eq!(done.code, 200);
    assert!(
        done.body.contains("fees.yml is rolled back: version 4 has the content of version 1 again."),
        "{}",
        done.body
    );
    assert_eq!((stage.versions().await, stage.fees()), (4, fees("first")));
    assert!(browser.get("/history/fees").body.contains("brings back version 1"));
    assert!(stage.audit().await.contains(&"Anna rollback fees".to_owned()), "{:?}", stage.audit().await);

    for answer in [home, history, diff, got, asked, done, browser.get("/nowhere")] {
        assert_eq!(answer.field("cache-control"), Some("no-store"));
        assert_eq!(
            answer.field("content-security-policy"),
            Some("default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
        );
        assert_eq!(answer.field("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.field("referrer-policy"), Some("same-origin"));
    }
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_speaks_russian_reads_russian() {
    let stage = stage().await;
    let boris = stage.boris().await;
    stage.has(["first", "second"]).await;
    let mut browser = signed_in(&stage, &boris).await;
    let home = browser.get("/");
    for seen in ["<html lang=\"ru\">", "Настройки", "Версия 2", "Пока ни одной версии"]
    {
        assert!(home.body.contains(seen), "{seen}: {}", home.body);
    }
    let asked = browser.get("/rollback/fees/1");
    assert!(asked.body.contains("Вот что изменится в текущей версии 2 (автор: Anna"), "{}", asked.body);
    let done = browser.sends("/rollback/fees/1", &asked);
    assert!(done.body.contains("fees.yml возвращён: в версии 3 снова содержимое версии 1."), "{}", done.body);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_histories_are_read_a_page_at_a_time() {
    let stage = stage().await;
    let anna = stage.anna().await;
    for number in 1..=45 {
        stage.has([number.to_string().as_str()]).await;
    }
    let mut browser = signed_in(&stage, &anna).await;
    let mut path = "/history/fees".to_owned();
    for (shown, not_shown, next) in [("45", "25", Some(26)), ("6", "26", Some(6)), ("1", "6", None)] {
        let page = browser.get(&path);
        assert!(page.body.contains(&format!("<strong>Version {shown}</strong>")), "{}", page.body);
        assert!(!page.body.contains(&format!("<strong>Version {not_shown}</strong>")), "{}", page.body);
        assert_eq!(page.body.contains("Newer"), shown != "45", "{}", page.body);
        assert_eq!(page.body.contains("Older"), next.is_some(), "{}", page.body);
        path = format!("/history/fees?before={}", next.unwrap_or(1));
    }
    assert!(browser.get(&path).body.contains("fees.yml has no older versions than these."));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn times_are_the_hosts_on_the_page_as_in_the_bot() {
    let mut stage = Stage::set().await;
    stage.service.environment.push(("TZ".to_owned(), "MSK-3".to_owned()));
    let stage = started(stage, |text| text).await;
    let anna = stage.anna().await;
    stage.has(["first"]).await;
    let mut browser = signed_in(&stage, &anna).await;
    let page = browser.get("/history/fees");
    assert!(page.body.contains(" MSK"), "{}", page.body);
    anna.says("/history fees").await.unwrap();
    anna.sees(" MSK").await.unwrap();
    stage.strike().await;
}
