//! The product's settings. Every request that depends on them reads them, so a change takes effect at once.
//!
//! An unreadable row counts as no settings. Whatever depends on it is rejected, with a log error and a metric that
//! raises an alarm. Nothing is sold at an unset price, and nothing paid is given away. The audit log has the previous
//! settings.
use std::{borrow::Cow, ops::RangeInclusive};

use ::worth::Tariffs;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::plan::Plan;
use crate::{
    body,
    body::Body as _,
    cargo::Money,
    config::Config,
    fields::Fields,
    flags::{Flag, FlagRule, Flags},
    phone,
    worth::tariffs::{self, SetTariff},
};

/// How many plans can be offered.
const PLANS: RangeInclusive<usize> = 1..=12;
/// The price range of a plan, kopecks.
const PRICE: RangeInclusive<i64> = 100..=100_000_000;
/// What is sold, in the terms of 54-FZ.
const PAYMENT_SUBJECTS: [&str; 18] = [
    "commodity",
    "excise",
    "job",
    "service",
    "gambling_bet",
    "gambling_prize",
    "lottery",
    "lottery_prize",
    "intellectual_activity",
    "payment",
    "agent_commission",
    "property_right",
    "non_operating_gain",
    "insurance_premium",
    "sales_tax",
    "resort_fee",
    "composite",
    "another",
];
/// The payment method, in the terms of 54-FZ.
const PAYMENT_MODES: [&str; 7] =
    ["full_prepayment", "partial_prepayment", "advance", "full_payment", "partial_payment", "credit", "credit_payment"];
/// The unit of measure: those of 54-FZ that fit a subscription.
const MEASURES: [&str; 5] = ["piece", "day", "hour", "minute", "another"];

body! {
    /// Parameters of receipts, with the names and codes of 54-FZ.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Receipts {
        /// VAT code, 1 to 12; 1 is without VAT.
        pub vat_code: u8 = small(1..=12),
        /// Tax system, 1 to 6; only if the till requires it.
        pub tax_system_code: Option<u8> = Fields::if_given(|fields, name| small(fields, name, 1..=6)),
        /// Subject of the payment, such as `service`.
        pub payment_subject: String = word(&PAYMENT_SUBJECTS),
        /// Mode of the payment, such as `full_payment`.
        pub payment_mode: String = word(&PAYMENT_MODES),
        /// Measure, such as `piece`.
        pub measure: String = word(&MEASURES),
    }
}

fn small(fields: &mut Fields<'_>, name: &str, range: RangeInclusive<i64>) -> u8 {
    u8::try_from(fields.whole(name, range)).unwrap_or_default()
}

fn word(fields: &mut Fields<'_>, name: &str, words: &[&'static str]) -> String {
    let choices: Vec<_> = words.iter().map(|word| (*word, *word)).collect();
    fields.one_of(name, &choices).to_owned()
}

body! {
    /// A plan in the settings.
    #[derive(Serialize)]
    pub struct SetPlan {
        /// Id: 1 to 8 characters of a-z and 0-9.
        id: String = plan_id(),
        name: String = Fields::required_text(60),
        /// Days of subscription, 1 to 3650.
        days: i64 = Fields::whole(1..=3650),
        /// Price, rubles: 1 to 1000000.
        #[schema(value_type = f64)]
        price_rub: Option<Money> = price(),
    }
}

fn plan_id(fields: &mut Fields<'_>, name: &str) -> String {
    let id = fields.required_text(name, 8);
    if !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        fields.fail(name, "malformed", "Must be 1 to 8 of a-z and 0-9.");
    }
    id
}

fn price(fields: &mut Fields<'_>, name: &str) -> Option<Money> {
    if fields.value(name).is_none() {
        fields.fail(name, "missing", "Must be rubles.");
    }
    let kopecks = fields.rubles(name)?;
    if !PRICE.contains(&kopecks) {
        fields.fail(name, "out_of_range", "Must be from 1 to 1000000 rubles.");
    }
    Money::from_kopecks(kopecks)
}

impl From<&Plan> for SetPlan {
    fn from(plan: &Plan) -> Self {
        let price_rub = Money::from_kopecks(plan.price_kopecks);
        Self { id: plan.id.clone(), name: plan.name.clone(), days: plan.days, price_rub }
    }
}

