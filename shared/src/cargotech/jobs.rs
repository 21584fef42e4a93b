//! The scheduled check of CargoTech.
use super::metrics;
use crate::{app::App, clock::DAY_S, modules::Job, request::RequestContext, telemetry};

/// Checks that CargoTech accepts our login.
pub const CHECK_CARGOTECH: Job =
    Job { name: "check-cargotech", every_s: DAY_S, run: |app, context| Box::pin(check_cargotech(app, context)) };

/// Checks our CargoTech token daily (contract 1.4), to find a broken login before drivers do.
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
