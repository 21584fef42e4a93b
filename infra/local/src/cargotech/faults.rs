//! How the sandbox is told to misbehave: its settings, how they are read and what they do to an answer.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::time::Duration;

use axum::body::{Body, Bytes};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::filters::Errors;
use super::points::Spelling;
use super::wire::Shape;

/// An endpoint of the API, by the name that counters and faults use.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `POST /v1/auth/login`
    Login,
    /// `GET /v1/me`
    Me,
    /// `GET /v2/cargos/views`
    List,
    /// `GET /v1/carrier/cargos/{id}`
    Detail,
    /// `GET /v1/dictionaries/points`
    Points,
    /// `GET /v1/dictionaries/truck_types`
    TruckTypes,
    /// `GET /v1/dictionaries/load_types`
    LoadTypes,
}

impl Endpoint {
    /// All endpoints.
    pub const ALL: [Endpoint; 7] = [
        Endpoint::Login,
        Endpoint::Me,
        Endpoint::List,
        Endpoint::Detail,
        Endpoint::Points,
        Endpoint::TruckTypes,
        Endpoint::LoadTypes,
    ];
}

/// A fault with where and how often it happens.
#[derive(Clone, Serialize)]
pub struct Fault<T> {
    #[serde(flatten)]
    what: T,
    /// How many more requests; nothing: until it is taken off.
    times: Option<u64>,
    /// Nothing: all.
    endpoint: Option<Endpoint>,
}

impl<T: Clone> Fault<T> {
    /// What happens to a request to this endpoint, counted as one of the times.
    pub fn strike(fault: &mut Option<Fault<T>>, endpoint: Endpoint) -> Option<T> {
        let active = fault.as_mut().filter(|fault| fault.endpoint.is_none_or(|only| only == endpoint))?;
        let what = active.what.clone();
        if let Some(times) = &mut active.times {
            *times -= 1;
            if *times == 0 {
                *fault = None;
            }
        }
        Some(what)
    }
}

/// An answer with this status instead of the real one.
#[derive(Clone, Serialize)]
pub struct Fail {
    /// 400–599.
    pub status: u16,
    /// Seconds in a 429's `X-RateLimit-Reset-After`.
    pub reset_after: u32,
}

/// No answer: the connection is closed, after a while.
#[derive(Clone, Serialize)]
pub struct Drop {
    after_ms: u64,
}

impl Drop {
    /// How long the caller waits for nothing.
    pub fn after(&self) -> Duration {
        Duration::from_millis(self.after_ms)
    }
}

/// How a good answer is spoiled.
#[derive(Clone, Serialize)]
pub struct Malformed {
    kind: Spoil,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Spoil {
    /// Half of the JSON.
    BrokenJson,
    /// Numbers for strings, strings for numbers, objects for lists.
    WrongTypes,
    /// A body of no bytes.
    Empty,
    /// A valid answer with nothing in it.
    EmptyList,
}

/// Milliseconds before each answer.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Latency {
    /// At least.
    pub min: u64,
    /// At most.
    pub max: u64,
}

/// All that can be set. [`Default`] is a service in good health.
#[derive(Clone, Serialize)]
pub struct Settings {
    /// How slow it is.
    pub latency_ms: Latency,
    /// Whether it fails.
    pub fail: Option<Fault<Fail>>,
    /// Whether it answers at all.
    pub drop: Option<Fault<Drop>>,
    /// Whether its answers are spoiled.
    pub malformed: Option<Fault<Malformed>>,
    /// Which wire shape it sends.
    pub shape: Shape,
    /// Whether lists do without their total.
    pub omit_total: bool,
    /// Whether a search for cities tells `ё` from `е`.
    pub spelling: Spelling,
    /// Requests a minute.
    pub rate_limit_per_min: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            latency_ms: Latency { min: 0, max: 0 },
            fail: None,
            drop: None,
            malformed: None,
            shape: Shape::Nested,
            omit_total: false,
            spelling: Spelling::Lenient,
            rate_limit_per_min: 600,
        }
    }
}

impl Settings {
    /// How this request's answer is spoiled. A fault for all endpoints spares sign-in, so that one can
    /// look at what spoiled data does; it can be named.
    pub fn spoil(&mut self, endpoint: Endpoint) -> Option<Malformed> {
        let spared = matches!(endpoint, Endpoint::Login | Endpoint::Me);
        if spared && self.malformed.as_ref().is_some_and(|fault| fault.endpoint.is_none()) {
            return None;
        }
        Fault::strike(&mut self.malformed, endpoint)
    }

