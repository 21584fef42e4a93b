//! Extractors: the parts of a request, validated before a route uses them.
use lambda_http::{Request, RequestExt as _, http::header, request::RequestContext as Origin};
use serde_json::{Map, Value};
use shared::{
    app::App,
    auth::session::{Audience, Session},
    error::{Error, FieldError},
    fields::Fields,
    request::{Caller, RequestContext},
};

use super::PathId;

/// More than any body of this API needs.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// The most characters kept of a `User-Agent` header.
const LONGEST_AGENT: usize = 200;

/// A request being handled.
#[derive(Debug)]
pub struct Incoming {
    request: Request,
    /// Its id and its trace.
    pub context: RequestContext,
}

impl Incoming {
    pub(super) fn new(request: Request, id: &str) -> Self {
        Self { request, context: RequestContext::new(id) }
    }

    /// Passes the caller's origin on to the audit log.
    pub(super) fn name_caller(&mut self) {
        self.context.caller = Some(Caller {
            address: self.viewer_address(),
            user_agent: self.header("user-agent").map(|agent| agent.chars().take(LONGEST_AGENT).collect()),
        });
    }

    /// The driver's session.
    ///
    /// # Errors
    /// It is missing or has ended, or the driver is blocked.
    pub async fn session(&self, app: &App) -> Result<Session, Error> {
        app.check_session(self.bearer()).await
    }

    /// The driver's session, for routes that blocked drivers may use too.
    ///
    /// # Errors
    /// It is missing or has ended.
    pub async fn any_session(&self, app: &App) -> Result<Session, Error> {
        app.check_any_session(self.bearer()).await
    }

    /// Returns the result of parsing done before authentication. Only signed-in drivers see its fault; a stranger
    /// learns nothing.
    ///
    /// # Errors
    /// The fault, or a missing session.
    pub async fn told_to_drivers<T>(&self, app: &App, read: Result<T, Error>) -> Result<T, Error> {
        if read.is_err() {
            self.session(app).await?;
        }
        read
    }

    /// A session of the app or of the admin page.
    ///
    /// # Errors
    /// It is missing, has ended, or is of the wrong kind.
    pub async fn session_anywhere(&self, app: &App, whom: Audience) -> Result<Session, Error> {
        app.check_session_anywhere(self.bearer(), whom).await
    }

    /// The id in the path under this name.
    ///
    /// # Errors
    /// It is invalid.
    pub fn id<T: PathId>(&self, name: &str) -> Result<T, Error> {
        self.path_parameter(name).and_then(T::read).ok_or(Error::NotFound)
    }

    /// The optional `Idempotency-Key`.
    ///
    /// # Errors
    /// It is not 1 to 64 visible ASCII characters.
    pub fn idempotency_key(&self) -> Result<Option<&str>, Error> {
        self.header_bytes("idempotency-key").map(idempotency_key).transpose()
    }

    /// The required `Idempotency-Key`.
    ///
    /// # Errors
    /// It is missing, or not 1 to 64 visible ASCII characters.
    pub fn required_idempotency_key(&self) -> Result<&str, Error> {
        idempotency_key(self.header_bytes("idempotency-key").unwrap_or_default())
    }

