//! A bot without a library: calls of the Bot API and their answers as they are.

use std::time::{Duration, Instant};

use natrium_sim::client::{Client, User};
use natrium_sim::{Options, Simulator};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// An answer of the Bot API.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) took: Duration,
}

impl Answer {
    /// The `result` of an answer that must be good.
    #[track_caller]
    pub(crate) fn result(self) -> Value {
        assert_eq!((self.status, &self.body["ok"]), (200, &json!(true)), "{}", self.body);
        self.body["result"].clone()
    }

    /// Status and description of an answer that must be an error.
    #[track_caller]
    pub(crate) fn error(&self) -> (u16, &str) {
        assert_eq!(self.body["ok"], json!(false), "{}", self.body);
        assert_eq!(self.body["error_code"], json!(self.status));
        (self.status, self.body["description"].as_str().unwrap())
    }
}

/// Calls the Bot API with one token.
#[derive(Debug, Clone)]
pub(crate) struct Bot {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Bot {
    pub(crate) fn new(url: &str, token: &str) -> Self {
        // Longer than any poll may be; a test that would wait for ever fails instead.
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build().unwrap();
        Self { http, url: url.to_owned(), token: token.to_owned() }
    }

    /// A method with parameters as a JSON body.
    pub(crate) async fn call(&self, method: &str, parameters: Value) -> Answer {
        self.try_call(method, parameters).await.unwrap()
    }

    pub(crate) async fn try_call(&self, method: &str, parameters: Value) -> Result<Answer, reqwest::Error> {
        read(self.post(method).json(&parameters)).await
    }

    pub(crate) fn post(&self, method: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}/bot{}/{method}", self.url, self.token))
    }

    pub(crate) fn get(&self, path_and_query: &str) -> reqwest::RequestBuilder {
        self.http.get(format!("{}/bot{}/{path_and_query}", self.url, self.token))
    }

    /// `/file/bot<token>/<path>`.
    pub(crate) fn file(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.get(format!("{}/file/bot{}/{path}", self.url, self.token))
    }

    /// getUpdates in the background.
    pub(crate) fn poll(&self, parameters: Value) -> tokio::task::JoinHandle<Answer> {
        let bot = self.clone();
        tokio::spawn(async move { bot.call("getUpdates", parameters).await })
    }
}

pub(crate) async fn read(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
    let since = Instant::now();
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, body: response.json().await?, took: since.elapsed() })
}

/// A simulator, its control client, its bot, and Anna (1001), who has not said anything yet.
pub(crate) struct Scene {
    /// Stops when it is dropped.
    pub(crate) telegram: Simulator,
    pub(crate) control: Client,
    pub(crate) bot: Bot,
    pub(crate) anna: User,
}

pub(crate) async fn scene() -> Scene {
    scene_of(Options::default()).await
}

pub(crate) async fn scene_of(options: Options) -> Scene {
    let telegram = Simulator::start(options).await.unwrap();
    let control = telegram.client().patient(Duration::from_secs(20));
    let bot = Bot::new(&telegram.url(), telegram.token());
    let anna = control.user(1001, "Anna").await.unwrap();
    Scene { telegram, control, bot, anna }
}

/// The same after Anna said /start and the bot confirmed it.
pub(crate) async fn started_scene() -> Scene {
    let scene = scene().await;
    scene.anna.says("/start").await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({})).await.result();
    let next = updates[0]["update_id"].as_i64().unwrap() + 1;
    scene.bot.call("getUpdates", json!({ "offset": next, "timeout": 0 })).await.result();
    scene
}
