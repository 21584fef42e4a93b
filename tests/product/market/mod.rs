//! The market: lists that come from the copy of CargoTech's open cargos.
mod answers;
mod bad_days;
mod chains;
mod searches;
mod sweeps;
mod worth;

use serde_json::{Value, json};
use tests::{Answer, Driver, World};

/// Enough for the sandbox's whole list in one run.
const CALLS: (&str, &str) = ("MARKET_CALLS_PER_MIN", "200");

/// A product whose market is on, and a CargoTech that lets several sweeps through in a minute. No sweep comes but those of
/// the test, however slow the machine is.
async fn with(variables: &[(&str, &str)]) -> World {
    let world = World::with(&[&[CALLS], variables].concat()).await;
    world.sandbox("/schedules/market", json!({ "enabled": false })).await;
    cargotech(&world, json!({ "rate_limit_per_min": 1_000_000 })).await;
    world
}

/// A product whose market is swept once, and a driver.
async fn swept() -> (World, Driver) {
    let world = with(&[]).await;
    sweep(&world).await;
    let driver = world.driver().await;
    (world, driver)
}

async fn sweep(world: &World) {
    world.sandbox_post("/schedules/market", Value::Null).await;
}

fn source(answer: &Answer) -> &str {
    answer.header("x-cargo-source")
}

fn ids(answer: &Value) -> Vec<u64> {
    let items = answer["items"].as_array().expect("items");
    items.iter().map(|card| card["id"].as_str().expect("an id").parse().expect("a number")).collect()
}

/// Waits until the driver's next requests are within the limit of their rate.
fn rest(world: &World) {
    world.pass(1);
}

/// The row that names the current snapshot.
async fn head(world: &World) -> Value {
    let rows = world.table("cache").await;
    rows.into_iter().find(|row| row["pk"]["S"] == "MARKET#HEAD").expect("a head")
}

async fn cargotech(world: &World, change: Value) {
    world.sandbox("/cargotech", change).await;
}

fn down() -> Value {
    json!({ "fail": { "status": 503 } })
}
