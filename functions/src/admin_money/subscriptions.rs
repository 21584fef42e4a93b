//! Subscriptions, by when they end.
use serde::Serialize;
use serde_json::json;
use shared::{
    admin::drivers::SubscriptionFilter, billing::subscription::State, clock::rfc3339, store::driver::Subscribed,
};
use utoipa::ToSchema;

use crate::{
    admin::{
        Call, columns,
        listing::{self, query},
    },
    http::Answer,
    me::SubscriptionView,
};

/// A subscription in the list for admins.
#[derive(Serialize, ToSchema)]
pub struct SubscriptionRow {
    /// Telegram id.
    driver_id: i64,
    /// First and last name; null if unknown or if the caller may not see drivers.
    driver_name: Option<String>,
    #[serde(flatten)]
    subscription: SubscriptionView,
    /// Number of payments that extended it.
    payments: u32,
}

/// A page of subscriptions by end: earliest first if `state` is `trial` or `active`, else latest first.
#[derive(Serialize, ToSchema)]
pub struct SubscriptionRows {
    items: Vec<SubscriptionRow>,
    /// Cursor of the next page; null on the last page.
    cursor: Option<String>,
    /// End of the last subscription searched, RFC 3339 in UTC. When few rows match, a page may end before `limit`.
    reached: Option<String>,
}

impl SubscriptionRow {
    fn new(subscribed: &Subscribed, now_ms: i64) -> Self {
        Self {
            driver_id: subscribed.driver_id,
            driver_name: None,
            subscription: SubscriptionView::new(&subscribed.subscription, now_ms),
            payments: subscribed.subscription.payments,
        }
    }
}

/// Lists subscriptions that match the filters.
#[utoipa::path(
    get, path = "/api/admin/subscriptions", tag = "admin", security(("session" = [])),
    params(
        ("state" = Option<String>, Query, description = "trial, active or expired"),
        ("from" = Option<String>, Query, description = "First day of their end, YYYY-MM-DD, Moscow time"),
        ("until" = Option<String>, Query, description = "Last day of their end"),
        ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query), ("format" = Option<String>, Query), ("sep" = Option<String>, Query), ("lang" = Option<String>, Query),
    ),
    responses(
        (status = 200, body = SubscriptionRows),
        (status = 422),
    )
)]
pub async fn list(call: Call<'_>) -> Answer {
    let states = [("trial", State::Trial), ("active", State::Active), ("expired", State::Expired)];
    let (filter, paging) = query(call.incoming, &["state", "from", "until"], &[], |fields| SubscriptionFilter {
        state: fields.value("state").and_then(|_| fields.choice("state", &states)),
        from_ms: fields.day("from"),
        until_ms: fields.day("until").map(|midnight| midnight + 86_400_000),
    })?;
    let page = call.app.find_subscriptions(&filter, paging.cursor.as_deref(), paging.limit).await?;
    let now_ms = call.app.clock.now_ms();
    let rows: Vec<_> = page.items.iter().map(|row| SubscriptionRow::new(row, now_ms)).collect();
    listing::answer(
        &call,
        &paging,
        (rows, listing::DRIVER),
        page.cursor,
        columns::SUBSCRIPTIONS,
        json!({ "reached": page.reached_ms.map(rfc3339) }),
    )
    .await
}
