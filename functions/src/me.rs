//! The driver's own profile and preferences.
use std::collections::BTreeMap;

use lambda_http::{Body, Request, Response};
use serde::Serialize;
use serde_json::Value;
use shared::{
    access::{Access, Feature},
    app::App,
    auth::secret::{ACCESS, EDGE, SESSION},
    billing::{
        plan::DAY_S,
        settings::Settings,
        subscription::{Source, State, Subscription},
    },
    cargo::Money,
    clock::rfc3339,
    driver::{MeBody, Profile, ProfileChange},
    error::Error,
    worth::truck::Truck,
};
use utoipa::ToSchema;

use crate::{
    BoxFuture, Function, Trigger,
    http::{Answer, Incoming, no_content, private_json, serve},
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "me",
    secrets: &[SESSION, ACCESS, EDGE],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

/// The driver's own profile.
#[derive(Serialize, ToSchema)]
pub struct Driver {
    id: i64,
    first_name: String,
    last_name: Option<String>,
    username: Option<String>,
    /// Phone in E.164; null if unknown.
    phone: Option<String>,
    /// Whether Telegram confirmed the phone.
    phone_confirmed: bool,
    company: Option<String>,
    email: Option<String>,
    /// The driver's truck; null if not described.
    truck: Option<Truck>,
    preferences: Preferences,
}

/// The driver's preferences.
#[derive(Serialize, ToSchema)]
pub struct Preferences {
    /// The last filters, as query parameters of `GET /api/cargos`.
    #[schema(value_type = Option<Object>)]
    filters: Option<Value>,
    /// `ru` or `en`; null follows Telegram's language.
    language: Option<String>,
}

/// Links to places outside the app.
#[derive(Serialize, ToSchema)]
pub struct Links {
    /// URL that opens the app from the bot; `?startapp=cargo_<id>` opens a cargo.
    app_url: String,
    /// Support contact as a link: a URL, or `tel:` and a phone.
    support_url: String,
    /// Support contact as text: a URL, a Telegram name or a phone.
    support_contact: String,
}

/// The driver's profile and the links.
#[derive(Serialize, ToSchema)]
pub struct Me {
    #[serde(flatten)]
    driver: Driver,
    links: Links,
}

impl Driver {
    /// The profile as the driver sees it.
    pub fn new(profile: Profile) -> Self {
        Self {
            id: profile.id,
            first_name: profile.first_name,
            last_name: profile.last_name,
            username: profile.username,
            phone: profile.phone,
            phone_confirmed: profile.phone_confirmed,
            company: profile.company,
            email: profile.email,
            truck: profile.truck,
            preferences: Preferences { filters: profile.filters, language: profile.language },
        }
    }
}

impl Links {
    /// The links from the settings.
    pub fn new(app: &App, settings: &Settings) -> Self {
        Self {
            app_url: app.config.telegram_app_url.clone(),
            support_url: settings.support_url(&app.config),
            support_contact: settings.support_contact(&app.config).to_owned(),
        }
    }
}

/// Serves `/api/me`.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, incoming| match incoming.route() {
        "GET /api/me" => get(app, incoming).await,
        "PUT /api/me" => put(app, incoming).await,
        "GET /api/me/access-link" => access_link(app, incoming).await,
        "DELETE /api/me/access-link" => revoke_access_link(app, incoming).await,
        "GET /api/plans" => plans(app, incoming).await,
        "GET /api/subscription" => subscription(app, incoming).await,
        _ => Err(Error::NotFound),
    }))
}

/// Returns the signed-in driver's profile.
#[utoipa::path(
    get, path = "/api/me", tag = "me", security(("session" = [])),
    responses((status = 200, body = Me))
)]
pub async fn get(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.any_session(app).await?;
    me(app, app.profile(session.driver_id()).await?).await
}

/// Changes the signed-in driver's profile.
///
/// Phone and e-mail can only be changed in a session opened through Telegram.
#[utoipa::path(
    put, path = "/api/me", tag = "me", security(("session" = [])), request_body = MeBody,
    responses(
        (status = 200, body = Me),
        (status = 403, description = "driver_blocked, telegram_needed"),
    )
)]
pub async fn put(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session(app).await?;
    let change = incoming.body(|body| ProfileChange::parse(body, app.today()))?;
    let before = app.profile(session.driver_id()).await?;
    let change = if session.is_by_link() { change.harmless(&before)? } else { change };
    me(app, app.change_profile(session.driver_id(), &before, &change).await?).await
}

/// A plan.
#[derive(Serialize, ToSchema)]
pub struct PlanView {
    id: String,
    name: String,
    /// Days of subscription.
    days: i64,
    /// Price, rubles.
    #[schema(value_type = f64)]
    price_rub: Option<Money>,
    /// Price per day, rubles.
    #[schema(value_type = f64)]
    price_per_day_rub: Option<Money>,
    /// Saving against the same number of days at the price of the first plan, percent.
    saving_percent: i64,
}

