//! What is answered, and in which form.

use crate::http::{address, ask, get, healthy};

#[test]
fn who_asks_whether_it_lives_hears_ok() {
    let mut house = healthy();
    for name in ["api", "page"] {
        let answer = get(address(&house, name), "/healthz");
        assert_eq!((answer.code, answer.body.as_str()), (200, "ok\n"), "{name}");
    }
    house.stop();
}

#[test]
fn what_is_not_there_or_cannot_be_done_is_told() {
    let mut house = healthy();
    let (api, page) = (address(&house, "api"), address(&house, "page"));
    assert_eq!(get(api, "/").code, 404);
    assert_eq!(get(api, "/metrics/../healthz").code, 404);
    // What is there somebody has to sign in for.
    assert_eq!((get(page, "/").code, get(page, "/nowhere").code), (401, 404));
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "NONSENSE"] {
        let refused = ask(api, method, "/readyz").unwrap();
        assert_eq!((refused.code, refused.field("allow")), (405, Some("GET,HEAD")), "{method}");
    }
    house.stop();
}

#[test]
fn head_is_answered_as_get_without_the_body() {
    let mut house = healthy();
    let api = address(&house, "api");
    for path in ["/healthz", "/readyz", "/metrics", "/nowhere"] {
        let (head, whole) = (ask(api, "HEAD", path).unwrap(), get(api, path));
        assert_eq!((head.code, head.body.as_str()), (whole.code, ""), "{path}");
        assert_eq!(head.field("content-type"), whole.field("content-type"), "{path}");
    }
    assert_eq!(get(api, "/metrics").field("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(get(api, "/readyz").field("content-type"), Some("application/json"));
    assert_eq!(get(api, "/readyz").field("cache-control"), Some("no-store"));
    house.stop();
}
