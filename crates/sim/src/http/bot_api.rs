//! `/bot<token>/<method>` and `/file/bot<token>/<path>`: faults, tokens, envelope.

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::{Method as HttpMethod, Request, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use percent_encoding::percent_decode_str;

use super::body::{self, Decoded};
use super::connection::Shears;
use super::envelope::{Answer, envelope, nowhere, with_text};
use super::logged::Logged;
use super::shared::Shared;
use super::under_way::{Setting, UnderWay, stopped};
use super::{faults, fetch, preview};
use crate::api::{self, ApiCall, ApiError, Parameters, Reply, WEBHOOK_SET};
use crate::world::faults::{DOWNLOAD, Known};
use crate::world::polling::{PollId, PollOutcome};
use crate::world::token::Token;

/// Everything that is not the page or the control API is the Bot API's host.
pub(crate) fn router(shared: Shared) -> Router {
    Router::new().fallback(any(serve)).layer(DefaultBodyLimit::disable()).with_state(shared)
}

/// What a path asks for.
enum Target<'a> {
    Method { token: Option<Token>, name: &'a str },
    File { token: Option<Token>, path: &'a str },
    Nothing,
}

fn target(path: &str) -> Target<'_> {
    let (rest, is_file) = match path.strip_prefix("/file/bot") {
        Some(rest) => (rest, true),
        None => match path.strip_prefix("/bot") {
            Some(rest) => (rest, false),
            None => return Target::Nothing,
        },
    };
    let Some((token, rest)) = rest.split_once('/') else { return Target::Nothing };
    let token = Token::parse(token);
    if is_file {
        return Target::File { token, path: rest };
    }
    // The test environment is no other one here.
    let name = rest.strip_prefix("test/").unwrap_or(rest);
    Target::Method { token, name }
}

async fn serve(
    State(shared): State<Shared>,
    ConnectInfo(shears): ConnectInfo<Shears>,
    request: Request<Body>,
) -> Response {
    // Telegram's server decodes the path before it reads it: clients write the token's colon as %3A (some) and the slash
    // in a file's path as %2F (teloxide).
    let path = percent_decode_str(request.uri().path()).decode_utf8_lossy().into_owned();
    if preview::post_at(&path).is_some() {
        return preview::post(&shared, &shears, &path, request.uri().query(), request.headers()).await;
    }
    match target(&path) {
        Target::Nothing => {
            body::skip(request).await;
            nowhere()
        }
        Target::File { token, path } => {
            let mut log = Logged::begin(&shared, token.as_ref(), format!("/file/bot…/{path}"), DOWNLOAD);
            let strike = log.strike(DOWNLOAD, Known::Method, false);
            if let Some(response) = faults::before(&strike, &shears).await {
                log.answered(&response);
                return response;
            }
            body::skip(request).await;
            let response = download(&shared, token.as_ref(), path);
            let response = faults::after(response, &strike, &shears).await;
            let response = log.answer(response, DOWNLOAD, None, &shears).await;
            log.answered(&response);
            response
        }
        Target::Method { token, name } => tokio::select! {
            biased;
            response = call(&shared, &shears, token.as_ref(), name, request) => response,
            () = shared.closed() => stopped(),
        },
    }
}

/// One call of a method, from its body to its answer.
async fn call(shared: &Shared, shears: &Shears, token: Option<&Token>, name: &str, request: Request<Body>) -> Response {
    let known = api::find(name);
    let method = known.map_or(name, |method| method.name);
    let mut log = Logged::begin(shared, token, format!("/bot…/{name}"), method);
    // Most faults need not wait for the body; those of one chat do, for it is named there.
    let strike = log.strike(method, Known::Method, false);
    if let Some(response) = faults::before(&strike, shears).await {
        if faults::seen(&response).is_some() {
            body::skip(request).await;
        }
        log.answered(&response);
        return response;
    }
    let decoded = decode(request, known, &mut log).await;
    let chat = decoded.as_ref().ok().and_then(|call| shared.read(|world, _| api::chat_meant(world, call)));
    let in_chat = log.strike(method, Known::Body(chat), strike.fault.is_some());
    if let Some(response) = faults::before(&in_chat, shears).await {
        log.answered(&response);
        return response;
    }
    // Until the answer is out.
    let mut under_way = None;
    let result = match decoded {
        Ok(mut call) => done(shared, token, known, &mut call, &mut under_way).await,
        Err(error) => Err(error),
    };
    log.unsimulated = result.as_ref().is_err_and(|error| error.unsimulated);
    let setting = match (&result, token) {
        (Ok((_, Some(WEBHOOK_SET))), Some(token)) => Setting::of(shared, token),
        _ => None,
    };
    let late = async {
        let response = faults::after(envelope(&result), &in_chat, shears).await;
        faults::after(response, &strike, shears).await
    };
    let response = match setting {
        None => late.await,
        Some(setting) => tokio::select! {
            biased;
            response = late => response,
            response = setting.superseded(shared) => response,
        },
    };
    let response = log.answer(response, method, chat, shears).await;
    log.answered(&response);
    response
}

/// What comes of a call that has been read.
async fn done(
    shared: &Shared,
    token: Option<&Token>,
    known: Option<api::Method>,
    call: &mut Parameters,
    under_way: &mut Option<UnderWay>,
) -> Result<Answer, ApiError> {
    let Some((token, method)) = token.zip(known) else { return perform(shared, token, known, call).await };
    *under_way = UnderWay::begin(shared, token, method.name, call).await?;
    // Nothing is fetched for somebody whose token is wrong.
    if under_way.is_some() {
        fetch::files(method.name, call).await?;
    }
    perform(shared, Some(token), Some(method), call).await
}

async fn decode(request: Request<Body>, method: Option<api::Method>, log: &mut Logged) -> Result<Parameters, ApiError> {
    if !matches!(*request.method(), HttpMethod::GET | HttpMethod::POST) {
        return Err(ApiError::unreadable(501, "Not Implemented"));
    }
    let Decoded { parameters, encoding } = body::decode(request).await?;
    log.parameters(&parameters, encoding, method);
    Ok(parameters)
}

/// Does one call, and waits for its outcome if it is a poll.
async fn perform(
    shared: &Shared,
    token: Option<&Token>,
    method: Option<api::Method>,
    parameters: &Parameters,
) -> Result<Answer, ApiError> {
    // A token that is no token at all never reaches the Bot API server behind api.telegram.org.
    let token = token.ok_or_else(|| ApiError::new(404, "Not Found"))?;
    let (reply, poll) = shared.call(|world, now| {
        let reply = world.admit(token, now).and_then(|bot| {
            let method = method.ok_or_else(|| ApiError::new(404, "Not Found: method not found"))?;
            api::perform(world, &method, &ApiCall::new(bot, parameters, now))
        });
        let poll = match &reply {
            Ok(Reply::Poll(id)) => Some(*id),
            _ => None,
        };
        (reply, poll)
    });
    match (reply?, poll) {
        (Reply::Done(result, description), _) => Ok((result.to_string(), description)),
        (Reply::Poll(_), Some((id, outcome))) => {
            let mut poller = Poller { shared: shared.clone(), id, in_conflict: false };
            match outcome.await.map_err(|_| ApiError::new(500, "Internal Server Error: restart"))? {
                PollOutcome::Updates(updates) => Ok((format!("[{}]", updates.join(",")), None)),
                PollOutcome::Conflict(why) => {
                    poller.in_conflict = true;
                    Err(ApiError::new(409, why))
                }
            }
        }
        (Reply::Poll(_), None) => Err(ApiError::new(500, "Internal Server Error")),
    }
}

/// Methods that an answer to a webhook's delivery cannot ask for, beside all that begin with `get`.
const NOT_IN_REPLIES: [&str; 4] = ["deletewebhook", "setwebhook", "close", "logout"];

/// Does what the answer to a delivery asks for. Nobody is told what comes of it, but the log.
pub(super) async fn perform_reply(shared: &Shared, bot: i64, reply: Request<Body>) {
    let Ok(Decoded { mut parameters, encoding }) = body::decode(reply).await else { return };
    let name = parameters.take("method").to_ascii_lowercase();
    if name.is_empty() || name.starts_with("get") || NOT_IN_REPLIES.contains(&name.as_str()) {
        return;
    }
    let token = shared.read(|world, _| world.bots.get(&bot).and_then(|bot| bot.token.clone()));
    let known = api::find(&name);
    let method = known.map_or(name.as_str(), |method| method.name);
    let mut log = Logged::begin(shared, token.as_ref(), format!("(answer of the webhook)/{method}"), method);
    log.parameters(&parameters, encoding, known);
    let result = perform(shared, token.as_ref(), known, &parameters).await;
    log.unsimulated = result.as_ref().is_err_and(|error| error.unsimulated);
    log.answered(&envelope(&result));
}

/// Counts a poller for as long as its request is under way.
struct Poller {
    shared: Shared,
    id: PollId,
    /// What it is told.
    in_conflict: bool,
}

impl Drop for Poller {
    fn drop(&mut self) {
        self.shared.with(|world, _| world.end_poll(self.id, self.in_conflict));
    }
}

fn download(shared: &Shared, token: Option<&Token>, path: &str) -> Response {
    let found = shared.read(|world, _| {
        let token = token.ok_or_else(|| ApiError::new(404, "Not Found"))?;
        let bot = world.bot_by_token(token).ok_or_else(ApiError::unauthorized)?;
        let file = world.files.at_path(bot, path).ok_or_else(|| ApiError::new(404, "Not Found"))?;
        Ok(file.bytes.clone())
    });
    match found {
        Ok(bytes) => with_text(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response(), "(file)"),
        Err(error) => envelope(&Err(error)),
    }
}
