//! Lists as CSV files for a spreadsheet. Russian Excel opens them with a double click: byte order mark, `;` as
//! separator and decimal comma. Phones and long numbers stay as written, and no cell runs as a formula.
use lambda_http::{
    Body, Response,
    http::{HeaderValue, header},
};
use serde_json::Value;
use shared::{clock::moscow_clock, fields::Fields, text::one_line};

/// Excel keeps fifteen digits of a number and shows more than eleven in scientific notation, such as `1,2E+11`.
const LONGEST_NUMBER: usize = 11;

/// A column of a file.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its heading in Russian and in English.
    pub heading: [&'static str; 2],
    /// JSON pointer to the value in a row.
    pub at: &'static str,
    /// Whether it is an instant, written in Moscow time.
    pub is_moment: bool,
}

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    separator: char,
    english: bool,
}

impl Form {
    /// Reads `sep` and `lang` from a query.
    pub fn read(fields: &mut Fields<'_>) -> Self {
        let mut chosen = |name, choices: &[(&str, char)], default| match fields.value(name) {
            Some(_) => fields.choice(name, choices).unwrap_or(default),
            None => default,
        };
        let separator = chosen("sep", &[(";", ';'), (",", ',')], ';');
        Self { separator, english: chosen("lang", &[("ru", 'r'), ("en", 'e')], 'r') == 'e' }
    }

    /// Formats rows as a part of the file. Only the first part has the byte order mark and the headings.
    pub fn part(self, rows: &[Value], columns: &[Column], is_first: bool) -> Vec<u8> {
        let mut text = String::new();
        if is_first {
            text.push('\u{feff}');
            text.push_str(
                &self.line(columns.iter().map(|column| column.heading[usize::from(self.english)].to_owned())),
            );
        }
        for row in rows {
            text.push_str(&self.line(columns.iter().map(|column| self.cell(row.pointer(column.at), column.is_moment))));
        }
        text.into_bytes()
    }

    fn cell(self, value: Option<&Value>, is_moment: bool) -> String {
        match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::Bool(yes)) => {
                let words = if self.english { ["no", "yes"] } else { ["нет", "да"] };
                words[usize::from(*yes)].to_owned()
            }
            Some(Value::Number(number)) => {
                let number = number.to_string();
                if number.len() > LONGEST_NUMBER { as_text(&number) } else { self.number(number) }
            }
            Some(Value::String(text)) if is_moment => self.moment(text),
            Some(Value::String(text)) if is_number(text) => as_text(text),
            Some(Value::String(text)) => guarded(text),
            Some(other) => guarded(&other.to_string()),
        }
    }

    /// Uses the decimal comma, as Russian Excel expects; a point if the separator is a comma.
    fn number(self, number: String) -> String {
        if self.separator == ';' { number.replace('.', ",") } else { number }
    }

    /// `29.11.2026 11:03:13` with the decimal comma, else `2026-11-29 11:03:13`.
    fn moment(self, text: &str) -> String {
        let Some(at) = moscow_clock(text) else { return guarded(text) };
        match (self.separator, at.get(..4), at.get(5..7), at.get(8..10), at.get(10..)) {
            (';', Some(year), Some(month), Some(day), Some(clock)) => format!("{day}.{month}.{year}{clock}"),
            _ => at,
        }
    }

    /// A line (RFC 4180).
    fn line(self, cells: impl Iterator<Item = String>) -> String {
        let quoted: Vec<_> = cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        quoted.join(&self.separator.to_string()) + "\r\n"
    }
}

/// Whether a spreadsheet would read the text as a number and lose its plus sign, leading zeros or last digits.
fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok() && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
}

/// Keeps a number as written: `="…"` is the only form that Excel does not convert. The text has no quotes to escape.
fn as_text(number: &str) -> String {
    format!("=\"{number}\"")
}

