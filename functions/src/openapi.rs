//! The API's description, generated from the code. `openapi.yaml` is its snapshot.
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

/// The API.
#[derive(OpenApi)]
#[openapi(
    info(title = "CargoTech Driver WebApp", description = "Drivers find cargos. JSON, snake_case; times in RFC 3339 UTC, but a cargo's own dates, which are local clock times without a zone; money in rubles. Errors are application/problem+json with a stable code."),
    paths(
        crate::auth::telegram, crate::auth::access_token, crate::auth::refresh, crate::auth::logout,
        crate::me::get, crate::me::put,
        crate::cargo_list::list, crate::cargo_detail::detail,
        crate::dictionaries::cities, crate::dictionaries::truck_types, crate::dictionaries::load_types,
        crate::dictionaries::weight_volume_categories,
        crate::responses::respond, crate::responses::withdraw, crate::responses::list,
        crate::shipper::look, crate::shipper::decide,
        crate::telegram_webhook::update,
        crate::payments::order, crate::payments::show, crate::payments::list, crate::payments::redeem,
        crate::yookassa_webhook::notification,
        crate::auth::admin, crate::admin::me, crate::admin::export::driver,
        crate::admin::drivers::list, crate::admin::drivers::show, crate::admin::responses::list, crate::admin::responses::undo_acceptance,
        crate::admin::all_responses::list, crate::admin::all_responses::show, crate::admin::all_responses::deciders,
        crate::admin::differences::list, crate::admin::differences::resolve,
        crate::admin::drivers::change_subscription, crate::admin::drivers::block, crate::admin::drivers::end_session, crate::admin::drivers::revoke_link,
        crate::admin::drivers::delete, crate::admin::requests::list, crate::admin::requests::confirm,
        crate::admin::requests::decline, crate::admin::subscriptions::list, crate::admin::deliveries::list,
        crate::admin::deliveries::retry,
        crate::admin::payments::list, crate::admin::payments::show, crate::admin::payments::recheck,
        crate::admin::payments::refund, crate::admin::promo_codes::create,
        crate::admin::promo_codes::list, crate::admin::promo_codes::show, crate::admin::promo_codes::switch,
        crate::admin::promo_codes::uses,
        crate::admin::settings::show, crate::admin::settings::change, crate::admin::settings::change_shop,
        crate::admin::overview::show, crate::admin::health::show,
        crate::admin::flags::list, crate::admin::flags::change,
        crate::admin::roles::list, crate::admin::roles::give, crate::admin::roles::take, crate::admin::audit::list,
        crate::me::access_link, crate::me::revoke_access_link, crate::me::plans, crate::me::subscription,
        crate::health::health,
    ),
    modifiers(&Security),
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
