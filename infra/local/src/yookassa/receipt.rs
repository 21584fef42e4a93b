//! Receipts that a request carries, as 54-FZ and the receipts by YooKassa want them.

use serde_json::Value;

use super::amount;
use super::answer::ApiError;
use super::fields::Fields;

const PAYMENT_MODES: [&str; 7] =
    ["full_prepayment", "partial_prepayment", "advance", "full_payment", "partial_payment", "credit", "credit_payment"];

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

const MEASURES: [&str; 24] = [
    "piece",
    "gram",
    "kilogram",
    "ton",
    "centimeter",
    "decimeter",
    "meter",
    "square_centimeter",
    "square_decimeter",
    "square_meter",
    "milliliter",
    "liter",
    "cubic_meter",
    "kilowatt_hour",
    "gigacalorie",
    "day",
    "hour",
    "minute",
    "second",
    "kilobyte",
    "megabyte",
    "gigabyte",
    "terabyte",
    "another",
];

/// Checks the field `receipt`. With `is_registered`, YooKassa itself makes the receipt: then it has to be there if it
/// `is_needed`, and to name the e-mail that it is sent to and each item's measure.
pub fn check(request: &Fields<'_>, kopecks: i64, is_registered: bool, is_needed: bool) -> Result<(), ApiError> {
    let known = ["customer", "items", "tax_system_code", "internet", "timezone"];
    let Some(receipt) = request.object("receipt", &known)? else {
        return match is_registered && is_needed {
            true => Err(request.error("receipt", "Receipt is missing or illegal")),
            false => Ok(()),
        };
    };
    customer(&receipt, is_registered)?;
    receipt.integer("tax_system_code", 1..=6)?;
    receipt.flag("internet")?;
    receipt.integer("timezone", 1..=11)?;
    let items = receipt.required("items", receipt.list("items")?)?;
    let most = if is_registered { 80 } else { 100 };
    if !(1..=most).contains(&items.len()) {
        return Err(receipt.error("items", &format!("must have 1 to {most} items")));
    }
    let mut sum = 0;
    for (index, value) in items.iter().enumerate() {
        sum += item(receipt.parameter(&format!("items[{index}]")), value, is_registered)?;
    }
    match sum == kopecks {
        true => Ok(()),
        false => Err(request.error(
            "receipt",
            &format!("The items cost {}, the amount is {}", amount::value(sum), amount::value(kopecks)),
        )),
    }
}

fn customer(receipt: &Fields<'_>, is_registered: bool) -> Result<(), ApiError> {
    let Some(customer) = receipt.object("customer", &["email", "phone", "full_name", "inn"])? else {
        return Err(receipt.error("customer", "is required"));
    };
    let email = customer.text("email", 3..=254)?;
    if email.is_some_and(|email| !is_email(email)) {
        return Err(customer.error("email", "must be an e-mail address"));
    }
    let phone = customer.text("phone", 4..=15)?;
    // E.164 without the plus: spaces in it are a refusal that people meet often.
    if phone.is_some_and(|phone| !phone.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(customer.error("phone", "must be 4 to 15 digits"));
    }
    customer.text("full_name", 1..=256)?;
    let inn = customer.text("inn", 10..=12)?;
    if inn.is_some_and(|inn| inn.len() == 11 || !inn.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(customer.error("inn", "must be 10 or 12 digits"));
    }
    // Receipts by YooKassa are delivered by e-mail only.
    let is_reachable = if is_registered { email.is_some() } else { email.or(phone).is_some() };
    if is_reachable { Ok(()) } else { Err(customer.error("email", "is required")) }
}

/// What mail can go to: plain ASCII with a name without stray dots, at a domain that can exist. Which domains take no mail only
/// YooKassa knows; here it is those that never will, `.invalid`.
fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@').filter(|_| text.is_ascii()) else { return false };
    let is_name = name.len() <= 64
        && name.split('.').all(|atom| {
            !atom.is_empty()
                && !atom.contains(|c: char| c.is_whitespace() || c.is_control() || "()<>[]:;@\\,\"".contains(c))
        });
    let is_label = |label: &str| {
        let is_plain = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        (1..=63).contains(&label.len()) && is_plain && !label.starts_with('-') && !label.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    let is_top = top.len() >= 2 && top.starts_with(|c: char| c.is_ascii_alphabetic()) && top != "invalid";
    is_name && domain.contains('.') && domain.split('.').all(is_label) && is_top
}

/// Checks an item and tells what it costs.
fn item(parameter: String, value: &Value, is_registered: bool) -> Result<i64, ApiError> {
    let known = ["description", "quantity", "amount", "vat_code", "measure", "payment_mode", "payment_subject"];
    let item = Fields::new(parameter, value, &known)?;
    item.required("description", item.text("description", 1..=128)?)?;
    item.required("vat_code", item.integer("vat_code", 1..=12)?)?;
    item.choice("payment_mode", &PAYMENT_MODES)?;
    item.choice("payment_subject", &PAYMENT_SUBJECTS)?;
    let measure = item.choice("measure", &MEASURES)?;
    if is_registered {
        item.required("measure", measure)?;
    }
    let price = item.required("amount", item.amount("amount")?)?;
    let quantity = item.required("quantity", item.get("quantity"))?;
    let thousandths = quantity.as_number().and_then(|number| thousandths(&number.to_string()));
    let thousandths = thousandths.filter(|quantity| (1..=99_999_999).contains(quantity));
    let expected = "must be a number up to 99999.999 with at most three decimals";
    let quantity = thousandths.ok_or_else(|| item.error("quantity", expected))?;
    Ok((price.saturating_mul(quantity).saturating_add(500)) / 1_000)
}

