//! What is not kept for ever: drivers who have gone, persons in old responses, rows of old messages.
mod cut_off;
mod drivers;
mod responses;
mod rows;

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{DISPATCHERS, World, money::DAY_S, text};

const OLGA: i64 = DISPATCHERS[0];
/// A driver who has not come for longer is forgotten.
const IDLE_S: i64 = 730 * DAY_S;
/// What a run has put off comes back after this.
const HELD_S: i64 = 12 * 3600 + 1;

async fn forget(world: &World) {
    world.job("forget").await;
    // Cards are edited within a quarter of an hour.
    world.pass(15 * 60);
    // What waits for its time is sent now rather than whenever the clock comes by.
    world.job("deliver-due").await;
    world.settle().await;
}

/// Runs the job, which may fail; whether it did not.
async fn try_to_forget(world: &World) -> bool {
    let job = json!({ "job": "forget" }).to_string();
    world.send(Method::POST, "/_sandbox/schedules/jobs", &[], job).await.status.is_success()
}

/// All rows by their keys, but those that say when jobs ran.
async fn stands(world: &World) -> BTreeMap<(String, String), Value> {
    let key = |row: &Value| (text(&row["pk"]["S"]), text(&row["sk"]["S"]));
    let rows = world.rows("").await.into_iter().map(|row| (key(&row), row));
    rows.filter(|((pk, _), _)| !pk.starts_with("JOB#")).collect()
}

/// Rows that have one of these words.
async fn rows_with(world: &World, words: &[&str]) -> Vec<Value> {
    let mut rows = world.rows("").await;
    rows.retain(|row| words.iter().any(|word| row.to_string().to_lowercase().contains(&word.to_lowercase())));
    rows
}

async fn profile(world: &World, driver_id: i64) -> Value {
    let rows = world.partition(&format!("DRIVER#{driver_id}")).await;
    rows.into_iter().find(|row| row["sk"]["S"] == "PROFILE").expect("a profile")
}

async fn is_known(world: &World, driver_id: i64) -> bool {
    profile(world, driver_id).await.get("first_name").is_some()
}

/// Rows of a response: its own, and those of its messages.
async fn response_row(world: &World, driver_id: i64, id: &str) -> Value {
    let rows = world.partition(&format!("DRIVER#{driver_id}")).await;
    rows.into_iter().find(|row| row["id"]["S"] == id).expect("the response")
}
