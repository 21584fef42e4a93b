//! DynamoDB expressions: the condition of a write, and what an update changes.
use std::{borrow::Cow, collections::HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{Item, n};

/// A condition on the existing item, with the names and values it uses.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    parts: Vec<Cow<'static, str>>,
    names: HashMap<String, String>,
    values: Item,
}

impl Condition {
    /// A condition in DynamoDB's language. Define its placeholders with [`Self::name`] and [`Self::value`].
    pub fn new(expression: impl Into<Cow<'static, str>>) -> Self {
        Self { parts: vec![expression.into()], ..Self::default() }
    }

    /// No item exists.
    pub fn absent() -> Self {
        Self::new("attribute_not_exists(pk)")
    }

    /// The item still has this version; 0 means that none existed.
    pub fn version(version: i64) -> Self {
        match version {
            0 => Self::absent(),
            version => Self::new("version = :version").value(":version", n(version)),
        }
    }

    /// Maps a placeholder to an attribute name.
    pub fn name(mut self, placeholder: impl Into<String>, name: impl Into<String>) -> Self {
        self.names.insert(placeholder.into(), name.into());
        self
    }

    /// Maps a placeholder to a value.
    pub fn value(mut self, placeholder: impl Into<String>, value: AttributeValue) -> Self {
        self.values.insert(placeholder.into(), value);
        self
    }

    /// Both must hold.
    pub fn and(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self.names.extend(other.names);
        self.values.extend(other.values);
        self
    }

    /// The expressions for the SDK. An empty condition always holds.
    pub fn build(self) -> Expressions {
        let condition = match self.parts.as_slice() {
            [] => None,
            [only] => Some(only.to_string()),
            parts => Some(parts.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(" AND ")),
        };
        Expressions {
            update: String::new(),
            condition,
            names: Some(self.names).filter(|names| !names.is_empty()),
            values: Some(self.values).filter(|values| !values.is_empty()),
        }
    }
}

/// The expressions of a write, with their names and values.
#[derive(Debug, PartialEq)]
pub struct Expressions {
    /// The update expression; empty for other writes.
    pub update: String,
    /// The condition expression.
    pub condition: Option<String>,
    /// Attribute names by placeholder.
    pub names: Option<HashMap<String, String>>,
    /// Values by placeholder.
    pub values: Option<Item>,
}

/// Changes to the attributes of an item, with a condition. Every attribute uses a placeholder, so DynamoDB's reserved
/// words need no special care.
#[derive(Clone, Debug, Default)]
pub struct Update {
    condition: Condition,
    set: Vec<String>,
    remove: Vec<String>,
    add: Vec<String>,
    delete: Vec<String>,
}

impl Update {
    /// Adds a condition.
    pub fn when(mut self, condition: Condition) -> Self {
        self.condition = self.condition.and(condition);
        self
    }

    /// Sets the attribute.
    pub fn set(mut self, name: impl Into<String>, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.set.push(format!("{name} = {value}"));
        self
    }

    /// Sets the attribute if it is missing.
    pub fn set_if_absent(mut self, name: impl Into<String>, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.set.push(format!("{name} = if_not_exists({name}, {value})"));
        self
    }

    /// Copies `source` to the attribute, or sets `otherwise` if `source` is missing.
    pub fn copy(mut self, name: &str, source: &str, otherwise: AttributeValue) -> Self {
        let (name, source, otherwise) = (self.name(name), self.name(source), self.value(otherwise));
        self.set.push(format!("{name} = if_not_exists({source}, {otherwise})"));
        self
    }

    /// Increases the attribute, which must exist, by `by`.
    pub fn increase(mut self, name: &str, by: i64) -> Self {
        let (name, by) = (self.name(name), self.value(n(by)));
        self.set.push(format!("{name} = {name} + {by}"));
        self
    }

    /// Increases the attribute by `by`, starting from `start` if it is missing.
    pub fn increase_from(mut self, start: i64, name: &str, by: i64) -> Self {
        let (name, start, by) = (self.name(name), self.value(n(start)), self.value(n(by)));
        self.set.push(format!("{name} = if_not_exists({name}, {start}) + {by}"));
        self
    }

    /// Adds to a number or to a set. A missing attribute counts as 0 or empty.
    pub fn add(mut self, name: impl Into<String>, value: AttributeValue) -> Self {
        let (name, value) = (self.name(name), self.value(value));
        self.add.push(format!("{name} {value}"));
        self
    }

    /// Removes members from a set.
    pub fn delete(mut self, name: &str, members: AttributeValue) -> Self {
        let (name, members) = (self.name(name), self.value(members));
        self.delete.push(format!("{name} {members}"));
        self
    }

    /// Removes the attributes.
    pub fn remove(mut self, names: &[&str]) -> Self {
        for name in names {
            let name = self.name(*name);
            self.remove.push(name);
        }
        self
    }

