//! What each function may do at AWS: the statements of its role in template.yaml, held against every call it makes. A right
//! that was forgotten there fails here, as it would on AWS.
//!
//! A function is known by the access key that it signs with, as on AWS. Other keys may do everything: those are tests, tools
//! and programs started by hand.
use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::{HeaderMap, header};
use serde_json::Value;

use super::{Answer, secrets, sqs};
use crate::template::{Template, TemplateError, like};

/// What the access key of a function begins with; its name follows.
const KEY_PREFIX: &str = "function-";
/// The services that are here. Statements about others decide nothing.
const SERVICES: [&str; 3] = ["dynamodb:", "secretsmanager:", "sqs:"];

/// The access key of a function.
pub fn access_key_id(function: &str) -> String {
    format!("{KEY_PREFIX}{function}")
}

/// One thing that a call does, to be allowed or not.
#[derive(Debug)]
pub struct Access {
    /// `dynamodb:GetItem` for example.
    pub action: String,
    /// The ARN of what it is done with.
    pub resource: String,
    /// The partition keys of the items, `dynamodb:LeadingKeys`; empty when the call names none.
    pub leading_keys: Vec<String>,
}

impl Access {
    /// Of something that has no items.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), leading_keys: Vec::new() }
    }
}

/// Who makes a call.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'a> {
    /// A function.
    Function(&'a Role),
    /// Anybody else, who may do everything.
    Free,
}

impl Caller<'_> {
    /// Nothing, or the refusal of the first access that is not allowed.
    ///
    /// # Errors
    /// The role does not allow one.
    pub fn may(self, accesses: impl FnOnce() -> Vec<Access>) -> Result<(), Answer> {
        match self {
            Self::Function(role) => accesses().iter().try_for_each(|access| role.check(access)),
            Self::Free => Ok(()),
        }
    }
}

/// The roles of all functions.
#[derive(Debug)]
pub struct Roles {
    roles: BTreeMap<String, Role>,
    refused: RefusedCalls,
}

impl Roles {
    /// The roles of `functions` as the template has them; one that is not there may do nothing. `tables` are the names of
    /// the tables by their logical ids.
    ///
    /// # Errors
    /// A statement cannot be understood: leaving it out might allow or refuse too much.
    pub fn new<'a>(
        template: &Template,
        functions: impl IntoIterator<Item = &'a str>,
        tables: &[(&str, &str)],
        secrets_prefix: &str,
    ) -> Result<Self, TemplateError> {
        let mut arns = BTreeMap::new();
        arns.extend(tables.iter().map(|(id, name)| (format!("{id}.Arn"), super::dynamodb::arn(name))));
        arns.extend(template.queues.keys().map(|id| (format!("{id}.Arn"), sqs::arn(id))));
        // A reference to a secret is its ARN already.
        arns.extend(template.secrets.iter().map(|(id, name)| {
            let name = name.rsplit('/').next().unwrap_or(name);
            (id.clone(), secrets::arn(&format!("{secrets_prefix}/{name}")))
        }));
        let refused = RefusedCalls::default();
        let mut roles = BTreeMap::new();
        for function in functions {
            let resource = template.functions.iter().find(|resource| resource.name == function);
            let statements = resource.into_iter().flat_map(|resource| &resource.statements);
            let statements = statements.map(|statement| {
                Statement::read(statement, &arns)
                    .map_err(|error| TemplateError::Shape(format!("the role of {function}: {error}: {statement}")))
            });
            let role = Role {
                function: function.to_owned(),
                statements: statements.collect::<Result<_, _>>()?,
                refused: refused.clone(),
            };
            roles.insert(function.to_owned(), role);
        }
        Ok(Self { roles, refused })
    }

    /// Who signed a request.
    pub fn caller(&self, headers: &HeaderMap) -> Caller<'_> {
        let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = authorization.and_then(|value| value.split_once("Credential=")?.1.split('/').next());
        let function = key.and_then(|key| key.strip_prefix(KEY_PREFIX));
        function.map_or(Caller::Free, |function| self.function(function))
    }

    /// A function as a caller, for what is done in its name.
    pub fn function(&self, name: &str) -> Caller<'_> {
        self.roles.get(name).map_or(Caller::Free, Caller::Function)
    }

    /// What was refused so far and from now on.
    pub fn refused(&self) -> RefusedCalls {
        self.refused.clone()
    }
}

