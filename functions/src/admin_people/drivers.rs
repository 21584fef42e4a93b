//! Drivers: the list, one driver, and the actions on a driver.
use lambda_http::http::StatusCode;
use serde::Serialize;
use serde_json::json;
use shared::{
    access::{Feature, Rule},
    admin::{
        drivers::{DriverFilter, SubscriptionBody, SubscriptionOrder},
        requests::Ordered,
    },
    billing::subscription::{Entry, Source, State, Subscription},
    body,
    body::Body as _,
    clock::rfc3339,
    driver::Block,
    error::Error,
    fields::Fields,
    store::driver::{DriverRow, RunningSession},
};
use utoipa::ToSchema;

use super::requests::OneGiftRequest;
use crate::{
    admin::{
        Call, columns,
        listing::{self, query},
    },
    http::{Answer, ids::DriverId, no_content, private_json, private_json_of},
    me::SubscriptionView,
};

/// A driver in the list for admins.
#[derive(Serialize, ToSchema)]
pub struct DriverRowView {
    /// Telegram id.
    id: i64,
    /// First name; empty if the driver's data was deleted.
    first_name: String,
    last_name: Option<String>,
    username: Option<String>,
    /// Phone in E.164; null if unknown.
    phone: Option<String>,
    blocked: bool,
    /// Whether the bot is unable to message the driver.
    unreachable: bool,
    /// First sign-in, RFC 3339 in UTC.
    created_at: Option<String>,
    /// Last sign-in, RFC 3339 in UTC.
    seen_at: Option<String>,
    subscription: SubscriptionBrief,
}

/// The state and end of a subscription.
#[derive(Serialize, ToSchema)]
pub struct SubscriptionBrief {
    /// State: `none`, `trial`, `active` or `expired`.
    #[schema(value_type = String)]
    state: State,
    /// End, RFC 3339 in UTC; null if there never was a subscription.
    expires_at: Option<String>,
}

/// A page of drivers.
#[derive(Serialize, ToSchema)]
pub struct DriverRows {
    items: Vec<DriverRowView>,
    /// Cursor of the next page; null on the last page. When few rows match, a page may end before `limit`.
    cursor: Option<String>,
}

/// A driver with their profile.
#[derive(Serialize, ToSchema)]
pub struct DriverView {
    #[serde(flatten)]
    row: DriverRowView,
    /// Whether Telegram confirmed the phone.
    phone_confirmed: bool,
    company: Option<String>,
    email: Option<String>,
    /// `ru` or `en`; null if the driver never chose.
    language: Option<String>,
    /// When the driver's data was deleted; null if it was not.
    deleted_at: Option<String>,
}

/// The block of a driver.
#[derive(Serialize, ToSchema)]
pub struct BlockView {
    reason: String,
    /// Telegram id of the admin.
    by: i64,
    /// The admin's name at the time.
    name: String,
    at: String,
}

/// An active session.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    /// When the driver signed in through Telegram; null if unknown.
    signed_in_at: Option<String>,
    /// When it ends if it is not renewed, RFC 3339 in UTC.
    expires_at: String,
    /// Whether an access link opened it.
    by_link: bool,
}

/// Whether the driver may use a feature now, and why.
#[derive(Serialize, ToSchema)]
pub struct FeatureView {
    feature: Feature,
    allowed: bool,
    rule: Rule,
}

/// An entry of a subscription's ledger.
#[derive(Serialize, ToSchema)]
pub struct EntryView {
    id: String,
    /// Source: `payment`, `promo`, `trial`, `gift`, `refund` or `revocation`.
    #[schema(value_type = String)]
    source: Source,
    /// Days given; negative if taken back.
    days: f64,
    /// Time of the entry, RFC 3339 in UTC.
    at: String,
    /// End of the subscription after this entry.
    ends_at: String,
    /// The admin's reason; null if no admin was involved.
    reason: Option<String>,
    /// Telegram id of the admin; null if no admin was involved.
    by: Option<i64>,
    /// The admin's name at the time; null if no admin was involved.
    name: Option<String>,
}

/// Everything known about a driver.
#[derive(Serialize, ToSchema)]
pub struct DriverCardView {
    driver: DriverView,
    block: Option<BlockView>,
    session: Option<SessionView>,
    subscription: SubscriptionView,
    features: Vec<FeatureView>,
    /// Ledger entries, newest first.
    ledger: Vec<EntryView>,
}

impl SubscriptionBrief {
    fn new(subscription: &Subscription, now_ms: i64) -> Self {
        Self { state: subscription.state(now_ms), expires_at: subscription.ends_at_ms.map(rfc3339) }
    }
}

impl DriverRowView {
    fn new(row: &DriverRow, now_ms: i64) -> Self {
        let at = |seconds: Option<i64>| seconds.map(|seconds| rfc3339(seconds * 1000));
        let profile = &row.profile;
        Self {
            id: profile.id,
            first_name: profile.first_name.clone(),
            last_name: profile.last_name.clone(),
            username: profile.username.clone(),
            phone: profile.phone.clone(),
            blocked: row.block.blocked,
            unreachable: profile.unreachable,
            created_at: at(row.created_at_s),
            seen_at: at(row.seen_at_s),
            subscription: SubscriptionBrief::new(&row.subscription, now_ms),
        }
    }
}

