//! A 3G connection for those requests that ask for it with a cookie: the page with the phone frame sets it.
use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, header},
};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt as _;
use tokio::time::Instant;

/// The cookie that asks for a slow connection, with the value `3g`.
pub const COOKIE: &str = "sandbox_network";

/// From the request's first byte to the answer's.
const ROUND_TRIP: Duration = Duration::from_millis(400);
/// 400 kbit/s, shared by all connections of the phone.
const BYTES_PER_SECOND: u64 = 50_000;
const CHUNK: usize = 1_400;

/// The phone's one radio link.
#[derive(Debug, Clone, Default)]
pub struct SlowNetwork {
    free_at: Arc<Mutex<Option<Instant>>>,
}

impl SlowNetwork {
    /// Whether a request asks for it.
    pub fn is_asked_for(headers: &HeaderMap) -> bool {
        let cookies = headers.get_all(header::COOKIE);
        cookies
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .any(|cookie| cookie.trim().split_once('=') == Some((COOKIE, "3g")))
    }

    /// The time that a request spends on the way.
    pub async fn round_trip(&self) {
        tokio::time::sleep(ROUND_TRIP).await;
    }

    /// Lets an answer's body through at the link's speed.
    pub async fn slow_down(&self, response: Response<Body>) -> Response<Body> {
        let (mut parts, body) = response.into_parts();
        let Ok(body) = body.collect().await else {
            return Response::from_parts(parts, Body::empty());
        };
        let body = body.to_bytes();
        if body.is_empty() {
            return Response::from_parts(parts, Body::empty());
        }
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        let chunks = stream::unfold((self.clone(), body), |(link, mut rest): (Self, Bytes)| async move {
            if rest.is_empty() {
                return None;
            }
            let chunk = rest.split_to(rest.len().min(CHUNK));
            tokio::time::sleep_until(link.reserve(chunk.len())).await;
            Some((Ok::<_, Infallible>(chunk), (link, rest)))
        });
        Response::from_parts(parts, Body::from_stream(chunks))
    }

    /// Takes the link for so many bytes and says when they have passed.
    fn reserve(&self, bytes: usize) -> Instant {
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let start = free_at.map_or(now, |free_at| free_at.max(now));
        let end = start + Duration::from_micros(bytes as u64 * 1_000_000 / BYTES_PER_SECOND);
        *free_at = Some(end);
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_cookie_asks_for_it() {
        let asked = |cookie: &'static str| {
            SlowNetwork::is_asked_for(&HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))]))
        };
        assert!(asked("a=1; sandbox_network=3g"));
        assert!(!asked("sandbox_network=off"));
        assert!(!asked("x_sandbox_network=3g"));
        assert!(!SlowNetwork::is_asked_for(&HeaderMap::new()));
    }

    #[tokio::test(start_paused = true)]
    async fn two_answers_share_the_link() {
        let network = SlowNetwork::default();
        let started = Instant::now();
        let load = async || {
            let response = network.slow_down(Response::new(Body::from(vec![1; 50_000]))).await;
            response.into_body().collect().await.expect("a body").to_bytes().len()
        };
        assert_eq!(tokio::join!(load(), load()), (50_000, 50_000));
        let took = started.elapsed();
        assert!((Duration::from_millis(1_950)..Duration::from_millis(2_100)).contains(&took), "{took:?}");
    }
}
