//! HTTP around the rules: requests, responses, and what all routes share.
//!
//! - [`serve`](fn@serve) runs a request: access through CloudFront, the time limit, the log line, errors as responses.
//! - [`Incoming`] has the extractors: a route receives a session, id, body, key or cursor only after validation.
//! - [`problem`] renders errors, and [`answer`] everything else.
pub mod answer;
pub mod ids;
pub mod incoming;
pub mod problem;
mod serve;

pub use answer::{document, matches, no_content, not_modified, private_json, private_json_of};
pub use ids::PathId;
pub use incoming::{Incoming, query};
pub use problem::Problem;
pub use serve::{serve, serve_admins, serve_webhook};

use lambda_http::{Body, Response};
use shared::error::Error;

/// The result of a route.
pub type Answer = Result<Response<Body>, Error>;
