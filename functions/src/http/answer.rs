//! Responses: JSON, cached documents, and compression.
use lambda_http::{
    Body, Response,
    http::{HeaderValue, StatusCode, header},
};
use serde::Serialize;
use shared::{
    cargo::cache::{Served, gunzip, gzip},
    error::Error,
};

use super::{Answer, Incoming};

/// A shorter body fits into the packet of its headers.
const WORTH_PACKING_BYTES: usize = 1000;

/// A response that must not be cached, because it contains a token or personal data.
///
/// # Errors
/// Never in practice: all our types serialise.
pub fn private_json(value: &impl Serialize) -> Answer {
    let body = serde_json::to_string(value).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(response(StatusCode::OK, "application/json", "no-store", Body::from(body)))
}

/// Like [`private_json`], with a status other than 200.
///
/// # Errors
/// Never in practice: all our types serialise.
pub fn private_json_of(status: StatusCode, value: &impl Serialize) -> Answer {
    let mut answer = private_json(value)?;
    *answer.status_mut() = status;
    Ok(answer)
}

/// A response without a body.
pub fn no_content() -> Response<Body> {
    let mut response = response(StatusCode::NO_CONTENT, "application/json", "no-store", Body::Empty);
    response.headers_mut().remove(header::CONTENT_TYPE);
    response
}

pub(super) fn response(
    status: StatusCode,
    content_type: &'static str,
    cache: &'static str,
    body: Body,
) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

/// A cached document as a response: the stored bytes, or 304 when the caller already has them. The headers hold what
/// varies (age, staleness).
///
/// # Errors
/// The stored bytes are damaged and the caller takes no gzip.
pub fn document(incoming: &Incoming, served: Served) -> Answer {
    let document = served.document;
    let known = incoming.header(header::IF_NONE_MATCH.as_str()).is_some_and(|tags| matches(tags, &document.etag));
    let mut answer = if known {
        not_modified("private, no-cache")
    } else if takes_gzip(incoming.header(header::ACCEPT_ENCODING.as_str()).unwrap_or_default()) {
        let body = Body::from(document.body);
        let mut answer = response(StatusCode::OK, "application/json", "private, no-cache", body);
        answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        answer
    } else {
        let json = gunzip(&document.body).ok().and_then(|json| String::from_utf8(json).ok());
        let json = json.ok_or_else(|| Error::Internal("a cached document is damaged".into()))?;
        response(StatusCode::OK, "application/json", "private, no-cache", Body::from(json))
    };
    let headers = answer.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding, authorization"));
    headers.insert("x-cargo-cache", HeaderValue::from_static(served.freshness.as_str()));
    headers.insert(header::AGE, HeaderValue::from(served.age_s));
    if let Ok(etag) = HeaderValue::from_str(&document.etag) {
        headers.insert(header::ETAG, etag);
    }
    if served.upstream_down {
        headers.insert("x-cargo-upstream", HeaderValue::from_static("unavailable"));
    }
    Ok(answer)
}

/// The 304 response.
pub fn not_modified(cache: &'static str) -> Response<Body> {
    let mut answer = response(StatusCode::NOT_MODIFIED, "application/json", cache, Body::Empty);
    answer.headers_mut().remove(header::CONTENT_TYPE);
    answer
}

/// Weak comparison (RFC 9110, section 13.1.2), which ignores the `W/` prefix.
pub fn matches(tags: &str, etag: &str) -> bool {
    let plain = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    tags.trim() == "*" || tags.split(',').any(|tag| plain(tag) == plain(etag))
}

/// Compresses larger JSON bodies. CloudFront compresses only what it may cache.
pub(super) fn pack(response: &mut Response<Body>) {
    let Body::Text(text) = response.body() else { return };
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().ends_with(b"json"));
    if !is_json || text.len() < WORTH_PACKING_BYTES {
        return;
    }
    *response.body_mut() = Body::Binary(gzip(text.as_bytes()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.entry(header::VARY).or_insert(HeaderValue::from_static("accept-encoding"));
}

pub(super) fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let refused = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
        matches!(name.trim().to_ascii_lowercase().as_str(), "gzip" | "*") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        for accepted in ["gzip", "gzip, deflate, br", "br;q=1.0, GZIP;q=0.5", "*"] {
            assert!(takes_gzip(accepted), "{accepted}");
        }
        for accepted in ["", "br", "gzip;q=0", "identity"] {
            assert!(!takes_gzip(accepted), "{accepted}");
        }
    }

    #[test]
    fn entity_tags_are_compared_weakly() {
        for tags in ["W/\"a\"", "\"a\"", "\"b\", W/\"a\"", "*"] {
            assert!(matches(tags, "W/\"a\""), "{tags}");
        }
        assert!(!matches("\"b\"", "W/\"a\"") && !matches("", "W/\"a\""));
    }
}
