//! Money: ordering, notifications, results without them, refunds, the trial, what is locked, and what it costs the store.
mod cost;
mod given_back;
mod locked;
mod orders;
mod subscription;
mod unheard;
mod webhook;

use tests::{Driver, World, text};

const JOB: &str = "look-after-payments";
const COMPARISON: &str = "compare-payments";
const HOUR_S: i64 = 3600;

/// Until when the driver has paid, and how much was granted and taken back, in the order of the ledger.
async fn standing(world: &World, driver: &Driver) -> (String, Vec<i64>) {
    let ledger = world.ledger(driver).await;
    (text(&world.subscription(driver).await["expires_at"]), ledger.iter().map(|entry| entry.seconds).collect())
}

/// The end that the ledger's last entry names, as the API writes it.
async fn last_end(world: &World, driver: &Driver) -> String {
    shared::clock::rfc3339(world.ledger(driver).await.last().expect("an entry").ends_at_ms)
}
