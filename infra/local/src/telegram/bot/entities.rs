//! Messages in HTML, as the Bot API reads them.
use serde_json::{Value, json};

use super::ApiError;

/// The longest text, in UTF-16 units, after its tags are taken out.
pub const MAX_TEXT: usize = 4096;

/// Takes the tags out of `html` and says where they were.
///
/// # Errors
/// Telegram's own words for what cannot be read.
pub fn parse_html(html: &str) -> Result<(String, Vec<Value>), ApiError> {
    Parsed::read(html).map_err(|message| ApiError::bad_request(&format!("can't parse entities: {message}")))
}

/// What was read of a text so far.
#[derive(Default)]
struct Parsed {
    text: String,
    /// In UTF-16 units.
    length: usize,
    /// The tags that are still open.
    open: Vec<Open>,
    entities: Vec<Value>,
}

impl Parsed {
    fn read(html: &str) -> Result<(String, Vec<Value>), String> {
        let mut parsed = Self::default();
        let mut at = 0;
        while let Some(next) = html[at..].chars().next() {
            if let Some((decoded, size)) = decode(&html[at..]) {
                parsed.push(decoded);
                at += size;
            } else if next != '<' {
                parsed.push(next);
                at += next.len_utf8();
            } else if let Some(rest) = html[at + 1..].strip_prefix('/') {
                at += 2 + parsed.end_tag(rest, at)?;
            } else {
                at += 1 + parsed.start_tag(&html[at + 1..], at)?;
            }
        }
        if let Some(tag) = parsed.open.last() {
            return Err(format!("Can't find end tag corresponding to start tag \"{}\"", tag.name));
        }
        let mut entities = parsed.entities;
        entities
            .sort_by_key(|entity: &Value| (entity["offset"].as_u64(), std::cmp::Reverse(entity["length"].as_u64())));
        Ok((parsed.text, entities))
    }

    fn push(&mut self, next: char) {
        self.text.push(next);
        self.length += next.len_utf16();
    }

    /// Reads an end tag after its `</`, which stands at `begin`; how many bytes it takes.
    fn end_tag(&mut self, rest: &str, begin: usize) -> Result<usize, String> {
        let Some(tag) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        let end = rest.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(rest.len());
        let name = rest[..end].to_lowercase();
        let Some(close) = rest.find('>').filter(|close| rest[end..*close].trim().is_empty()) else {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        };
        if !name.is_empty() && name != tag.name {
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{}>\", found \"</{name}>\"",
                tag.name
            ));
        }
        if self.length > tag.offset {
            self.entities.extend(tag.entity(self.length));
        }
        Ok(close + 1)
    }

    /// Reads a start tag after its `<`, which stands at `begin`; how many bytes it takes.
    fn start_tag(&mut self, rest: &str, begin: usize) -> Result<usize, String> {
        let end = rest.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(rest.len());
        let name = rest[..end].to_lowercase();
        if end == rest.len() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        if !TAGS.contains(&name.as_str()) {
            return Err(format!("Unsupported start tag \"{name}\" at byte offset {begin}"));
        }
        let (attributes, size) = attributes(&rest[end..], &name, begin)?;
        if name == "span" && attribute(&attributes, "class") != Some("tg-spoiler") {
            return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
        }
        self.open.push(Open { name, offset: self.length, attributes });
        Ok(end + size)
    }
}

/// The commands at the start of words, as Telegram marks them in what a person typed.
pub fn commands(text: &str) -> Vec<Value> {
    let mut entities = Vec::new();
    let (mut offset, mut is_start) = (0, true);
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '@';
        let size = rest[next.len_utf8()..].find(|c| !name(c)).unwrap_or(rest.len() - next.len_utf8());
        if is_start && next == '/' && (1..=64).contains(&size) {
            entities.push(json!({"type": "bot_command", "offset": offset, "length": size + 1}));
            offset += size + 1;
            rest = &rest[size + 1..];
            is_start = false;
            continue;
        }
        offset += next.len_utf16();
        is_start = next.is_whitespace();
        rest = &rest[next.len_utf8()..];
    }
    entities
}

/// The length as Telegram counts it.
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

const TAGS: [&str; 16] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];

struct Open {
    name: String,
    offset: usize,
    attributes: Vec<(String, String)>,
}

impl Open {
    fn entity(&self, end: usize) -> Option<Value> {
        let kind = match self.name.as_str() {
            "a" => "text_link",
            "b" | "strong" => "bold",
            "i" | "em" => "italic",
            "s" | "strike" | "del" => "strikethrough",
            "u" | "ins" => "underline",
            "tg-spoiler" | "span" => "spoiler",
            "tg-emoji" => "custom_emoji",
            other => other,
        };
        let mut entity = json!({"type": kind, "offset": self.offset, "length": end - self.offset});
        if kind == "text_link" {
            let url = attribute(&self.attributes, "href").filter(|url| !url.is_empty())?;
            if let Some(id) = url.strip_prefix("tg://user?id=").and_then(|id| id.parse::<i64>().ok()) {
                entity["type"] = json!("text_mention");
                entity["user"] = json!({"id": id});
            } else {
                entity["url"] = json!(url);
            }
        }
        Some(entity)
    }
}