impl From<SetPlan> for Plan {
    fn from(plan: SetPlan) -> Self {
        let price_kopecks = plan.price_rub.map_or(0, Money::kopecks);
        Self { id: plan.id, name: plan.name, days: plan.days, price_kopecks }
    }
}

/// The settings.
#[derive(Serialize, ToSchema)]
pub struct SettingsView {
    /// Whether payments are enabled.
    payments_on: bool,
    /// The plans on sale, 1 to 12.
    plans: Vec<SetPlan>,
    /// Length of a trial, days: 0 to 90.
    trial_days: i64,
    /// Parameters of receipts; null if no receipts are issued.
    receipts: Option<Receipts>,
    /// Hours until a response expires, 1 to 168; applies to new responses.
    response_expiry_hours: i64,
    /// Support contact: `@name`, a phone in E.164 or an https URL.
    support_contact: String,
    /// What the profit of a cargo is worked out with, by kind and day.
    tariffs: Vec<SetTariff>,
}

/// The settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Whether drivers can pay.
    pub payments_on: bool,
    /// The plans on offer.
    pub plans: Vec<Plan>,
    /// The trial of a new driver.
    pub trial_days: i64,
    /// The rules of feature flags.
    #[serde(default)]
    pub flags: Flags,
    /// `None`: no receipts.
    pub receipts: Option<Receipts>,
    /// Hours after which an undecided response expires; `None` uses the configuration.
    #[serde(default)]
    pub response_expiry_hours: Option<i64>,
    /// The support contact: `@name`, a phone or a URL; `None` uses the configuration.
    #[serde(default)]
    pub support_contact: Option<String>,
    /// What the profit of a cargo is worked out with; `None` uses the built-in tariffs.
    #[serde(default)]
    pub tariffs: Option<Tariffs>,
    /// The version, increased with each change.
    pub version: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            payments_on: true,
            plans: Plan::defaults(),
            trial_days: 3,
            flags: Flags::default(),
            receipts: None,
            response_expiry_hours: None,
            support_contact: None,
            tariffs: None,
            version: 0,
        }
    }
}

impl Settings {
    /// The plan with this id.
    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == id)
    }

    /// Seconds after which an undecided response expires.
    pub fn response_ttl_s(&self, config: &Config) -> i64 {
        self.response_expiry_hours.map_or(config.response_ttl_s, |hours| hours * 3600)
    }

    /// The support contact as written.
    pub fn support_contact<'a>(&'a self, config: &'a Config) -> &'a str {
        self.support_contact.as_deref().unwrap_or(&config.support_url)
    }

    /// The support contact as a URL.
    pub fn support_url(&self, config: &Config) -> String {
        let contact = self.support_contact(config);
        match contact.strip_prefix('@') {
            Some(name) => format!("https://t.me/{name}"),
            None if contact.starts_with('+') => format!("tel:{contact}"),
            None => contact.to_owned(),
        }
    }

    /// Sets the rule of the flag.
    #[must_use]
    pub fn with_flag(&self, flag: Flag, rule: FlagRule) -> Self {
        Self { flags: self.flags.clone().with(flag, rule), version: self.version + 1, ..self.clone() }
    }

    /// The members that differ, in API form, before and after, for the audit log.
    pub fn difference(&self, other: &Self, config: &Config) -> (Value, Value) {
        let members = |settings: &Self| match serde_json::to_value(settings.view(config)) {
            Ok(Value::Object(members)) => members,
            _ => Map::new(),
        };
        let (mut before, mut after) = (members(self), members(other));
        let same: Vec<_> = before.keys().filter(|name| before.get(*name) == after.get(*name)).cloned().collect();
        for name in same {
            before.remove(&name);
            after.remove(&name);
        }
        (Value::Object(before), Value::Object(after))
    }

    /// The settings in API form, without flags, which have their own routes.
    pub fn view(&self, config: &Config) -> SettingsView {
        SettingsView {
            payments_on: self.payments_on,
            plans: self.plans.iter().map(SetPlan::from).collect(),
            trial_days: self.trial_days,
            receipts: self.receipts.clone(),
            response_expiry_hours: (self.response_ttl_s(config) + 3599) / 3600,
            support_contact: self.support_contact(config).to_owned(),
            tariffs: tariffs::shown(&self.tariffs()),
        }
    }

    /// The tariffs, set or built in.
    pub fn tariffs(&self) -> Cow<'_, Tariffs> {
        self.tariffs.as_ref().map_or_else(|| Cow::Owned(Tariffs::default()), Cow::Borrowed)
    }
}

