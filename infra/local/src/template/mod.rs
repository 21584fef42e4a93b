//! What the local product takes from template.yaml: routes, schedules, queues, tables, roles, CORS and the answer headers
//! of CloudFront.
//! The template is the only list of them, so nothing here can drift from what is deployed.
mod cloudfront;
mod intrinsics;
mod resources;

use std::{collections::BTreeMap, path::Path, time::Duration};

use serde_json::Value as Json;
use yaml_serde::Value as Yaml;

pub use cloudfront::like;
use cloudfront::{behaviours, glob};
use intrinsics::{resolve, variables};
use resources::{cors, function, queue, statements, table};

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

#[cfg(test)]
mod tests;
