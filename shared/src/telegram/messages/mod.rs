//! All texts of the bot, one catalogue per language, in Telegram's HTML. `{name}` is a placeholder.
mod en;
mod ru;

use crate::response::Status;

/// A language of the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Russian, the default.
    Ru,
    /// English.
    En,
}

impl Language {
    /// Chooses the language from the driver's setting or from Telegram's. Russian is understood from Brest to Bishkek,
    /// so English is only for people whose Telegram is in English.
    pub fn of(tag: Option<&str>) -> Self {
        if tag.is_some_and(|tag| tag == "en" || tag.starts_with("en-")) { Self::En } else { Self::Ru }
    }

    /// Its catalogue.
    pub fn messages(self) -> &'static Messages {
        match self {
            Self::Ru => &ru::MESSAGES,
            Self::En => &en::MESSAGES,
        }
    }
}

/// A catalogue.
#[derive(Debug)]
#[allow(missing_docs)] // each text is its own documentation
pub struct Messages {
    // Buttons.
    pub open_app: &'static str,
    pub open_cargo: &'static str,
    pub my_responses: &'static str,
    pub open_subscription: &'static str,
    pub close_access: &'static str,
    pub menu: &'static str,
    pub accept: &'static str,
    pub accept_for: &'static str,
    pub accept_too: &'static str,
    pub accept_too_for: &'static str,
    pub keep_unaccepted: &'static str,
    pub reject: &'static str,
    pub reject_others: &'static str,
    pub undo: &'static str,
    pub keep_accepted: &'static str,
    pub complete: &'static str,
    pub make_link: &'static str,
    pub new_link: &'static str,
    pub revoke_link: &'static str,

    // The driver's chat.
    pub start: &'static str,
    pub start_cargo: &'static str,
    pub help: &'static str,
    pub responses: &'static str,
    pub responses_none: &'static str,
    pub responses_line: &'static str,
    pub subscription: &'static str,
    pub subscription_none: &'static str,
    pub subscription_trial: &'static str,
    pub subscription_active: &'static str,
    pub subscription_expired: &'static str,
    pub unknown: &'static str,
    pub contact_confirmed: &'static str,
    pub contact_foreign: &'static str,
    pub contact_unreadable: &'static str,
    pub contact_anonymous: &'static str,
    pub contact_unknown_driver: &'static str,
    pub notice_accepted: &'static str,
    pub notice_rejected: &'static str,
    pub notice_rejected_why: &'static str,
    pub notice_completed: &'static str,
    pub notice_expired: &'static str,
    pub notice_reason: &'static str,
    pub notice_undone: &'static str,
    pub payment_succeeded: &'static str,
    pub payment_refunded: &'static str,
    pub payment_declined: &'static str,
    pub declined_3d_secure_failed: &'static str,
    pub declined_call_issuer: &'static str,
    pub declined_card_expired: &'static str,
    pub declined_country_forbidden: &'static str,
    pub declined_expired_on_capture: &'static str,
    pub declined_fraud_suspected: &'static str,
    pub declined_general_decline: &'static str,
    pub declined_identification_required: &'static str,
    pub declined_insufficient_funds: &'static str,
    pub declined_internal_timeout: &'static str,
    pub declined_invalid_card_number: &'static str,
    pub declined_invalid_csc: &'static str,
    pub declined_issuer_unavailable: &'static str,
    pub declined_payment_method_limit_exceeded: &'static str,
    pub declined_payment_method_restricted: &'static str,
    pub declined_permission_revoked: &'static str,
    pub declined_unsupported_mobile_operator: &'static str,
    pub declined_rejected_by_timeout: &'static str,
    pub declined_otherwise: &'static str,
    pub subscription_given: &'static str,
    pub link_opened: &'static str,
    pub link_closed: &'static str,
    pub press_access_closed: &'static str,
    pub press_access_void: &'static str,
    pub reminder_soon: &'static str,
    pub reminder_tomorrow: &'static str,
    pub reminder_over: &'static str,

