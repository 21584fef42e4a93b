//! Sessions: sign-in, token renewal and sign-out.
use std::collections::BTreeMap;

use lambda_http::{Body, Request, Response};
use serde::Serialize;
use serde_json::value::RawValue;
use shared::{
    app::App,
    auth::secret::{ACCESS, EDGE, SESSION},
    auth::{
        seat::Seat,
        session::{Audience, IssuedToken, SignedIn},
    },
    body,
    body::Body as _,
    cargo::{
        cache::{Served, gunzip},
        filters::Filters,
        list::CargoList,
    },
    clock::rfc3339,
    error::Error,
    fields::Fields,
    rights::Role,
    telegram::secret::TELEGRAM,
};
use utoipa::ToSchema;

use crate::{
    BoxFuture, Function, Trigger,
    http::{Answer, Incoming, no_content, private_json, query, serve},
    me::{Driver, Links, SubscriptionView, features},
};

/// The function.
pub const FUNCTION: Function = Function {
    name: "auth",
    secrets: &[SESSION, TELEGRAM, ACCESS, EDGE],
    trigger: Trigger::Http(|app, request| handle(app, request)),
};

body! {
    /// A sign-in with Telegram's init data.
    pub struct SignInBody {
        /// Telegram's init data, unchanged. Also accepted as `initData`.
        init_data: String = init_data(),
        /// Hash of the init data, if sent separately.
        hash: Option<String> = Fields::raw_text(),
        /// Query string of the `GET /api/cargos` that would follow. If it is valid and its result is cached, `list` has
        /// the result.
        search: Option<String> = Fields::raw_text(),
        /// Signs in to the admin page only and leaves the driver's own session alone: `phone` or `desk`.
        admin: Option<Seat> = Fields::if_given(seat),
        ..
    }
}

fn init_data(fields: &mut Fields<'_>, name: &str) -> String {
    let name = if fields.value(name).is_none() && fields.value("initData").is_some() { "initData" } else { name };
    fields.required_raw_text(name, "Send Telegram.WebApp.initData as it is.")
}

fn seat(fields: &mut Fields<'_>, name: &str) -> Seat {
    fields.one_of(name, &Seat::ALL.map(|seat| (seat.as_str(), seat)))
}

/// A new session and what the app needs at startup.
#[derive(Serialize, ToSchema)]
pub struct SignIn {
    /// Token for `Authorization: Bearer`.
    session_token: String,
    /// When the session ends if it is not renewed, RFC 3339 in UTC.
    expires_at: String,
    /// The driver who signed in.
    driver: SignedInDriver,
    /// The driver's subscription.
    subscription: SubscriptionView,
    /// Each feature, and whether the driver may use it now.
    features: BTreeMap<&'static str, bool>,
    /// Names of the flags that are on for the driver.
    flags: Vec<&'static str>,
    /// Whether the driver is blocked. A blocked driver can only read their profile, subscription and payments.
    blocked: bool,
    /// Links to places outside the app.
    links: Links,
    /// Result of `search`, which saves a round trip. Present only if it is cached and fresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<ListAtHand>,
}

/// A cached response of `GET /api/cargos`.
#[derive(Serialize, ToSchema)]
pub struct ListAtHand {
    /// Seconds since the data was fetched from CargoTech, as in the `Age` header.
    age_s: i64,
    /// Response body of `GET /api/cargos`.
    #[schema(value_type = CargoList)]
    page: Box<RawValue>,
}

/// The driver who signed in.
#[derive(Serialize, ToSchema)]
pub struct SignedInDriver {
    #[serde(flatten)]
    driver: Driver,
    /// Admin roles; empty for everyone else.
    roles: Vec<Role>,
}

/// A renewed token of the session.
#[derive(Serialize, ToSchema)]
pub struct Refreshed {
    /// Token for `Authorization: Bearer`.
    session_token: String,
    /// When the session ends if it is not renewed, RFC 3339 in UTC.
    expires_at: String,
}

/// Serves the routes of `/api/auth`.
pub fn handle(app: &App, request: Request) -> BoxFuture<'_, Response<Body>> {
    Box::pin(serve(app, request, async |app, incoming| match incoming.route() {
        "POST /api/auth/telegram" => telegram(app, incoming).await,
        "POST /api/auth/access-token" => access_token(app, incoming).await,
        "POST /api/auth/admin" => admin(app, incoming).await,
        "POST /api/auth/refresh" => refresh(app, incoming).await,
        "POST /api/auth/logout" => logout(app, incoming).await,
        _ => Err(Error::NotFound),
    }))
}