body! {
    /// A change of settings. Absent fields stay as they are.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SettingsBody {
        /// The version that the change is based on. If it is outdated, the change is refused with `settings_changed`.
        pub version: i64 = Fields::whole(0..=i64::MAX),
        payments_on: Option<bool> = Fields::if_sent(|fields, name| fields.flag(name, None)),
        #[schema(value_type = Option<Vec<SetPlan>>)]
        plans: Option<Vec<Plan>> = Fields::if_sent(plans),
        trial_days: Option<i64> = Fields::if_sent(|fields, name| fields.whole(name, 0..=90)),
        #[schema(value_type = Option<Receipts>)]
        receipts: Option<Option<Receipts>> = Fields::if_sent(receipts),
        response_expiry_hours: Option<i64> = Fields::if_sent(|fields, name| fields.whole(name, 1..=168)),
        support_contact: Option<String> = Fields::if_sent(support_contact),
        #[schema(value_type = Option<Vec<SetTariff>>)]
        tariffs: Option<Tariffs> = Fields::if_sent(tariffs::read),
    }
}

impl SettingsBody {
    /// The settings after the change, with the next version.
    pub fn applied(&self, before: &Settings) -> Settings {
        let before = before.clone();
        Settings {
            payments_on: self.payments_on.unwrap_or(before.payments_on),
            plans: self.plans.clone().unwrap_or(before.plans),
            trial_days: self.trial_days.unwrap_or(before.trial_days),
            flags: before.flags,
            receipts: self.receipts.clone().unwrap_or(before.receipts),
            response_expiry_hours: self.response_expiry_hours.or(before.response_expiry_hours),
            support_contact: self.support_contact.clone().or(before.support_contact),
            tariffs: self.tariffs.clone().or(before.tariffs),
            version: before.version + 1,
        }
    }
}

fn plans(fields: &mut Fields<'_>, name: &str) -> Vec<Plan> {
    let given = fields.value(name).and_then(Value::as_array).filter(|plans| PLANS.contains(&plans.len()));
    let Some(given) = given else {
        fields.fail(name, "out_of_range", "Must be a list of 1 to 12 plans.");
        return Vec::new();
    };
    let mut plans: Vec<Plan> = Vec::new();
    for (place, plan) in given.iter().enumerate() {
        let Some(body) = plan.as_object() else {
            fields.fail(&format!("{name}[{place}]"), "malformed", "Must be an object.");
            continue;
        };
        let (plan, mut faults) = SetPlan::begin_within(&format!("{name}[{place}]."), body);
        if plans.iter().any(|other| !plan.id.is_empty() && other.id == plan.id) {
            faults.fail("id", "repeated", "Each plan has an id of its own.");
        }
        plans.push(plan.into());
        if let Err(errors) = faults.done(()) {
            fields.take_over(errors);
        }
    }
    plans
}

fn receipts(fields: &mut Fields<'_>, name: &str) -> Option<Receipts> {
    let given = fields.value(name)?;
    let Some(body) = given.as_object() else {
        fields.fail(name, "malformed", "Must be an object, or null for no receipts.");
        return None;
    };
    let (receipts, faults) = Receipts::begin_within(&format!("{name}."), body);
    faults.done(receipts).map_err(|errors| fields.take_over(errors)).ok()
}

fn support_contact(fields: &mut Fields<'_>, name: &str) -> String {
    let contact = fields.required_text(name, 200);
    if let Ok(number) = phone::parse(&contact) {
        return number;
    }
    if !contact.is_empty() && !is_contact(&contact) {
        let message = "Must be a Telegram name such as @support, a phone such as +79161234567, or an https address.";
        fields.fail(name, "malformed", message);
    }
    contact
}

