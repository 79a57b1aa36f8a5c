//! What is made to do harm does none: names, contents, and requests that no browser sends.

use std::fmt::Write as _;

use super::{signed_in, stage, with_page};
use crate::stage::{ANNA, by, fees};

const EVIL: &str = "<script>alert(1)</script><img src=x onerror=\"alert('2')\">";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_name_and_no_content_becomes_markup() {
    let stage = with_page(|text| text.replace("name: Anna", &format!("name: '{}'", EVIL.replace('\'', "''")))).await;
    let anna = stage.anna().await;
    let author = interfaces::configs::Author { name: EVIL.to_owned(), ..by(ANNA) };
    for mark in ["first", EVIL, "]]></td></table>&amp;"] {
        stage.saves(author.clone(), &fees(mark)).await;
    }
    let mut browser = signed_in(&stage, &anna).await;
    let evil_path = "/history/%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for path in ["/", "/history/fees", "/diff/fees/1/2", "/diff/fees/2/3", "/rollback/fees/1", evil_path] {
        let page = browser.get(path);
        assert!(page.body.contains("&#60;script&#62;alert(1)"), "{path}: {}", page.body);
        for live in ["<script", "<img", "</td></table>&amp;", "<td class=\"t\"><"] {
            assert!(!page.body.contains(live), "{path} has {live}: {}", page.body);
        }
    }
    // As a file it is what it is, and no browser takes it for a page.
    let got = browser.get("/get/fees/2");
    assert_eq!((got.body.as_str(), got.field("x-content-type-options")), (fees(EVIL).as_str(), Some("nosniff")));
    assert!(got.field("content-disposition").unwrap().starts_with("attachment"));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_no_browser_sends_are_refused_and_hurt_nobody() {
    let stage = stage().await;
    let anna = stage.anna().await;
    stage.has(["first", "second"]).await;
    let mut browser = signed_in(&stage, &anna).await;
    let pid = stage.service.worker("web").await.unwrap();
    let cookie = browser.cookie.clone().unwrap();

    for (method, path, allow) in [
        ("DELETE", "/", "GET, HEAD"),
        ("POST", "/history/fees", "GET, HEAD"),
        ("GET", "/sign-out", "POST"),
        ("PUT", "/rollback/fees/1", "GET, HEAD, POST"),
        ("NONSENSE", "/sign-in", "GET, HEAD, POST"),
    ] {
        let refused = browser.asks(method, path, "", "");
        assert_eq!((refused.code, refused.field("allow")), (405, Some(allow)), "{method} {path}");
    }
    for path in ["/get/fees/%ff", "/history/%ff%fe", "/%2e%2e/etc/passwd", "/history/fees?before=%ff", "/diff/fees/1"] {
        assert_eq!(browser.get(path).code, 404, "{path}");
    }
    let head = browser.asks("HEAD", "/history/fees", "", "");
    assert_eq!((head.code, head.body.as_str()), (200, ""));

    // Neither too little nor too much of a form is taken for one.
    for form in [
        "x",
        "base=2",
        "base=-1&request=0190163d-8694-739b-aea5-966c26f8ad90",
        "base=x&request=0190163d-8694-739b-aea5-966c26f8ad90",
        "base=2&request=1",
        "base=2&base=2",
    ] {
        assert_eq!(browser.post("/rollback/fees/1", form).code, 400, "{form}");
    }
    let most = format!("base=2&request=0190163d-8694-739b-aea5-966c26f8ad90&x={}", "y".repeat(5000));
    assert_eq!(browser.post("/rollback/fees/1", &most).code, 413);

    // Among a heap of others the cookie is found; a heap that is too large is refused as a whole.
    let mut many = String::new();
    for number in 0..300 {
        let _ = write!(many, "c{number}=natrium; natrium=; ");
    }
    browser.cookie = Some(format!("{many}{cookie}"));
    assert_eq!(browser.get("/").code, 200);
    browser.cookie = Some(format!("natrium={}", "A".repeat(8000)));
    assert_eq!(browser.get("/").code, 401);
    browser.cookie = Some(cookie);
    for (path, fields) in [
        (format!("/history/fees?before=1{}", "0".repeat(100_000)), String::new()),
        ("/".to_owned(), format!("Cookie: natrium={}\r\n", "A".repeat(100_000))),
    ] {
        // The rest that is not read may cut the answer off.
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{fields}\r\n");
        let answer = crate::http::exchange(browser.address, request.as_bytes()).unwrap_or_default();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    assert_eq!(browser.get("/").code, 200);
    assert_eq!(stage.service.worker("web").await.unwrap(), pid, "{}", stage.service.log());
    assert_eq!(stage.versions().await, 2);
    stage.strike().await;
}