    /// The cursor of a route without other parameters. `read` returns `None` for an invalid one.
    ///
    /// # Errors
    /// The cursor is invalid, or there is another parameter.
    pub fn cursor<T>(&self, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Error> {
        let cursor = self.only_parameter("cursor")?;
        let read = |text: String| read(&text).ok_or_else(|| Error::Validation(vec![FieldError::cursor()]));
        cursor.map(read).transpose()
    }

    /// The query parameters, parsed by `read`. Those in `numbers` are passed as numbers.
    ///
    /// # Errors
    /// All parameters that are unknown, repeated or invalid.
    pub fn parameters<T>(
        &self,
        known: &[&str],
        numbers: &[&str],
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> Result<T, Error> {
        let (mut body, mut repeated) = (Map::new(), Vec::new());
        for (name, text) in self.query() {
            let value = match serde_json::from_str::<Value>(&text) {
                Ok(number @ Value::Number(_)) if numbers.contains(&name.as_str()) => number,
                _ => Value::String(text),
            };
            if body.insert(name.clone(), value).is_some() {
                repeated.push(FieldError::new(name, "repeated", "Send it once."));
            }
        }
        let mut fields = Fields::of(&body, known);
        fields.take_over(repeated);
        let value = read(&mut fields);
        fields.done(value).map_err(Error::Validation)
    }

    /// The JSON body, parsed by `read`.
    ///
    /// # Errors
    /// It is too large or not a JSON object, or some fields are invalid; all are listed.
    pub fn body<T>(&self, read: impl FnOnce(&Map<String, Value>) -> Result<T, Vec<FieldError>>) -> Result<T, Error> {
        read(&self.json()?).map_err(Error::Validation)
    }

    /// The route as in template.yaml, such as `GET /api/me`.
    pub fn route(&self) -> &str {
        match self.request.request_context_ref() {
            Some(Origin::ApiGatewayV2(context)) => context.route_key.as_deref().unwrap_or_default(),
            _ => "",
        }
    }

    /// The session token from the `Authorization` header.
    pub fn bearer(&self) -> Option<&str> {
        let value = self.header(header::AUTHORIZATION.as_str())?;
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
    }

    /// A header's raw bytes.
    pub fn header_bytes(&self, name: &str) -> Option<&[u8]> {
        Some(self.request.headers().get(name)?.as_bytes())
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }

    /// The request's source address as the platform reports it. For requests through CloudFront it is CloudFront's
    /// address.
    pub fn source_ip(&self) -> Option<String> {
        match self.request.request_context_ref() {
            Some(Origin::ApiGatewayV2(context)) => context.http.source_ip.clone(),
            _ => None,
        }
    }

    /// The viewer's address from CloudFront. It is trustworthy because only requests through CloudFront get this far.
    pub fn viewer_address(&self) -> Option<String> {
        viewer_address(self.header("cloudfront-viewer-address"))
    }

    /// The method.
    pub fn method(&self) -> &str {
        self.request.method().as_str()
    }

    /// The requested path.
    pub fn path(&self) -> &str {
        self.request.uri().path()
    }

    /// A path parameter.
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.request.path_parameters_ref()?.first(name)
    }

    /// The decoded query parameters in order.
    pub fn query(&self) -> Vec<(String, String)> {
        query(self.request.uri().query().unwrap_or_default())
    }

    /// The value of the route's only parameter, if present.
    ///
    /// # Errors
    /// There is another parameter, or the same one twice.
    pub fn only_parameter(&self, name: &str) -> Result<Option<String>, Error> {
        let query = self.query();
        let errors = query
            .iter()
            .enumerate()
            .filter_map(|(at, (given, _))| {
                if given != name {
                    Some(FieldError::new(
                        given.as_str(),
                        "unknown",
                        format!("There is no such parameter. There is {name}."),
                    ))
                } else if query[..at].iter().any(|(earlier, _)| earlier == name) {
                    Some(FieldError::new(name, "repeated", "Send it once."))
                } else {
                    None
                }
            })
            .collect::<Vec<_>>();
        if errors.is_empty() {
            Ok(query.into_iter().next().map(|(_, value)| value))
        } else {
            Err(Error::Validation(errors))
        }
    }

    /// The body as a JSON object.
    ///
    /// # Errors
    /// It is too large or not a JSON object.
    pub fn json(&self) -> Result<Map<String, Value>, Error> {
        let body: &[u8] = self.request.body();
        if body.len() > MAX_BODY_BYTES {
            return Err(Error::BodyTooLarge);
        }
        serde_json::from_slice(body).map_err(|_| Error::InvalidJson)
    }
}

/// The decoded names and values of a query.
pub fn query(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Validates an `Idempotency-Key`.
fn idempotency_key(key: &[u8]) -> Result<&str, Error> {
    let key = std::str::from_utf8(key).ok().filter(|key| (1..=64).contains(&key.len()));
    key.filter(|key| key.bytes().all(|b| b.is_ascii_graphic())).ok_or_else(|| {
        let message = "Must be 1 to 64 visible ASCII characters, such as a UUID.";
        Error::Validation(vec![FieldError::new("Idempotency-Key", "malformed", message)])
    })
}

/// The address in CloudFront's `address:port` header.
fn viewer_address(header: Option<&str>) -> Option<String> {
    let (address, _port) = header?.rsplit_once(':')?;
    let address: std::net::IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
    Some(address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_viewers_address_is_read_in_both_forms() {
        assert_eq!(viewer_address(Some("203.0.113.7:4711")).as_deref(), Some("203.0.113.7"));
        assert_eq!(viewer_address(Some("2001:db8:0:0:0:0:0:1:443")).as_deref(), Some("2001:db8::1"));
        assert_eq!(viewer_address(Some("somewhere:1")), None);
        assert_eq!(viewer_address(None), None);
    }
}
