//! CORS as an HTTP API does it: the gateway answers preflights itself and overrides what a function says.
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};

use crate::template::CorsConfiguration;

/// The API's CORS rules, with the header values ready.
#[derive(Debug)]
pub struct Cors {
    origins: Vec<String>,
    actual: Vec<(HeaderName, HeaderValue)>,
    preflight: Vec<(HeaderName, HeaderValue)>,
}

impl Cors {
    /// Takes the template's configuration.
    pub fn new(configuration: &CorsConfiguration) -> Self {
        let value = |text: String| HeaderValue::from_str(&text).ok();
        let list = |items: &[String]| {
            if items.is_empty() { None } else { value(items.join(",")) }
        };
        let credentials = configuration.allow_credentials.then(|| HeaderValue::from_static("true"));
        let present = |headers: Vec<(HeaderName, Option<HeaderValue>)>| {
            headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
        };
        Self {
            origins: configuration.allow_origins.clone(),
            actual: present(vec![
                (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, credentials.clone()),
                (header::ACCESS_CONTROL_EXPOSE_HEADERS, list(&configuration.expose_headers)),
            ]),
            preflight: present(vec![
                (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, credentials),
                (header::ACCESS_CONTROL_ALLOW_METHODS, list(&configuration.allow_methods)),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, list(&configuration.allow_headers)),
                (header::ACCESS_CONTROL_MAX_AGE, configuration.max_age.map(HeaderValue::from)),
            ]),
        }
    }

    /// The gateway's own answer to an OPTIONS request; without headers for an origin that is not allowed.
    pub fn preflight(&self, request: &HeaderMap) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        self.allow(request, response.headers_mut(), &self.preflight);
        response
    }

    /// Replaces a function's own CORS headers with the configured ones.
    pub fn apply(&self, request: &HeaderMap, response: &mut HeaderMap) {
        let own: Vec<_> =
            response.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
        for name in own {
            response.remove(name);
        }
        self.allow(request, response, &self.actual);
    }

    fn allow(&self, request: &HeaderMap, response: &mut HeaderMap, headers: &[(HeaderName, HeaderValue)]) {
        let Some(origin) = request.get(header::ORIGIN) else {
            return;
        };
        let allowed = if self.origins.iter().any(|allowed| allowed == "*") {
            HeaderValue::from_static("*")
        } else if self.origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) {
            origin.clone()
        } else {
            return;
        };
        response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        response.extend(headers.iter().cloned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "http://127.0.0.1:8080";

    fn cors() -> Cors {
        Cors::new(&CorsConfiguration {
            allow_origins: vec![OURS.to_owned()],
            allow_methods: vec!["GET".to_owned(), "POST".to_owned()],
            allow_headers: vec!["authorization".to_owned()],
            expose_headers: vec!["etag".to_owned()],
            max_age: Some(600),
            allow_credentials: false,
        })
    }

    fn from(origin: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static(origin))])
    }

    #[test]
    fn a_preflight_of_our_origin_is_told_what_is_allowed() {
        let response = cors().preflight(&from(OURS));
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(response.headers()["access-control-allow-origin"], OURS);
        assert_eq!(response.headers()["access-control-allow-methods"], "GET,POST");
        assert_eq!(response.headers()["access-control-max-age"], "600");
    }

    #[test]
    fn another_origin_is_told_nothing() {
        for origin in ["http://127.0.0.1:8081", "http://127.0.0.1:8080.example.org", "null"] {
            assert!(cors().preflight(&from(origin)).headers().is_empty(), "{origin}");
        }
    }

    #[test]
    fn what_a_function_says_about_cors_is_dropped() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        cors().apply(&from("https://example.org"), &mut headers);
        assert!(headers.is_empty());
        cors().apply(&from(OURS), &mut headers);
        assert_eq!(headers["access-control-allow-origin"], OURS);
        assert_eq!(headers["access-control-expose-headers"], "etag");
    }
}