/// The calls that were refused: a function may get along without an answer, and its role is wrong all the same.
#[derive(Debug, Clone, Default)]
pub struct RefusedCalls(Arc<Mutex<Vec<String>>>);

impl RefusedCalls {
    /// What came since the last time.
    pub fn take(&self) -> Vec<String> {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, refused: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(refused);
    }
}

/// What one function may do.
#[derive(Debug)]
pub struct Role {
    function: String,
    statements: Vec<Statement>,
    refused: RefusedCalls,
}

impl Role {
    /// As IAM decides: what nothing allows is refused, and what something denies.
    fn check(&self, access: &Access) -> Result<(), Answer> {
        let holds = |denies| self.statements.iter().any(|own| own.denies == denies && own.concerns(access));
        let Access { action, resource, leading_keys } = access;
        let reason = match (holds(true), holds(false)) {
            (true, _) => "with an explicit deny in an identity-based policy".to_owned(),
            (false, true) => return Ok(()),
            (false, false) => format!("because no identity-based policy allows the {action} action"),
        };
        let function = &self.function;
        let user = format!("arn:aws:sts::000000000000:assumed-role/{function}/{function}");
        let message = format!("User: {user} is not authorized to perform: {action} on resource: {resource} {reason}");
        tracing::error!(function, ?leading_keys, "template.yaml does not give a right: {message}");
        self.refused.add(format!("{message} {leading_keys:?}"));
        Err(Answer::error(400, "com.amazon.coral.service#AccessDeniedException", &message))
    }
}

/// A statement of a policy.
#[derive(Debug)]
struct Statement {
    denies: bool,
    /// In lower case, as IAM does not tell case in them.
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<KeyCondition>,
}

/// A condition on `dynamodb:LeadingKeys`.
#[derive(Debug)]
struct KeyCondition {
    quantifier: Quantifier,
    has_wildcards: bool,
    values: Vec<String>,
}

#[derive(Debug)]
enum Quantifier {
    /// Holds without any key, too.
    ForAllValues,
    ForAnyValue,
}

impl Statement {
    /// Reads a statement, whose resources have the template's names; `arns` has theirs.
    fn read(statement: &Value, arns: &BTreeMap<String, String>) -> Result<Self, String> {
        let fields = statement.as_object().ok_or("a statement is no object")?;
        if let Some(field) =
            fields.keys().find(|field| !["Sid", "Effect", "Action", "Resource", "Condition"].contains(&field.as_str()))
        {
            return Err(format!("{field} is not understood"));
        }
        let denies = match statement["Effect"].as_str() {
            Some("Allow") => false,
            Some("Deny") => true,
            _ => return Err("Effect is neither Allow nor Deny".to_owned()),
        };
        let actions: Vec<_> = texts("Action", &statement["Action"])?.iter().map(|text| text.to_lowercase()).collect();
        let is_here = |action: &String| action == "*" || SERVICES.iter().any(|service| action.starts_with(service));
        let mut resources = texts("Resource", &statement["Resource"])?;
        if actions.iter().any(is_here) {
            for resource in resources.iter_mut().filter(|resource| *resource != "*") {
                // An index stands behind its table.
                let (name, rest) =
                    resource.split_once('/').map_or((&**resource, ""), |(name, _)| (name, &resource[name.len()..]));
                let arn = arns.get(name).ok_or_else(|| format!("{resource} is no table, queue or secret"))?;
                *resource = format!("{arn}{rest}");
            }
        }
        let conditions = match &statement["Condition"] {
            Value::Null if !fields.contains_key("Condition") => Vec::new(),
            Value::Object(conditions) => conditions
                .iter()
                .map(|(operator, keys)| KeyCondition::read(operator, keys))
                .collect::<Result<_, _>>()?,
            _ => return Err("Condition is not understood".to_owned()),
        };
        Ok(Self { denies, actions, resources, conditions })
    }

