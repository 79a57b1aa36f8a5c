//! A simulator with a channel whose pages are asked for over HTTP.

use std::net::IpAddr;
use std::time::Duration;

use natrium_sim::{Options, Simulator};
use reqwest::{Method, Response, StatusCode, redirect};
use serde_json::{Value, json};

use crate::reader::{self, Page};

/// A simulator with a channel @Natrium_News of Anna's in which the bot is an administrator.
pub(crate) struct Site {
    pub(crate) telegram: Simulator,
    pub(crate) http: reqwest::Client,
    pub(crate) chat: i64,
}

pub(crate) fn client(address: &str) -> reqwest::Client {
    let address: IpAddr = address.parse().unwrap();
    let builder = reqwest::Client::builder().redirect(redirect::Policy::none()).local_address(address);
    builder.timeout(Duration::from_secs(30)).build().unwrap()
}

pub(crate) async fn site() -> Site {
    let telegram = Simulator::start(Options::default()).await.unwrap();
    telegram.client().user(1001, "Anna").await.unwrap();
    let mut site = Site { telegram, http: client("127.0.0.1"), chat: 0 };
    let new = json!({
        "kind": "channel", "title": "News", "username": "Natrium_News", "owner": 1001, "bots": [{}],
        "description": "All of @natrium",
    });
    site.chat = site.control(Method::POST, "/chats", &new).await["chat"].as_i64().unwrap();
    site
}

impl Site {
    pub(crate) async fn request(&self, method: Method, path: &str) -> Response {
        self.http.request(method, format!("{}{path}", self.telegram.url())).send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).await
    }

    /// A page that must be there.
    pub(crate) async fn html(&self, path: &str) -> String {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        response.text().await.unwrap()
    }

    pub(crate) async fn page(&self, path: &str) -> Page {
        reader::read(&self.html(path).await)
    }

    pub(crate) async fn try_control(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let url = format!("{}/control{path}", self.telegram.url());
        let response = self.http.request(method, url).json(body).send().await.unwrap();
        let status = response.status();
        let bytes = response.bytes().await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into()))
    }

    /// A control call that must work.
    pub(crate) async fn control(&self, method: Method, path: &str, body: &Value) -> Value {
        let (status, answer) = self.try_control(method, path, body).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    }

    /// Posts and returns the first number.
    pub(crate) async fn post(&self, post: Value) -> i64 {
        let posted = self.control(Method::POST, "/channels/natrium_news/posts", &post).await;
        posted["message_ids"][0].as_i64().unwrap()
    }

    pub(crate) async fn change(&self, id: i64, change: Value) {
        self.control(Method::POST, &format!("/channels/Natrium_News/posts/{id}"), &change).await;
    }

    pub(crate) async fn bot(&self, method: &str, parameters: Value) -> Value {
        let url = format!("{}/bot{}/{method}", self.telegram.url(), self.telegram.token());
        let answer: Value = self.http.post(url).json(&parameters).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["ok"], true, "{answer}");
        answer["result"].clone()
    }

    /// The last post of the channel's page.
    pub(crate) async fn last(&self) -> reader::Post {
        self.page("/s/natrium_news").await.posts.pop().unwrap()
    }

    /// A photo that Anna posts, by the number of its post and what the bot calls it.
    pub(crate) async fn photo(&self) -> (i64, String) {
        let url = format!("{}/control/chats/{}/photos?from=1001", self.telegram.url(), self.chat);
        let png = include_bytes!("../../samples/photo.png").as_slice();
        self.http.post(url).body(png).send().await.unwrap().error_for_status().unwrap();
        let updates = self.bot("getUpdates", json!({"offset": -1})).await;
        let post = &updates[0]["channel_post"];
        (post["message_id"].as_i64().unwrap(), post["photo"][0]["file_id"].as_str().unwrap().to_owned())
    }
}

/// What a post says.
pub(crate) fn text(post: &reader::Post) -> &str {
    post.text.as_ref().map_or("", |text| &text.text)
}
