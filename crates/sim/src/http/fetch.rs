//! Files that a call names by URL. Telegram fetches them from anywhere, the simulator from the loopback only.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::header;

use crate::api::{ApiError, Parameters, UploadedFile};

/// Which method takes a URL in which parameter, and how large what is there may be, in bytes.
const FETCHED: &[(&str, &str, usize)] = &[("sendPhoto", "photo", 5 << 20), ("sendDocument", "document", 20 << 20)];
/// Nobody waits longer for a file.
const PATIENCE: Duration = Duration::from_secs(20);

/// Puts the file itself in place of its URL, if the call has one.
///
/// # Errors
///
/// Telegram's words if it cannot be had, 501 if it is elsewhere.
pub(super) async fn files(method: &str, parameters: &mut Parameters) -> Result<(), ApiError> {
    let Some((_, name, most)) = FETCHED.iter().find(|(known, ..)| *known == method) else { return Ok(()) };
    let text = parameters.text(name).trim();
    let is_url = ["http://", "https://"].iter().any(|scheme| text.to_ascii_lowercase().starts_with(scheme));
    if !is_url {
        return Ok(());
    }
    let url = reqwest::Url::parse(text).map_err(|_| ApiError::bad_request("wrong HTTP URL specified"))?;
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_here = host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    if url.scheme() != "http" || !is_here {
        return Err(ApiError::not_simulated(
            "files from a URL, but by HTTP from the loopback (http://127.0.0.1:PORT/PATH)",
        ));
    }
    let file_name = url.path_segments().and_then(Iterator::last).filter(|name| !name.is_empty()).unwrap_or("file");
    let file_name = file_name.to_owned();
    let bytes = content(url, *name == "photo", *most).await?;
    parameters.take(name);
    parameters.add_file((*name).to_owned(), UploadedFile { name: file_name, bytes });
    Ok(())
}

async fn content(url: reqwest::Url, is_photo: bool, most: usize) -> Result<bytes::Bytes, ApiError> {
    let failed = || ApiError::bad_request("failed to get HTTP URL content");
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
    let client = builder.build().map_err(|_| failed())?;
    let mut response = client.get(url).send().await.map_err(|_| failed())?;
    if !response.status().is_success() {
        return Err(failed());
    }
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if is_photo && !kind.starts_with("image/") {
        return Err(ApiError::bad_request("wrong type of the web page content"));
    }
    let mut content = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| failed())? {
        content.extend_from_slice(&chunk);
        if content.len() > most {
            return Err(failed());
        }
    }
    Ok(content.into())
}
