//! Secrets Manager: the four operations that the product uses, on values in the data directory or in memory.
use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::clock::Clock;

use super::{
    Answer, REGION,
    roles::{Access, Caller},
    unknown_operation,
};

/// The secrets of one product.
pub struct SecretsManager {
    secrets: Mutex<BTreeMap<String, Secret>>,
    file: Option<PathBuf>,
    clock: Clock,
}

impl std::fmt::Debug for SecretsManager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretsManager")
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Secret {
    current: Version,
    previous: Option<Version>,
    /// Comes from outside at each start, so it is not written to the file.
    #[serde(skip)]
    is_provided: bool,
}

#[derive(Clone, Serialize, Deserialize)]
struct Version {
    id: String,
    value: String,
    created_ms: i64,
}

impl SecretsManager {
    /// Opens the secrets that `file` keeps, if there is one.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn open(file: Option<&Path>, clock: Clock) -> std::io::Result<Self> {
        let secrets = match file.map(std::fs::read) {
            Some(Ok(json)) => serde_json::from_slice(&json)?,
            Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => BTreeMap::new(),
        };
        Ok(Self { secrets: Mutex::new(secrets), file: file.map(Path::to_owned), clock })
    }

    /// The current value of a secret.
    pub fn get(&self, name: &str) -> Option<String> {
        self.secrets().get(name).map(|secret| secret.current.value.clone())
    }

    /// Makes `value` the current one until the process ends: it comes from outside again at the next start.
    pub fn provide(&self, name: &str, value: &str) {
        let current = self.version(value);
        self.secrets().insert(name.to_owned(), Secret { current, previous: None, is_provided: true });
    }

    /// Makes `value` the current one, for good.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn put(&self, name: &str, value: &str) -> std::io::Result<()> {
        let current = self.version(value);
        let mut secrets = self.secrets();
        let previous = secrets.remove(name).map(|secret| secret.current);
        secrets.insert(name.to_owned(), Secret { current, previous, is_provided: false });
        self.save(&secrets)
    }

    fn version(&self, value: &str) -> Version {
        let id = uuid::Uuid::new_v4().to_string();
        Version { id, value: value.to_owned(), created_ms: self.clock.now_ms() }
    }

    /// Carries out an operation, whose request is JSON.
    pub fn call(&self, caller: Caller<'_>, operation: &str, body: &[u8]) -> Answer {
        let Ok(request) = serde_json::from_slice::<Value>(body) else {
            return Answer::error(400, "SerializationException", "the request is not JSON");
        };
        if let Err(refusal) = caller.may(|| self.accesses(operation, &request)) {
            return refusal;
        }
        match operation {
            "GetSecretValue" => self.get_secret_value(&request),
            "BatchGetSecretValue" => self.batch_get_secret_value(&request),
            "PutSecretValue" => self.put_secret_value(&request),
            "DescribeSecret" => self.describe_secret(&request),
            _ => unknown_operation(),
        }
    }

    /// What an operation does with which secrets. To read several at once takes two rights.
    fn accesses(&self, operation: &str, request: &Value) -> Vec<Access> {
        let secrets = self.secrets();
        let access = |operation: &str, id: &Value| {
            let arn = find(&secrets, id).map_or_else(|| arn(id.as_str().unwrap_or_default()), |(name, _)| arn(name));
            Access::new(format!("secretsmanager:{operation}"), arn)
        };
        if operation == "BatchGetSecretValue" {
            let several = request["SecretIdList"].as_array().into_iter().flatten();
            let all = Access::new("secretsmanager:BatchGetSecretValue", "*");
            return [all].into_iter().chain(several.map(|id| access("GetSecretValue", id))).collect();
        }
        vec![access(operation, &request["SecretId"])]
    }

    fn get_secret_value(&self, request: &Value) -> Answer {
        let secrets = self.secrets();
        let Some((name, secret)) = find(&secrets, &request["SecretId"]) else {
            return not_found();
        };
        let stage = request["VersionStage"].as_str().unwrap_or("AWSCURRENT");
        let id = request["VersionId"].as_str();
        let versions = [(Some(&secret.current), "AWSCURRENT"), (secret.previous.as_ref(), "AWSPREVIOUS")];
        let found = versions.into_iter().find_map(|(version, own)| {
            let version = version?;
            id.map_or(own == stage, |id| id == version.id).then_some((version, own))
        });
        match found {
            Some((version, stage)) => Answer::ok(value(name, version, stage).to_string()),
            None => not_found(),
        }
    }

    fn batch_get_secret_value(&self, request: &Value) -> Answer {
        let secrets = self.secrets();
        let (mut values, mut errors) = (Vec::new(), Vec::new());
        for id in request["SecretIdList"].as_array().into_iter().flatten() {
            match find(&secrets, id) {
                Some((name, secret)) => values.push(value(name, &secret.current, "AWSCURRENT")),
                None => errors.push(json!({
                    "SecretId": id, "ErrorCode": "ResourceNotFoundException", "Message": NOT_FOUND,
                })),
            }
        }
        Answer::ok(json!({"SecretValues": values, "Errors": errors}).to_string())
    }

    fn put_secret_value(&self, request: &Value) -> Answer {
        let name = find(&self.secrets(), &request["SecretId"]).map(|(name, _)| name.to_owned());
        let (Some(name), Some(value)) = (name, request["SecretString"].as_str()) else {
            return not_found();
        };
        if let Err(error) = self.put(&name, value) {
            return Answer::error(500, "InternalServiceError", &error.to_string());
        }
        let secrets = self.secrets();
        let id = secrets.get(&name).map(|secret| &secret.current.id);
        Answer::ok(
            json!({"ARN": arn(&name), "Name": name, "VersionId": id, "VersionStages": ["AWSCURRENT"]}).to_string(),
        )
    }

    fn describe_secret(&self, request: &Value) -> Answer {
        let secrets = self.secrets();
        let Some((name, secret)) = find(&secrets, &request["SecretId"]) else {
            return not_found();
        };
        let mut stages = serde_json::Map::new();
        stages.insert(secret.current.id.clone(), json!(["AWSCURRENT"]));
        if let Some(previous) = &secret.previous {
            stages.insert(previous.id.clone(), json!(["AWSPREVIOUS"]));
        }
        let changed = seconds(secret.current.created_ms);
        Answer::ok(
            json!({"ARN": arn(name), "Name": name, "LastChangedDate": changed, "VersionIdsToStages": stages})
                .to_string(),
        )
    }

    fn save(&self, secrets: &BTreeMap<String, Secret>) -> std::io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let kept: BTreeMap<_, _> = secrets.iter().filter(|(_, secret)| !secret.is_provided).collect();
        options.open(file)?.write_all(&serde_json::to_vec(&kept)?)
    }

    fn secrets(&self) -> MutexGuard<'_, BTreeMap<String, Secret>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const NOT_FOUND: &str = "Secrets Manager can't find the specified secret.";

