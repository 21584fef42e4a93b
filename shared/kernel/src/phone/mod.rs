//! Phone numbers: parsed as people write them, kept as E.164. No other code parses phone numbers.
//!
//! `static-site/src/phonePlans.json` has the numbering plans of the countries whose drivers use this: how many digits follow the country
//! code and what they begin with. Any other country's number needs its plus, and is held to E.164 alone. The web app
//! reads the same table.
use std::{fmt, sync::LazyLock};

use serde::Deserialize;

/// E.164 allows at most 15 digits. No country has numbers shorter than eight digits with its code.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
/// The prefix of Telegram's anonymous numbers, which no telephone network routes.
const ANONYMOUS: &str = "888";
/// A shorter run of digits is a house number, an extension or a fragment.
const SHORTEST: usize = 7;
/// The most numbers read from one field.
const MOST_IN_A_FIELD: usize = 8;
/// Words that introduce an extension, the longest first.
const EXTENSIONS: [&str; 9] = ["добавочный", "внутренний", "extension", "внутр", "ext", "доб", "вн", "x", "#"];
/// Labels that only announce a number.
const LABELS: [&str; 17] = [
    "тел",
    "телефон",
    "телефоны",
    "т",
    "моб",
    "мобильный",
    "м",
    "сот",
    "раб",
    "рабочий",
    "номер",
    "и",
    "или",
    "tel",
    "phone",
    "mob",
    "or",
];

#[derive(Deserialize)]
struct Plans {
    plans: Vec<Plan>,
    /// The codes of all other countries.
    codes: Vec<String>,
}

#[derive(Deserialize)]
struct Plan {
    code: String,
    lengths: Vec<usize>,
    starts: Vec<String>,
}

impl Plan {
    fn has(&self, number: &str) -> bool {
        self.lengths.contains(&number.len()) && self.starts.iter().any(|start| number.starts_with(start))
    }

    /// The number after the country code, without the domestic trunk prefix.
    fn number<'a>(&self, rest: &'a str) -> Option<&'a str> {
        let without = |prefix| rest.strip_prefix(prefix);
        // No Russian area code begins with 89, so this 8 is the trunk prefix and not a surplus digit.
        let mobile = without("8").filter(|number| self.code == RUSSIA && number.starts_with('9'));
        [Some(rest), without("0"), without("80"), mobile].into_iter().flatten().find(|number| self.has(number))
    }
}

/// The country code of Russia and Kazakhstan.
const RUSSIA: &str = "7";
const BELARUS: &str = "375";

static PLANS: LazyLock<Plans> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../static-site/src/phonePlans.json"))
        .expect("the table of numbering plans is read by the tests")
});

/// Why a text is not a phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is unreadable, or no country has such numbers.
    Malformed,
    /// It is one of Telegram's anonymous numbers, which nobody can call.
    Anonymous,
}

/// A number in E.164 and an optional extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// E.164.
    pub number: String,
    /// The digits to dial once the call is answered.
    pub extension: Option<String>,
}

impl fmt::Display for Phone {
    /// The form of a `tel:` address: `+74951234567;ext=12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.number)?;
        self.extension.iter().try_for_each(|extension| write!(f, ";ext={extension}"))
    }
}

/// The phones found in a text, and the remaining text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Each number once.
    pub phones: Vec<Phone>,
    /// The remaining text, such as a person's name; may be empty.
    pub rest: String,
}

/// Parses a text that contains only a phone number. A number without a country code is accepted only if exactly one
/// country fits.
///
/// # Errors
/// The text is not a phone number.
pub fn parse(text: &str) -> Result<String, Fault> {
    let (has_plus, digits) = digits(text).ok_or(Fault::Malformed)?;
    if digits.starts_with(ANONYMOUS) {
        return Err(Fault::Anonymous);
    }
    let number = if has_plus { with_plus(&digits) } else { without_plus(&digits) };
    number.ok_or(Fault::Malformed)
}

/// Parses the number of a Telegram account: international digits, with or without the plus.
///
/// # Errors
/// It is not a phone number, or nobody can call it.
pub fn of_telegram(text: &str) -> Result<String, Fault> {
    parse(&format!("+{}", text.trim().trim_start_matches('+'))).or_else(|fault| match fault {
        Fault::Anonymous => Err(fault),
        Fault::Malformed => parse(text),
    })
}

