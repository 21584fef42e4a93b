//! The OpenAPI description, generated from the code. `openapi.yaml` is its snapshot.
use utoipa::{
    Modify, OpenApi, ToSchema as _,
    openapi::{
        ContentBuilder, Ref, RefOr, Response,
        path::{Operation, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::{admin, http::Problem};

/// The API.
#[derive(OpenApi)]
#[openapi(
    info(title = "CargoTech Driver WebApp", description = "API of a web app in which truck drivers find cargos. Bodies are JSON with snake_case names. Times are RFC 3339 in UTC, except a cargo's own dates, which are local times without a zone. Money is in rubles. Errors are application/problem+json with a stable code."),
    paths(
        crate::auth::telegram, crate::auth::access_token, crate::auth::refresh, crate::auth::logout,
        crate::me::get, crate::me::put,
        crate::cargo_list::list, crate::cargo_list::facets, crate::cargo_list::worth, crate::cargo_list::chains, crate::cargo_detail::detail,
        crate::dictionaries::cities, crate::dictionaries::truck_types, crate::dictionaries::load_types,
        crate::dictionaries::weight_volume_categories, crate::places::find, crate::places::nearest,
        crate::searches::list, crate::searches::save, crate::searches::show, crate::searches::change, crate::searches::delete, crate::searches::opened,
        crate::responses::respond, crate::responses::withdraw, crate::responses::list,
        crate::shipper::look, crate::shipper::decide,
        crate::telegram_webhook::update,
        crate::payments::order, crate::payments::show, crate::payments::list, crate::payments::redeem,
        crate::yookassa_webhook::notification,
        crate::auth::admin, crate::admin_settings::me, crate::admin_people::export::driver,
        crate::admin_people::drivers::list, crate::admin_people::drivers::show, crate::admin_people::responses::list, crate::admin_people::responses::undo_acceptance,
        crate::admin_people::all_responses::list, crate::admin_people::all_responses::show, crate::admin_people::all_responses::deciders,
        crate::admin_money::differences::list, crate::admin_money::differences::resolve,
        crate::admin_people::drivers::change_subscription, crate::admin_people::drivers::block, crate::admin_people::drivers::end_session, crate::admin_people::drivers::revoke_link,
        crate::admin_people::drivers::delete, crate::admin_people::requests::list, crate::admin_people::requests::confirm,
        crate::admin_people::requests::decline, crate::admin_money::subscriptions::list, crate::admin_people::deliveries::list,
        crate::admin_people::deliveries::retry,
        crate::admin_money::payments::list, crate::admin_money::payments::show, crate::admin_money::payments::recheck,
        crate::admin_money::payments::refund, crate::admin_money::promo_codes::create,
        crate::admin_money::promo_codes::list, crate::admin_money::promo_codes::show, crate::admin_money::promo_codes::switch,
        crate::admin_money::promo_codes::uses,
        crate::admin_settings::settings::show, crate::admin_settings::settings::change, crate::admin_settings::settings::change_shop,
        crate::admin_money::overview::show, crate::admin_settings::health::show, crate::admin_settings::market::accept,
        crate::admin_settings::flags::list, crate::admin_settings::flags::change,
        crate::admin_settings::roles::list, crate::admin_settings::roles::give, crate::admin_settings::roles::take, crate::admin_people::audit::list,
        crate::me::access_link, crate::me::revoke_access_link, crate::me::plans, crate::me::subscription,
        crate::health::health,
    ),
    components(schemas(Problem)),
    modifiers(&Security, &CommonAnswers),
)]
pub struct Api;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        if let Some(components) = &mut openapi.components {
            components.add_security_scheme("session", SecurityScheme::Http(bearer));
        }
    }
}

/// Adds the body of every error, and the errors that all routes of a kind share. A route declares only its further
/// statuses, and codes that differ from the usual ones.
struct CommonAnswers;

impl Modify for CommonAnswers {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut openapi.paths.paths {
            for (method, operation) in operations(item) {
                // A webhook serves one caller, so its route declares all its responses.
                let common = if path.starts_with("/api/") { common(operation) } else { Vec::new() };
                declare(operation, &format!("{method} {path}"), common);
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, put, post, delete, .. } = item;
    let all = [("GET", get), ("PUT", put), ("POST", post), ("DELETE", delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// The errors of all routes with a session, and of all routes with a body.
fn common(operation: &Operation) -> Vec<&'static str> {
    let session: &[_] = if operation.security.is_some() { &["401", "429"] } else { &[] };
    let body: &[_] = if operation.request_body.is_some() { &["400", "413", "422"] } else { &[] };
    [session, body].concat()
}

fn declare(operation: &mut Operation, route: &str, mut common: Vec<&'static str>) {
    let admins = admin::routes().find(|admins| admins.key == route);
    common.extend(admins.map(|_| "403"));
    let answers = &mut operation.responses.responses;
    for status in common {
        answers.entry(status.to_owned()).or_insert_with(|| RefOr::T(Response::default()));
    }
    for (status, answer) in answers.iter_mut().filter(|(status, _)| status.as_str() >= "400") {
        let RefOr::T(answer) = answer else { continue };
        if answer.description.is_empty() {
            let is_dangerous = admins.is_some_and(|admins| admins.permission.is_dangerous());
            usual_codes(status, is_dangerous).clone_into(&mut answer.description);
        }
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
        answer.content.insert("application/problem+json".to_owned(), RefOr::T(content));
    }
}

/// The codes of a status, unless the route declares others.
fn usual_codes(status: &str, is_dangerous: bool) -> &'static str {
    match status {
        "400" => "invalid_json",
        "403" if is_dangerous => "admin_only, sign_in_too_old",
        "403" => "admin_only",
        "413" => "body_too_large",
        "422" => "validation_failed",
        "429" => "rate_limited",
        _ => "",
    }
}
