//! Responses of all drivers: the list, one response, and statistics of the people who decide.
use serde::Serialize;
use serde_json::json;
use shared::{
    admin::responses::{Decider, KnownResponse, ResponseFilter},
    cargo::{CargoId, Money},
    clock::rfc3339,
    error::Error,
    fields::Fields,
    response::{Actor, Response, Status, Step},
};
use utoipa::ToSchema;

use crate::{
    admin::{
        Call, columns,
        listing::{self, query},
    },
    http::{Answer, ids::ResponseId, private_json},
};

/// The actor of a step of a response.
#[derive(Serialize, ToSchema)]
pub struct ActorView {
    /// Who acted: `driver`, `dispatcher`, `shipper`, `admin` or `system`.
    kind: &'static str,
    /// Telegram id of a dispatcher or admin; null for others.
    id: Option<i64>,
    /// Name; null if unknown or no longer stored.
    name: Option<String>,
}

/// A decision on a response.
#[derive(Serialize, ToSchema)]
pub struct DecidedView {
    by: ActorView,
    at: String,
}

/// A response in the list of all responses.
#[derive(Serialize, ToSchema)]
pub struct ResponseRow {
    id: String,
    driver_id: i64,
    /// The driver's name at the time; null if their data was deleted.
    driver_name: Option<String>,
    cargo_id: String,
    /// Such as `Москва → Казань`.
    route: String,
    status: Status,
    /// Whether the response was accepted and the acceptance then undone.
    undone: bool,
    /// Price agreed by accepting the response, rubles; null means "on request".
    #[schema(value_type = Option<f64>)]
    price_rub: Option<Money>,
    created_at: String,
    updated_at: String,
    /// The last decision; null while there is none.
    decided: Option<DecidedView>,
    /// Seconds from delivery to the dispatchers until the first decision; null while there is none.
    answered_after_s: Option<i64>,
}

/// A page of responses, newest first.
#[derive(Serialize, ToSchema)]
pub struct ResponseRows {
    items: Vec<ResponseRow>,
    /// Cursor of the next page; null on the last page.
    cursor: Option<String>,
    /// Creation time of the last response searched, RFC 3339 in UTC. When few rows match, a page may end before
    /// `limit`.
    reached: Option<String>,
}

/// A step of a response.
#[derive(Serialize, ToSchema)]
pub struct ResponseStep {
    status: Status,
    at: String,
    by: ActorView,
}

/// All details of a response.
#[derive(Serialize, ToSchema)]
pub struct ResponseDetail {
    #[serde(flatten)]
    row: ResponseRow,
    /// Phone in E.164; null if the driver's data was deleted.
    phone: Option<String>,
    phone_confirmed: bool,
    comment: Option<String>,
    #[schema(value_type = Option<f64>)]
    own_price_rub: Option<Money>,
    #[schema(value_type = Option<f64>)]
    cargo_price_rub: Option<Money>,
    /// Name of the cargo.
    title: String,
    weight_volume: String,
    from_date: Option<String>,
    to_date: Option<String>,
    /// Why it was rejected or its acceptance undone; null without a reason.
    reason: Option<String>,
    reason_by: Option<ActorView>,
    expires_at: String,
    /// Whether there is a link for the shipper that was not revoked.
    has_link: bool,
    history: Vec<ResponseStep>,
}

/// One response.
#[derive(Serialize, ToSchema)]
pub struct OneResponseDetail {
    response: ResponseDetail,
}

/// Decisions of one person in the requested days.
#[derive(Serialize, ToSchema)]
pub struct DeciderView {
    /// Telegram id of a dispatcher; null for all shippers together.
    id: Option<i64>,
    name: Option<String>,
    /// Number of acceptances.
    accepted: i64,
    /// Number of rejections.
    rejected: i64,
    /// Number of acceptances undone.
    undone: i64,
    /// Share of decisions that accept, percent; null without decisions.
    accept_percent: Option<i64>,
    /// Average time to an answer, seconds; null without answers.
    answer_s: Option<i64>,
}

/// People who decide on responses, most decisions first.
#[derive(Serialize, ToSchema)]
pub struct DeciderList {
    items: Vec<DeciderView>,
    /// Always null: the list is short.
    cursor: Option<String>,
}

impl ActorView {
    fn new(actor: &Actor) -> Self {
        let name = match actor {
            Actor::Dispatcher { name, .. } => Some(name.clone()).filter(|name| !name.is_empty()),
            _ => None,
        };
        Self { kind: actor.as_str(), id: actor.id(), name }
    }

    fn known(actor: &Actor, known: &KnownResponse) -> Self {
        let view = Self::new(actor);
        let name = view.name.or_else(|| known.names.get(&actor.id()?).cloned());
        Self { name, ..view }
    }
}

impl ResponseRow {
    fn new(response: &Response) -> Self {
        let decided = |step: &Step| DecidedView { by: ActorView::new(&step.by), at: rfc3339(step.at_ms) };
        Self {
            id: response.id.clone(),
            driver_id: response.driver_id,
            driver_name: Some(response.offer.name.clone()).filter(|name| !name.is_empty()),
            cargo_id: response.cargo.id.clone(),
            route: response.cargo.route.clone(),
            status: response.status,
            undone: response.is_undone(),
            price_rub: response.agreed_price(),
            created_at: rfc3339(response.created_at_ms),
            updated_at: rfc3339(response.updated_at_ms),
            decided: response.decision().map(decided),
            answered_after_s: response.answered_after_s(),
        }
    }
}