/// Thousandths of a number without an exponent and with at most three decimals.
fn thousandths(number: &str) -> Option<i64> {
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    let rest = rest.trim_end_matches('0');
    if rest.len() > 3 || whole.len() > 6 {
        return None;
    }
    format!("{whole}{rest:0<3}").parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(receipt: Value, is_registered: bool) -> Result<(), String> {
        let body = json!({"receipt": receipt});
        let fields = Fields::of_body(&body, &["receipt"]).expect("an object");
        let parameter = |error: ApiError| error.answer().body["parameter"].as_str().unwrap_or_default().to_owned();
        check(&fields, 129_900, is_registered, true).map_err(parameter)
    }

    fn receipt() -> Value {
        json!({
            "customer": {"email": "driver@example.org"},
            "items": [{
                "description": "Подписка на 3 месяца",
                "quantity": 1,
                "amount": {"value": "1299.00", "currency": "RUB"},
                "vat_code": 11,
                "measure": "piece",
                "payment_mode": "full_payment",
                "payment_subject": "service",
            }],
            "internet": true,
        })
    }

    #[test]
    fn a_whole_receipt_passes_and_a_missing_one_is_named() {
        assert_eq!(checked(receipt(), true), Ok(()));
        assert_eq!(checked(Value::Null, true), Err("receipt".to_owned()));
        assert_eq!(checked(Value::Null, false), Ok(()));
    }

    #[test]
    fn each_field_has_its_limits() {
        let refused = |pointer: &str, value: Value| {
            let mut receipt = receipt();
            let at = pointer.rsplit_once('/').expect("a pointer");
            receipt.pointer_mut(at.0).expect("there")[at.1] = value;
            checked(receipt, true).expect_err(pointer)
        };
        for (pointer, value, parameter) in [
            ("/customer/email", json!("driver"), "receipt.customer.email"),
            ("/customer/email", json!("driver @example.org"), "receipt.customer.email"),
            ("/customer/email", json!("водитель@mail.ru"), "receipt.customer.email"),
            ("/customer/email", json!("driver@почта.рф"), "receipt.customer.email"),
            ("/customer/email", json!("driver.@mail.ru"), "receipt.customer.email"),
            ("/customer/email", json!("dri..ver@mail.ru"), "receipt.customer.email"),
            ("/customer/email", json!("driver@mail-.ru"), "receipt.customer.email"),
            ("/customer/email", json!("driver@mail.r"), "receipt.customer.email"),
            ("/customer/email", json!("driver@nowhere.invalid"), "receipt.customer.email"),
            ("/customer/email", Value::Null, "receipt.customer.email"),
            ("/customer/phone", json!("+79000000000"), "receipt.customer.phone"),
            ("/customer/phone", json!("7 900 000 00 00"), "receipt.customer.phone"),
            ("/customer/full_name", json!("я".repeat(257)), "receipt.customer.full_name"),
            ("/customer/inn", json!("12345678901"), "receipt.customer.inn"),
            ("/customer", Value::Null, "receipt.customer"),
            ("/items", json!([]), "receipt.items"),
            ("/items", Value::Null, "receipt.items"),
            ("/tax_system_code", json!(7), "receipt.tax_system_code"),
            ("/timezone", json!(0), "receipt.timezone"),
            ("/items/0/description", json!("я".repeat(129)), "receipt.items[0].description"),
            ("/items/0/vat_code", json!(13), "receipt.items[0].vat_code"),
            ("/items/0/vat_code", Value::Null, "receipt.items[0].vat_code"),
            ("/items/0/measure", Value::Null, "receipt.items[0].measure"),
            ("/items/0/measure", json!("month"), "receipt.items[0].measure"),
            ("/items/0/payment_mode", json!("cash"), "receipt.items[0].payment_mode"),
            ("/items/0/payment_subject", json!("subscription"), "receipt.items[0].payment_subject"),
            ("/items/0/quantity", json!("1"), "receipt.items[0].quantity"),
            ("/items/0/quantity", json!(100_000), "receipt.items[0].quantity"),
            ("/items/0/quantity", json!(1.0001), "receipt.items[0].quantity"),
            ("/items/0/quantity", json!(2), "receipt"),
            ("/items/0/amount/value", json!("1298.99"), "receipt"),
            ("/items/0/amount/value", json!(1299), "receipt.items[0].amount.value"),
        ] {
            assert_eq!(refused(pointer, value), parameter);
        }
    }

    #[test]
    fn without_receipts_by_yookassa_a_phone_is_enough_and_a_measure_is_not_needed() {
        let mut receipt = receipt();
        receipt["customer"] = json!({"phone": "79000000000"});
        receipt["items"][0]["measure"] = Value::Null;
        assert_eq!(checked(receipt, false), Ok(()));
    }

    #[test]
    fn the_sum_is_that_of_all_items_and_quantities() {
        let mut both = receipt();
        both["items"][0]["amount"]["value"] = json!("400.00");
        both["items"][0]["quantity"] = json!(2.5);
        let mut other = both["items"][0].clone();
        other["amount"]["value"] = json!("299.00");
        other["quantity"] = json!(1.0);
        both["items"] = json!([both["items"][0], other]);
        assert_eq!(checked(both, true), Ok(()));
    }

    #[test]
    fn eighty_items_are_the_most() {
        let mut many = receipt();
        let mut item = many["items"][0].clone();
        item["amount"]["value"] = json!("0.00");
        let fill = |count: usize| std::iter::repeat_n(item.clone(), count);
        let first = many["items"][0].clone();
        many["items"] = fill(79).chain([first.clone()]).collect();
        assert_eq!(checked(many.clone(), true), Ok(()));
        many["items"] = fill(80).chain([first]).collect();
        assert_eq!(checked(many.clone(), true), Err("receipt.items".to_owned()));
        assert_eq!(checked(many, false), Ok(()));
    }
}
