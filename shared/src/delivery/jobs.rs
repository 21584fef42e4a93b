//! The scheduled job of the outbox.
use tokio::time::Instant;

use crate::{
    app::App,
    modules::{Job, RUN, log_done},
    request::RequestContext,
};

/// Sends due messages whose hint was lost.
pub const DELIVER_DUE: Job =
    Job { name: "deliver-due", every_s: 60, run: |app, context| Box::pin(deliver_due(app, context)) };

/// Sends due messages whose hint was lost.
async fn deliver_due(app: &App, context: &RequestContext) -> Result<(), String> {
    let done = app.deliver_due(Instant::now() + RUN, context).await.map_err(|error| error.to_string())?;
    log_done(done, "messages that were due were dealt with");
    Ok(())
}
