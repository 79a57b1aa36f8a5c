//! What the control API is asked: bodies, paths and queries. What cannot be read is refused as everything else is, with
//! what was asked, what is wrong with it, and where it is written how it is done.

use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::control::{UPLOAD_BYTES, refuse};

/// Where all of it is.
const BEGINNING: &str = "/control";

/// A body of JSON, or an answer.
pub(super) struct Json<T>(pub(super) T);

/// What the path names.
pub(super) struct Path<T>(pub(super) T);

/// What the query string says.
pub(super) struct Query<T>(pub(super) T);

/// A body as it is.
pub(super) struct Bytes(pub(super) axum::body::Bytes);

/// A method and a path.
struct Asked(String);

impl Asked {
    fn of(method: &Method, uri: &Uri) -> Self {
        // Within the routes the beginning is taken off.
        let beginning = if uri.path().starts_with(BEGINNING) { "" } else { BEGINNING };
        Self(format!("{method} {beginning}{}", uri.path()))
    }

    fn refuse(&self, status: StatusCode, why: &str) -> Response {
        refuse(status, format!("{}: {why}; see GET /control/openapi.json", self.0))
    }
}

/// There is nothing here, or nothing that is asked for by this method.
pub(super) async fn nothing(status: StatusCode, method: Method, uri: Uri) -> Response {
    let asked = Asked::of(&method, &uri).0;
    refuse(status, format!("there is no {asked}; GET /control/openapi.json lists what there is"))
}

/// What is wrong, without axum's words before it.
fn detail(text: &str) -> String {
    let beginnings = [
        "Failed to deserialize the JSON body into the target type: ",
        "Failed to parse the request body as JSON: ",
        "Failed to deserialize query string: ",
        "Invalid URL: ",
    ];
    let detail = beginnings.iter().find_map(|beginning| text.strip_prefix(beginning)).unwrap_or(text);
    detail.strip_prefix("Cannot").map_or_else(|| detail.to_owned(), |rest| format!("cannot{rest}"))
}

fn wrong_json(rejection: &JsonRejection) -> String {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => {
            "the body must come with `Content-Type: application/json`".to_owned()
        }
        JsonRejection::JsonSyntaxError(error) => format!("the body is not JSON: {}", detail(&error.body_text())),
        JsonRejection::BytesRejection(rejection) => wrong_bytes(rejection),
        other => format!("the body does not fit: {}", detail(&other.body_text())),
    }
}

fn wrong_bytes(rejection: &BytesRejection) -> String {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => format!("the body is larger than {} MiB", UPLOAD_BYTES >> 20),
        _ => format!("the body cannot be read: {}", rejection.body_text()),
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let asked = Asked::of(request.method(), request.uri());
        let read = axum::Json::from_request(request, state).await;
        let axum::Json(value) = read.map_err(|why| asked.refuse(why.status(), &wrong_json(&why)))?;
        Ok(Self(value))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<S: Send + Sync> FromRequest<S> for Bytes {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let asked = Asked::of(request.method(), request.uri());
        let read = axum::body::Bytes::from_request(request, state).await;
        read.map(Self).map_err(|why| asked.refuse(why.status(), &wrong_bytes(&why)))
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let asked = Asked::of(&parts.method, &parts.uri);
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        let wrong = |text: &str| format!("the path does not fit: {}", detail(text));
        let axum::extract::Path(value) = read.map_err(|why| asked.refuse(why.status(), &wrong(&why.body_text())))?;
        Ok(Self(value))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let asked = Asked::of(&parts.method, &parts.uri);
        let read = axum::extract::Query::from_request_parts(parts, state).await;
        let wrong = |text: &str| format!("the query does not fit: {}", detail(text));
        let axum::extract::Query(value) = read.map_err(|why| asked.refuse(why.status(), &wrong(&why.body_text())))?;
        Ok(Self(value))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a missing value fails the test")]
mod tests {
    use axum::body::{Body, to_bytes};

    use super::*;

    #[tokio::test]
    async fn a_body_that_is_too_large_is_refused_as_all_else() {
        // axum takes 2 MiB unless it is told otherwise.
        let body = Body::from(vec![b' '; (2 << 20) + 1]);
        let request = Request::post("/control/users").header("content-type", "application/json").body(body).unwrap();
        let response = Json::<u64>::from_request(request, &()).await.err().unwrap();
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        let text = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert_eq!(
            String::from_utf8_lossy(&text),
            r#"{"error":"POST /control/users: the body is larger than 128 MiB; see GET /control/openapi.json"}"#
        );
    }
}
