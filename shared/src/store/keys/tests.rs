use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn different_entities_never_share_a_key(a in 1i64..1 << 52, b in 1i64..1 << 52, text in "[0-9]{1,20}") {
        prop_assume!(a != b);
        let keys = [
            profile(a), profile(b), block(a), block(b), found(a, Clue::Name),
            found(a, Clue::Surname), found(b, Clue::Name), session(a), session(b), admin_session(a, Seat::Phone),
            admin_session(a, Seat::Desk), misses(a), misses(b),
            document(&DocumentName::list(&text)), document(&DocumentName::cargo(&text)),
            document(&DocumentName::dictionary("cities", &text)), lease(&text),
            cargotech_token(), cargotech_gate(), cargo_marks(),
            response(a, &text), response(b, &text), listed_response(a, b, &text),
            response_id(&text), dispatch_message(a, b), moved_chat(a), delivery(&text), sending(&text), cards_of(a),
            update(a), link_uses(&text), responding(a), access_openings(a, 0), access_openings(a, 1), access_openings(b, 0),
            subscription(a), subscription(b), access_generation(a), ledger_entry(a, &text), gift_request(a, &text), trial(a), payment(&text),
            listed_payment(a, b, &text), order(a, &text), provider_payment(&text), settings(),
            revoking(a), ordering(a), payment_checks(a), payment_repeats(a), provider_pause(), settling(&text), unknown_settlements(), difference(&text), promo_code(&text), promo_use(&text, a), promo_use(&text, b),
            promo_tries(a), role(a), role(b), job(&text),
            ::store::audit::log::key("2026-01-01", "2026-01-01T00:00:00Z", &text),
        ];
        let distinct = keys.iter().collect::<std::collections::HashSet<_>>();
        prop_assert_eq!(distinct.len(), keys.len());
    }
}