impl DriverView {
    /// The driver at `now_ms`.
    pub fn new(row: &DriverRow, now_ms: i64) -> Self {
        Self {
            row: DriverRowView::new(row, now_ms),
            phone_confirmed: row.profile.phone_confirmed,
            company: row.profile.company.clone(),
            email: row.profile.email.clone(),
            language: row.profile.language.clone(),
            deleted_at: row.deleted_at_ms.map(rfc3339),
        }
    }
}

impl BlockView {
    /// `None` when the driver is not blocked.
    pub fn new(block: &Block) -> Option<Self> {
        block.blocked.then(|| Self {
            reason: block.reason.clone(),
            by: block.by,
            name: block.name.clone(),
            at: rfc3339(block.at_ms),
        })
    }
}

impl SessionView {
    fn new(session: &RunningSession) -> Self {
        Self {
            signed_in_at: session.signed_in_at_s.map(|at| rfc3339(at * 1000)),
            expires_at: rfc3339(session.expires_at_s * 1000),
            by_link: session.by_link,
        }
    }
}

impl EntryView {
    fn new(entry: Entry) -> Self {
        #[allow(clippy::cast_precision_loss)] // far below what a float can hold
        let days = entry.seconds as f64 / 86_400.0;
        Self {
            id: entry.id,
            source: entry.source,
            days,
            at: rfc3339(entry.at_ms),
            ends_at: rfc3339(entry.ends_at_ms),
            reason: entry.reason,
            by: entry.by.as_ref().map(|by| by.id),
            name: entry.by.map(|by| by.name),
        }
    }
}

/// The subscription after a change.
#[derive(Serialize, ToSchema)]
pub struct OrderedSubscription {
    subscription: SubscriptionView,
    /// Seconds given; negative if taken back.
    seconds: i64,
}

/// The block after a change.
#[derive(Serialize, ToSchema)]
pub struct BlockAnswer {
    /// The block; null if the driver is not blocked.
    block: Option<BlockView>,
}

/// A driver after deletion.
#[derive(Serialize, ToSchema)]
pub struct DeletedDriver {
    driver: DriverView,
    /// False if responses remain, because one call clears a limited number. Then repeat the request.
    done: bool,
}

body! {
    /// Blocks or unblocks a driver.
    pub struct BlockBody {
        blocked: bool = Fields::flag(None),
        /// Reason; at most 250 characters.
        reason: String = Fields::required_text(250),
    }
}

body! {
    /// The reason for an action.
    pub struct ReasonBody {
        /// Reason; at most 250 characters.
        reason: String = Fields::required_text(250),
    }
}

/// Reads the reason from a body that has no other field.
///
/// # Errors
/// The reason is missing or too long, or there is another field.
pub fn reason(call: &Call<'_>) -> Result<String, Error> {
    let body = call.incoming.body(ReasonBody::parse)?;
    Ok(body.reason)
}

/// Lists drivers, newest first, or those matching `q`.
#[utoipa::path(
    get, path = "/api/admin/drivers", tag = "admin", security(("session" = [])),
    params(
        ("q" = Option<String>, Query, description = "Telegram id, @username, phone, or the beginning of a name"),
        ("from" = Option<String>, Query, description = "First day of their first sign-in, YYYY-MM-DD, Moscow time; not with q"),
        ("until" = Option<String>, Query, description = "Last day of their first sign-in; not with q"),
        ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query), ("format" = Option<String>, Query), ("sep" = Option<String>, Query), ("lang" = Option<String>, Query),
    ),
    responses(
        (status = 200, body = DriverRows),
        (status = 422),
    )
)]
pub async fn list(call: Call<'_>) -> Answer {
    let (filter, paging) = query(call.incoming, &["q", "from", "until"], &[], |fields| {
        let text = fields.text("q", 100).unwrap_or_default();
        for name in ["from", "until"] {
            if !text.is_empty() && fields.value(name).is_some() {
                fields.fail(name, "unknown", "Cannot be combined with q.");
            }
        }
        let from_ms = fields.day("from");
        DriverFilter { text, from_ms, until_ms: fields.day("until").map(|midnight| midnight + 86_400_000) }
    })?;
    let page = call.app.find_drivers(&filter, paging.cursor.as_deref(), paging.limit).await?;
    let now_ms = call.app.clock.now_ms();
    let rows: Vec<_> = page.items.iter().map(|row| DriverRowView::new(row, now_ms)).collect();
    listing::answer(&call, &paging, (rows, &[]), page.cursor, columns::DRIVERS, json!({})).await
}