    // When a subscription ends.
    pub ends_at: &'static str,
    pub months: [&'static str; 12],
    // Prices.
    pub price: &'static str,
    pub prices_yours: &'static str,
    pub prices_theirs: &'static str,
    pub prices_agreed: &'static str,

    // Statuses.
    pub queued: &'static str,
    pub sent: &'static str,
    pub accepted: &'static str,
    pub rejected: &'static str,
    pub expired: &'static str,
    pub completed: &'static str,
    pub withdrawn: &'static str,
    pub undone: &'static str,

    // The dispatchers' chat.
    pub card: &'static str,
    pub card_from: &'static str,
    pub card_to: &'static str,
    pub card_confirmed: &'static str,
    pub card_unconfirmed: &'static str,
    pub card_forgotten: &'static str,
    pub card_own_price: &'static str,
    pub card_agreed: &'static str,
    pub card_comment: &'static str,
    pub card_open: &'static str,
    pub card_decided: &'static str,
    pub card_reason: &'static str,
    pub card_ask_reason: &'static str,
    pub card_link: &'static str,
    pub card_blocked: &'static str,
    pub card_blocked_accepted: &'static str,
    pub card_chosen: &'static str,
    pub card_chosen_many: &'static str,
    pub card_others_one: &'static str,
    pub card_others_few: &'static str,
    pub card_others_many: &'static str,
    pub card_accept_too: &'static str,
    pub card_accept_too_many: &'static str,
    pub undo_not_so: &'static str,
    pub card_undo: &'static str,
    pub card_void: &'static str,
    pub others_reason: &'static str,
    pub by_dispatcher: &'static str,
    pub by_driver: &'static str,
    pub by_shipper: &'static str,
    pub by_admin: &'static str,
    pub by_system: &'static str,
    pub link: &'static str,
    pub link_void: &'static str,
    pub copy_link: &'static str,
    pub reason_needs_text: &'static str,
    pub reason_given: &'static str,
    pub press_done: &'static str,
    pub press_link: &'static str,
    pub press_link_revoked: &'static str,
    pub press_undo: &'static str,
    pub press_kept: &'static str,
    pub press_others: &'static str,
    pub press_chosen: &'static str,
    pub press_chosen_many: &'static str,
    pub press_blocked: &'static str,
    pub press_late: &'static str,
    pub press_unknown: &'static str,
    pub press_trouble: &'static str,
    pub dispatch_help: &'static str,
    pub foreign_chat: &'static str,

    // What BotFather would be told.
    pub command_start: &'static str,
    pub command_responses: &'static str,
    pub command_subscription: &'static str,
    pub command_help: &'static str,
}

impl Messages {
    /// The reason why a payment was declined, from the provider's code.
    pub fn declined(&self, reason: &str) -> &'static str {
        match reason {
            "3d_secure_failed" => self.declined_3d_secure_failed,
            "call_issuer" => self.declined_call_issuer,
            "card_expired" => self.declined_card_expired,
            "country_forbidden" => self.declined_country_forbidden,
            "expired_on_capture" => self.declined_expired_on_capture,
            "fraud_suspected" => self.declined_fraud_suspected,
            "general_decline" => self.declined_general_decline,
            "identification_required" => self.declined_identification_required,
            "insufficient_funds" => self.declined_insufficient_funds,
            "internal_timeout" => self.declined_internal_timeout,
            "invalid_card_number" => self.declined_invalid_card_number,
            "invalid_csc" => self.declined_invalid_csc,
            "issuer_unavailable" => self.declined_issuer_unavailable,
            "payment_method_limit_exceeded" => self.declined_payment_method_limit_exceeded,
            "payment_method_restricted" => self.declined_payment_method_restricted,
            "permission_revoked" => self.declined_permission_revoked,
            "unsupported_mobile_operator" => self.declined_unsupported_mobile_operator,
            "rejected_by_timeout" => self.declined_rejected_by_timeout,
            _ => self.declined_otherwise,
        }
    }

    /// The name of a status.
    pub fn status(&self, status: Status) -> &'static str {
        match status {
            Status::Queued => self.queued,
            Status::Sent => self.sent,
            Status::Accepted => self.accepted,
            Status::Rejected => self.rejected,
            Status::Expired => self.expired,
            Status::Completed => self.completed,
            Status::Withdrawn => self.withdrawn,
        }
    }
}

/// Replaces the placeholders in the text. Inserted values are not searched again.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        let value = values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        debug_assert!(value.is_some(), "{{{name}}} is not filled in");
        filled.push_str(value.unwrap_or_default());
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The texts of a catalogue by their names, out of its debug form.
    fn texts(messages: &Messages) -> Vec<(String, String)> {
        let debug = format!("{messages:#?}");
        debug
            .lines()
            .filter_map(|line| line.trim().split_once(": \""))
            .map(|(name, text)| (name.to_owned(), text.trim_end_matches("\",").to_owned()))
            .collect()
    }

    fn names(text: &str) -> BTreeSet<String> {
        text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let (ru, en) = (texts(&ru::MESSAGES), texts(&en::MESSAGES));
        assert!(ru.len() > 50 && ru.len() == en.len());
        for ((name, ru), (_, en)) in ru.iter().zip(&en) {
            assert!(!ru.trim().is_empty() && !en.trim().is_empty(), "{name}");
            assert_eq!(names(ru), names(en), "{name}");
            for text in [ru, en] {
                assert_eq!(text.matches("<b>").count(), text.matches("</b>").count(), "{name}");
            }
            let is_english = en.chars().all(|c| !('а'..='я').contains(&c));
            assert!(is_english, "{name}: {en}");
        }
    }

    #[test]
    fn what_is_filled_in_is_not_filled_in_again() {
        assert_eq!(fill("{a} и {b}", &[("a", "{b}"), ("b", "2")]), "{b} и 2");
        assert_eq!(fill("no names {", &[]), "no names {");
    }

    #[test]
    fn russian_unless_english_is_asked_for() {
        for tag in [None, Some("ru"), Some("uk"), Some("kk"), Some("")] {
            assert_eq!(Language::of(tag), Language::Ru);
        }
        assert_eq!((Language::of(Some("en")), Language::of(Some("en-GB"))), (Language::En, Language::En));
    }
}
