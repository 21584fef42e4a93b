//! How long each kind of item is kept, and why: the one list of these rules. [`forget`] carries out what does not happen by
//! itself. `docs/retention.md` is this list for whoever answers for personal data.
pub mod forget;

use crate::store::keys::Kind;

/// Days without a visit after which a driver is forgotten.
const IDLE_DAYS: i64 = 730;
/// Days after which a response that is no longer open names nobody.
const RESPONSE_DAYS: i64 = 365;
/// Days after which the row of a message is deleted. More than a response is kept for: the row of its card knows where in the
/// dispatchers' chat there is something to be taken out.
const MESSAGE_DAYS: i64 = 400;
const DAY_MS: i64 = 86_400_000;

/// How long after the last visit a driver is forgotten, milliseconds.
pub const IDLE_MS: i64 = IDLE_DAYS * DAY_MS;
/// How long a response names persons after it last changed, milliseconds.
pub const RESPONSE_MS: i64 = RESPONSE_DAYS * DAY_MS;
/// How long the row of a message is kept after the message was dealt with, milliseconds.
pub const MESSAGE_MS: i64 = MESSAGE_DAYS * DAY_MS;

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// So many days, counted from what the text says; it also says what goes then.
    Days(i64, &'static str),
    /// As the text says.
    Until(&'static str),
}

/// A rule for kinds that are kept alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it is about.
    pub kinds: &'static [Kind],
    /// How long they are kept.
    pub kept: Kept,
    /// Why so long.
    pub why: &'static str,
}

/// The rules; each kind of item is in one of them.
pub const RULES: &[Rule] = &[
    Rule {
        kinds: &[Kind::Profile, Kind::Found],
        kept: Kept::Days(
            IDLE_DAYS,
            "after the driver last opened the app; then they are forgotten as if an admin had deleted their data. Not while a \
             subscription runs, a payment or refund is open, or they administer",
        ),
        why: "nothing is done for who has gone; who comes back is new",
    },
    Rule {
        kinds: &[Kind::Session, Kind::AdminSession],
        kept: Kept::Until(
            "replaced by the next; the driver's forgetting ends it and leaves when it was used and the hash of a launch",
        ),
        why: "a launch is good once",
    },
    Rule {
        kinds: &[Kind::Response],
        kept: Kept::Days(
            RESPONSE_DAYS,
            "after it last changed, if it is not open; then the driver's name, phone and comment, the reason and the \
             dispatchers' names are taken out of it and of its messages in their chat. Which driver's id, cargo, price and dates stay",
        ),
        why: "disputes about a cargo come up within a year; the driver's list and the numbers need the facts alone",
    },
    Rule {
        kinds: &[Kind::ListedResponse, Kind::ResponseId, Kind::CargoResponses],
        kept: Kept::Until("kept, as the facts of the response are"),
        why: "they lead to it, in ids",
    },
    Rule {
        kinds: &[Kind::Delivery, Kind::DispatchMessage],
        kept: Kept::Days(MESSAGE_DAYS, "after the message was sent, skipped or failed; then the row is deleted"),
        why: "nothing goes out twice; longer than a response, whose card has to be found",
    },
    Rule {
        kinds: &[
            Kind::Payment,
            Kind::ListedPayment,
            Kind::Order,
            Kind::ProviderPayment,
            Kind::Subscription,
            Kind::LedgerEntry,
            Kind::GiftRequest,
            Kind::PromoCode,
            Kind::PromoUse,
            Kind::Difference,
        ],
        kept: Kept::Until("five years after the year at least; nothing deletes them"),
        why: "accounting (402-FZ, article 29; Tax Code, article 23): payments, receipts, refunds and what was given for them",
    },
    Rule {
        kinds: &[Kind::Audit],
        kept: Kept::Until("for ever; no function may delete them"),
        why: "who did what must be known; drivers are ids in it",
    },
    Rule {
        kinds: &[Kind::Trial, Kind::AccessGeneration, Kind::Block],
        kept: Kept::Until("for ever, under the driver's id"),
        why: "whoever is forgotten and comes back has no second trial, no old access link and no way around a block",
    },
    Rule {
        kinds: &[Kind::Role],
        kept: Kept::Until("as long as somebody administers; that it was taken stays, under their id"),
        why: "owners give and take it",
    },
    Rule {
        kinds: &[Kind::Counter, Kind::Job, Kind::Settings, Kind::MovedChat],
        kept: Kept::Until("for ever"),
        why: "no person is in them",
    },
    Rule {
        kinds: &[
            Kind::PromoTries,
            Kind::Revoking,
            Kind::Ordering,
            Kind::PaymentChecks,
            Kind::PaymentRepeats,
            Kind::Settling,
            Kind::ProviderPause,
            Kind::Sending,
            Kind::Update,
            Kind::Responding,
            Kind::LinkUses,
            Kind::AccessOpenings,
            Kind::Document,
            Kind::Lease,
            Kind::CargotechToken,
            Kind::CargotechGate,
            Kind::CargoMarks,
            Kind::Misses,
        ],
        kept: Kept::Until("hours to days, then DynamoDB deletes them by their `ttl`; the gate alone stays"),
        why: "the cache table may be lost at any time; drivers are ids in it",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_item_has_one_rule() {
        for kind in Kind::ALL {
            let rules = RULES.iter().filter(|rule| rule.kinds.contains(kind)).count();
            assert_eq!(rules, 1, "{kind:?}");
        }
    }

    #[test]
    fn the_document_says_what_the_rules_say() {
        let row = |rule: &Rule| {
            let kinds: Vec<_> = rule.kinds.iter().map(|kind| format!("`{kind:?}`")).collect();
            let kept = match rule.kept {
                Kept::Days(days, what) => format!("{days} days {what}"),
                Kept::Until(what) => what.to_owned(),
            };
            format!("| {} | {kept} | {} |", kinds.join(", "), rule.why)
        };
        let rows: Vec<_> = RULES.iter().map(row).collect();
        let document = include_str!("../../../docs/retention.md");
        let written: Vec<_> = document.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(written, rows, "docs/retention.md");
    }
}
