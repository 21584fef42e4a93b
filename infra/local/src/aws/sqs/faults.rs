//! What goes wrong with the messages that are sent.
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// What goes wrong with the messages that are sent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// So many are accepted and thrown away.
    #[serde(deserialize_with = "times")]
    pub lose: Times,
    /// Each is delivered twice.
    pub double: bool,
    /// Each is seen so much later.
    pub delay_ms: i64,
    /// So many calls are answered with an error.
    #[serde(deserialize_with = "times")]
    pub refuse: Times,
}

/// How often something strikes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Times {
    /// Not at all.
    #[default]
    Never,
    /// So often.
    Left(u64),
    /// Always.
    All,
}

impl Times {
    /// Whether it strikes now.
    pub fn strike(&mut self) -> bool {
        match self {
            Self::Never | Self::Left(0) => false,
            Self::Left(left) => {
                *left -= 1;
                true
            }
            Self::All => true,
        }
    }
}

impl Serialize for Times {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => serializer.serialize_none(),
            Self::Left(left) => serializer.serialize_u64(*left),
            Self::All => serializer.serialize_str("all"),
        }
    }
}

/// Reads a number, `"all"`, a flag or null.
pub fn times<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Times, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null | Value::Bool(false) => Ok(Times::Never),
        Value::Bool(true) => Ok(Times::All),
        Value::String(text) if text == "all" => Ok(Times::All),
        Value::Number(number) if number.is_u64() => Ok(Times::Left(number.as_u64().unwrap_or_default())),
        _ => Err(serde::de::Error::custom("must be a number, \"all\", a flag or null")),
    }
}
