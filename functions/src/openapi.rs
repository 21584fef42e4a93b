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
        crate::dictionaries::weight_volume_categories, crate::places::find, crate::places::nearest,
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
        crate::admin_money::overview::show, crate::admin_settings::health::show,
        crate::admin_settings::flags::list, crate::admin_settings::flags::change,
        crate::admin_settings::roles::list, crate::admin_settings::roles::give, crate::admin_settings::roles::take, crate::admin_people::audit::list,
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