/// Whether this E.164 number can be called.
pub fn is_callable(number: &str) -> bool {
    parse(number).as_deref() == Ok(number)
}

/// Normalises a number stored before numbering plans existed, when `8 029…` was read as Russian.
pub fn kept(number: &str) -> String {
    let national = number.strip_prefix("+70").map(|rest| format!("80{rest}"));
    parse(national.as_deref().unwrap_or(number)).unwrap_or_else(|_| number.to_owned())
}

/// E.164 prefixes that match a partly typed number. A complete number comes first.
pub fn beginnings(text: &str) -> Vec<String> {
    let Some((has_plus, digits)) = digits(text).filter(|(_, digits)| !digits.is_empty()) else { return Vec::new() };
    let mut beginnings: Vec<String> = parse(text).into_iter().collect();
    if !has_plus {
        let home = |trunk, code| digits.strip_prefix(trunk).map(|rest| format!("+{code}{rest}"));
        let abroad = home("810", "").or_else(|| home("00", ""));
        beginnings.extend(abroad.or_else(|| home("80", BELARUS)).or_else(|| home("8", RUSSIA)));
        beginnings.extend(digits.starts_with('9').then(|| format!("+{RUSSIA}{digits}")).filter(|_| digits.len() < 10));
    }
    beginnings.push(format!("+{digits}"));
    let mut each: Vec<String> = Vec::new();
    for beginning in beginnings {
        if !each.iter().any(|known| beginning.starts_with(known)) {
            each.push(beginning);
        }
    }
    each
}

/// Finds all phones in a free-form field.
pub fn find(text: &str) -> Found {
    let text: String = text.chars().filter(|c| !is_invisible(*c)).map(plain).collect();
    let mut found = Found::default();
    let mut rest = String::new();
    let mut ahead = text.as_str();
    while let Some(first) = ahead.chars().next() {
        let run = run_of(ahead);
        if run.bytes().filter(u8::is_ascii_digit).count() < SHORTEST {
            let skipped = if run.is_empty() { first.len_utf8() } else { run.len() };
            rest.push_str(&ahead[..skipped]);
            ahead = &ahead[skipped..];
            continue;
        }
        ahead = &ahead[run.len()..];
        let ends_with_phone = found.take(run, &mut rest);
        if ends_with_phone
            && let Some((extension, after)) = extension(ahead)
            && let Some(phone) = found.phones.last_mut()
        {
            phone.extension = Some(extension);
            ahead = after;
        }
    }
    let phones = std::mem::take(&mut found.phones);
    for phone in phones {
        if !found.phones.contains(&phone) && found.phones.len() < MOST_IN_A_FIELD {
            found.phones.push(phone);
        }
    }
    found.rest = without_labels(&rest);
    found
}

/// A text without the phones in it and the labels that announce them.
pub fn without(text: String) -> String {
    if text.bytes().filter(u8::is_ascii_digit).count() < SHORTEST {
        return text;
    }
    let Found { phones, rest } = find(&text);
    if phones.is_empty() { text } else { rest }
}

impl Found {
    /// Takes the numbers in a run of digits, which may be adjacent. Returns whether the run ends with a number.
    fn take(&mut self, run: &str, rest: &mut String) -> bool {
        let groups: Vec<&str> = run.split_whitespace().collect();
        let mut at = 0;
        let mut ends_with_phone = false;
        while at < groups.len() {
            let number =
                (at + 1..=groups.len()).rev().find_map(|end| Some((end, parse(&groups[at..end].join(" ")).ok()?)));
            ends_with_phone = number.is_some();
            match number {
                Some((end, number)) => {
                    self.phones.push(Phone { number, extension: None });
                    rest.push(' ');
                    at = end;
                }
                None => {
                    rest.push_str(groups[at]);
                    rest.push(' ');
                    at += 1;
                }
            }
        }
        ends_with_phone
    }
}