    /// These settings with those of `changes` instead, or what is wrong with them.
    pub fn changed(&self, changes: &Map<String, Value>) -> Result<Settings, Errors> {
        let mut settings = self.clone();
        let mut input = Input::new("", changes);
        input.only(&[
            "latency_ms",
            "fail",
            "drop",
            "malformed",
            "shape",
            "omit_total",
            "spelling",
            "rate_limit_per_min",
        ]);
        if let Some(latency) = input.read("latency_ms", latency) {
            settings.latency_ms = latency;
        }
        if let Some(fail) = input.read("fail", |field, value| fault(field, value, fail)) {
            settings.fail = fail;
        }
        if let Some(drop) = input.read("drop", |field, value| fault(field, value, drop_after)) {
            settings.drop = drop;
        }
        if let Some(malformed) = input.read("malformed", |field, value| match value {
            Value::String(_) => {
                let object = Map::from_iter([("kind".to_owned(), value.clone())]);
                fault(field, &Value::Object(object), malformed)
            }
            _ => fault(field, value, malformed),
        }) {
            settings.malformed = malformed;
        }
        if let Some(shape) = input.read("shape", |field, value| {
            choice(field, value, &[("nested", Shape::Nested), ("flat", Shape::Flat), ("mixed", Shape::Mixed)])
        }) {
            settings.shape = shape;
        }
        if let Some(omit) = input
            .read("omit_total", |field, value| value.as_bool().ok_or_else(|| error(field, "must be true or false")))
        {
            settings.omit_total = omit;
        }
        if let Some(spelling) = input.read("spelling", |field, value| {
            choice(field, value, &[("lenient", Spelling::Lenient), ("strict", Spelling::Strict)])
        }) {
            settings.spelling = spelling;
        }
        if let Some(limit) = input.read("rate_limit_per_min", |field, value| whole(field, value, 1, 10_000_000)) {
            settings.rate_limit_per_min = limit as u32;
        }
        input.finish().map(|()| settings)
    }
}

fn latency(field: &str, value: &Value) -> Result<Latency, Errors> {
    let Value::Object(values) = value else {
        let fixed = whole(field, value, 0, LONGEST_MS)?;
        return Ok(Latency { min: fixed, max: fixed });
    };
    let mut input = Input::new(field, values);
    input.only(&["min", "max"]);
    let min = input.required("min", |field, value| whole(field, value, 0, LONGEST_MS));
    let max = input.required("max", |field, value| whole(field, value, 0, LONGEST_MS));
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        input.refuse("max", "must not be below min");
    }
    input.finish()?;
    Ok(Latency { min: min.unwrap_or_default(), max: max.unwrap_or_default() })
}

const LONGEST_MS: u64 = 120_000;

/// A fault's own fields, read from those of the object that has them.
type ReadFault<T> = fn(&mut Input<'_>) -> Option<T>;

fn fault<T>(field: &str, value: &Value, read: ReadFault<T>) -> Result<Option<Fault<T>>, Errors> {
    let values = match value {
        Value::Null => return Ok(None),
        Value::Object(values) => values,
        _ => return Err(error(field, "must be an object or null")),
    };
    let mut input = Input::new(field, values);
    let what = read(&mut input);
    let times = input.optional("times", |field, value| whole(field, value, 1, u32::MAX.into()));
    let endpoint = input.optional("endpoint", |field, value| {
        let names: Vec<(String, Endpoint)> =
            Endpoint::ALL.iter().map(|endpoint| (name_of(*endpoint), *endpoint)).collect();
        let choices: Vec<(&str, Endpoint)> = names.iter().map(|(name, endpoint)| (name.as_str(), *endpoint)).collect();
        choice(field, value, &choices)
    });
    input.finish()?;
    Ok(what.map(|what| Fault { what, times, endpoint }))
}

fn name_of(endpoint: Endpoint) -> String {
    json!(endpoint).as_str().unwrap_or_default().to_owned()
}

fn fail(input: &mut Input<'_>) -> Option<Fail> {
    input.only(&["status", "times", "endpoint", "reset_after"]);
    let status = input.required("status", |field, value| whole(field, value, 400, 599))?;
    let reset_after = input.optional("reset_after", |field, value| whole(field, value, 0, 3_600));
    Some(Fail { status: status as u16, reset_after: reset_after.unwrap_or(30) as u32 })
}

fn drop_after(input: &mut Input<'_>) -> Option<Drop> {
    input.only(&["after_ms", "times", "endpoint"]);
    let after_ms = input.optional("after_ms", |field, value| whole(field, value, 0, LONGEST_MS));
    Some(Drop { after_ms: after_ms.unwrap_or(0) })
}

fn malformed(input: &mut Input<'_>) -> Option<Malformed> {
    input.only(&["kind", "times", "endpoint"]);
    let kind = input.required("kind", |field, value| {
        choice(
            field,
            value,
            &[
                ("broken_json", Spoil::BrokenJson),
                ("wrong_types", Spoil::WrongTypes),
                ("empty", Spoil::Empty),
                ("empty_list", Spoil::EmptyList),
            ],
        )
    })?;
    Some(Malformed { kind })
}

/// One field's error.
pub fn error(field: &str, message: &str) -> Errors {
    BTreeMap::from([(field.to_owned(), vec![format!("{field} {message}")])])
}

/// A whole number between two bounds.
pub fn whole(field: &str, value: &Value, min: u64, max: u64) -> Result<u64, Errors> {
    value
        .as_u64()
        .filter(|number| (min..=max).contains(number))
        .ok_or_else(|| error(field, &format!("must be a whole number from {min} to {max}")))
}

fn choice<T: Copy>(field: &str, value: &Value, choices: &[(&str, T)]) -> Result<T, Errors> {
    let chosen = choices.iter().find(|(name, _)| value.as_str() == Some(name));
    chosen.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        error(field, &format!("must be one of {}", names.join(", ")))
    })
}

