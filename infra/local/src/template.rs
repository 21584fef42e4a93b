//! What the local product takes from template.yaml: routes, schedules, queues, tables, roles, CORS and the answer headers
//! of CloudFront.
//! The template is the only list of them, so nothing here can drift from what is deployed.
use std::{collections::BTreeMap, path::Path, time::Duration};

use serde_json::{Value as Json, json};
use yaml_serde::Value as Yaml;

/// The resources of template.yaml that exist locally.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Template {
    /// The functions, each with its triggers.
    pub functions: Vec<FunctionResource>,
    /// The DynamoDB tables by their logical ids.
    pub tables: BTreeMap<String, TableResource>,
    /// The SQS queues by their logical ids.
    pub queues: BTreeMap<String, QueueResource>,
    /// The names of the secrets by their logical ids.
    pub secrets: BTreeMap<String, String>,
    /// The HTTP API's CORS rules; None when the API has none.
    pub cors: Option<CorsConfiguration>,
    /// CloudFront's behaviours in their order of precedence; the default one is last and matches everything.
    pub behaviours: Vec<Behaviour>,
    /// The value that `WEBAPP_ORIGIN` has in the template, before the local one takes its place.
    pub webapp_origin: Option<String>,
}

/// An `AWS::Serverless::Function`.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionResource {
    /// The last part of `CodeUri`: the name of the binary and of the entry in `functions::FUNCTIONS`.
    pub name: String,
    /// After this long Lambda ends an invocation.
    pub timeout: Duration,
    /// Method (`ANY` for all) and path pattern of each HTTP API event.
    pub routes: Vec<(String, String)>,
    /// Its EventBridge schedules.
    pub schedules: Vec<Schedule>,
    /// The queues that it takes messages from.
    pub queues: Vec<QueueEvent>,
    /// The statements of its role.
    pub statements: Vec<Json>,
}

/// An `SQS` event.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueEvent {
    /// The queue's logical id.
    pub queue: String,
    /// How many messages an invocation gets at most.
    pub batch_size: usize,
    /// How many invocations run at the same time; None leaves it to Lambda.
    pub concurrency: Option<usize>,
    /// Whether the function tells which messages of a batch failed. Otherwise an answer means that none did.
    pub reports_failures: bool,
}

/// An `AWS::SQS::Queue`.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueResource {
    /// A message that was received is not seen again for this long.
    pub visibility_timeout: Duration,
    /// How long a message waits before it is seen first.
    pub delay: Duration,
    /// After this long a message is gone.
    pub retention: Duration,
    /// Where messages go that are received too often.
    pub redrive: Option<Redrive>,
}

/// A queue's `RedrivePolicy`.
#[derive(Debug, Clone, PartialEq)]
pub struct Redrive {
    /// The logical id of the other queue.
    pub dead_letters: String,
    /// How often a message is received before it goes there.
    pub max_receive_count: u64,
}

/// A `ScheduleV2` event.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// `rate(5 minutes)` as a duration; None for a `cron` or `at` expression, which only runs on demand here.
    pub every: Option<Duration>,
    /// The expression as written.
    pub expression: String,
    /// What the function receives.
    pub input: Json,
}

/// An `AWS::DynamoDB::Table`.
#[derive(Debug, Clone, PartialEq)]
pub struct TableResource {
    /// The properties that `CreateTable` takes, without the name.
    pub definition: Json,
    /// The attribute that holds the time to live, if the table has one.
    pub time_to_live: Option<String>,
}

/// The HTTP API's `CorsConfiguration`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CorsConfiguration {
    /// `AllowOrigins`.
    pub allow_origins: Vec<String>,
    /// `AllowMethods`.
    pub allow_methods: Vec<String>,
    /// `AllowHeaders`.
    pub allow_headers: Vec<String>,
    /// `ExposeHeaders`.
    pub expose_headers: Vec<String>,
    /// `MaxAge`, seconds.
    pub max_age: Option<i64>,
    /// `AllowCredentials`.
    pub allow_credentials: bool,
}

