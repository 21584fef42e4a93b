//! Keyboards under messages and in place of the phone's own, checked as the Bot API checks them.
use serde_json::{Value, json};

use super::ApiError;

/// The most bytes of a button's data.
const MAX_DATA: usize = 64;
/// The most buttons of a keyboard.
const MAX_BUTTONS: usize = 100;

/// What comes with a message.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Markup {
    /// Nothing.
    #[default]
    None,
    /// Buttons under the message: the rows.
    Inline(Value),
    /// Another keyboard for the person: the markup.
    Keyboard(Value),
    /// Takes that keyboard away.
    Remove,
    /// Makes the person answer this message: the markup.
    ForceReply(Value),
}

impl Markup {
    /// Reads a `reply_markup`.
    ///
    /// # Errors
    /// Telegram's own words for what it does not take.
    pub fn read(value: &Value, is_private: bool) -> Result<Self, ApiError> {
        if value.is_null() {
            return Ok(Self::None);
        }
        if !value.is_object() {
            return Err(ApiError::bad_request("object expected as reply markup"));
        }
        if value.get("inline_keyboard").is_some() {
            let rows = rows(&value["inline_keyboard"], &|button| inline_button(button, is_private))?;
            return Ok(if rows.is_empty() { Self::None } else { Self::Inline(Value::Array(rows)) });
        }
        if value.get("keyboard").is_some() {
            let rows = rows(&value["keyboard"], &|button| reply_button(button, is_private))?;
            let mut markup = value.clone();
            markup["keyboard"] = Value::Array(rows);
            return Ok(Self::Keyboard(markup));
        }
        if value["remove_keyboard"] == json!(true) {
            return Ok(Self::Remove);
        }
        if value["force_reply"] == json!(true) {
            return Ok(Self::ForceReply(value.clone()));
        }
        Ok(Self::None)
    }

    /// Reads the markup of an edit, which can only be inline.
    ///
    /// # Errors
    /// It is of another kind, or not taken.
    pub fn read_inline(value: &Value, is_private: bool) -> Result<Self, ApiError> {
        match Self::read(value, is_private)? {
            markup @ (Self::None | Self::Inline(_)) => Ok(markup),
            _ => Err(ApiError::bad_request("inline keyboard expected")),
        }
    }

    /// As it stands in the message.
    pub fn in_message(&self) -> Option<Value> {
        match self {
            Self::Inline(rows) => Some(json!({"inline_keyboard": rows})),
            _ => None,
        }
    }
}

fn rows(value: &Value, read: &dyn Fn(&Value) -> Result<Value, ApiError>) -> Result<Vec<Value>, ApiError> {
    let Some(lines) = value.as_array() else {
        return Err(ApiError::bad_request("can't parse reply markup: an Array of Array is expected"));
    };
    let mut rows = Vec::new();
    let mut buttons = 0;
    for line in lines {
        let Some(line) = line.as_array() else {
            return Err(ApiError::bad_request("can't parse reply markup: an Array of Array is expected"));
        };
        let row = line.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        buttons += row.len();
        if !row.is_empty() {
            rows.push(Value::Array(row));
        }
    }
    if buttons > MAX_BUTTONS {
        return Err(ApiError::bad_request("reply markup is too long"));
    }
    Ok(rows)
}

fn inline_button(button: &Value, is_private: bool) -> Result<Value, ApiError> {
    let fail = |text: &str| ApiError::bad_request(&format!("can't parse inline keyboard button: {text}"));
    if button["text"].as_str().is_none_or(|text| text.trim().is_empty()) {
        return Err(fail("Field \"text\" must be of type String"));
    }
    if let Some(url) = button["url"].as_str() {
        check_address(url, &format!("inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"))?;
    } else if button.get("callback_data").is_some() {
        // An empty one is refused as well.
        if button["callback_data"].as_str().is_none_or(|data| !(1..=MAX_DATA).contains(&data.len())) {
            return Err(ApiError::bad_request("BUTTON_DATA_INVALID"));
        }
    } else if button.get("web_app").is_some() {
        if !is_private {
            return Err(ApiError::bad_request("BUTTON_TYPE_INVALID"));
        }
        check_web_app(button)?;
    } else if let Some(text) = button["copy_text"]["text"].as_str() {
        if !(1..=256).contains(&text.chars().count()) {
            return Err(fail("Copied text must be of 1-256 characters"));
        }
    } else if button.get("switch_inline_query").is_none() && button.get("switch_inline_query_current_chat").is_none() {
        return Err(fail("Text buttons are unallowed in the inline keyboard"));
    }
    Ok(button.clone())
}

fn reply_button(button: &Value, is_private: bool) -> Result<Value, ApiError> {
    let button = match button {
        Value::String(text) => json!({"text": text}),
        other => other.clone(),
    };
    if button["text"].as_str().is_none_or(|text| text.trim().is_empty()) {
        return Err(ApiError::bad_request("can't parse keyboard button: Field \"text\" must be of type String"));
    }
    if button["request_contact"] == json!(true) && !is_private {
        return Err(ApiError::bad_request("phone number can be requested in private chats only"));
    }
    if button.get("web_app").is_some() {
        if !is_private {
            return Err(ApiError::bad_request("BUTTON_TYPE_INVALID"));
        }
        check_web_app(&button)?;
    }
    Ok(button)
}

fn check_web_app(button: &Value) -> Result<(), ApiError> {
    let url = button["web_app"]["url"].as_str().unwrap_or_default();
    // Telegram takes HTTPS only, but http in its test environment, which this one is.
    check_address(url, &format!("inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed"))
}

fn check_address(url: &str, message: &str) -> Result<(), ApiError> {
    let rest = ["https://", "http://", "tg://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let is_good =
        rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace));
    if is_good { Ok(()) } else { Err(ApiError::bad_request(message)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inline(button: Value, is_private: bool) -> Result<Markup, String> {
        Markup::read(&json!({"inline_keyboard": [[button]]}), is_private).map_err(|error| error.description)
    }

    #[test]
    fn data_has_64_bytes_at_most() {
        assert!(inline(json!({"text": "a", "callback_data": "x".repeat(64)}), false).is_ok());
        for data in [String::new(), "x".repeat(65), "я".repeat(33)] {
            let refused = inline(json!({"text": "a", "callback_data": data}), false);
            assert_eq!(refused, Err("Bad Request: BUTTON_DATA_INVALID".to_owned()));
        }
    }

    #[test]
    fn the_app_opens_in_private_chats_only_and_addresses_everywhere() {
        let app = json!({"text": "a", "web_app": {"url": "https://a/"}});
        assert!(inline(app.clone(), true).is_ok());
        assert_eq!(inline(app, false), Err("Bad Request: BUTTON_TYPE_INVALID".to_owned()));
        assert!(inline(json!({"text": "a", "url": "https://a/?startapp=x"}), false).is_ok());
        assert!(inline(json!({"text": "a", "url": "a b"}), false).is_err());
        assert!(inline(json!({"text": "a"}), true).is_err());
    }

    #[test]
    fn an_edit_takes_inline_buttons_only() {
        assert!(Markup::read_inline(&json!({"force_reply": true}), true).is_err());
        assert_eq!(Markup::read_inline(&json!({"inline_keyboard": []}), true), Ok(Markup::None));
        assert_eq!(Markup::read(&json!({"remove_keyboard": true}), true), Ok(Markup::Remove));
        let contact = json!({"keyboard": [["a", {"text": "b", "request_contact": true}]]});
        assert!(matches!(Markup::read(&contact, true), Ok(Markup::Keyboard(_))));
        assert!(Markup::read(&contact, false).is_err());
    }
}
