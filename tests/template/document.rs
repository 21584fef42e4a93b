//! template.yaml as plain data, with CloudFormation's short forms (`!Ref x`) written out, and changeable, so that each
//! check can be shown what it is there to find.
use std::{fs, path::PathBuf};

use serde_json::{Map, Value, json};
use yaml_serde::Value as Yaml;

/// The root of the project.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A parsed template.
#[derive(Clone)]
pub struct Template(pub Value);

impl Template {
    /// The project's own.
    pub fn read() -> Self {
        Self::of("template.yaml")
    }

    /// The one in this file.
    pub fn of(path: &str) -> Self {
        let text = fs::read_to_string(root().join(path)).expect("the template can be read");
        Self(written_out(&yaml_serde::from_str(&text).expect("the template is YAML")))
    }

    /// All resources of a type: logical id and properties.
    pub fn resources<'a>(&'a self, kind: &str) -> Vec<(&'a str, &'a Value)> {
        self.section("Resources")
            .iter()
            .filter(|(_, resource)| resource["Type"] == kind)
            .map(|(id, resource)| (id.as_str(), &resource["Properties"]))
            .collect()
    }

    /// `Parameters`, `Conditions`, `Resources`, `Outputs`.
    pub fn section(&self, name: &str) -> &Map<String, Value> {
        self.0[name].as_object().expect("the section is there")
    }

    /// What a function says, with `Globals` where it says nothing itself.
    pub fn function(&self, id: &str, property: &str) -> &Value {
        match &self.0["Resources"][id]["Properties"][property] {
            Value::Null => &self.0["Globals"]["Function"][property],
            own => own,
        }
    }

    /// The Lambda functions: logical id, name of the binary.
    pub fn functions(&self) -> Vec<(&str, String)> {
        self.resources("AWS::Serverless::Function")
            .into_iter()
            .map(|(id, properties)| {
                let code = properties["CodeUri"].as_str().unwrap_or_default();
                (id, code.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned())
            })
            .collect()
    }

    /// The HTTP routes of a function: method and path.
    pub fn routes(&self, id: &str) -> Vec<(&str, &str)> {
        let events = self.0["Resources"][id]["Properties"]["Events"].as_object();
        events
            .into_iter()
            .flat_map(Map::values)
            .filter(|event| event["Type"] == "HttpApi")
            .map(|event| {
                let of = |name: &str| event["Properties"][name].as_str().unwrap_or_default();
                (of("Method"), of("Path"))
            })
            .collect()
    }

    /// The statements of the role that a function runs under.
    pub fn statements(&self, function: &str) -> Vec<&Value> {
        let Some(role) = self.role(function) else {
            return Vec::new();
        };
        let policies = self.0["Resources"][role]["Properties"]["Policies"].as_array();
        policies
            .into_iter()
            .flatten()
            .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().into_iter().flatten())
            .collect()
    }

    /// The logical id of the role that a function runs under, if it names one of this template.
    pub fn role(&self, function: &str) -> Option<&str> {
        self.function(function, "Role")["Fn::GetAtt"].as_str()?.strip_suffix(".Arn")
    }

    /// Puts `value` in the place of what is at `pointer`, which has to be there, so that no change can miss.
    pub fn set(&mut self, pointer: &str, value: Value) {
        *self.0.pointer_mut(pointer).unwrap_or_else(|| panic!("there is nothing at {pointer}")) = value;
    }

    /// Adds a member to the object, or an element to the list, at `pointer`.
    pub fn add(&mut self, pointer: &str, name: &str, value: Value) {
        match self.0.pointer_mut(pointer) {
            Some(Value::Object(members)) => {
                assert!(members.insert(name.to_owned(), value).is_none())
            }
            Some(Value::Array(elements)) => elements.push(value),
            _ => panic!("there is nothing to add to at {pointer}"),
        }
    }

    /// Takes away what is at `pointer`.
    pub fn remove(&mut self, pointer: &str) {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer has a slash");
        let removed = match self.0.pointer_mut(parent) {
            Some(Value::Object(members)) => members.remove(name).is_some(),
            Some(Value::Array(elements)) => name.parse().is_ok_and(|at: usize| {
                at < elements.len() && {
                    elements.remove(at);
                    true
                }
            }),
            _ => false,
        };
        assert!(removed, "there is nothing at {pointer}");
    }
}

/// All strings in a value, keys left out.
pub fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(elements) => elements.iter().flat_map(strings).collect(),
        Value::Object(members) => members.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// Every name that a value refers to by `Ref`, `Fn::GetAtt`, `Condition` or inside `Fn::Sub`.
pub fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Array(elements) => elements.iter().flat_map(references).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, inner)| match (key.as_str(), inner) {
                ("Ref" | "Condition", Value::String(name)) => vec![name.clone()],
                ("Fn::GetAtt", Value::String(path)) => {
                    vec![path.split('.').next().unwrap_or_default().to_owned()]
                }
                ("Fn::If", Value::Array(choice)) => {
                    let condition = choice.first().and_then(Value::as_str).map(str::to_owned);
                    condition.into_iter().chain(choice.iter().flat_map(references)).collect()
                }
                ("Fn::Sub", Value::String(text)) => text
                    .split("${")
                    .skip(1)
                    .filter_map(|rest| rest.split(['}', '.']).next())
                    .map(str::to_owned)
                    .collect(),
                _ => references(inner),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// A value that may be one string or a list of them, as IAM allows.
pub fn listed(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(elements) => elements.iter().collect(),
        one => vec![one],
    }
}

fn written_out(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let key = if matches!(name, "Ref" | "Condition") { name.to_owned() } else { format!("Fn::{name}") };
            json!({ key: written_out(&tagged.value) })
        }
        Yaml::Mapping(members) => members
            .iter()
            .map(|(key, value)| (key.as_str().expect("keys are text").to_owned(), written_out(value)))
            .collect(),
        Yaml::Sequence(elements) => elements.iter().map(written_out).collect(),
        plain => serde_json::to_value(plain).expect("plain values have a JSON form"),
    }
}