/// A cache behaviour of the CloudFront distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Behaviour {
    /// The path pattern, `*` and `?` as CloudFront reads them.
    pub pattern: String,
    /// The headers that its response headers policy sets.
    pub headers: Vec<(String, String)>,
}

/// Why the template could not be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file could not be read.
    #[error("cannot read {0}: {1}")]
    Read(String, std::io::Error),
    /// The file is not YAML.
    #[error("{0} is not valid YAML: {1}")]
    Yaml(String, yaml_serde::Error),
    /// Something in it is not as expected.
    #[error("template.yaml: {0}")]
    Shape(String),
}

impl Template {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// The file is missing, is not YAML, or holds a resource without what it needs.
    pub fn read(path: &Path) -> Result<Self, TemplateError> {
        let text =
            std::fs::read_to_string(path).map_err(|error| TemplateError::Read(path.display().to_string(), error))?;
        let yaml =
            yaml_serde::from_str(&text).map_err(|error| TemplateError::Yaml(path.display().to_string(), error))?;
        Self::from_yaml(&yaml)
    }

    /// Takes a template that is already parsed.
    ///
    /// # Errors
    /// It holds a resource without what it needs.
    pub fn from_yaml(yaml: &Yaml) -> Result<Self, TemplateError> {
        let variables = variables(yaml);
        let root = resolve(yaml, &variables);
        let globals = &root["Globals"]["Function"];
        let mut template = Self {
            webapp_origin: text(&globals["Environment"]["Variables"]["WEBAPP_ORIGIN"]),
            cors: cors(&root["Globals"]["HttpApi"]["CorsConfiguration"]),
            ..Self::default()
        };
        let resources = root["Resources"].as_object().ok_or_else(|| shape("it has no Resources"))?;
        for (id, resource) in resources {
            let properties = &resource["Properties"];
            match resource["Type"].as_str() {
                Some("AWS::Serverless::Function") => {
                    let mut function = function(id, properties, globals)?;
                    function.statements = statements(id, properties, resources)?;
                    template.functions.push(function);
                }
                Some("AWS::DynamoDB::Table") => {
                    template.tables.insert(id.clone(), table(id, properties)?);
                }
                Some("AWS::SQS::Queue") => {
                    template.queues.insert(id.clone(), queue(properties));
                }
                Some("AWS::SecretsManager::Secret") => {
                    let name = text(&properties["Name"]).ok_or_else(|| shape(format!("{id} has no Name")))?;
                    template.secrets.insert(id.clone(), name);
                }
                Some(kind) if kind.starts_with("AWS::IAM::") && kind != "AWS::IAM::Role" => {
                    return Err(shape(format!("{id}: rights are read from the roles of functions, not from {kind}")));
                }
                Some("AWS::Serverless::HttpApi") => {
                    template.cors = cors(&properties["CorsConfiguration"]).or(template.cors);
                }
                Some("AWS::CloudFront::Distribution") => {
                    template.behaviours = behaviours(&properties["DistributionConfig"], resources);
                }
                _ => {}
            }
        }
        template.check_queues()?;
        Ok(template)
    }

    /// Every queue that something names is there.
    fn check_queues(&self) -> Result<(), TemplateError> {
        let sources = self.functions.iter().flat_map(|function| &function.queues).map(|event| &event.queue);
        let dead_letters = self.queues.values().filter_map(|queue| Some(&queue.redrive.as_ref()?.dead_letters));
        match sources.chain(dead_letters).find(|name| !self.queues.contains_key(*name)) {
            Some(name) => Err(shape(format!("there is no queue {name:?}"))),
            None => Ok(()),
        }
    }