    /// Whether it changes no attribute.
    pub fn is_empty(&self) -> bool {
        self.clauses().all(|(_, parts)| parts.is_empty())
    }

    /// The expressions for the SDK.
    pub fn build(self) -> Expressions {
        let clauses = self.clauses().filter(|(_, parts)| !parts.is_empty());
        let update: Vec<_> = clauses.map(|(verb, parts)| format!("{verb} {}", parts.join(", "))).collect();
        Expressions { update: update.join(" "), ..self.condition.build() }
    }

    fn clauses(&self) -> impl Iterator<Item = (&'static str, &Vec<String>)> {
        [("SET", &self.set), ("REMOVE", &self.remove), ("ADD", &self.add), ("DELETE", &self.delete)].into_iter()
    }

    fn name(&mut self, name: impl Into<String>) -> String {
        let placeholder = format!("#u{}", self.condition.names.len());
        self.condition.names.insert(placeholder.clone(), name.into());
        placeholder
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":u{}", self.condition.values.len());
        self.condition.values.insert(placeholder.clone(), value);
        placeholder
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s;

    fn names(pairs: &[(&str, &str)]) -> Option<HashMap<String, String>> {
        Some(pairs.iter().map(|(placeholder, name)| ((*placeholder).to_owned(), (*name).to_owned())).collect())
    }

    fn values(pairs: &[(&str, AttributeValue)]) -> Option<Item> {
        Some(pairs.iter().map(|(placeholder, value)| ((*placeholder).to_owned(), value.clone())).collect())
    }

    #[test]
    fn an_update_names_each_attribute_and_each_value_it_changes() {
        let update = Update::default()
            .when(Condition::new("#status = :sent").name("#status", "status").value(":sent", s("sent")))
            .set("status", s("waiting"))
            .set_if_absent("created_at", n(5))
            .copy("claim_before", "claim", s(""))
            .increase("revision", 1)
            .increase_from(0, "met", 1)
            .add("choices", n(2))
            .delete("undecided", s("me"))
            .remove(&["claim", "list"]);
        assert!(!update.is_empty());
        let built = update.build();
        assert_eq!(
            built.update,
            "SET #u1 = :u1, #u2 = if_not_exists(#u2, :u2), #u3 = if_not_exists(#u4, :u3), #u5 = #u5 + :u4, \
             #u6 = if_not_exists(#u6, :u5) + :u6 REMOVE #u9, #u10 ADD #u7 :u7 DELETE #u8 :u8"
        );
        assert_eq!(built.condition.as_deref(), Some("#status = :sent"));
        let named = [
            ("#status", "status"),
            ("#u1", "status"),
            ("#u2", "created_at"),
            ("#u3", "claim_before"),
            ("#u4", "claim"),
            ("#u5", "revision"),
            ("#u6", "met"),
            ("#u7", "choices"),
            ("#u8", "undecided"),
            ("#u9", "claim"),
            ("#u10", "list"),
        ];
        assert_eq!(built.names, names(&named));
        let valued = [
            (":sent", s("sent")),
            (":u1", s("waiting")),
            (":u2", n(5)),
            (":u3", s("")),
            (":u4", n(1)),
            (":u5", n(0)),
            (":u6", n(1)),
            (":u7", n(2)),
            (":u8", s("me")),
        ];
        assert_eq!(built.values, values(&valued));
    }

    #[test]
    fn a_condition_that_comes_late_takes_no_placeholder_of_the_update() {
        let late = Condition::new("version = :version").value(":version", n(1));
        let built =
            Update::default().set("a", n(1)).when(late.clone()).set("b", n(2)).when(late).set("c", n(3)).build();
        assert_eq!(built.update, "SET #u0 = :u0, #u1 = :u2, #u2 = :u3");
        assert_eq!(built.values.map(|values| values.len()), Some(4));
    }

    #[test]
    fn conditions_that_both_hold_keep_their_own_alternatives() {
        let either = Condition::new("a = :a OR b = :a").value(":a", n(1));
        let built = Condition::default().and(either.clone()).and(Condition::new("c = :c").value(":c", n(2))).build();
        assert_eq!(built.condition.as_deref(), Some("(a = :a OR b = :a) AND (c = :c)"));
        assert_eq!(built.values, values(&[(":a", n(1)), (":c", n(2))]));
        // DynamoDB rejects parentheses around the whole expression.
        assert_eq!(either.build().condition.as_deref(), Some("a = :a OR b = :a"));
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        assert!(Update::default().is_empty());
        let built = Condition::default().build();
        assert_eq!(built, Expressions { update: String::new(), condition: None, names: None, values: None });
        assert_eq!(Update::default().remove(&["list"]).build().values, None);
        assert_eq!(Condition::version(0).build().condition.as_deref(), Some("attribute_not_exists(pk)"));
    }
}
