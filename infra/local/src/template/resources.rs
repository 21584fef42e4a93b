//! What each kind of resource says of itself.
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{
    CorsConfiguration, FunctionResource, QueueEvent, QueueResource, Redrive, Schedule, TableResource, TemplateError,
    shape, strings, text,
};

pub(super) fn function(id: &str, properties: &Json, globals: &Json) -> Result<FunctionResource, TemplateError> {
    let code = properties["CodeUri"].as_str().ok_or_else(|| shape(format!("{id} has no CodeUri")))?;
    let name = code.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let timeout = properties["Timeout"].as_u64().or_else(|| globals["Timeout"].as_u64()).unwrap_or(3);
    let mut function = FunctionResource {
        name,
        timeout: Duration::from_secs(timeout),
        routes: Vec::new(),
        schedules: Vec::new(),
        queues: Vec::new(),
        statements: Vec::new(),
    };
    for (event, definition) in properties["Events"].as_object().into_iter().flatten() {
        let properties = &definition["Properties"];
        let needed =
            |name: &str| text(&properties[name]).ok_or_else(|| shape(format!("{id}, event {event}: no {name}")));
        match definition["Type"].as_str() {
            Some("HttpApi") => {
                let method = match needed("Method")?.to_uppercase() {
                    any if any == "*" || any == "X-AMAZON-APIGATEWAY-ANY-METHOD" => "ANY".to_owned(),
                    method => method,
                };
                function.routes.push((method, needed("Path")?));
            }
            Some("ScheduleV2" | "Schedule") => {
                let expression = text(&properties["ScheduleExpression"])
                    .or_else(|| text(&properties["Schedule"]))
                    .unwrap_or_default();
                let input = properties["Input"].as_str().and_then(|input| serde_json::from_str(input).ok());
                function.schedules.push(Schedule {
                    every: rate(&expression),
                    expression,
                    input: input.unwrap_or_else(|| json!({})),
                });
            }
            Some("SQS") if properties["Enabled"].as_bool() != Some(false) => {
                let concurrency = properties["ScalingConfig"]["MaximumConcurrency"].as_u64();
                let size = properties["BatchSize"].as_u64().unwrap_or(10).max(1);
                function.queues.push(QueueEvent {
                    queue: needed("Queue")?.trim_end_matches(".Arn").to_owned(),
                    batch_size: usize::try_from(size).unwrap_or(10),
                    concurrency: concurrency.and_then(|number| usize::try_from(number).ok()),
                    reports_failures: strings(&properties["FunctionResponseTypes"])
                        .iter()
                        .any(|kind| kind == "ReportBatchItemFailures"),
                });
            }
            _ => {}
        }
    }
    Ok(function)
}

/// The statements of a function's role; none without a role. Rights that stand elsewhere are an error: they would be
/// overlooked.
pub(super) fn statements(
    id: &str,
    properties: &Json,
    resources: &serde_json::Map<String, Json>,
) -> Result<Vec<Json>, TemplateError> {
    if properties.get("Policies").is_some() {
        return Err(shape(format!("{id}: its rights are read from a role, not from Policies")));
    }
    let Some(role) = properties.get("Role") else { return Ok(Vec::new()) };
    let role = role.as_str().and_then(|role| role.strip_suffix(".Arn")).unwrap_or_default();
    let resource = resources.get(role).filter(|resource| resource["Type"] == "AWS::IAM::Role");
    let resource = resource.ok_or_else(|| shape(format!("{id}: its Role is none of the template's")))?;
    let properties = resource["Properties"].as_object().ok_or_else(|| shape(format!("{role} has no Properties")))?;
    let names = ["AssumeRolePolicyDocument", "Description", "Path", "Policies", "RoleName", "Tags"];
    if let Some(name) = properties.keys().find(|name| !names.contains(&name.as_str())) {
        return Err(shape(format!("{role}: {name} is not understood")));
    }
    let mut statements = Vec::new();
    for policy in properties.get("Policies").and_then(Json::as_array).into_iter().flatten() {
        match &policy["PolicyDocument"]["Statement"] {
            Json::Array(several) => statements.extend(several.iter().cloned()),
            one => statements.push(one.clone()),
        }
    }
    Ok(statements)
}

pub(super) fn queue(properties: &Json) -> QueueResource {
    let seconds = |name: &str, default| Duration::from_secs(properties[name].as_u64().unwrap_or(default));
    let redrive = &properties["RedrivePolicy"];
    let dead_letters = text(&redrive["deadLetterTargetArn"]);
    QueueResource {
        visibility_timeout: seconds("VisibilityTimeout", 30),
        delay: seconds("DelaySeconds", 0),
        retention: seconds("MessageRetentionPeriod", 4 * 86_400),
        redrive: dead_letters.map(|arn| Redrive {
            dead_letters: arn.trim_end_matches(".Arn").to_owned(),
            max_receive_count: redrive["maxReceiveCount"].as_u64().unwrap_or(1),
        }),
    }
}

/// `rate(5 minutes)` as a duration.
fn rate(expression: &str) -> Option<Duration> {
    let (number, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.trim().split_once(' ')?;
    let seconds = match unit.trim().trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(number.parse::<u64>().ok()?.max(1) * seconds))
}

pub(super) fn table(id: &str, properties: &Json) -> Result<TableResource, TemplateError> {
    let mut definition = serde_json::Map::new();
    for name in ["AttributeDefinitions", "KeySchema"] {
        let value = &properties[name];
        if !value.is_array() {
            return Err(shape(format!("{id} has no {name}")));
        }
        definition.insert(name.to_owned(), value.clone());
    }
    for name in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        if properties[name].is_array() {
            definition.insert(name.to_owned(), properties[name].clone());
        }
    }
    definition.insert("BillingMode".to_owned(), json!("PAY_PER_REQUEST"));
    let ttl = &properties["TimeToLiveSpecification"];
    let enabled = ttl["Enabled"].as_bool().unwrap_or(false);
    Ok(TableResource {
        definition: Json::Object(definition),
        time_to_live: text(&ttl["AttributeName"]).filter(|_| enabled),
    })
}

pub(super) fn cors(configuration: &Json) -> Option<CorsConfiguration> {
    configuration.is_object().then(|| CorsConfiguration {
        allow_origins: strings(&configuration["AllowOrigins"]),
        allow_methods: strings(&configuration["AllowMethods"]),
        allow_headers: strings(&configuration["AllowHeaders"]),
        expose_headers: strings(&configuration["ExposeHeaders"]),
        max_age: configuration["MaxAge"].as_i64(),
        allow_credentials: configuration["AllowCredentials"].as_bool().unwrap_or(false),
    })
}