/// The plans on sale.
#[derive(Serialize, ToSchema)]
pub struct Plans {
    items: Vec<PlanView>,
    /// Whether payments are enabled.
    payments: bool,
    /// Whether an order requires an e-mail for the receipt.
    email_needed: bool,
}

/// A driver's subscription.
#[derive(Serialize, ToSchema)]
pub struct SubscriptionView {
    /// State: `none`, `trial`, `active` or `expired`.
    #[schema(value_type = String)]
    state: State,
    /// End, RFC 3339 in UTC; null if there never was a subscription.
    expires_at: Option<String>,
    /// Source of the last grant: `payment`, `promo`, `trial` or `gift`; null if there never was one.
    #[schema(value_type = Option<String>)]
    source: Option<Source>,
    /// Days left, rounded up.
    days_left: i64,
}

/// The driver's subscription and what it allows.
#[derive(Serialize, ToSchema)]
pub struct OwnAccess {
    #[serde(flatten)]
    subscription: SubscriptionView,
    /// Each feature, and whether the driver may use it now.
    features: BTreeMap<&'static str, bool>,
    /// Flags that are on for the driver. A feature whose `app.` flag is off is hidden and refused with `feature_off`.
    flags: Vec<&'static str>,
    /// Whether the driver is blocked. A blocked driver can only read their profile, subscription and payments.
    blocked: bool,
}

impl SubscriptionView {
    /// The subscription at `now_ms`.
    pub fn new(subscription: &Subscription, now_ms: i64) -> Self {
        let left_ms = subscription.ends_at_ms.map_or(0, |end| (end - now_ms).max(0));
        Self {
            state: subscription.state(now_ms),
            expires_at: subscription.ends_at_ms.map(rfc3339),
            source: subscription.source,
            days_left: (left_ms + DAY_S * 1000 - 1) / (DAY_S * 1000),
        }
    }
}

/// Lists the plans that a driver can buy.
#[utoipa::path(
    get, path = "/api/plans", tag = "payments", security(("session" = [])),
    responses(
        (status = 200, body = Plans),
        (status = 403, description = "driver_blocked"),
    )
)]
pub async fn plans(app: &App, incoming: &Incoming) -> Answer {
    incoming.session(app).await?;
    let settings = app.store.settings().await?;
    let first = settings.plans.first().cloned();
    let items = settings.plans.into_iter().map(|plan| PlanView {
        price_rub: Money::from_kopecks(plan.price_kopecks),
        price_per_day_rub: Money::from_kopecks(plan.price_per_day_kopecks()),
        saving_percent: first.as_ref().map_or(0, |first| plan.saving_percent(first)),
        id: plan.id,
        name: plan.name,
        days: plan.days,
    });
    private_json(&Plans {
        items: items.collect(),
        payments: settings.payments_on,
        email_needed: settings.receipts.is_some(),
    })
}

/// Returns the driver's subscription.
#[utoipa::path(
    get, path = "/api/subscription", tag = "payments", security(("session" = [])),
    responses((status = 200, body = OwnAccess))
)]
pub async fn subscription(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.any_session(app).await?;
    let access = app.store.access(session.driver_id()).await?;
    let now_ms = app.clock.now_ms();
    private_json(&OwnAccess {
        subscription: SubscriptionView::new(&access.subscription, now_ms),
        features: features(&access, now_ms),
        flags: app.modules.flags_on_for(&access.settings.flags, session.driver_id()),
        blocked: access.blocked,
    })
}

/// The driver's access link.
#[derive(Serialize, ToSchema)]
pub struct AccessLink {
    /// URL that opens the app in an ordinary browser while a subscription is active.
    url: String,
}

/// Returns the link that opens the app without Telegram.
#[utoipa::path(
    get, path = "/api/me/access-link", tag = "me", security(("session" = [])),
    responses(
        (status = 200, body = AccessLink),
        (status = 402, description = "subscription_required"),
        (status = 403, description = "driver_blocked, feature_off"),
    )
)]
pub async fn access_link(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session(app).await?;
    private_json(&AccessLink { url: app.access_link(&session).await? })
}

/// Revokes the access link and ends the session that it opened. The next link is a new one.
#[utoipa::path(
    delete, path = "/api/me/access-link", tag = "me", security(("session" = [])),
    responses(
        (status = 204),
        (status = 403, description = "driver_blocked, telegram_needed"),
    )
)]
pub async fn revoke_access_link(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session(app).await?;
    app.take_revocation(&session).await?;
    app.revoke_access_link(&session, &incoming.context).await?;
    Ok(no_content())
}

/// Each feature, and whether the driver may use it now.
pub fn features(access: &Access, now_ms: i64) -> BTreeMap<&'static str, bool> {
    Feature::ALL.into_iter().map(|feature| (feature.as_str(), access.allows(feature, now_ms))).collect()
}

async fn me(app: &App, profile: Profile) -> Answer {
    let settings = app.store.settings().await?;
    private_json(&Me { driver: Driver::new(profile), links: Links::new(app, &settings) })
}
