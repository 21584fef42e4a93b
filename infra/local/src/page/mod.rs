//! The page at `/`: a phone with the Mini App in it, the bot's chats, and what one can do to the world around them.
use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
};

/// The files of the page, by path.
const FILES: [(&str, &str, &str); 4] = [
    ("/", "text/html; charset=utf-8", include_str!("index.html")),
    ("/_page/page.css", "text/css; charset=utf-8", include_str!("page.css")),
    ("/_page/page.js", "text/javascript; charset=utf-8", include_str!("page.js")),
    ("/_page/chats.js", "text/javascript; charset=utf-8", include_str!("chats.js")),
];

/// The page's file at `path`.
pub fn answer(path: &str) -> Option<Response<Body>> {
    let (_, kind, text) = FILES.iter().find(|(own, ..)| *own == path)?;
    let mut response = Response::new(Body::from(*text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Some(response)
}
