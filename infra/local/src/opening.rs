//! Opens what the functions talk to: secrets, tables, and the sandboxes of the services outside.
use std::{net::SocketAddr, sync::Arc};

use axum::http::HeaderValue;
use serde_json::Value;
use shared::config::Config;

use crate::{
    StartError,
    aws::{dynamodb::Store, secrets::SecretsManager},
    cargotech,
    clock::MovableClock,
    data_dir::DataDir,
    environment::Environment,
    server,
    telegram::bot::Bot,
    template::Template,
    yookassa,
};

pub(crate) fn open_clock(data_dir: Option<&DataDir>, starts_at_ms: Option<i64>) -> MovableClock {
    let clock = data_dir.map(|dir| MovableClock::kept_in(&dir.clock())).unwrap_or_default();
    if let Some(starts_at_ms) = starts_at_ms
        && clock.offset_s() == 0
    {
        clock.set_offset_s((starts_at_ms - clock.clock().now_ms()).div_euclid(1000));
    }
    clock
}

pub(crate) fn open_bot(
    secrets: &SecretsManager,
    config: &Config,
    environment: &Environment,
    clock: &MovableClock,
) -> Bot {
    let token = secret_field(secrets, &config.secrets_prefix, "telegram")("bot_token");
    Bot::new(token, environment.dispatch_chat(), clock.clock())
}

pub(crate) fn open_secrets(
    data_dir: Option<&DataDir>,
    environment: &Environment,
    prefix: &str,
    clock: &MovableClock,
) -> std::io::Result<SecretsManager> {
    let secrets = SecretsManager::open(data_dir.map(DataDir::secrets).as_deref(), clock.clock())?;
    for name in ["cargotech", "telegram", "yookassa", "session", "access"] {
        let id = format!("{prefix}/{name}");
        if let Some(value) = environment.secret(name, secrets.get(&id).is_none()) {
            secrets.provide(&id, &value.to_string());
        }
    }
    let edge = format!("{prefix}/edge");
    if secrets.get(&edge).is_none() {
        let token = uuid::Uuid::new_v4().simple().to_string();
        secrets.put(&edge, &serde_json::json!({"origin_token": token}).to_string())?;
    }
    Ok(secrets)
}

pub(crate) fn open_store(
    data_dir: Option<&DataDir>,
    template: &Template,
    tables: &[(&'static str, &str)],
) -> Result<Store, StartError> {
    let resource = |&(id, name): &(&'static str, _)| {
        template.tables.get(id).map(|table| (name, table)).ok_or(StartError::MissingTable(id))
    };
    let tables = tables.iter().map(resource).collect::<Result<Vec<_>, _>>()?;
    Ok(Store::open(data_dir.map(DataDir::store).as_deref(), tables)?)
}

pub(crate) fn open_cargotech(secrets: &SecretsManager, config: &Config, clock: &MovableClock) -> cargotech::Sandbox {
    let login = secret_field(secrets, &config.secrets_prefix, "cargotech");
    let clock = clock.clock();
    cargotech::Sandbox::new(cargotech::Options {
        seed: 1,
        phone: login("phone"),
        password: login("password"),
        clock: Arc::new(move || clock.now_ms()),
    })
}

pub(crate) fn open_yookassa(
    secrets: &SecretsManager,
    config: &Config,
    clock: &MovableClock,
    address: SocketAddr,
) -> yookassa::Sandbox {
    let shop = secret_field(secrets, &config.secrets_prefix, "yookassa");
    yookassa::Sandbox::new(yookassa::Options {
        shop_id: shop("shop_id"),
        secret_key: shop("secret_key"),
        webhook_token: shop("webhook_token"),
        base_url: format!("http://{address}{}", server::YOOKASSA),
        clock: clock.clock(),
    })
}

/// Reads fields of a secret that is a JSON object.
pub(crate) fn secret_field(secrets: &SecretsManager, prefix: &str, name: &str) -> impl Fn(&str) -> String + use<> {
    let secret = secrets.get(&format!("{prefix}/{name}")).unwrap_or_default();
    let secret: Value = serde_json::from_str(&secret).unwrap_or_default();
    move |field| secret[field].as_str().unwrap_or_default().to_owned()
}

pub(crate) fn origin_token(edge: &str) -> HeaderValue {
    let secret: Value = serde_json::from_str(edge).unwrap_or_default();
    let token = secret["origin_token"].as_str().unwrap_or_default();
    HeaderValue::from_str(token).unwrap_or(HeaderValue::from_static(""))
}
