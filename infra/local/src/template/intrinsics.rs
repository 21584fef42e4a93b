//! CloudFormation's functions: `!Ref`, `!Sub`, `!GetAtt`, `!Join`.
use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use yaml_serde::Value as Yaml;

use super::strings;

/// What `!Ref` and `!Sub` find: the parameters' defaults and AWS's own names.
pub(super) fn variables(yaml: &Yaml) -> BTreeMap<String, String> {
    let mut variables: BTreeMap<String, String> = [
        ("AWS::AccountId", "000000000000"),
        ("AWS::Partition", "aws"),
        ("AWS::Region", crate::aws::REGION),
        ("AWS::StackName", "local"),
        ("AWS::URLSuffix", "amazonaws.com"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    if let Some(parameters) = yaml.get("Parameters").and_then(Yaml::as_mapping) {
        for (name, parameter) in parameters {
            if let (Some(name), Some(default)) = (name.as_str(), parameter.get("Default")) {
                let value = match default {
                    Yaml::String(text) => text.clone(),
                    Yaml::Number(number) => number.to_string(),
                    Yaml::Bool(flag) => flag.to_string(),
                    _ => continue,
                };
                variables.insert(name.to_owned(), value);
            }
        }
    }
    variables
}

/// Turns YAML with CloudFormation's functions into plain JSON. What depends on resources that exist on AWS only keeps
/// the resource's logical id (`!Ref`, `!GetAtt` with the attribute after a dot) or becomes null.
pub(super) fn resolve(value: &Yaml, variables: &BTreeMap<String, String>) -> Json {
    match value {
        Yaml::Null => Json::Null,
        Yaml::Bool(flag) => json!(flag),
        Yaml::Number(number) => {
            number.as_i64().map_or_else(|| json!(number.as_f64().unwrap_or_default()), |number| json!(number))
        }
        Yaml::String(text) => json!(text),
        Yaml::Sequence(items) => items.iter().map(|item| resolve(item, variables)).collect(),
        Yaml::Mapping(entries) => {
            if let Some((Yaml::String(key), argument)) = entries.iter().next().filter(|_| entries.len() == 1) {
                let name = key.strip_prefix("Fn::").or_else(|| (key == "Ref").then_some("Ref"));
                if let Some(name) = name {
                    return call(name, argument, variables);
                }
            }
            let entry = |(key, value): (&Yaml, &Yaml)| {
                let key = match resolve(key, variables) {
                    Json::String(key) => key,
                    other => other.to_string(),
                };
                (key, resolve(value, variables))
            };
            Json::Object(entries.iter().map(entry).collect())
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            call(tag.trim_start_matches('!'), &tagged.value, variables)
        }
    }
}

fn call(name: &str, argument: &Yaml, variables: &BTreeMap<String, String>) -> Json {
    match (name, argument) {
        ("Ref", Yaml::String(reference)) => json!(variables.get(reference).unwrap_or(reference)),
        ("Sub", Yaml::String(text)) => json!(substitute(text, variables)),
        ("Sub", Yaml::Sequence(arguments)) => {
            let mut variables = variables.clone();
            if let Some(Yaml::Mapping(own)) = arguments.get(1) {
                for (name, value) in own {
                    if let (Some(name), Json::String(value)) = (name.as_str(), resolve(value, &variables)) {
                        variables.insert(name.to_owned(), value);
                    }
                }
            }
            let text = arguments.first().and_then(Yaml::as_str).unwrap_or_default();
            json!(substitute(text, &variables))
        }
        ("Join", Yaml::Sequence(arguments)) => {
            let separator = arguments.first().and_then(Yaml::as_str).unwrap_or_default();
            let parts = arguments.get(1).map(|parts| resolve(parts, variables)).unwrap_or_default();
            json!(strings(&parts).join(separator))
        }
        ("GetAtt", Yaml::String(attribute)) => json!(attribute),
        ("GetAtt", Yaml::Sequence(_)) => json!(strings(&resolve(argument, variables)).join(".")),
        _ => Json::Null,
    }
}

fn substitute(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        result.push_str(before);
        result.push_str(variables.get(name).map_or(name, String::as_str));
        rest = after;
    }
    result + rest
}
