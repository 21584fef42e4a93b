//! A response as its driver sees it.
use serde::Serialize;
use utoipa::ToSchema;

use super::{CargoSummary, Response, Status};
use crate::{cargo::Money, clock::rfc3339};

/// A response as its driver sees it, without the names of dispatchers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ResponseView {
    /// A UUID.
    pub id: String,
    /// CargoTech's id of the cargo.
    pub cargo_id: String,
    /// Current status.
    pub status: Status,
    /// Creation time, RFC 3339 in UTC, as all times here.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// When it expires if no one decides.
    pub expires_at: String,
    /// Why it was rejected; null without a reason.
    pub reason: Option<String>,
    /// What the driver offered.
    pub offer: OfferView,
    /// Price agreed by accepting the response, rubles: the driver's own, else the cargo's; null means "on request".
    #[schema(value_type = Option<f64>)]
    pub agreed_price_rub: Option<Money>,
    /// The cargo as it was when the driver responded.
    pub cargo: CargoSummary,
    /// Steps of the response, oldest first.
    pub history: Vec<StepView>,
}

/// What the driver offered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfferView {
    /// The driver's name.
    pub name: String,
    /// Phone in E.164.
    pub phone: String,
    /// Whether Telegram confirmed the phone.
    pub phone_confirmed: bool,
    /// The driver's comment.
    pub comment: Option<String>,
    /// The driver's own price, rubles; null if none was offered.
    #[schema(value_type = Option<f64>)]
    pub price_rub: Option<Money>,
}

/// A step of a response.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StepView {
    /// The new status.
    pub status: Status,
    /// When it happened.
    pub at: String,
    /// Who acted: `driver`, `dispatcher`, `shipper`, `admin` or `system`.
    pub by: &'static str,
}

impl ResponseView {
    /// What the driver is told of the response.
    pub fn new(response: &Response) -> Self {
        Self {
            id: response.id.clone(),
            cargo_id: response.cargo.id.clone(),
            status: response.status,
            created_at: rfc3339(response.created_at_ms),
            updated_at: rfc3339(response.updated_at_ms),
            expires_at: rfc3339(response.expires_at_ms),
            reason: response.reason.clone(),
            offer: OfferView {
                name: response.offer.name.clone(),
                phone: response.offer.phone.clone(),
                phone_confirmed: response.offer.phone_confirmed,
                comment: response.offer.comment.clone(),
                price_rub: response.own_price(),
            },
            agreed_price_rub: response.agreed_price(),
            cargo: response.cargo.clone(),
            history: response
                .history
                .iter()
                .map(|step| StepView { status: step.status, at: rfc3339(step.at_ms), by: step.by.as_str() })
                .collect(),
        }
    }
}