fn is_contact(contact: &str) -> bool {
    if let Some(name) = contact.strip_prefix('@') {
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        return plain && (4..=32).contains(&name.len());
    }
    let address = reqwest::Url::parse(contact).ok().filter(|_| contact.starts_with("https://"));
    address.is_some_and(|address| {
        let host = address.host_str().unwrap_or_default();
        host.contains('.') && address.username().is_empty() && address.password().is_none()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::FieldError;

    fn parse(body: Value) -> Result<SettingsBody, Vec<FieldError>> {
        SettingsBody::parse(body.as_object().unwrap())
    }

    fn faults(body: Value) -> Vec<(String, &'static str)> {
        let errors = parse(body).expect_err("something is wrong");
        errors.into_iter().map(|error| (error.field, error.code)).collect()
    }

    #[test]
    fn what_is_absent_stays_and_receipts_can_be_switched_off() {
        let receipts = json!({ "vat_code": 11, "tax_system_code": null, "payment_subject": "service",
            "payment_mode": "full_payment", "measure": "piece" });
        let with = parse(json!({ "version": 0, "receipts": receipts, "trial_days": 5 })).unwrap();
        let with = with.applied(&Settings::default());
        assert_eq!((with.trial_days, with.version, with.plans.len()), (5, 1, 4));
        assert_eq!(with.receipts.as_ref().map(|receipts| receipts.vat_code), Some(11));
        let same = parse(json!({ "version": 1, "payments_on": false })).unwrap().applied(&with);
        assert_eq!((same.receipts, same.trial_days, same.payments_on), (with.receipts.clone(), 5, false));
        let without = parse(json!({ "version": 1, "receipts": null })).unwrap().applied(&with);
        assert_eq!(without.receipts, None);
    }

    #[test]
    fn everything_wrong_with_settings_is_told_at_once() {
        let faults = faults(json!({
            "payments_on": 1, "trial_days": 91, "response_expiry_hours": 0, "support_contact": "somebody",
            "plans": [
                { "id": "1m", "name": "Месяц", "days": 30, "price_rub": 499.5 },
                { "id": "1m", "name": "", "days": 0, "price_rub": 0.99 },
                { "id": "long-one!", "name": "Год", "days": 365, "price_rub": 1.001, "x": 1 },
            ],
            "receipts": { "vat_code": 13, "tax_system_code": 7, "payment_subject": "x", "payment_mode": "full_payment" },
        }));
        let told: Vec<_> = faults.iter().map(|(field, code)| (field.as_str(), *code)).collect();
        for expected in [
            ("version", "out_of_range"),
            ("payments_on", "malformed"),
            ("trial_days", "out_of_range"),
            ("response_expiry_hours", "out_of_range"),
            ("support_contact", "malformed"),
            ("plans[1].id", "repeated"),
            ("plans[1].name", "missing"),
            ("plans[1].days", "out_of_range"),
            ("plans[1].price_rub", "out_of_range"),
            ("plans[2].x", "unknown"),
            ("plans[2].id", "too_long"),
            ("plans[2].price_rub", "malformed"),
            ("receipts.vat_code", "out_of_range"),
            ("receipts.tax_system_code", "out_of_range"),
            ("receipts.payment_subject", "malformed"),
            ("receipts.measure", "malformed"),
        ] {
            assert!(told.contains(&expected), "{expected:?} is not in {told:?}");
        }
        assert_eq!(told.len(), 16, "{told:?}");
        assert_eq!(self::faults(json!({ "version": 1, "plans": [] })), [("plans".to_owned(), "out_of_range")]);
    }

    #[test]
    fn a_person_is_found_by_name_phone_or_address() {
        let contact = |contact: &str| {
            let change = parse(json!({ "version": 1, "support_contact": contact }));
            change.ok().and_then(|change| change.applied(&Settings::default()).support_contact)
        };
        for (written, kept) in [
            ("@cargo_support", "@cargo_support"),
            ("+79161234567", "+79161234567"),
            ("8 800 555-35-35", "+78005553535"),
            ("\u{200e}+375 29 123\u{2011}45\u{2011}67", "+375291234567"),
            ("https://example.org/help?a=1", "https://example.org/help?a=1"),
        ] {
            assert_eq!(contact(written).as_deref(), Some(kept), "{written}");
        }
        for bad in [
            "+7 916 123-45-6",
            "+70291234567",
            "+888 0123 4567",
            "support",
            "@a b",
            "+7 916",
            "http://example.org",
            "https://",
            "javascript:alert(1)",
            "https://a:b@example.org",
            "https://localhost",
        ] {
            assert_eq!(contact(bad), None, "{bad}");
        }
    }

    #[test]
    fn settings_of_before_there_were_flags_are_read() {
        let old = json!({ "payments_on": true, "plans": [], "trial_days": 3, "receipts": null, "version": 4 });
        let settings: Settings = serde_json::from_value(old).expect("it is read");
        assert_eq!((settings.version, settings.flags), (4, Flags::default()));
    }
}