/// Escapes text that a spreadsheet would run as a formula, because names and reasons are untrusted input.
fn guarded(text: &str) -> String {
    let guard = if is_formula(text) { "'" } else { "" };
    format!("{guard}{text}")
}

/// Whether a spreadsheet may run the cell. Spreadsheets skip leading whitespace and invisible characters; some accept
/// fullwidth signs, and some split a cell at a leading tab or line break.
fn is_formula(cell: &str) -> bool {
    let begins = one_line(cell).starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    cell.starts_with(['\t', '\r', '\n']) || (begins && cell.parse::<f64>().is_err())
}

/// A part of a file as a response. `Content-Encoding: identity` keeps Lambda's runtime from treating the bytes as text,
/// which would lose the byte order mark.
pub fn answer(part: Vec<u8>) -> Response<Body> {
    let mut answer = Response::new(Body::from(part));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const RUSSIAN: Form = Form { separator: ';', english: false };
    const OTHER: Form = Form { separator: ',', english: true };

    fn cell(form: Form, value: &Value) -> String {
        form.cell(Some(value), false)
    }

    #[test]
    fn a_file_begins_with_its_mark_and_headings_and_a_further_part_does_not() {
        let columns = [Column { heading: ["Имя", "Name"], at: "/name", is_moment: false }];
        let rows = [json!({ "name": "a \"b\"; c" })];
        let first = RUSSIAN.part(&rows, &columns, true);
        assert_eq!(first, "\u{feff}\"Имя\"\r\n\"a \"\"b\"\"; c\"\r\n".as_bytes());
        assert_eq!(OTHER.part(&rows, &columns, false), b"\"a \"\"b\"\"; c\"\r\n");
    }

    #[test]
    fn numbers_are_numbers_and_phones_and_long_ones_stay_as_they_are() {
        assert_eq!((cell(RUSSIAN, &json!(499.5)), cell(OTHER, &json!(499.5))), ("499,5".into(), "499.5".into()));
        assert_eq!(cell(RUSSIAN, &json!(77_120_001)), "77120001");
        assert_eq!(cell(RUSSIAN, &json!(123_456_789_012_i64)), "=\"123456789012\"");
        for text in ["+79161234567", "79161234567", "0012", "1E10", "-5.5"] {
            assert_eq!(cell(RUSSIAN, &json!(text)), format!("=\"{text}\""));
        }
        assert_eq!(cell(RUSSIAN, &json!(true)), "да");
    }

    #[test]
    fn whatever_stands_in_front_a_formula_is_text() {
        for front in ["", " ", "\u{a0}", "\u{202f}", "\u{3000}", "\t", "\r", "\n", "\u{feff}", " \u{200b}\n ", "\u{85}"]
        {
            for sign in ["=", "+", "-", "@", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}"] {
                let text = format!("{front}{sign}cmd()");
                assert_eq!(cell(RUSSIAN, &json!(text)), format!("'{text}"), "{text:?}");
            }
        }
        for plain in ["a=b", " Иван", "1+1", ""] {
            assert_eq!(cell(RUSSIAN, &json!(plain)), plain);
        }
    }

    #[test]
    fn nothing_runs() {
        for text in ["=SUM(A1)", "+7 916", "-a", "@x", "\tx", "\rx", "=\"1\"&A1"] {
            assert_eq!(cell(RUSSIAN, &json!(text)), format!("'{text}"));
        }
        for text in ["plain", "two\nlines", "inf", "nan", "infinity"] {
            assert_eq!(cell(RUSSIAN, &json!(text)), text);
        }
    }

    #[test]
    fn moments_are_moscows() {
        let at = json!("2026-11-29T22:03:13Z");
        assert_eq!(RUSSIAN.cell(Some(&at), true), "30.11.2026 01:03:13");
        assert_eq!(OTHER.cell(Some(&at), true), "2026-11-30 01:03:13");
        assert_eq!(RUSSIAN.cell(Some(&json!("=1")), true), "'=1");
    }
}