/// Returns everything known about a driver.
#[utoipa::path(
    get, path = "/api/admin/drivers/{id}", tag = "admin", security(("session" = [])), params(("id" = i64, Path)),
    responses(
        (status = 200, body = DriverCardView),
        (status = 404),
    )
)]
pub async fn show(call: Call<'_>, id: DriverId) -> Answer {
    let (card, ledger) = call.app.driver(id.0).await?;
    let now_ms = call.app.clock.now_ms();
    let features = Feature::ALL.into_iter().map(|feature| {
        let rule = card.access.rule(feature, now_ms);
        FeatureView { feature, allowed: rule.allows(), rule }
    });
    private_json(&DriverCardView {
        driver: DriverView::new(&card.row, now_ms),
        block: BlockView::new(&card.row.block),
        session: card.session.filter(|session| session.expires_at_s * 1000 > now_ms).as_ref().map(SessionView::new),
        subscription: SubscriptionView::new(&card.row.subscription, now_ms),
        features: features.collect(),
        ledger: ledger.into_iter().map(EntryView::new).collect(),
    })
}

/// Gives or takes back days of a subscription.
///
/// A retry with the same `Idempotency-Key` is applied once.
#[utoipa::path(
    post, path = "/api/admin/drivers/{id}/subscription", tag = "admin", security(("session" = [])),
    request_body = SubscriptionBody,
    params(("id" = i64, Path), ("Idempotency-Key" = String, Header, description = "Identifies the order; send the same key with a retry. 1 to 64 visible ASCII characters")),
    responses(
        (status = 200, body = OrderedSubscription),
        (status = 202, description = "The order exceeds the role's limit and waits for an owner's confirmation", body = OneGiftRequest),
        (status = 403, description = "admin_only, sign_in_too_old"),
        (status = 404),
        (status = 409, description = "subscription_ended, own_account"),
    )
)]
pub async fn change_subscription(call: Call<'_>, id: DriverId) -> Answer {
    let key = call.incoming.required_idempotency_key()?;
    let order = call.incoming.body(|body| SubscriptionOrder::parse(body, key))?;
    let context = &call.incoming.context;
    let (subscription, seconds) =
        match Box::pin(call.app.order_subscription(&call.admin, id.0, &order, context)).await? {
            Ordered::Done(subscription, seconds) => (subscription, seconds),
            Ordered::Asked(request) => {
                return private_json_of(StatusCode::ACCEPTED, &OneGiftRequest::new(request));
            }
        };
    let subscription = SubscriptionView::new(&subscription, call.app.clock.now_ms());
    private_json(&OrderedSubscription { subscription, seconds })
}

/// Blocks or unblocks a driver.
///
/// It takes effect with the next request. A repeat has no further effect.
#[utoipa::path(
    post, path = "/api/admin/drivers/{id}/block", tag = "admin", security(("session" = [])), request_body = BlockBody,
    params(("id" = i64, Path)),
    responses(
        (status = 200, body = BlockAnswer),
        (status = 404),
        (status = 409, description = "driver_is_admin"),
    )
)]
pub async fn block(call: Call<'_>, id: DriverId) -> Answer {
    let BlockBody { blocked, reason } = call.incoming.body(BlockBody::parse)?;
    let block = call.app.block_driver(&call.admin, id.0, blocked, &reason, &call.incoming.context).await?;
    private_json(&BlockAnswer { block: BlockView::new(&block) })
}

/// Ends a driver's session at once and revokes their access link.
#[utoipa::path(
    post, path = "/api/admin/drivers/{id}/end-session", tag = "admin", security(("session" = [])),
    request_body = ReasonBody, params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404),
        (status = 409, description = "driver_is_admin"),
    )
)]
pub async fn end_session(call: Call<'_>, id: DriverId) -> Answer {
    let reason = reason(&call)?;
    call.app.end_session_of(&call.admin, id.0, &reason, &call.incoming.context).await?;
    Ok(no_content())
}

/// Revokes a driver's access link and ends the session that it opened.
///
/// The driver finds a new link in the app.
#[utoipa::path(
    post, path = "/api/admin/drivers/{id}/revoke-link", tag = "admin", security(("session" = [])),
    request_body = ReasonBody, params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404),
    )
)]
pub async fn revoke_link(call: Call<'_>, id: DriverId) -> Answer {
    let reason = reason(&call)?;
    call.app.revoke_link_of(&call.admin, id.0, &reason, &call.incoming.context).await?;
    Ok(no_content())
}

/// Deletes a driver's data, except what the law requires to keep.
///
/// One call clears a limited number of responses: repeat it until `done` is true.
#[utoipa::path(
    post, path = "/api/admin/drivers/{id}/delete", tag = "admin", security(("session" = [])), request_body = ReasonBody,
    params(("id" = i64, Path)),
    responses(
        (status = 200, body = DeletedDriver),
        (status = 404),
        (status = 409, description = "driver_is_admin"),
    )
)]
pub async fn delete(call: Call<'_>, id: DriverId) -> Answer {
    let reason = reason(&call)?;
    let (card, done) = Box::pin(call.app.delete_driver(&call.admin, id.0, &reason, &call.incoming.context)).await?;
    private_json(&DeletedDriver { driver: DriverView::new(&card.row, call.app.clock.now_ms()), done })
}
