//! Tariffs in the settings.
use std::{borrow::Cow, collections::BTreeSet};

use ::worth::{Tariff, Tariffs};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use crate::{body, body::Body as _, fields::Fields};

/// The most tariffs: a change a month for years.
const MOST: usize = 200;
/// The most letters of a source.
const LONGEST_SOURCE: usize = 200;

/// What a tariff is of, with its name in the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Platon,
    Diesel,
    Vat,
    ProfitTax,
}

const KINDS: [(&str, Kind); 4] =
    [("platon", Kind::Platon), ("diesel", Kind::Diesel), ("vat", Kind::Vat), ("profit_tax", Kind::ProfitTax)];

body! {
    /// A tariff that holds from a day until the next one of its kind.
    #[derive(Serialize)]
    pub struct SetTariff {
        /// `platon` (rubles per kilometre), `diesel` (rubles per litre), `vat` or `profit_tax` (percent).
        #[schema(value_type = String)]
        #[serde(serialize_with = "name_of")]
        kind: Kind = Fields::one_of(&KINDS),
        /// First day, YYYY-MM-DD.
        #[schema(value_type = String)]
        from: Date = date(),
        /// Rubles or percent, 0 to 1000, at most two decimals.
        value: f64 = Fields::number(0.0..=1000.0),
        /// Where it is published.
        source: String = Fields::required_text(LONGEST_SOURCE),
        /// Whether the exact value is not confirmed.
        is_estimate: bool = Fields::flag(Some(false)),
    }
}

// The form that serde asks for.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn name_of<S: serde::Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(KINDS.iter().find(|(_, known)| known == kind).map_or("", |(name, _)| name))
}

fn date(fields: &mut Fields<'_>, name: &str) -> Date {
    let day = fields.value(name).and_then(Value::as_str).and_then(|text| text.parse().ok());
    day.unwrap_or_else(|| {
        fields.fail(name, "malformed", "Must be a date such as 2026-12-31.");
        Date::MIN
    })
}

/// Tariffs in kopecks and percent.
fn list_of(tariffs: &Tariffs, kind: Kind) -> (&[Tariff], f64) {
    match kind {
        Kind::Platon => (&tariffs.platon, 100.0),
        Kind::Diesel => (&tariffs.diesel, 100.0),
        Kind::Vat => (&tariffs.vat, 1.0),
        Kind::ProfitTax => (&tariffs.profit_tax, 1.0),
    }
}

/// The tariffs as the settings show them: by kind and day.
pub fn shown(tariffs: &Tariffs) -> Vec<SetTariff> {
    let of_kind = |(_, kind): (&str, Kind)| {
        let (list, unit) = list_of(tariffs, kind);
        list.iter().map(move |tariff| SetTariff {
            kind,
            from: tariff.from,
            value: f64::from(tariff.value) / unit,
            source: tariff.source.clone().into_owned(),
            is_estimate: tariff.is_estimate,
        })
    };
    KINDS.into_iter().flat_map(of_kind).collect()
}

/// Reads the tariffs of a change of settings.
pub fn read(fields: &mut Fields<'_>, name: &str) -> Tariffs {
    let mut tariffs = Tariffs { platon: Vec::new(), diesel: Vec::new(), vat: Vec::new(), profit_tax: Vec::new() };
    let given = fields.value(name).and_then(Value::as_array).filter(|given| given.len() <= MOST);
    let Some(given) = given else {
        fields.fail(name, "malformed", format!("Must be a list of at most {MOST} tariffs."));
        return tariffs;
    };
    let mut days = BTreeSet::new();
    for (place, tariff) in given.iter().enumerate() {
        let Some(body) = tariff.as_object() else {
            fields.fail(&format!("{name}[{place}]"), "malformed", "Must be an object.");
            continue;
        };
        let (tariff, mut faults) = SetTariff::begin_within(&format!("{name}[{place}]."), body);
        if !days.insert((tariff.kind, tariff.from)) {
            faults.fail("from", "repeated", "Another tariff of this kind begins on this day.");
        }
        if let Err(errors) = faults.done(()) {
            fields.take_over(errors);
            continue;
        }
        let unit = list_of(&tariffs, tariff.kind).1;
        let list = match tariff.kind {
            Kind::Platon => &mut tariffs.platon,
            Kind::Diesel => &mut tariffs.diesel,
            Kind::Vat => &mut tariffs.vat,
            Kind::ProfitTax => &mut tariffs.profit_tax,
        };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 100 000
        let value = (tariff.value * unit).round() as u32;
        let source = Cow::Owned(tariff.source);
        list.push(Tariff { from: tariff.from, value, source, is_estimate: tariff.is_estimate });
    }
    for list in [&mut tariffs.platon, &mut tariffs.diesel, &mut tariffs.vat, &mut tariffs.profit_tax] {
        list.sort_by_key(|tariff| tariff.from);
    }
    tariffs
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_shown_can_be_sent_back_unchanged() {
        let known = Tariffs::default();
        let body = json!({ "tariffs": shown(&known) });
        let mut fields = Fields::of(body.as_object().unwrap(), &["tariffs"]);
        let again = read(&mut fields, "tariffs");
        assert_eq!(fields.done(again), Ok(known));
    }

    #[test]
    fn two_of_a_kind_on_one_day_and_all_other_faults_are_told() {
        let vat = json!({ "kind": "vat", "from": "2027-01-01", "value": 22, "source": "НК РФ" });
        let body = json!({ "tariffs": [vat, vat, { "kind": "toll", "from": "soon", "value": -1, "source": "" }, 5] });
        let mut fields = Fields::of(body.as_object().unwrap(), &["tariffs"]);
        read(&mut fields, "tariffs");
        let errors = fields.done(()).expect_err("much is wrong");
        let told: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code)).collect();
        assert_eq!(
            told,
            [
                ("tariffs[1].from", "repeated"),
                ("tariffs[2].kind", "malformed"),
                ("tariffs[2].from", "malformed"),
                ("tariffs[2].value", "malformed"),
                ("tariffs[2].source", "missing"),
                ("tariffs[3]", "malformed"),
            ]
        );
    }
}
