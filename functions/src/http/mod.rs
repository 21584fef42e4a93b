//! HTTP on this side of the rules: what a request says, what an answer looks like, and what every route shares.
//!
//! - [`serve`](fn@serve) owns a request: the front door, the time limit, the log line, errors as answers.
//! - [`Incoming`] has the extractors: a route takes a session, an id, a body, a key or a cursor only when it is good.
//! - [`problem`] is how an error is told, and [`answer`] how everything else is.
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

/// What a route comes to.
pub type Answer = Result<Response<Body>, Error>;
