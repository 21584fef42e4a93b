//! The market.
use serde::Serialize;
use shared::{
    body::Body as _,
    clock::rfc3339,
    market::{admin::AcceptedSizeBody, live::MarketState, rows::Current},
};
use utoipa::ToSchema;

use crate::{
    admin::Call,
    http::{Answer, private_json},
};

/// The market: the copy of CargoTech's open cargos.
#[derive(Serialize, ToSchema)]
pub struct MarketView {
    /// `off`, `none` (no sweep has ended yet), `fresh`, or `stale` (CargoTech answers searches).
    state: &'static str,
    /// Start of the last accepted sweep, RFC 3339 in UTC; null before the first.
    swept_at: Option<String>,
    /// Number of cargos.
    size: Option<u32>,
    /// New cargos of the last accepted sweep.
    new: Option<i64>,
    /// Changed cargos of the last accepted sweep.
    changed: Option<i64>,
    /// Removed cargos of the last accepted sweep.
    gone: Option<i64>,
    /// Duration of the last accepted sweep, seconds.
    took_s: Option<i64>,
    /// Whether CargoTech's list was ordered, the newest first.
    ordered: Option<bool>,
    /// Number of cargos of the last sweep that was refused because it found too few; null if a later one was accepted.
    refused_size: Option<u32>,
    /// Whether an admin has accepted a smaller number for the next sweep.
    accepted: bool,
}

impl MarketView {
    /// The market in this state.
    pub fn new(state: MarketState, current: Option<&Current>) -> Self {
        let report = current.map(|current| current.report);
        Self {
            state: state.as_str(),
            swept_at: current.map(|current| rfc3339(current.head.at_s * 1000)),
            size: current.map(|current| current.head.cargos),
            new: report.map(|report| report.new),
            changed: report.map(|report| report.changed),
            gone: report.map(|report| report.gone),
            took_s: report.map(|report| report.took_s),
            ordered: report.map(|report| report.is_ordered),
            refused_size: current.and_then(|current| current.refused),
            accepted: current.is_some_and(|current| current.accepted.is_some()),
        }
    }
}

/// Accepts that the market has become smaller. The next sweep is compared with this size.
#[utoipa::path(
    post, path = "/api/admin/market/accept", tag = "admin", security(("session" = [])), request_body = AcceptedSizeBody,
    responses(
        (status = 200, body = MarketView),
        (status = 403, description = "admin_only, sign_in_too_old"),
        (status = 409, description = "no_sweep_refused"),
    )
)]
pub async fn accept(call: Call<'_>) -> Answer {
    let body = call.incoming.body(AcceptedSizeBody::parse)?;
    let current = call.app.accept_market_size(&call.admin, &body, &call.incoming.context).await?;
    private_json(&MarketView::new(call.app.market.state(Some(&current)), Some(&current)))
}