    fn concerns(&self, access: &Access) -> bool {
        let action = access.action.to_lowercase();
        self.actions.iter().any(|own| like(own.as_bytes(), action.as_bytes()))
            && self.resources.iter().any(|own| like(own.as_bytes(), access.resource.as_bytes()))
            && self.conditions.iter().all(|condition| condition.holds(&access.leading_keys))
    }
}

impl KeyCondition {
    fn read(operator: &str, keys: &Value) -> Result<Self, String> {
        let (quantifier, has_wildcards) = match operator {
            "ForAllValues:StringEquals" => (Quantifier::ForAllValues, false),
            "ForAllValues:StringLike" => (Quantifier::ForAllValues, true),
            "ForAnyValue:StringEquals" => (Quantifier::ForAnyValue, false),
            "ForAnyValue:StringLike" => (Quantifier::ForAnyValue, true),
            _ => return Err(format!("the condition {operator} is not understood")),
        };
        let values = match keys.as_object().map(|keys| keys.iter().collect::<Vec<_>>()).as_deref() {
            Some([(key, values)]) if *key == "dynamodb:LeadingKeys" => texts(key, values)?,
            _ => return Err(format!("{operator}: only dynamodb:LeadingKeys is understood")),
        };
        Ok(Self { quantifier, has_wildcards, values })
    }

    fn holds(&self, leading_keys: &[String]) -> bool {
        let is_meant = |key: &String| {
            self.values
                .iter()
                .any(|value| if self.has_wildcards { like(value.as_bytes(), key.as_bytes()) } else { value == key })
        };
        match self.quantifier {
            Quantifier::ForAllValues => leading_keys.iter().all(is_meant),
            Quantifier::ForAnyValue => leading_keys.iter().any(is_meant),
        }
    }
}