/// The fields of an object, read one by one, their errors gathered.
pub struct Input<'a> {
    prefix: String,
    values: &'a Map<String, Value>,
    errors: Errors,
}

impl<'a> Input<'a> {
    /// The fields of the object that is itself the field `field`; of the body for an empty name.
    pub fn new(field: &str, values: &'a Map<String, Value>) -> Input<'a> {
        let prefix = if field.is_empty() { String::new() } else { format!("{field}.") };
        Input { prefix, values, errors: Errors::new() }
    }

    /// Refuses all other fields.
    pub fn only(&mut self, known: &[&str]) {
        for name in self.values.keys().filter(|name| !known.contains(&name.as_str())) {
            let field = format!("{}{name}", self.prefix);
            self.errors.extend(error(&field, &format!("is unknown; known are {}", known.join(", "))));
        }
    }

    fn refuse(&mut self, name: &str, message: &str) {
        self.errors.extend(error(&format!("{}{name}", self.prefix), message));
    }

    /// The value of a field, if it is there and right; null is a value.
    pub fn read<T>(&mut self, name: &str, parse: impl FnOnce(&str, &Value) -> Result<T, Errors>) -> Option<T> {
        let value = self.values.get(name)?;
        parse(&format!("{}{name}", self.prefix), value).map_err(|errors| self.errors.extend(errors)).ok()
    }

    /// The same for a field in which null means that it is left out.
    pub fn optional<T>(&mut self, name: &str, parse: impl FnOnce(&str, &Value) -> Result<T, Errors>) -> Option<T> {
        self.values.get(name).filter(|value| !value.is_null())?;
        self.read(name, parse)
    }

    /// The same for a field that has to be there.
    pub fn required<T>(&mut self, name: &str, parse: impl FnOnce(&str, &Value) -> Result<T, Errors>) -> Option<T> {
        if !self.values.contains_key(name) {
            self.refuse(name, "is required");
        }
        self.read(name, parse)
    }

    /// What was wrong.
    pub fn finish(self) -> Result<(), Errors> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }
}

impl Malformed {
    /// The body sent instead of a good one.
    pub fn spoil(&self, good: &[u8]) -> Vec<u8> {
        let value = || serde_json::from_slice(good).unwrap_or(Value::Null);
        match self.kind {
            Spoil::BrokenJson => good[..good.len() / 2].to_vec(),
            Spoil::WrongTypes => confuse(value()).to_string().into_bytes(),
            Spoil::Empty => Vec::new(),
            Spoil::EmptyList => json!({"data": [], "meta": {"size": 0}}).to_string().into_bytes(),
        }
    }
}

// PHP itself does the last of these: an array whose keys have a gap becomes an object.
fn confuse(value: Value) -> Value {
    match value {
        Value::Number(_) => json!("много"),
        Value::String(_) => json!(0),
        Value::Array(items) => {
            items.into_iter().enumerate().map(|(index, item)| (index.to_string(), confuse(item))).collect()
        }
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, confuse(value))).collect(),
        Value::Bool(_) | Value::Null => json!("да"),
    }
}

/// A body that fails before its first byte: the server then closes the connection without having sent
/// even the status line.
pub fn hang_up() -> Body {
    let abort = async { Err::<Bytes, _>(std::io::Error::from(ErrorKind::ConnectionAborted)) };
    Body::from_stream(futures_util::stream::once(abort))
}