fn attribute<'a>(attributes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
}

/// Reads the attributes up to the `>`; also how many bytes they take with it.
fn attributes(rest: &str, tag: &str, begin: usize) -> Result<(Vec<(String, String)>, usize), String> {
    let unclosed = || format!("Unclosed start tag \"{tag}\" at byte offset {begin}");
    let mut attributes = Vec::new();
    let mut at = 0;
    loop {
        at += rest[at..].len() - rest[at..].trim_start().len();
        let here = &rest[at..];
        match here.chars().next() {
            None => return Err(unclosed()),
            Some('>') => return Ok((attributes, at + 1)),
            Some(_) => {}
        }
        let end = here.find(|c: char| c.is_whitespace() || c == '=' || c == '>').ok_or_else(unclosed)?;
        if end == 0 {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        let name = here[..end].to_lowercase();
        at += end;
        let here = rest[at..].trim_start();
        // `expandable` of a quotation has no value.
        let Some(value) = here.strip_prefix('=') else {
            attributes.push((name, String::new()));
            continue;
        };
        let value = value.trim_start();
        at = rest.len() - value.len();
        let (raw, size) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let end = value[1..].find(quote).ok_or_else(unclosed)?;
                (&value[1..=end], end + 2)
            }
            _ => {
                let end = value.find(|c: char| c.is_whitespace() || c == '>').ok_or_else(unclosed)?;
                (&value[..end], end)
            }
        };
        attributes.push((name, decode_all(raw)));
        at += size;
    }
}

fn decode_all(text: &str) -> String {
    let (mut result, mut at) = (String::new(), 0);
    while let Some(next) = text[at..].chars().next() {
        let (decoded, size) = decode(&text[at..]).unwrap_or((next, next.len_utf8()));
        result.push(decoded);
        at += size;
    }
    result
}

/// The character that an escape at the start of `text` stands for, and the escape's length. What is no escape stays.
fn decode(text: &str) -> Option<(char, usize)> {
    let rest = text.strip_prefix('&')?;
    for (name, decoded) in [("lt", '<'), ("gt", '>'), ("amp", '&'), ("quot", '"')] {
        if let Some(after) = rest.strip_prefix(name) {
            return Some((decoded, 1 + name.len() + usize::from(after.starts_with(';'))));
        }
    }
    let number = rest.strip_prefix('#')?;
    let (radix, digits) = match number.strip_prefix('x') {
        Some(hex) => (16, hex),
        None => (10, number),
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let decoded = u32::from_str_radix(&digits[..end], radix).ok().and_then(char::from_u32).filter(|c| *c != '\0')?;
    let semicolon = usize::from(digits[end..].starts_with(';'));
    Some((decoded, text.len() - digits.len() + end + semicolon))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_entities_in_utf_16_and_escapes_become_characters() {
        let (text, entities) =
            parse_html("🚛 <b>50 &lt; 60 &amp; &#1071;</b>, <a href=\"https://x/?a=1&amp;b=2\">тут</a>").expect("good");
        assert_eq!(text, "🚛 50 < 60 & Я, тут");
        assert_eq!(entities[0], json!({"type": "bold", "offset": 3, "length": 11}));
        assert_eq!(entities[1], json!({"type": "text_link", "offset": 16, "length": 3, "url": "https://x/?a=1&b=2"}));
    }

    #[test]
    fn what_cannot_be_read_is_told_in_telegrams_words() {
        let told = |html: &str| parse_html(html).expect_err(html).description;
        let prefix = "Bad Request: can't parse entities: ";
        for (html, expected) in [
            ("a <p>b</p>", "Unsupported start tag \"p\" at byte offset 2"),
            ("<b>a", "Can't find end tag corresponding to start tag \"b\""),
            ("a</b>", "Unexpected end tag at byte offset 1"),
            ("<b>a</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
            ("a <b", "Unclosed start tag at byte offset 2"),
            ("1 < 2", "Unsupported start tag \"\" at byte offset 2"),
            ("<span>a</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
        ] {
            assert_eq!(told(html), format!("{prefix}{expected}"), "{html}");
        }
        assert_eq!(parse_html("R&D &copy; &").expect("no escapes").0, "R&D &copy; &");
    }

    #[test]
    fn commands_are_found_where_words_begin() {
        assert_eq!(commands("/start cargo_1"), [json!({"type": "bot_command", "offset": 0, "length": 6})]);
        assert_eq!(commands("ёё /help@bot 1/2"), [json!({"type": "bot_command", "offset": 3, "length": 9})]);
        assert!(commands("/ a").is_empty() && commands("km/h").is_empty());
    }
}