/// The plus sign and the digits of a text that contains only them and common separators.
fn digits(text: &str) -> Option<(bool, String)> {
    let text: String = text.chars().filter(|c| !is_invisible(*c)).map(plain).collect();
    let mut digits = String::new();
    let mut has_plus = false;
    let mut ahead = text.as_str();
    while let Some(c) = ahead.chars().next() {
        let abroad = has_plus || digits == RUSSIA || digits.starts_with("00") || digits.starts_with("810");
        // A domestic trunk prefix in parentheses.
        let home = ["(0)", "(8)"].iter().find(|home| abroad && !digits.is_empty() && ahead.starts_with(**home));
        if let Some(home) = home.filter(|home| **home == "(0)" || digits == RUSSIA) {
            ahead = &ahead[home.len()..];
            continue;
        }
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() && !has_plus => has_plus = true,
            ' ' | '-' | '(' | ')' | '.' => {}
            _ => return None,
        }
        ahead = &ahead[c.len_utf8()..];
    }
    Some((has_plus, digits))
}

fn with_plus(digits: &str) -> Option<String> {
    // No country code begins with 89, so this 8 is a trunk prefix.
    let home = digits.strip_prefix('8').filter(|rest| rest.starts_with('9') && rest.len() == 10);
    international(digits).or_else(|| of_plan(RUSSIA, home?))
}

fn without_plus(digits: &str) -> Option<String> {
    if let Some(abroad) = digits.strip_prefix("810").or_else(|| digits.strip_prefix("00")) {
        return international(abroad);
    }
    let home = match (digits.len(), digits.strip_prefix('8')) {
        // Both Russia and Belarus use 8 as the trunk prefix. Belarus adds a 0, with which no Russian number begins.
        (11, Some(rest)) => match rest.strip_prefix('0') {
            Some(number) => of_plan(BELARUS, number),
            None => of_plan(RUSSIA, rest),
        },
        (10, None) if digits.starts_with('9') => of_plan(RUSSIA, digits),
        _ => None,
    };
    let known = || PLANS.plans.iter().any(|plan| digits.starts_with(&plan.code));
    home.or_else(|| international(digits).filter(|_| known()))
}

fn of_plan(code: &str, number: &str) -> Option<String> {
    let plan = PLANS.plans.iter().find(|plan| plan.code == code)?;
    plan.has(number).then(|| format!("+{code}{number}"))
}

/// Digits that begin with a country code. No code is a prefix of another.
fn international(digits: &str) -> Option<String> {
    let number = match PLANS.plans.iter().find(|plan| digits.starts_with(&plan.code)) {
        Some(plan) => format!("{}{}", plan.code, plan.number(&digits[plan.code.len()..])?),
        None => PLANS.codes.iter().any(|code| digits.starts_with(code)).then(|| digits.to_owned())?,
    };
    DIGITS.contains(&number.len()).then(|| format!("+{number}"))
}

/// Invisible marks that are copied along with a number.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{fff9}'..='\u{fffb}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{feff}')
}

/// Turns every dash into a hyphen and every space into a plain space. A line break separates numbers.
fn plain(c: char) -> char {
    match c {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => ';',
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
        '\u{ff0b}' => '+',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

/// The digits at the start of a text with their separators, up to the last digit.
fn run_of(text: &str) -> &str {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        match c {
            '0'..='9' => end = at + 1,
            '+' if end == 0 => {}
            '(' if end == 0 => {}
            ' ' | '-' | '(' | ')' | '.' if end > 0 => {}
            _ => break,
        }
    }
    &text[..end]
}

/// The extension at the start of a text, and the rest of the text.
fn extension(text: &str) -> Option<(String, &str)> {
    let ahead = text.trim_start_matches([' ', ',', ';', '.', '(']);
    let lower: String = ahead.chars().take(12).collect::<String>().to_lowercase();
    let label = EXTENSIONS.iter().find(|label| lower.starts_with(**label))?;
    let ahead = ahead.get(label.len()..)?.trim_start_matches(['.', ' ', ':', '=', '№', '#']);
    let length = ahead.bytes().take_while(u8::is_ascii_digit).count();
    let after = ahead[length..].trim_start_matches(')');
    (1..=6).contains(&length).then(|| (ahead[..length].to_owned(), after))
}

/// The text without labels and separators of numbers.
fn without_labels(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        !bare.is_empty() && !LABELS.contains(&bare.as_str())
    });
    let rest = words.collect::<Vec<_>>().join(" ");
    rest.trim_matches([' ', ',', ';', ':', '-', '/', '(', ')', '|', '+', '.']).to_owned()
}

#[cfg(test)]
mod tests;
