//! Sums in kopecks, and how YooKassa writes them: a string with two decimals and the currency.

use serde_json::{Value, json};

/// What a bank card can pay at once: 1 to 350 000 ₽.
pub const CARD_LIMITS: std::ops::RangeInclusive<i64> = 100..=35_000_000;

/// Kopecks of `"1299.00"`; nothing for what is written otherwise.
pub fn kopecks(text: &str) -> Option<i64> {
    let (rubles, rest) = text.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(rubles) || !is_number(rest) || rest.len() != 2 || rubles.len() > 12 {
        return None;
    }
    Some(rubles.parse::<i64>().ok()? * 100 + rest.parse::<i64>().ok()?)
}

/// `1299.00`
pub fn value(kopecks: i64) -> String {
    format!("{}.{:02}", kopecks / 100, kopecks % 100)
}

/// `{"value": "1299.00", "currency": "RUB"}`
pub fn object(kopecks: i64) -> Value {
    json!({"value": value(kopecks), "currency": "RUB"})
}

/// For people: `1 299 ₽`, `1 299,50 ₽`, in one piece.
pub fn for_people(kopecks: i64) -> String {
    let rubles = (kopecks / 100).to_string();
    let mut text = String::new();
    for (index, digit) in rubles.chars().enumerate() {
        if index > 0 && (rubles.len() - index).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    if kopecks % 100 != 0 {
        text.push_str(&format!(",{:02}", kopecks % 100));
    }
    text + "\u{a0}₽"
}

/// What reaches the shop: YooKassa keeps its fee and, since 2026, 22 % VAT on it.
pub fn income(kopecks: i64) -> i64 {
    // 3.5 %, an ordinary tariff for cards.
    let fee = (kopecks * 35 + 500) / 1_000;
    kopecks - fee - (fee * 22 + 50) / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_decimals_are_a_sum() {
        assert_eq!(kopecks("1299.00"), Some(129_900));
        assert_eq!(kopecks("0.01"), Some(1));
        for wrong in ["1299", "1299.0", "1299.000", "1 299.00", "1299,00", "-1.00", "+1.00", ".00", "1.", "1e2.00", ""]
        {
            assert_eq!(kopecks(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn sums_are_written_for_programs_and_for_people() {
        assert_eq!(object(129_905), json!({"value": "1299.05", "currency": "RUB"}));
        assert_eq!(for_people(49_900), "499\u{a0}₽");
        assert_eq!(for_people(123_456_750), "1\u{a0}234\u{a0}567,50\u{a0}₽");
    }

    #[test]
    fn the_fee_and_its_vat_are_kept() {
        // 1000.00: 35.00 and 7.70.
        assert_eq!(income(100_000), 95_730);
    }
}