/// Signs a driver in with Telegram's init data.
///
/// Init data can be used once. A retry with the same `Idempotency-Key` succeeds again.
#[utoipa::path(
    post, path = "/api/auth/telegram", tag = "auth", request_body = SignInBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Identifies the attempt; send the same key with a retry. 1 to 64 visible ASCII characters")),
    responses(
        (status = 200, body = SignIn),
        (status = 403, description = "admin_only: only for sign-ins to the admin page"),
        (status = 401, description = "init_data_invalid, init_data_expired, init_data_replayed"),
    )
)]
pub async fn telegram(app: &App, incoming: &Incoming) -> Answer {
    let body = incoming.body(SignInBody::parse)?;
    let (init_data, hash) = (body.init_data.as_str(), body.hash.as_deref());
    let attempt = incoming.idempotency_key()?;
    let search = body.search.and_then(|search| Filters::parse(&query(&search), app.today()).ok());
    let context = &incoming.context;
    let signed_in = match body.admin {
        Some(seat) => app.sign_in_to_admin(init_data, hash, attempt, seat, context).await?,
        None => app.sign_in(init_data, hash, attempt, context).await?,
    };
    let list = match search {
        Some(filters) => app
            .cargo_list_at_hand(&signed_in.access, signed_in.profile.truck.as_ref(), &filters)
            .await
            .and_then(at_hand),
        None => None,
    };
    answer(app, signed_in, list)
}

fn at_hand(served: Served) -> Option<ListAtHand> {
    let json = String::from_utf8(gunzip(&served.document.body).ok()?).ok()?;
    Some(ListAtHand { age_s: served.age_s, page: RawValue::from_string(json).ok()? })
}

body! {
    /// The device that opens the admin page.
    pub struct AdminSignInBody {
        /// `phone` or `desk`; each has one session.
        admin: Seat = seat(),
        ..
    }
}

/// Opens a session of the admin page for an admin who is signed in to the app through Telegram.
///
/// The new session counts as signed in when the app session was.
#[utoipa::path(
    post, path = "/api/auth/admin", tag = "auth", security(("session" = [])), request_body = AdminSignInBody,
    responses(
        (status = 200, body = SignIn),
        (status = 403, description = "admin_only, driver_blocked"),
    )
)]
pub async fn admin(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session(app).await?;
    let body = incoming.body(AdminSignInBody::parse)?;
    answer(app, app.open_admin(&session, body.admin, &incoming.context).await?, None)
}

body! {
    /// A sign-in with an access token.
    pub struct AccessTokenBody {
        /// The part of the link after `#/access/`.
        access_token: String = Fields::required_raw_text("Send the token of the link."),
        ..
    }
}

/// Signs a driver in with an access token, in a browser without Telegram.
///
/// This requires an active subscription. The bot notifies the driver.
#[utoipa::path(
    post, path = "/api/auth/access-token", tag = "auth", request_body = AccessTokenBody,
    responses(
        (status = 200, body = SignIn),
        (status = 401, description = "access_token_invalid"),
        (status = 402, description = "subscription_required"),
        (status = 403, description = "driver_blocked, feature_off"),
        (status = 429),
    )
)]
pub async fn access_token(app: &App, incoming: &Incoming) -> Answer {
    let body = incoming.body(AccessTokenBody::parse)?;
    answer(app, app.sign_in_with_access_token(&body.access_token, &incoming.context).await?, None)
}

fn answer(app: &App, signed_in: SignedIn, list: Option<ListAtHand>) -> Answer {
    let Refreshed { session_token, expires_at } = refreshed(signed_in.token);
    let now_ms = app.clock.now_ms();
    private_json(&SignIn {
        session_token,
        expires_at,
        driver: SignedInDriver { driver: Driver::new(signed_in.profile), roles: signed_in.role.into_iter().collect() },
        subscription: SubscriptionView::new(&signed_in.access.subscription, now_ms),
        features: features(&signed_in.access, now_ms),
        flags: app.modules.flags_on_for(&signed_in.access.settings.flags, signed_in.access.driver_id),
        links: Links::new(app, &signed_in.access.settings),
        blocked: signed_in.access.blocked,
        list,
    })
}

/// Renews the session token, signed with the current key. Once a day is enough.
#[utoipa::path(
    post, path = "/api/auth/refresh", tag = "auth", security(("session" = [])),
    responses(
        (status = 200, body = Refreshed),
        (status = 403, description = "driver_blocked"),
    )
)]
pub async fn refresh(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session_anywhere(app, Audience::Unblocked).await?;
    private_json(&refreshed(app.refresh(&session).await?))
}

/// Ends the session at once.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "auth", security(("session" = [])),
    responses((status = 204))
)]
pub async fn logout(app: &App, incoming: &Incoming) -> Answer {
    let session = incoming.session_anywhere(app, Audience::AllDrivers).await?;
    app.sign_out(&session).await?;
    Ok(no_content())
}

fn refreshed(issued: IssuedToken) -> Refreshed {
    Refreshed { session_token: issued.token, expires_at: rfc3339(issued.expires_at_s * 1000) }
}
