//! Drivers, as admins find them, see them and change what they have.
mod blocked;
mod days;
mod found;
mod messages;
mod pages;
mod visits;

use std::collections::BTreeMap;

use serde_json::Value;

fn ids(items: &[Value]) -> Vec<i64> {
    items.iter().map(|item| item["id"].as_i64().expect("an id")).collect()
}

fn url(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn calls(expected: &[(&str, u64)]) -> BTreeMap<String, u64> {
    expected.iter().map(|(call, count)| ((*call).to_owned(), *count)).collect()
}

const DAY_S: i64 = 86_400;
