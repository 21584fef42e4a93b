//! What is sent of single cargos instead of what is true of them: partners' programs write odd things, and CargoTech hands
//! them on.
use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

/// Merge patches (RFC 7396) by cargo.
#[derive(Default)]
pub struct Sent(BTreeMap<u64, Value>);

impl Sent {
    /// From now on this cargo is sent with `patch` in it.
    pub fn patch(&mut self, id: u64, patch: Value) {
        self.0.insert(id, patch);
    }

    /// The answer as it is sent: its `data` is a cargo or a list of them.
    pub fn answer(&self, answer: impl Serialize) -> Response {
        if self.0.is_empty() {
            return Json(answer).into_response();
        }
        let mut answer = serde_json::to_value(answer).unwrap_or_default();
        match answer.get_mut("data") {
            Some(Value::Array(items)) => items.iter_mut().for_each(|item| self.apply(item)),
            Some(item) => self.apply(item),
            None => {}
        }
        Json(answer).into_response()
    }

    fn apply(&self, item: &mut Value) {
        let id = match &item["id"] {
            Value::String(text) => text.parse().ok(),
            number => number.as_u64(),
        };
        if let Some(patch) = id.and_then(|id| self.0.get(&id)) {
            merge(item, patch);
        }
    }
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(fields) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    for (name, value) in fields {
        if value.is_null() {
            target.as_object_mut().map(|target| target.remove(name));
        } else {
            merge(&mut target[name], value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_changes_what_it_names() {
        let mut cargo = json!({ "id": "7", "points": { "start": { "city": 1, "first_date": 2 } }, "price": 5 });
        let mut sent = Sent::default();
        sent.patch(
            7,
            json!({ "points": { "start": { "first_date": "0000-00-00" } }, "price": null, "x": { "y": [1] } }),
        );
        sent.apply(&mut cargo);
        let expected =
            json!({ "id": "7", "points": { "start": { "city": 1, "first_date": "0000-00-00" } }, "x": { "y": [1] } });
        assert_eq!(cargo, expected);
        let mut other = json!({ "id": 8 });
        sent.apply(&mut other);
        assert_eq!(other, json!({ "id": 8 }));
    }
}
