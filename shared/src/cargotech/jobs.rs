//! What is asked of CargoTech by the clock.
use super::metrics;
use crate::{
    app::App,
    modules::{DAY_S, Job},
    request::RequestContext,
    telemetry,
};

/// Asks CargoTech whether it knows us.
pub const CHECK_CARGOTECH: Job =
    Job { name: "check-cargotech", every_s: DAY_S, run: |app, context| Box::pin(check_cargotech(app, context)) };

/// Asks CargoTech whether our token is alive, as every day (contract 1.4): a broken login is found before drivers do.
async fn check_cargotech(app: &App, context: &RequestContext) -> Result<(), String> {
    match app.cargotech.check(context, context.deadline).await {
        Ok(()) => {
            tracing::info!("CargoTech knows us");
            Ok(())
        }
        Err(error) => {
            tracing::error!(%error, "the daily check of CargoTech failed");
            telemetry::count(metrics::CHECK_FAILED);
            Err(error.to_string())
        }
    }
}