impl ResponseDetail {
    fn new(known: &KnownResponse) -> Self {
        let response = &known.response;
        let step = |step: &Step| ResponseStep {
            status: step.status,
            at: rfc3339(step.at_ms),
            by: ActorView::known(&step.by, known),
        };
        Self {
            row: ResponseRow::new(response),
            phone: Some(response.offer.phone.clone()).filter(|phone| !phone.is_empty()),
            phone_confirmed: response.offer.phone_confirmed,
            comment: response.offer.comment.clone(),
            own_price_rub: response.own_price(),
            cargo_price_rub: response.cargo_price(),
            title: response.cargo.title.clone(),
            weight_volume: response.cargo.weight_volume.clone(),
            from_date: response.cargo.from_date.clone(),
            to_date: response.cargo.to_date.clone(),
            reason: response.reason.clone(),
            reason_by: response.reason_by.as_ref().map(|by| ActorView::known(by, known)),
            expires_at: rfc3339(response.expires_at_ms),
            has_link: response.has_link(),
            history: response.history.iter().map(step).collect(),
        }
    }
}

impl DeciderView {
    fn new(decider: Decider) -> Self {
        let decided = decider.accepted + decider.rejected;
        Self {
            id: decider.id,
            name: decider.name,
            accepted: decider.accepted,
            rejected: decider.rejected,
            undone: decider.undone,
            accept_percent: (decided > 0).then(|| (decider.accepted * 100 + decided / 2) / decided),
            answer_s: decider.answer_s,
        }
    }
}

fn filter(fields: &mut Fields<'_>) -> ResponseFilter {
    let kinds = [("dispatcher", "dispatcher"), ("shipper", "shipper"), ("admin", "admin")];
    let statuses = Status::ALL.map(|status| (status.as_str(), status));
    let id = |fields: &mut Fields<'_>, name| fields.value(name).map(|_| fields.whole(name, 1..=i64::MAX));
    let cargo = fields.text("cargo_id", 20).and_then(|text| {
        let cargo = CargoId::parse(&text);
        if cargo.is_none() {
            fields.fail("cargo_id", "malformed", "Must be CargoTech's id, 1 to 20 digits.");
        }
        cargo
    });
    ResponseFilter {
        status: fields.value("status").and_then(|_| fields.choice("status", &statuses)),
        driver_id: id(fields, "driver_id"),
        cargo,
        decided_by: fields.value("decided_by").and_then(|_| fields.choice("decided_by", &kinds)),
        decider_id: id(fields, "decider_id"),
        from_ms: fields.day("from"),
        until_ms: fields.day("until").map(|midnight| midnight + 86_400_000),
    }
}

/// Lists responses of all drivers, newest first. `format=csv` returns the same rows as a file.
#[utoipa::path(
    get, path = "/api/admin/responses", tag = "admin", security(("session" = [])),
    params(
        ("status" = Option<String>, Query, description = "Status of the response"),
        ("driver_id" = Option<i64>, Query, description = "Telegram id of the driver"),
        ("cargo_id" = Option<String>, Query, description = "CargoTech's id of the cargo"),
        ("decided_by" = Option<String>, Query, description = "dispatcher, shipper or admin"),
        ("decider_id" = Option<i64>, Query, description = "Telegram id of the dispatcher or admin who decided"),
        ("from" = Option<String>, Query, description = "First day, YYYY-MM-DD, Moscow time"),
        ("until" = Option<String>, Query, description = "Last day, YYYY-MM-DD, Moscow time"),
        ("cursor" = Option<String>, Query), ("limit" = Option<i64>, Query), ("format" = Option<String>, Query), ("sep" = Option<String>, Query), ("lang" = Option<String>, Query),
    ),
    responses(
        (status = 200, body = ResponseRows),
        (status = 422),
    )
)]
pub async fn list(call: Call<'_>) -> Answer {
    let names = ["status", "driver_id", "cargo_id", "decided_by", "decider_id", "from", "until"];
    let (filter, paging) = query(call.incoming, &names, &["driver_id", "decider_id"], filter)?;
    let page = call.app.find_responses(&filter, paging.cursor.as_deref(), paging.limit).await?;
    let rows: Vec<_> = page.items.iter().map(ResponseRow::new).collect();
    let further = json!({ "reached": page.reached_ms.map(rfc3339) });
    listing::answer(
        &call,
        &paging,
        (rows, &[("/decided/by/id", "/decided/by/name")]),
        page.cursor,
        columns::RESPONSES,
        further,
    )
    .await
}

/// Returns all details of a response.
#[utoipa::path(
    get, path = "/api/admin/responses/{id}", tag = "admin", security(("session" = [])), params(("id" = String, Path)),
    responses(
        (status = 200, body = OneResponseDetail),
        (status = 404),
    )
)]
pub async fn show(call: Call<'_>, id: ResponseId) -> Answer {
    let known = call.app.any_response(id.as_str()).await?;
    private_json(&OneResponseDetail { response: ResponseDetail::new(&known) })
}

/// Lists the people who decide on responses, with their acceptance rates and answer times over the last days.
#[utoipa::path(
    get, path = "/api/admin/deciders", tag = "admin", security(("session" = [])),
    params(
        ("days" = Option<i64>, Query, description = "1 to 90; 30 by default"),
        ("format" = Option<String>, Query), ("sep" = Option<String>, Query), ("lang" = Option<String>, Query),
    ),
    responses(
        (status = 200, body = DeciderList),
        (status = 422),
    )
)]
pub async fn deciders(call: Call<'_>) -> Answer {
    let (days, paging) = query(call.incoming, &["days"], &["days"], |fields| match fields.value("days") {
        Some(_) => fields.whole("days", 1..=90),
        None => 30,
    })?;
    let days = usize::try_from(days).map_err(|_| Error::NotFound)?;
    let rows: Vec<_> = call.app.deciders(days).await?.into_iter().map(DeciderView::new).collect();
    listing::answer(&call, &paging, (rows, &[]), None, columns::DECIDERS, json!({})).await
}
