//! Normalises texts from outside: typed by people or produced by web pages.
use html5gum::{DefaultEmitter, Token, Tokenizer};

use crate::phone::is_invisible;

/// Elements that start a new line.
const BLOCKS: [&[u8]; 20] = [
    b"blockquote",
    b"br",
    b"div",
    b"dd",
    b"dl",
    b"dt",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"hr",
    b"li",
    b"ol",
    b"p",
    b"pre",
    b"table",
    b"tr",
    b"ul",
];
/// Inline elements. Anything else in angle brackets is plain text.
const INLINE: [&[u8]; 20] = [
    b"a", b"b", b"big", b"code", b"del", b"em", b"font", b"i", b"img", b"ins", b"s", b"small", b"span", b"strong",
    b"sub", b"sup", b"tbody", b"td", b"th", b"u",
];

/// Puts a text on one line. Every whitespace or control character becomes a space; invisible marks are removed.
pub fn one_line(text: &str) -> String {
    let visible: String =
        text.chars().filter(|c| !is_invisible(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Normalises a text of several lines. Line ends become `
/// `, other control characters become spaces, invisible marks are removed, and empty lines never repeat.
pub fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let visible = text.chars().filter(|c| !is_invisible(*c)).map(|c| match c {
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        c if c.is_control() || c == '\u{a0}' => ' ',
        c => c,
    });
    let mut lines: Vec<String> = Vec::new();
    for line in visible.collect::<String>().split('\n') {
        let line = line.trim_end();
        if !line.is_empty() || lines.last().is_some_and(|before| !before.is_empty()) {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n").trim().to_owned()
}

/// Truncates a text to `most` UTF-16 units, Telegram's unit. A truncated text ends with an ellipsis.
pub fn cut(text: &str, most: usize) -> String {
    if text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let mut left = most.saturating_sub(1);
    let fits = |c: &char| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

/// Converts a text with HTML to plain text, once. A text escaped twice keeps one level of escapes.
///
/// A text that was never HTML may have an `&` or a `<` in it too. So a reference needs its semicolon, as in `&quot;`, and a
/// tag has to be one of HTML's: `?a=1&region=2` and `<ivan@example.org>` are what somebody wrote.
pub fn without_html(text: &str) -> String {
    if !text.contains(['&', '<']) {
        return text.to_owned();
    }
    let source = only_whole_references(text);
    let mut said = Vec::with_capacity(source.len());
    let mut read = 0;
    for token in Tokenizer::new_with_emitter(source.as_str(), DefaultEmitter::<usize>::new_with_span()) {
        let Ok(token) = token;
        let (span, known) = match token {
            Token::String(text) => {
                said.extend_from_slice(&text);
                read = text.span.end;
                continue;
            }
            Token::StartTag(tag) => (tag.span, written_for(&tag.name)),
            Token::EndTag(tag) => (tag.span, written_for(&tag.name)),
            Token::Comment(comment) => (comment.span, source[comment.span.start..].starts_with("<!--").then_some("")),
            Token::Doctype(doctype) => (doctype.span, Some("")),
            Token::Error(_) => continue,
        };
        match known {
            Some(known) => said.extend_from_slice(known.as_bytes()),
            None => said.extend_from_slice(source[span.start..span.end].replace("&amp;", "&").as_bytes()),
        }
        read = span.end;
    }
    // A tag without an end.
    said.extend_from_slice(source[read..].replace("&amp;", "&").as_bytes());
    String::from_utf8_lossy(&said).into_owned()
}

/// The replacement of an HTML tag; `None` when it is not one.
fn written_for(name: &[u8]) -> Option<&'static str> {
    if BLOCKS.contains(&name) {
        Some("\n")
    } else if matches!(name, b"td" | b"th") {
        Some(" ")
    } else {
        INLINE.contains(&name).then_some("")
    }
}

/// Escapes every `&` that does not begin a reference with a semicolon.
fn only_whole_references(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, part) in text.split('&').enumerate() {
        if at > 0 {
            let name = part.split_once(';').map_or("", |(name, _)| name);
            let whole = !name.is_empty()
                && name.len() <= 32
                && name.trim_start_matches('#').bytes().all(|b| b.is_ascii_alphanumeric());
            escaped.push_str(if whole { "&" } else { "&amp;" });
        }
        escaped.push_str(part);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn html_is_read_once() {
        for (written, said) in [
            ("ООО &quot;Ромашка&quot;", "ООО \"Ромашка\""),
            ("ООО &laquo;Ромашка&raquo; &mdash; 20&nbsp;т", "ООО «Ромашка» — 20\u{a0}т"),
            ("&#1052;&#x43E;&#x0441;ква", "Москва"),
            ("&#39;&apos;&lt;&gt;", "''<>"),
            ("&amp;quot;", "&quot;"),
            ("Иванов &amp; Ко", "Иванов & Ко"),
            ("Иванов & Ко", "Иванов & Ко"),
            ("https://x.ru/?a=1&region=2&copy=3", "https://x.ru/?a=1&region=2&copy=3"),
            ("a & b; c", "a & b; c"),
            ("&неизвестно; &bogus;", "&неизвестно; &bogus;"),
            ("<b>Торг</b> <span style=\"color:red\">уместен</span>", "Торг уместен"),
            ("раз<br>два<BR/>три<br />четыре", "раз\nдва\nтри\nчетыре"),
            ("<p>раз</p><p>два</p>", "\nраз\n\nдва\n"),
            ("<tr><td>1</td><td>2</td></tr>", "\n 1  2 \n"),
            ("вес <20т, длина > 6 м", "вес <20т, длина > 6 м"),
            ("цена <договорная>, Иван <ivan@example.org>", "цена <договорная>, Иван <ivan@example.org>"),
            ("до 5т<b", "до 5т<b"),
            ("<x & y> &amp; <b a&b", "<x & y> & <b a&b"),
            ("a <!-- c --> b", "a  b"),
            ("<!важно> a", "<!важно> a"),
            ("a </", "a </"),
            ("&", "&"),
            ("<", "<"),
        ] {
            assert_eq!(without_html(written), said, "{written}");
        }
    }

    #[test]
    fn control_characters_are_spaces_and_line_ends_are_one() {
        assert_eq!(one_line("\tИван\r\nИванов\u{7f}\u{202e}  Петрович\u{a0}"), "Иван Иванов Петрович");
        assert_eq!(lines("раз\r\nдва\rтри\u{2028}четыре\u{b}пять"), "раз\nдва\nтри\nчетыре\nпять");
        assert_eq!(lines("\n\n\tраз\t1  \n\n\n\nдва\u{0}\u{200e}!\n"), "раз 1\n\nдва !");
        assert_eq!(one_line("\u{61c}a\u{180e}b\u{fff9}c\u{2067}d"), "abcd", "nothing turns the direction of a text");
        assert_eq!((one_line(" \u{0}\t "), lines("\r\n\u{feff}")), (String::new(), String::new()));
        assert_eq!(one_line("👨‍👩‍👧 Иван"), "👨‍👩‍👧 Иван", "a mark that joins an emoji is part of it");
    }

    #[test]
    fn a_text_is_cut_where_telegram_counts_and_says_so() {
        assert_eq!((cut("Иван", 4), cut("Иванов", 4)), ("Иван".into(), "Ива…".into()));
        assert_eq!((cut("🚛🚛🚛", 6), cut("🚛🚛🚛", 5)), ("🚛🚛🚛".into(), "🚛🚛…".into()));
        assert_eq!((cut("🚛🚛🚛", 4), cut("раз два", 5)), ("🚛…".into(), "раз…".into()));
    }

    proptest! {
        #[test]
        fn no_cut_is_longer_than_it_may_be(text in "\\PC{0,60}", most in 1usize..70) {
            let cut = cut(&text, most);
            prop_assert!(cut.encode_utf16().count() <= most);
            prop_assert!(text.starts_with(cut.trim_end_matches('…')) || cut == text);
        }

        #[test]
        fn whatever_was_written_is_put_in_form_and_no_text_is_lost(text in "(?s).{0,80}", marked in "[а-яa-z<>&;#/!\"='0-9 -]{0,60}") {
            for text in [text, marked] {
                let said = without_html(&text);
                let (line, many) = (one_line(&said), lines(&said));
                prop_assert!(!line.contains(char::is_control));
                prop_assert!(!many.contains(|c: char| c.is_control() && c != '\n'));
                prop_assert_eq!(&one_line(&line), &line);
                prop_assert_eq!(&lines(&many), &many);
                if !text.contains(['<', '&']) {
                    prop_assert_eq!(said, text);
                }
            }
        }

        #[test]
        fn what_was_escaped_comes_back(text in "[^\u{0}\r]{0,60}") {
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
            prop_assert_eq!(without_html(&escaped), text);
        }
    }
}