fn not_found() -> Answer {
    Answer::error(400, "ResourceNotFoundException", NOT_FOUND)
}

fn find<'a>(secrets: &'a BTreeMap<String, Secret>, id: &Value) -> Option<(&'a str, &'a Secret)> {
    let id = id.as_str()?;
    secrets.iter().find(|(name, _)| *name == id || arn(name) == id).map(|(name, secret)| (name.as_str(), secret))
}

fn value(name: &str, version: &Version, stage: &str) -> Value {
    json!({
        "ARN": arn(name),
        "Name": name,
        "VersionId": version.id,
        "SecretString": version.value,
        "VersionStages": [stage],
        "CreatedDate": seconds(version.created_ms),
    })
}

/// The ARN of a secret.
pub fn arn(name: &str) -> String {
    format!("arn:aws:secretsmanager:{REGION}:000000000000:secret:{name}-LoCaL1")
}

#[allow(clippy::cast_precision_loss)]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> SecretsManager {
        let secrets = SecretsManager::open(None, Clock::system()).expect("in memory");
        secrets.put("local/session", "one").expect("in memory");
        secrets
    }

    fn call(secrets: &SecretsManager, operation: &str, request: &Value) -> Value {
        serde_json::from_str(&secrets.call(Caller::Free, operation, request.to_string().as_bytes()).body).expect("JSON")
    }

    #[test]
    fn a_value_is_read_by_name_and_by_arn() {
        let secrets = secrets();
        let by_name = call(&secrets, "GetSecretValue", &json!({"SecretId": "local/session"}));
        assert_eq!(by_name["SecretString"], "one");
        assert_eq!(call(&secrets, "GetSecretValue", &json!({"SecretId": by_name["ARN"]})), by_name);
    }

    #[test]
    fn several_are_read_at_once_and_a_missing_one_is_told() {
        let request = json!({"SecretIdList": ["local/session", "local/none"]});
        let answer = call(&secrets(), "BatchGetSecretValue", &request);
        assert_eq!(answer["SecretValues"][0]["SecretString"], "one");
        assert_eq!(answer["Errors"][0]["ErrorCode"], "ResourceNotFoundException");
        let missing = secrets().call(Caller::Free, "GetSecretValue", br#"{"SecretId":"local/none"}"#);
        assert_eq!(missing.status, 400);
    }

    #[test]
    fn a_new_value_keeps_the_one_before() {
        let secrets = secrets();
        call(&secrets, "PutSecretValue", &json!({"SecretId": "local/session", "SecretString": "two"}));
        let get = |stage: &str| {
            let request = json!({"SecretId": "local/session", "VersionStage": stage});
            call(&secrets, "GetSecretValue", &request)["SecretString"].clone()
        };
        assert_eq!((get("AWSCURRENT"), get("AWSPREVIOUS")), (json!("two"), json!("one")));
        let stages = call(&secrets, "DescribeSecret", &json!({"SecretId": "local/session"}));
        assert_eq!(stages["VersionIdsToStages"].as_object().map(serde_json::Map::len), Some(2));
    }

    #[test]
    fn other_operations_are_unknown() {
        assert_eq!(secrets().call(Caller::Free, "DeleteSecret", b"{}"), unknown_operation());
    }

    #[test]
    fn what_was_put_outlives_the_process_and_what_was_provided_never_reaches_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secrets.json");
        let open = || SecretsManager::open(Some(&file), Clock::system()).expect("readable");
        let secrets = open();
        secrets.provide("local/cargotech", "password");
        secrets.put("local/edge", "token").expect("written");
        assert_eq!(secrets.get("local/cargotech").as_deref(), Some("password"));
        assert_eq!(open().get("local/edge").as_deref(), Some("token"));
        assert_eq!(open().get("local/cargotech"), None);
        assert!(!std::fs::read_to_string(&file).expect("readable").contains("password"));
    }
}
