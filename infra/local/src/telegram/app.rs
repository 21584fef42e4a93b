//! A page of the Mini App with Telegram's Android client around it: the object that the client puts into its web view is added
//! to the page, and hands what the app posts to the page with the phone frame.
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use crate::front::{Front, site::plain};

/// Defines the client's object before any script of the app runs.
const PROXY: &str = include_str!("proxy.js");

/// The page of the site that is called `name`, with the client's object.
pub fn page(front: &Front, name: &str) -> Response<Body> {
    let Some(index) = front.site.page(name) else {
        return plain(StatusCode::NOT_FOUND, "The web app is not built: run `npm run build` in static-site");
    };
    let mut response = Response::new(Body::from(inject(&index)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in front.page_headers() {
        let value = if name == "content-security-policy" { allow_proxy(value) } else { value.clone() };
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
    response
}

fn inject(index: &str) -> String {
    let (before, after) = index.split_once("<head>").unwrap_or(("", index));
    format!("{before}<head><script>{PROXY}</script>{after}")
}

/// The app's own policy, with our one script allowed by its hash.
fn allow_proxy(policy: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(PROXY));
    policy.replacen("script-src ", &format!("script-src 'sha256-{hash}' "), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_comes_first_and_is_the_only_one_allowed_besides() {
        assert!(inject("<html><head><script src=a></script></head>").starts_with("<html><head><script>"));
        let policy = allow_proxy("default-src 'none'; script-src 'self'; style-src 'self'");
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
        assert!(policy.ends_with("=' 'self'; style-src 'self'"), "{policy}");
    }
}