    /// Puts the local origin wherever the template has the deployed one.
    pub fn set_webapp_origin(&mut self, origin: &str) {
        let Some(deployed) = self.webapp_origin.clone().filter(|deployed| !deployed.is_empty()) else {
            return;
        };
        if let Some(cors) = &mut self.cors {
            for allowed in cors.allow_origins.iter_mut().filter(|allowed| **allowed == deployed) {
                origin.clone_into(allowed);
            }
        }
        for (_, value) in self.behaviours.iter_mut().flat_map(|behaviour| &mut behaviour.headers) {
            *value = value.replace(&deployed, origin);
        }
    }

    /// The headers that CloudFront adds to the answer for `path`.
    pub fn response_headers(&self, path: &str) -> &[(String, String)] {
        self.behaviours
            .iter()
            .find(|behaviour| glob(behaviour.pattern.as_bytes(), path.as_bytes()))
            .map_or(&[], |behaviour| &behaviour.headers)
    }
}

fn shape(message: impl Into<String>) -> TemplateError {
    TemplateError::Shape(message.into())
}

/// What `!Ref` and `!Sub` find: the parameters' defaults and AWS's own names.
fn variables(yaml: &Yaml) -> BTreeMap<String, String> {
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
fn resolve(value: &Yaml, variables: &BTreeMap<String, String>) -> Json {
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

fn text(value: &Json) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn strings(value: &Json) -> Vec<String> {
    match value {
        Json::Array(items) => items.iter().filter_map(text).collect(),
        // SAM lets a single value stand for a list of one.
        Json::String(item) => vec![item.clone()],
        _ => Vec::new(),
    }
}

fn function(id: &str, properties: &Json, globals: &Json) -> Result<FunctionResource, TemplateError> {
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
fn statements(
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

fn queue(properties: &Json) -> QueueResource {
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

fn table(id: &str, properties: &Json) -> Result<TableResource, TemplateError> {
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

fn cors(configuration: &Json) -> Option<CorsConfiguration> {
    configuration.is_object().then(|| CorsConfiguration {
        allow_origins: strings(&configuration["AllowOrigins"]),
        allow_methods: strings(&configuration["AllowMethods"]),
        allow_headers: strings(&configuration["AllowHeaders"]),
        expose_headers: strings(&configuration["ExposeHeaders"]),
        max_age: configuration["MaxAge"].as_i64(),
        allow_credentials: configuration["AllowCredentials"].as_bool().unwrap_or(false),
    })
}

fn behaviours(distribution: &Json, resources: &serde_json::Map<String, Json>) -> Vec<Behaviour> {
    let headers = |behaviour: &Json| {
        let policy = behaviour["ResponseHeadersPolicyId"].as_str().and_then(|id| resources.get(id));
        policy.map(|policy| policy_headers(&policy["Properties"]["ResponseHeadersPolicyConfig"])).unwrap_or_default()
    };
    let mut behaviours: Vec<Behaviour> = distribution["CacheBehaviors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|behaviour| {
            Some(Behaviour { pattern: text(&behaviour["PathPattern"])?, headers: headers(behaviour) })
        })
        .collect();
    behaviours.push(Behaviour { pattern: "*".to_owned(), headers: headers(&distribution["DefaultCacheBehavior"]) });
    behaviours
}

/// The headers of a `ResponseHeadersPolicy`, as CloudFront writes them.
fn policy_headers(policy: &Json) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            headers.push((name.to_owned(), value));
        }
    };
    let security = &policy["SecurityHeadersConfig"];
    add("content-security-policy", text(&security["ContentSecurityPolicy"]["ContentSecurityPolicy"]));
    add("x-content-type-options", security["ContentTypeOptions"].is_object().then(|| "nosniff".to_owned()));
    add("x-frame-options", text(&security["FrameOptions"]["FrameOption"]));
    add("referrer-policy", text(&security["ReferrerPolicy"]["ReferrerPolicy"]));
    let transport = &security["StrictTransportSecurity"];
    add(
        "strict-transport-security",
        transport["AccessControlMaxAgeSec"].as_i64().map(|seconds| {
            let flag = |name: &str, text: &'static str| {
                if transport[name].as_bool().unwrap_or(false) { text } else { "" }
            };
            format!(
                "max-age={seconds}{}{}",
                flag("IncludeSubdomains", "; includeSubDomains"),
                flag("Preload", "; preload")
            )
        }),
    );
    for item in policy["CustomHeadersConfig"]["Items"].as_array().into_iter().flatten() {
        if let Some(name) = item["Header"].as_str() {
            add(&name.to_lowercase(), text(&item["Value"]));
        }
    }
    headers
}

/// CloudFront's path patterns; the leading slash is optional.
fn glob(pattern: &[u8], path: &[u8]) -> bool {
    like(pattern.strip_prefix(b"/").unwrap_or(pattern), path.strip_prefix(b"/").unwrap_or(path))
}

/// Whether a text is what a pattern says, in which `*` stands for any number of characters and `?` for one.
pub fn like(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skipped| like(rest, &text[skipped..])),
        Some((b'?', rest)) => text.split_first().is_some_and(|(_, text)| like(rest, text)),
        Some((wanted, rest)) => text.split_first().is_some_and(|(found, text)| found == wanted && like(rest, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = r#"
Parameters:
  WebAppDomain: {Type: String, Default: app.example.org}
Globals:
  Function:
    Timeout: 12
    Environment:
      Variables:
        WEBAPP_ORIGIN: !Sub https://${WebAppDomain}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration:
        AllowOrigins: [!Sub 'https://${WebAppDomain}']
        AllowMethods: [GET, POST]
        AllowHeaders: [authorization]
        MaxAge: 600
  CargoDetailFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile}
    Properties:
      CodeUri: target/lambda/cargo-detail/
      Timeout: 15
      Events:
        Detail: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: get, Path: '/api/cargos/{id}'}}
  JobsFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/jobs
      Events:
        Daily: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), Input: '{"job":"check"}'}}
        Night: {Type: ScheduleV2, Properties: {ScheduleExpression: 'cron(0 3 * * ? *)'}}
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt NotifyQueue.Arn
            BatchSize: 5
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 2}
  NotifyQueue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt NotifyDeadLetters.Arn
        maxReceiveCount: 5
  NotifyDeadLetters: {Type: 'AWS::SQS::Queue', Properties: {MessageRetentionPeriod: 1209600}}
  CacheTable:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub ${AWS::StackName}-cache
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
  Headers:
    Type: AWS::CloudFront::ResponseHeadersPolicy
    Properties:
      ResponseHeadersPolicyConfig:
        SecurityHeadersConfig:
          ContentSecurityPolicy:
            ContentSecurityPolicy: !Sub default-src 'self' https://${WebAppDomain}
            Override: true
          ContentTypeOptions: {Override: true}
          StrictTransportSecurity: {AccessControlMaxAgeSec: 100, IncludeSubdomains: true, Override: true}
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        DefaultCacheBehavior: {ResponseHeadersPolicyId: !Ref Headers}
        CacheBehaviors:
          - {PathPattern: /api/*, TargetOriginId: api}
"#;

    fn template() -> Template {
        Template::from_yaml(&yaml_serde::from_str(TEMPLATE).expect("YAML")).expect("a template")
    }

    #[test]
    fn functions_are_called_as_their_package_and_keep_routes_and_schedules() {
        let functions = template().functions;
        assert_eq!(functions[0].name, "cargo-detail");
        assert_eq!(functions[0].routes, [("GET".to_owned(), "/api/cargos/{id}".to_owned())]);
        assert_eq!(functions[0].timeout, Duration::from_secs(15));
        assert_eq!((functions[1].name.as_str(), functions[1].timeout), ("jobs", Duration::from_secs(12)));
        assert_eq!(functions[1].schedules[0].every, Some(Duration::from_secs(86_400)));
        assert_eq!(functions[1].schedules[0].input, json!({"job": "check"}));
        assert_eq!(functions[1].schedules[1].every, None);
    }

    #[test]
    fn queues_keep_their_times_and_who_takes_from_them() {
        let template = template();
        let queue = &template.queues["NotifyQueue"];
        assert_eq!(queue.visibility_timeout, Duration::from_secs(60));
        let redrive = Redrive { dead_letters: "NotifyDeadLetters".to_owned(), max_receive_count: 5 };
        assert_eq!(queue.redrive, Some(redrive));
        assert_eq!(template.queues["NotifyDeadLetters"].retention, Duration::from_secs(14 * 86_400));
        let event =
            QueueEvent { queue: "NotifyQueue".to_owned(), batch_size: 5, concurrency: Some(2), reports_failures: true };
        assert_eq!(template.functions[1].queues, [event]);
    }

    #[test]
    fn a_queue_that_is_not_there_is_told() {
        let yaml = TEMPLATE.replace("GetAtt NotifyDeadLetters.Arn", "GetAtt Other.Arn");
        let error = Template::from_yaml(&yaml_serde::from_str(&yaml).expect("YAML")).expect_err("no such queue");
        assert_eq!(error.to_string(), "template.yaml: there is no queue \"Other\"");
    }

    #[test]
    fn a_function_has_the_statements_of_its_role_and_rights_from_elsewhere_are_refused() {
        const ROLE: &str = r#"
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: target/lambda/f, Role: !GetAtt R.Arn}}
  R:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument: {Statement: [{Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt Q.Arn}]}
        - PolicyDocument: {Statement: {Effect: Deny, Action: 'sqs:*', Resource: '*'}}
"#;
        let read = |text: &str| Template::from_yaml(&yaml_serde::from_str(text).expect("YAML"));
        let statements = read(ROLE).expect("a template").functions.remove(0).statements;
        assert_eq!(statements[0], json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "Q.Arn"}));
        assert_eq!(statements[1]["Effect"], "Deny");
        for (from, to, told) in [
            ("      Policies:", "      ManagedPolicyArns: ['arn:x']\n      Policies:", "ManagedPolicyArns"),
            ("Role: !GetAtt R.Arn", "Policies: [AWSLambdaExecute]", "Policies"),
            ("Role: !GetAtt R.Arn", "Role: 'arn:x'", "Role"),
            ("  R:\n", "  P: {Type: 'AWS::IAM::Policy'}\n  R:\n", "AWS::IAM::Policy"),
        ] {
            let error = read(&ROLE.replace(from, to)).expect_err(told).to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn tables_keep_their_keys_and_time_to_live() {
        let tables = template().tables;
        assert_eq!(tables["CacheTable"].time_to_live.as_deref(), Some("ttl"));
        assert_eq!(tables["CacheTable"].definition["KeySchema"][0]["AttributeName"], "pk");
        assert!(tables["CacheTable"].definition.get("TableName").is_none());
    }

    #[test]
    fn the_local_origin_takes_the_place_of_the_deployed_one() {
        let mut template = template();
        template.set_webapp_origin("http://127.0.0.1:1");
        assert_eq!(template.cors.as_ref().expect("CORS").allow_origins, ["http://127.0.0.1:1"]);
        let headers = template.response_headers("/app/");
        assert_eq!(headers[0].1, "default-src 'self' http://127.0.0.1:1");
        assert_eq!(headers[1], ("x-content-type-options".to_owned(), "nosniff".to_owned()));
        assert_eq!(headers[2].1, "max-age=100; includeSubDomains");
        assert!(template.response_headers("/api/cargos").is_empty());
    }

    #[test]
    fn a_function_without_code_is_refused() {
        let yaml = yaml_serde::from_str("Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {}}}");
        let error = Template::from_yaml(&yaml.expect("YAML")).expect_err("no CodeUri");
        assert_eq!(error.to_string(), "template.yaml: F has no CodeUri");
    }

    #[test]
    fn path_patterns_match_as_in_cloudfront() {
        assert!(glob(b"/app/assets/*", b"/app/assets/a.js"));
        assert!(glob(b"app/*", b"/app/x/y"));
        assert!(glob(b"/a?c", b"/abc"));
        assert!(!glob(b"/api/*", b"/apis"));
    }
}
