//! The way in and out.

use super::browser::{Browser, form};
use super::{link, reached, signed_in, stage, with_page};
use crate::stage::{ANNA, Stage, by, fees};

const SIGNED_OUT: &str = "You are not signed in (any more). Send /page to the bot";

/// Nothing of what signs somebody in is in the log.
fn is_not_told(stage: &Stage, secrets: &[&str]) {
    for secret in secrets {
        let value = secret.split_once('=').unwrap().1;
        assert!(value.len() == 43 && !stage.service.log().contains(value), "{}", stage.service.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_signs_in_once_and_looking_at_it_uses_nothing_up() {
    // However much is logged, neither the code nor the token is.
    let stage = with_page(|text| format!("{text}log: trace\n")).await;
    let anna = stage.anna().await;
    let link = link(&stage, &anna).await;
    let mut browser = Browser::new(reached(&stage).await);
    // Telegram and browsers look before people do.
    let pages: Vec<_> = (0..5).map(|_| browser.get(&link)).collect();
    assert!(browser.cookie.is_none() && pages.iter().all(|page| page.code == 200 && !page.body.contains("Anna")));
    let code = form(&pages[0].body, "/sign-in");
    assert_eq!(link, format!("/sign-in?{code}"));
    assert_eq!(browser.post("/sign-in", &code).code, 303);
    let token = browser.cookie.clone().unwrap();
    assert!(browser.get("/").body.contains("Anna"));

    let mut other = Browser::new(browser.address);
    let refused = other.post("/sign-in", &code);
    assert_eq!((refused.code, other.cookie.clone()), (403, None));
    assert!(refused.body.contains("Send /page to the bot for a new one."), "{}", refused.body);
    for wrong in ["code=", "code=x", "", "other=1", &format!("code={}", "A".repeat(43))] {
        assert_eq!(other.post("/sign-in", wrong).code, 403, "{wrong}");
    }
    assert_eq!(other.get("/sign-in").code, 403);
    assert_eq!(other.get("/").code, 401);

    assert!(stage.service.log().contains("DEBUG") || stage.service.log().contains("TRACE"), "nothing was traced");
    let metrics = crate::http::get(stage.service.address("api").await.unwrap(), "/metrics").body;
    for line in [
        "page_sessions{worker=\"web\"} 1",
        "page_sign_ins_total{result=\"signed_in\",worker=\"web\"} 1",
        "page_sign_ins_total{result=\"refused\",worker=\"web\"} 6",
    ] {
        assert!(metrics.lines().any(|told| told == line), "{line}: {metrics}");
    }
    assert!(stage.service.log().contains("somebody signed in on the page"), "{}", stage.service.log());
    let mut stage = stage;
    assert!(stage.service.stop().unwrap().success());
    is_not_told(&stage, &[&code, &token]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_out_or_never_came_in_sees_nothing() {
    let stage = stage().await;
    let anna = stage.anna().await;
    stage.has(["first", "second"]).await;
    let mut browser = signed_in(&stage, &anna).await;
    let kept = browser.clone();
    let home = browser.get("/");
    let out = browser.sends("/sign-out", &home);
    assert!(out.code == 200 && browser.cookie.is_none() && out.body.contains("You are signed out."), "{}", out.body);
    for mut browser in [browser, kept] {
        for path in ["/", "/history/fees", "/diff/fees/1/2", "/get/fees/1", "/rollback/fees/1", "/history/nothing"] {
            let answer = browser.get(path);
            assert_eq!(answer.code, 401, "{path}");
            assert!(answer.body.contains(SIGNED_OUT) && !answer.body.contains("Anna"), "{}", answer.body);
        }
        let sent = "base=2&request=0190163d-8694-739b-aea5-966c26f8ad90";
        assert_eq!(browser.post("/rollback/fees/1", sent).code, 401);
    }
    assert_eq!(stage.versions().await, 2);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_other_page_signs_somebody_in_or_presses_a_button_here() {
    let stage = stage().await;
    let anna = stage.anna().await;
    stage.has(["first", "second"]).await;
    let mut browser = signed_in(&stage, &anna).await;
    let code = form(&browser.get(&link(&stage, &anna).await).body, "/sign-in");
    let asked = browser.get("/rollback/fees/1");
    let ours = browser.origin.clone();
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        browser.origin = origin.to_owned();
        let refused = browser.sends("/rollback/fees/1", &asked);
        assert_eq!(refused.code, 403, "{origin}");
        assert!(refused.body.contains("this was sent by another page than this one"), "{}", refused.body);
        assert_eq!(browser.post("/sign-in", &code).code, 403);
        assert_eq!(browser.post("/sign-out", "").code, 403);
    }
    let silent = browser.asks("POST", "/sign-out", "", "");
    assert_eq!(silent.code, 403, "nobody says from where");
    let address = browser.address;
    let across = format!("Origin: http://{address}\r\nSec-Fetch-Site: cross-site\r\n");
    assert_eq!(browser.asks("POST", "/sign-out", &across, "").code, 403);
    assert_eq!(stage.versions().await, 2);
    // In whose name it was tried is known, where somebody is signed in.
    let mut nobody = Browser::new(address);
    nobody.origin = "http://evil.example".to_owned();
    for path in ["/sign-in", "/sign-out", "/rollback/fees/1"] {
        assert_eq!(nobody.post(path, "").code, 403, "{path}");
    }
    let audit = stage.audit().await;
    let told: Vec<_> = audit.iter().filter(|line| line.ends_with(" from elsewhere")).collect();
    let times = |line: &str| told.iter().filter(|told| **told == line).count();
    let each = ["rollback fees", "sign_in", "sign_out"].map(|tried| times(&format!("Anna {tried} from elsewhere")));
    assert_eq!((each, told.len()), ([3, 3, 5], 11), "{audit:#?}");
    // None of it has used anything up.
    browser.origin = ours;
    assert_eq!(browser.sends("/rollback/fees/1", &asked).code, 200);
    assert_eq!(browser.post("/sign-in", &code).code, 303);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_process_has_signed_nobody_in_and_says_so() {
    let stage = stage().await;
    let anna = stage.anna().await;
    let mut browser = signed_in(&stage, &anna).await;
    assert_eq!(browser.get("/").code, 200);
    let unused = link(&stage, &anna).await;
    stage.kill("web").await;
    browser.address = reached(&stage).await;
    let answer = browser.get("/");
    assert_eq!(answer.code, 401);
    assert!(answer.body.contains(SIGNED_OUT), "{}", answer.body);
    let code = unused.split_once('?').unwrap().1;
    assert_eq!(browser.post("/sign-in", code).code, 403);
    let mut browser = signed_in(&stage, &anna).await;
    assert_eq!(browser.get("/").code, 200);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_proxy_the_link_is_its_and_the_cookie_goes_encrypted_only() {
    let mut stage = Stage::set().await;
    let web = "web: { api: 127.0.0.1:0, page: 127.0.0.1:0, page_url: \"https://natrium.example\" }";
    stage.service.serve_web(web).unwrap();
    stage.service.start().unwrap();
    let address = reached(&stage).await;
    let anna = stage.anna().await;
    stage.saves(by(ANNA), &fees("first")).await;
    anna.says("/page").await.unwrap();
    let told = anna.sees("https://natrium.example/sign-in?code=").await.unwrap().text.text;
    let code = told.split("code=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let mut browser = Browser::new(address);
    browser.origin = "https://natrium.example".to_owned();
    let answer = browser.post("/sign-in", &format!("code={code}"));
    let cookie = answer.field("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-natrium=") && cookie.ends_with("; Secure"), "the cookie's attributes");
    assert!(cookie.contains("; HttpOnly; SameSite=Strict; Path=/; Max-Age=43200;"), "the cookie's attributes");
    assert_eq!(browser.get("/history/fees").code, 200);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_settings_language_is_spoken_to_who_says_none_and_the_browsers_otherwise() {
    let stage = with_page(|text| format!("language: ru\n{text}")).await;
    let mut browser = Browser::new(reached(&stage).await);
    assert!(browser.get("/").body.contains("Отправьте боту /page"));
    let english = browser.asks("GET", "/", "Accept-Language: de, en;q=0.5\r\n", "");
    assert!(english.body.contains(SIGNED_OUT), "{}", english.body);
    stage.strike().await;
}
