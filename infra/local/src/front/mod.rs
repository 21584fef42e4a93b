//! CloudFront's part: one origin for the site and the API, headers added and taken away, files compressed.
pub mod site;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header},
};

use crate::{gateway::Gateway, slow_network, template::Template};
use site::Site;

const ORIGIN_TOKEN: HeaderName = HeaderName::from_static("x-origin-token");
const VIEWER_ADDRESS: HeaderName = HeaderName::from_static("cloudfront-viewer-address");

/// The address from which the gateway sees CloudFront's requests: of a network for documentation, so that code which takes
/// it for the driver's is noticed.
const EDGE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));

/// The CloudFront distribution.
#[derive(Debug)]
pub struct Front {
    /// The web app's files.
    pub site: Site,
    template: Template,
    origin_token: HeaderValue,
}

impl Front {
    /// A distribution with the template's headers, which proves itself to the functions with `origin_token`.
    pub fn new(site: Site, template: Template, origin_token: HeaderValue) -> Self {
        Self { site, template, origin_token }
    }

    /// Passes a request on to the API.
    pub async fn api(&self, mut request: Request<Body>, viewer: SocketAddr, gateway: &Gateway) -> Response<Body> {
        let path = request.uri().path().to_owned();
        let headers = request.headers_mut();
        take_local_cookie(headers);
        headers.insert(ORIGIN_TOKEN, self.origin_token.clone());
        headers.remove(VIEWER_ADDRESS);
        if let Ok(address) = HeaderValue::from_str(&viewer.to_string()) {
            headers.insert(VIEWER_ADDRESS, address);
        }
        let forwarded = headers.get("x-forwarded-for").and_then(|list| list.to_str().ok());
        let forwarded = forwarded.map_or_else(|| viewer.ip().to_string(), |list| format!("{list}, {}", viewer.ip()));
        if let Ok(forwarded) = HeaderValue::from_str(&forwarded) {
            headers.insert("x-forwarded-for", forwarded);
        }
        let mut response = gateway.handle(request, EDGE).await;
        self.add_headers(&path, response.headers_mut());
        response
    }

    /// Answers with a file of the web app.
    pub fn file(&self, request: &Request<Body>) -> Response<Body> {
        let mut response = self.site.answer(request);
        self.add_headers(request.uri().path(), response.headers_mut());
        response
    }

    /// The headers that the web app's pages are served with.
    pub fn page_headers(&self) -> &[(String, String)] {
        self.template.response_headers("/app/")
    }

    fn add_headers(&self, path: &str, headers: &mut HeaderMap) {
        for (name, value) in self.template.response_headers(path) {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        }
    }
}

/// The cookie of the slow network is between the page and this front; a function would not see it on AWS.
fn take_local_cookie(headers: &mut HeaderMap) {
    let Some(cookies) = headers.get(header::COOKIE).and_then(|cookies| cookies.to_str().ok()) else {
        return;
    };
    let is_ours = |cookie: &&str| cookie.trim().split('=').next() == Some(slow_network::COOKIE);
    if !cookies.split(';').any(|cookie| is_ours(&cookie)) {
        return;
    }
    let rest: Vec<_> = cookies.split(';').map(str::trim).filter(|cookie| !is_ours(cookie)).collect();
    match HeaderValue::from_str(&rest.join("; ")) {
        Ok(rest) if !rest.is_empty() => headers.insert(header::COOKIE, rest),
        _ => headers.remove(header::COOKIE),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_cookie_does_not_reach_a_function() {
        let mut headers =
            HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static("a=1; sandbox_network=3g; b=2"))]);
        take_local_cookie(&mut headers);
        assert_eq!(headers["cookie"], "a=1; b=2");
        headers.insert(header::COOKIE, HeaderValue::from_static("sandbox_network=3g"));
        take_local_cookie(&mut headers);
        assert!(headers.is_empty());
    }
}
