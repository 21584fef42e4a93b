//! Scheduled jobs of billing.
use tokio::time::Instant;

use super::metrics;
use crate::{
    app::App,
    clock::DAY_S,
    modules::{Job, LONG_RUN, RUN, log_done},
    request::RequestContext,
    telemetry,
};

/// Checks open payments.
pub const LOOK_AFTER_PAYMENTS: Job =
    Job { name: "look-after-payments", every_s: 60, run: |app, context| Box::pin(look_after_payments(app, context)) };
/// Compares our payments with the provider's lists.
pub const COMPARE_PAYMENTS: Job =
    Job { name: "compare-payments", every_s: DAY_S, run: |app, context| Box::pin(compare_payments(app, context)) };
/// Counts drivers from before the conversion counters.
pub const COUNT_COHORTS: Job =
    Job { name: "count-cohorts", every_s: DAY_S, run: |app, _| Box::pin(count_cohorts(app)) };

/// Checks open payments with the provider, in case no notification arrives.
async fn look_after_payments(app: &App, context: &RequestContext) -> Result<(), String> {
    let done = app
        .billing()
        .look_after_payments(Instant::now() + RUN, context)
        .await
        .map_err(|error| error.code().to_owned())?;
    log_done(done, "open payments were looked after");
    Ok(())
}

/// Compares the provider's lists of the last three days with our rows.
async fn compare_payments(app: &App, context: &RequestContext) -> Result<(), String> {
    let compared = app.billing().compare_payments(Instant::now() + LONG_RUN, context).await;
    tracing::info!(?compared, "payments were compared with the provider's lists");
    if compared.differing > 0 {
        telemetry::count(metrics::PAYMENTS_DIFFER);
    }
    if compared.is_complete {
        return Ok(());
    }
    // The scheduler or an admin runs it again.
    telemetry::count(metrics::COMPARISON_INCOMPLETE);
    Err("the comparison did not come to its end".to_owned())
}

/// Counts drivers from before the conversion counters, by the day their trial began. The next night continues.
async fn count_cohorts(app: &App) -> Result<(), String> {
    let counted =
        app.billing().count_cohorts(Instant::now() + LONG_RUN).await.map_err(|error| error.code().to_owned())?;
    tracing::debug!(?counted, "drivers from before the conversion was counted were counted");
    Ok(())
}