/// A text or a list of texts; everything else, such as what only AWS can resolve, is not understood.
fn texts(name: &str, value: &Value) -> Result<Vec<String>, String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let found = match value {
        Value::Array(values) => values.iter().map(text).collect(),
        value => text(value).map(|text| vec![text]),
    };
    found.filter(|texts| !texts.is_empty()).ok_or_else(|| format!("{name} is not understood"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const APP: &str = "arn:aws:dynamodb:eu-central-1:000000000000:table/app";

    fn role(statements: &[Value]) -> Result<Role, String> {
        let arns = [("AppTable.Arn".to_owned(), APP.to_owned())].into();
        let statements = statements.iter().map(|statement| Statement::read(statement, &arns)).collect::<Result<_, _>>();
        Ok(Role { function: "jobs".to_owned(), statements: statements?, refused: RefusedCalls::default() })
    }

    fn allow(actions: &Value, resource: &str) -> Value {
        json!({"Effect": "Allow", "Action": actions, "Resource": [resource]})
    }

    fn access(action: &str, resource: &str, leading_keys: &[&str]) -> Access {
        let leading_keys = leading_keys.iter().map(|key| (*key).to_owned()).collect();
        Access { leading_keys, ..Access::new(action, resource) }
    }

    fn allows(statements: &[Value], access: &Access) -> bool {
        role(statements).expect("understood").check(access).is_ok()
    }

    #[test]
    fn what_no_statement_allows_is_refused_and_told() {
        let role = role(&[allow(&json!(["dynamodb:GetItem", "dynamodb:Batch*"]), "AppTable.Arn")]).expect("understood");
        for action in ["dynamodb:GetItem", "dynamodb:BatchGetItem"] {
            assert_eq!(role.check(&access(action, APP, &["A"])), Ok(()), "{action}");
        }
        assert_eq!(role.refused.take(), Vec::<String>::new());
        let refusal = role.check(&access("dynamodb:PutItem", APP, &["A"])).expect_err("not allowed");
        assert_eq!(refusal.status, 400);
        for part in ["AccessDeniedException", "jobs", "dynamodb:PutItem", APP] {
            assert!(refusal.body.contains(part), "{}", refusal.body);
        }
        assert!(role.check(&access("dynamodb:GetItem", &format!("{APP}2"), &["A"])).is_err(), "another table");
        assert_eq!(role.refused.take().len(), 2);
    }

    #[test]
    fn a_table_does_not_stand_for_its_indexes_nor_one_for_another() {
        let query = |index: &str| access("dynamodb:Query", &format!("{APP}/index/{index}"), &["A"]);
        let on = |resource: &str| [allow(&json!("dynamodb:Query"), resource)];
        assert!(!allows(&on("AppTable.Arn"), &query("due")));
        assert!(allows(&on("AppTable.Arn/index/due"), &query("due")));
        assert!(!allows(&on("AppTable.Arn/index/due"), &query("listed")));
        assert!(!allows(&on("AppTable.Arn/index/due"), &access("dynamodb:Query", APP, &["A"])));
        assert!(allows(&on("AppTable.Arn/index/*"), &query("listed")));
    }

    #[test]
    fn every_leading_key_has_to_be_allowed() {
        let only = |operator: &str, values: Value| {
            let mut statement = allow(&json!("dynamodb:DeleteItem"), "AppTable.Arn");
            statement["Condition"] = json!({operator: {"dynamodb:LeadingKeys": values}});
            [statement]
        };
        let delete = |keys: &[&str]| access("dynamodb:DeleteItem", APP, keys);
        let old = only("ForAllValues:StringLike", json!(["DELIVERY#*", "MESSAGE#*"]));
        assert!(allows(&old, &delete(&["DELIVERY#1", "MESSAGE#2"])));
        assert!(!allows(&old, &delete(&["AUDIT#1"])));
        assert!(!allows(&old, &delete(&["DELIVERY#1", "AUDIT#1"])));
        let one = only("ForAllValues:StringEquals", json!("A*"));
        assert!(allows(&one, &delete(&["A*"])));
        assert!(!allows(&one, &delete(&["AB"])), "a star is no wildcard there");
    }

    #[test]
    fn what_is_denied_stays_so_whatever_allows_it() {
        let mut deny = allow(&json!("dynamodb:PutItem"), "AppTable.Arn");
        deny["Effect"] = json!("Deny");
        deny["Condition"] = json!({"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["AUDIT#*"]}});
        let put = |keys: &[&str]| access("dynamodb:PutItem", APP, keys);
        let statements = [deny, allow(&json!("*"), "*")];
        assert!(allows(&statements, &put(&["DRIVER#1"])));
        assert!(!allows(&statements, &put(&["DRIVER#1", "AUDIT#1"])));
    }

    #[test]
    fn what_cannot_be_understood_is_refused_with_its_reason() {
        let allowed = allow(&json!("dynamodb:GetItem"), "AppTable.Arn");
        for (field, value, reason) in [
            ("Effect", json!("Permit"), "Effect"),
            ("NotAction", json!("dynamodb:PutItem"), "NotAction"),
            ("Action", json!([null]), "Action"),
            ("Resource", json!("OtherTable.Arn"), "OtherTable.Arn"),
            ("Resource", json!("AppTable"), "AppTable"),
            ("Resource", json!([]), "Resource"),
            ("Condition", json!(null), "Condition"),
            ("Condition", json!({"StringEquals": {"dynamodb:LeadingKeys": "A"}}), "StringEquals"),
            ("Condition", json!({"ForAllValues:StringLike": {"dynamodb:Attributes": "a"}}), "dynamodb:LeadingKeys"),
        ] {
            let mut statement = allowed.clone();
            statement[field] = value;
            let error = role(&[statement]).expect_err(reason);
            assert!(error.contains(reason), "{error}");
        }
        assert!(role(&[allow(&json!("logs:PutLogEvents"), "Logs.Arn")]).is_ok(), "a service that is not here");
    }
}
