//! Reads the parameters of a Bot API call from all four places where they may be: query string, form, multipart, JSON.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, HttpBody as _};
use axum::extract::{FromRequest, Multipart};
use axum::http::{HeaderValue, Request, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use percent_encoding::percent_decode;

use super::json;
use crate::api::{ApiError, Parameters, UploadedFile};
use crate::world::files::UPLOAD_BYTES;

/// What a body may have beside the file.
const SLACK_BYTES: usize = 1 << 20;
/// How many files may come with one call.
const FILES: usize = 50;

/// Parameters and the names of the encodings they came in.
pub(crate) struct Decoded {
    pub(crate) parameters: Parameters,
    pub(crate) encoding: String,
}

/// Decodes a request; the query string is looked at first.
///
/// # Errors
///
/// 413 if the body is too large, 400 if it is multipart and cannot be parsed. Of broken JSON what can be read counts.
pub(crate) async fn decode(request: Request<Body>) -> Result<Decoded, ApiError> {
    let mut parameters = Parameters::default();
    let mut encodings = Vec::new();
    if let Some(query) = request.uri().query().filter(|query| !query.is_empty()) {
        add_form(&mut parameters, query.as_bytes());
        encodings.push("query");
    }
    let header = request.headers().get(header::CONTENT_TYPE);
    let content_type = header.and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    if content_type.contains("multipart/form-data") {
        add_parts(&mut parameters, request).await?;
        encodings.push("multipart");
    } else if content_type.contains("application/x-www-form-urlencoded") {
        let body = collect(request).await?;
        if !body.is_empty() {
            add_form(&mut parameters, &body);
            encodings.push("urlencoded");
        }
    } else if content_type.contains("application/json") {
        let body = collect(request).await?;
        if !body.is_empty() {
            let whole = json::add(&mut parameters, &body);
            encodings.push(if whole { "json" } else { "json (broken)" });
        }
    } else {
        skip(request).await;
    }
    let encoding = if encodings.is_empty() { "none".to_owned() } else { encodings.join("+") };
    Ok(Decoded { parameters, encoding })
}

fn too_large() -> ApiError {
    ApiError::new(413, "Request Entity Too Large")
}

/// Adds the fields of a form, `a=1&b=2`, whatever bytes they are.
fn add_form(parameters: &mut Parameters, form: &[u8]) {
    for field in form.split(|byte| *byte == b'&').filter(|field| !field.is_empty()) {
        let mut halves = field.splitn(2, |byte| *byte == b'=').map(unescaped);
        let name = halves.next().unwrap_or_default();
        parameters.add_bytes(String::from_utf8_lossy(&name).into_owned(), halves.next().unwrap_or_default());
    }
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}

async fn collect(request: Request<Body>) -> Result<Bytes, ApiError> {
    axum::body::to_bytes(request.into_body(), SLACK_BYTES).await.map_err(|_| too_large())
}

fn unnamed() -> ApiError {
    ApiError::unreadable(400, "Bad Request: field name in multipart/form-data not found")
}

/// Reads a body to its end and forgets it: who is answered before that would lose the connection while still sending.
pub(crate) async fn skip(request: Request<Body>) {
    let mut chunks = request.into_body().into_data_stream();
    while chunks.next().await.is_some_and(|chunk| chunk.is_ok()) {}
}

/// Answers once the body has been read to its end, also what nobody asked for of it: a connection whose request was not read to
/// its end could not be used again, and who has it would lose his next one.
pub(crate) async fn whole(request: Request<Body>, next: Next) -> Response {
    let (head, body) = request.into_parts();
    if body.is_end_stream() {
        return next.run(Request::from_parts(head, body)).await;
    }
    let whole = Arc::new(Mutex::new(body.into_data_stream().map(|chunk| chunk.map_err(io::Error::other)).boxed()));
    let mut rest = shared(whole.clone());
    let response = next.run(Request::from_parts(head, Body::from_stream(shared(whole)))).await;
    while rest.next().await.is_some_and(|chunk| chunk.is_ok()) {}
    response
}

/// Parts with a file name are files. The whole body is bounded while it is read.
async fn add_parts(parameters: &mut Parameters, request: Request<Body>) -> Result<(), ApiError> {
    let (head, body) = request.into_parts();
    let mut left = UPLOAD_BYTES + SLACK_BYTES;
    let bounded = body.into_data_stream().map(move |chunk| {
        let chunk = chunk.map_err(io::Error::other)?;
        left = left.checked_sub(chunk.len()).ok_or_else(|| io::Error::other(BodyTooLarge))?;
        Ok::<Bytes, io::Error>(chunk)
    });
    let whole = Arc::new(Mutex::new(bounded.boxed()));
    let mut rest = shared(whole.clone());
    let request = Request::from_parts(head, Body::from_stream(shared(whole)));
    let boundary = |_| ApiError::unreadable(400, "Bad Request: boundary not found");
    let mut multipart = Multipart::from_request(request, &()).await.map_err(boundary)?;
    let mut files = 0;
    while let Some(part) = multipart.next_field().await.map_err(|error| part_error(&error))? {
        let header = part.headers().get(header::CONTENT_DISPOSITION);
        let named = disposition(&String::from_utf8_lossy(header.map(HeaderValue::as_bytes).unwrap_or_default()));
        let name = named.name.ok_or_else(unnamed)?;
        match named.file_name {
            Some(file_name) => {
                files += 1;
                if files > FILES {
                    return Err(too_large());
                }
                let bytes = part.bytes().await.map_err(|error| part_error(&error))?;
                if bytes.len() > UPLOAD_BYTES {
                    return Err(too_large());
                }
                parameters.add_file(name, UploadedFile { name: file_name, bytes });
            }
            None => parameters.add_bytes(name, part.bytes().await.map_err(|error| part_error(&error))?.into()),
        }
    }
    // What follows on the last part says nothing, but a connection whose request was not read to its end could not be used again.
    while rest.next().await.is_some_and(|chunk| chunk.is_ok()) {}
    Ok(())
}

type Chunks = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// A stream that others read, too, one after the other.
fn shared(chunks: Arc<Mutex<Chunks>>) -> impl Stream<Item = io::Result<Bytes>> + Send + Unpin {
    stream::poll_fn(move |context| chunks.lock().unwrap_or_else(PoisonError::into_inner).poll_next_unpin(context))
}

/// What `Content-Disposition` says of a part.
#[derive(Debug, Default, PartialEq)]
struct Disposition {
    name: Option<String>,
    file_name: Option<String>,
}

/// Reads it as Telegram's server does, which is not RFC 7578: a value ends at the next semicolon, quotes around it are optional
/// (grammY writes none, whatever the name) and nothing in it is escaped.
fn disposition(header: &str) -> Disposition {
    let mut found = Disposition::default();
    for (key, value) in header.split(';').filter_map(|field| field.split_once('=')) {
        let value = value.trim();
        let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        let value = Some(quoted.unwrap_or(value).to_owned());
        match key.trim() {
            "name" => found.name = value.filter(|name| !name.is_empty()),
            "filename" => found.file_name = value,
            _ => {}
        }
    }
    found
}

#[derive(Debug, thiserror::Error)]
#[error("the body is too large")]
struct BodyTooLarge;

fn part_error(error: &axum::extract::multipart::MultipartError) -> ApiError {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.to_string() == BodyTooLarge.to_string() {
            return too_large();
        }
        cause = error.source();
    }
    ApiError::unreadable(400, "Bad Request: can't parse form data")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_needs_no_quotes() {
        let named = |name: &str, file_name: Option<&str>| Disposition {
            name: Some(name.to_owned()),
            file_name: file_name.map(str::to_owned),
        };
        for (header, expected) in [
            (r#"form-data; name="text""#, named("text", None)),
            (r#"form-data; name="a"; filename="Прайс лист.csv""#, named("a", Some("Прайс лист.csv"))),
            (r#"form-data;name="a";filename=Прайс лист.csv"#, named("a", Some("Прайс лист.csv"))),
            (r#"form-data; name=a; filename="x.csv"; filename*=utf-8''y.csv"#, named("a", Some("x.csv"))),
            (r#"form-data; name="a"; filename="""#, named("a", Some(""))),
            (r#"form-data; name="a"; filename=""""#, named("a", Some("\""))),
            (r#"form-data; name="""#, Disposition::default()),
            ("form-data", Disposition::default()),
        ] {
            assert_eq!(disposition(header), expected, "{header}");
        }
    }
}
