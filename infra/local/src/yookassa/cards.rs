//! The cards of YooKassa's test shop, each with its outcome. Expiry, CVC and the code of 3-D Secure may be anything.

/// A test card.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TestCard {
    /// Its digits.
    pub number: &'static str,
    /// Its name for people.
    pub brand: &'static str,
    /// `card_type` in the payment's object.
    pub card_type: &'static str,
    /// Whether the bank asks its holder to confirm.
    pub three_d_secure: bool,
    /// What comes of a payment with it.
    pub outcome: Outcome,
}

/// What comes of a payment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// The money is there.
    Paid,
    /// It is not.
    Declined {
        /// Who declined it.
        party: &'static str,
        /// Why.
        reason: &'static str,
    },
}

/// Number, brand, card type, whether 3-D Secure is asked for.
const PAYING: [(&str, &str, &str, bool); 11] = [
    ("5555555555554444", "Mastercard", "MasterCard", false),
    ("5555555555554477", "Mastercard", "MasterCard", true),
    ("4111111111111111", "Visa", "Visa", false),
    ("4793128161644804", "Visa", "Visa", true),
    ("2202474301322987", "Мир", "Mir", false),
    ("2200000000000004", "Мир", "Mir", true),
    ("6759649826438453", "Maestro", "MasterCard", false),
    ("4175001000000017", "Visa Electron", "Visa", false),
    ("370000000000002", "American Express", "AmericanExpress", false),
    ("3528000700000000", "JCB", "JCB", false),
    ("36700102000000", "Diners Club", "DinersClub", false),
];

const NETWORK: &str = "payment_network";
const YOO_MONEY: &str = "yoo_money";

/// Reason, party, and the numbers of a Mastercard, a Visa and a Mir card.
const DECLINED: [(&str, &str, [&str; 3]); 13] = [
    ("insufficient_funds", NETWORK, ["5555555555554600", "4562265587712390", "2200000000000053"]),
    ("3d_secure_failed", NETWORK, ["5555555555554592", "4839665499603842", "2200000000000012"]),
    ("call_issuer", NETWORK, ["5555555555554535", "4926946416239025", "2200000000000020"]),
    ("card_expired", NETWORK, ["5555555555554543", "4141435412630840", "2200000000000038"]),
    ("fraud_suspected", NETWORK, ["5555555555554568", "4483274282299972", "2200000000000046"]),
    ("general_decline", NETWORK, ["5555555555554527", "4889971706588753", "2202202212312379"]),
    ("invalid_card_number", NETWORK, ["5555555555554618", "4951017853630544", "2201382000000013"]),
    ("invalid_csc", NETWORK, ["5555555555554626", "4194180666146368", "2200770212727079"]),
    ("issuer_unavailable", NETWORK, ["5555555555554501", "4654130848359150", "2201382000000021"]),
    ("payment_method_limit_exceeded", NETWORK, ["5555555555554576", "4565231022577548", "2201382000000039"]),
    ("payment_method_restricted", NETWORK, ["5555555555554550", "4233961169071671", "2201382000000047"]),
    ("country_forbidden", YOO_MONEY, ["5555555555554584", "4969751510013864", "2201382000000054"]),
    ("fraud_suspected", YOO_MONEY, ["5555555555554634", "4119098878796485", "2201696981989955"]),
];

const BRANDS: [(&str, &str); 3] = [("Mastercard", "MasterCard"), ("Visa", "Visa"), ("Мир", "Mir")];

/// All test cards, those that pay first.
pub fn all() -> impl Iterator<Item = TestCard> {
    let paying = PAYING.into_iter().map(|(number, brand, card_type, three_d_secure)| TestCard {
        number,
        brand,
        card_type,
        three_d_secure,
        outcome: Outcome::Paid,
    });
    let declined = DECLINED.into_iter().flat_map(|(reason, party, numbers)| {
        numbers.into_iter().zip(BRANDS).map(move |(number, (brand, card_type))| TestCard {
            number,
            brand,
            card_type,
            // Who is asked and fails must have been asked.
            three_d_secure: reason == "3d_secure_failed",
            outcome: Outcome::Declined { party, reason },
        })
    });
    paying.chain(declined)
}

/// The test card with this number; spaces in it do not matter.
pub fn find(number: &str) -> Option<TestCard> {
    let digits: String = number.chars().filter(|c| !c.is_whitespace()).collect();
    all().find(|card| card.number == digits)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_card_is_there_once() {
        let numbers: HashSet<&str> = all().map(|card| card.number).collect();
        assert_eq!(numbers.len(), 11 + 13 * 3);
        assert!(numbers.iter().all(|number| number.bytes().all(|digit| digit.is_ascii_digit())));
    }

    #[test]
    fn a_number_says_its_outcome() {
        assert_eq!(find("5555 5555 5555 4444").map(|card| card.outcome), Some(Outcome::Paid));
        assert!(find("2200000000000004").is_some_and(|card| card.three_d_secure));
        let network = Outcome::Declined { party: "payment_network", reason: "fraud_suspected" };
        let yoo_money = Outcome::Declined { party: "yoo_money", reason: "fraud_suspected" };
        assert_eq!(find("2200000000000046").map(|card| card.outcome), Some(network));
        assert_eq!(find("2201696981989955").map(|card| card.outcome), Some(yoo_money));
        assert_eq!(find("4242424242424242"), None);
    }
}
