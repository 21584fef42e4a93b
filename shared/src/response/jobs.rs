//! The scheduled job of responses.
use tokio::time::Instant;

use crate::{
    app::App,
    modules::{Job, RUN, log_done},
    request::RequestContext,
};

/// Expires responses that nobody decided in time.
pub const EXPIRE_RESPONSES: Job =
    Job { name: "expire-responses", every_s: 300, run: |app, context| Box::pin(expire_responses(app, context)) };

/// Expires responses that nobody decided in time.
async fn expire_responses(app: &App, context: &RequestContext) -> Result<(), String> {
    let expired = app.expire_responses(Instant::now() + RUN, context).await.map_err(|error| error.code().to_owned())?;
    log_done(expired, "responses whose time was over have expired");
    Ok(())
}
