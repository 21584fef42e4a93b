//! Email addresses that can receive a receipt: only the forms that payment providers and fiscal data operators accept.

/// The longest address, and the longest part before its `@`.
const LONGEST: (usize, usize) = (254, 64);

/// Validates an address and returns it as typed. It needs a plain local part in Latin letters and a domain that can
/// exist. The domain may use other scripts: [`for_receipt`] converts it to ASCII.
///
/// # Errors
/// A code and how to fix the address.
pub fn email(text: &str) -> Result<String, (&'static str, &'static str)> {
    let is_sound = text.split_once('@').is_some_and(|(local, domain)| {
        is_local(local) && ascii_domain(domain).is_some_and(|domain| is_domain(&domain))
    });
    match is_sound && for_receipt(text).len() <= LONGEST.0 {
        true => Ok(text.to_owned()),
        false => Err(("malformed", "Must be an e-mail address in Latin letters such as name@example.org.")),
    }
}

/// Converts a validated address to ASCII for a receipt.
pub fn for_receipt(address: &str) -> String {
    let ascii = address.split_once('@').and_then(|(local, domain)| Some(format!("{local}@{}", ascii_domain(domain)?)));
    ascii.unwrap_or_else(|| address.to_owned())
}

fn is_local(local: &str) -> bool {
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte))
    };
    local.len() <= LONGEST.1 && local.split('.').all(is_atom)
}

fn ascii_domain(domain: &str) -> Option<String> {
    idna::domain_to_ascii_strict(domain).ok()
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A top-level domain is not a number and has at least two letters.
    let is_top = |label: &str| label.len() >= 2 && label.starts_with(|c: char| c.is_ascii_alphabetic());
    domain.contains('.') && domain.split('.').all(is_label) && domain.rsplit('.').next().is_some_and(is_top)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_can_be_delivered_to_is_taken_and_nothing_else() {
        for good in ["name@example.org", "i.petrov+ct@mail.ru", "a_b-c@sub.domain.co", "1@2.ru", "ivan@почта.рф"]
        {
            assert_eq!(email(good).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "a@b",
            "иван@mail.ru",
            "ivаn@mail.ru", // the а is Cyrillic
            "a@b@c.ru",
            ".a@b.ru",
            "a.@b.ru",
            "a..b@c.ru",
            "\"a b\"@c.ru",
            "a b@c.ru",
            "a(b)@c.ru",
            "a@-b.ru",
            "a@b-.ru",
            "a@b..ru",
            "a@b.ru.",
            "a@.ru",
            "a@b_c.ru",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@b.c",
            "a@b,ru",
            "a@b.ru,c@d.ru",
            "Имя <a@b.ru>",
            "a\u{200b}@b.ru",
            "a@b.ru\n",
        ] {
            assert!(email(bad).is_err(), "{bad:?}");
        }
        assert!(email(&format!("{}@b.ru", "a".repeat(64))).is_ok());
        assert!(email(&format!("{}@b.ru", "a".repeat(65))).is_err());
        assert!(email(&format!("a@{}ru", "bcdefghi.".repeat(30))).is_err());
    }

    #[test]
    fn a_receipt_has_the_domain_as_machines_write_it() {
        assert_eq!(for_receipt("ivan@почта.рф"), "ivan@xn--80a1acny.xn--p1ai");
        assert_eq!(for_receipt("Ivan@mail.ru"), "Ivan@mail.ru");
    }

    proptest! {
        #[test]
        fn whatever_is_taken_goes_out_in_ascii(text in "[a-zа-я.+-]{0,12}@[a-zа-яё0-9.-]{0,20}") {
            if let Ok(address) = email(&text) {
                let sent = for_receipt(&address);
                prop_assert!(sent.is_ascii() && sent.len() <= 254 && sent.matches('@').count() == 1, "{sent}");
            }
        }
    }
}
