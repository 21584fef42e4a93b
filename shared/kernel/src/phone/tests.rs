use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// The cases that the web app's tests read too.
fn cases() -> Value {
    serde_json::from_str(include_str!("../../../../tests/phones.json")).expect("the cases are JSON")
}

#[test]
fn a_number_is_understood_as_people_write_it() {
    for case in cases()["read"].as_array().expect("cases") {
        let (written, number) = (case[0].as_str().expect("a text"), case[1].as_str().expect("a number"));
        assert_eq!(parse(written).as_deref(), Ok(number), "{written:?}");
        assert!(is_callable(number), "{number}");
    }
}

#[test]
fn what_nobody_can_be_called_on_is_refused() {
    for case in cases()["refused"].as_array().expect("cases") {
        let written = case.as_str().expect("a text");
        assert!(parse(written).is_err(), "{written:?} {:?}", parse(written));
    }
    for anonymous in ["+888 0123 4567", "88801234567", "+8888123"] {
        assert_eq!(parse(anonymous), Err(Fault::Anonymous), "{anonymous}");
        assert_eq!(of_telegram(anonymous), Err(Fault::Anonymous), "{anonymous}");
    }
}

#[test]
fn the_number_of_an_account_is_international_unless_it_cannot_be() {
    for (told, number) in [
        ("79161234567", "+79161234567"),
        ("+79161234567", "+79161234567"),
        ("89161234567", "+79161234567"),
        ("80291234567", "+375291234567"),
        ("998901234567", "+998901234567"),
        ("84912345678", "+84912345678"),
        ("4915123456789", "+4915123456789"),
        ("8613812345678", "+8613812345678"),
    ] {
        assert_eq!(of_telegram(told).as_deref(), Ok(number), "{told}");
    }
    for told in ["", "112", "+7916123456", "791612345678"] {
        assert_eq!(of_telegram(told), Err(Fault::Malformed), "{told}");
    }
}

#[test]
fn what_was_kept_under_the_rules_before_stays_readable() {
    assert_eq!(kept("+79161234567"), "+79161234567");
    assert_eq!(kept("+89161234567"), "+79161234567");
    assert_eq!(kept("+70291234567"), "+375291234567", "it was typed as 8 029");
    for odd in ["+7916123456", "+88801234567", "+70001234567", "", "нет"] {
        assert_eq!(kept(odd), odd);
    }
}

#[test]
fn who_begins_to_type_a_number_may_mean_several() {
    for (typed, meant) in [
        ("+7 9161", &["+79161"][..]),
        ("8 916 12", &["+791612", "+891612"]),
        ("8 029 1", &["+375291", "+80291"]),
        ("99890", &["+799890", "+99890"]),
        ("810 375 29", &["+37529", "+81037529"]),
        ("8 (916) 123-45-67", &["+79161234567", "+89161234567"]),
        ("+70291234567", &["+70291234567"]),
        ("Иван", &[]),
        ("+", &[]),
        ("", &[]),
    ] {
        assert_eq!(beginnings(typed), meant, "{typed}");
    }
}

#[test]
fn a_text_loses_its_phones_and_nothing_else() {
    for (written, left) in [
        ("Доски, тел. 8 916 123-45-67", "Доски"),
        ("тел.: +7 (916) 123-45-67", ""),
        ("Кирпич 20 т 82 м³, 25.11.2026 08:30", "Кирпич 20 т 82 м³, 25.11.2026 08:30"),
        ("Трубы 12000х1020х10, 7 шт, ГОСТ 10704-91", "Трубы 12000х1020х10, 7 шт, ГОСТ 10704-91"),
        ("Контейнер 40 футов MSKU 1234567", "Контейнер 40 футов MSKU 1234567"),
    ] {
        assert_eq!(without(written.to_owned()), left);
    }
}

#[test]
fn a_field_may_hold_several_numbers_extensions_and_a_name() {
    let told = |text: &str| {
        let found = find(text);
        (found.phones.iter().map(Phone::to_string).collect::<Vec<_>>(), found.rest)
    };
    for (written, phones, rest) in [
        ("+7 916 123-45-67", &["+79161234567"][..], ""),
        ("8 916 123-45-67, 8 495 765-43-21 доб. 12", &["+79161234567", "+74957654321;ext=12"], ""),
        ("8 916 123-45-67 доб. 12, 8 903 111-22-33", &["+79161234567;ext=12", "+79031112233"], ""),
        ("89161234567 89031112233", &["+79161234567", "+79031112233"], ""),
        ("8 916 123 45 67 8 903 111 22 33", &["+79161234567", "+79031112233"], ""),
        ("+79161234567/+79031112233", &["+79161234567", "+79031112233"], ""),
        ("+79161234567\n8 029 123-45-67", &["+79161234567", "+375291234567"], ""),
        ("8(495)123-45-67(доб.117)", &["+74951234567;ext=117"], ""),
        ("8 495 123-45-67, внутренний 4", &["+74951234567;ext=4"], ""),
        ("+74951234567;ext=12", &["+74951234567;ext=12"], ""),
        ("+1 212 555 0123 x99", &["+12125550123;ext=99"], ""),
        ("Иванов Сергей Петрович, +7 900 000-36-17", &["+79000003617"], "Иванов Сергей Петрович"),
        ("тел. 8 900 000 36 17 (Анна)", &["+79000003617"], "Анна"),
        ("моб.: 89000003617", &["+79000003617"], ""),
        ("998901234567", &["+998901234567"], ""),
        ("\u{200e}+7 916 123\u{2011}45\u{2011}67\u{202c}", &["+79161234567"], ""),
        ("8 916 123-45-67; 8 (916) 123 45 67", &["+79161234567"], ""),
        ("12-34-56", &[], "12-34-56"),
        ("+7 916 123-45-6", &[], "+7 916 123-45-6"),
        ("нет", &[], "нет"),
        ("", &[], ""),
    ] {
        let (found, other) = told(written);
        assert_eq!(found, phones, "{written:?}");
        assert_eq!(other, rest.trim_start_matches('+'), "{written:?}");
    }
}

#[test]
fn no_country_code_begins_with_another() {
    let codes: Vec<_> = PLANS.plans.iter().map(|plan| &plan.code).chain(&PLANS.codes).collect();
    for (at, code) in codes.iter().enumerate() {
        assert!(codes.iter().enumerate().all(|(other, known)| other == at || !code.starts_with(*known)), "{code}");
    }
}

proptest! {
    #[test]
    fn what_is_understood_is_understood_again(text in "[0-9+() .-]{0,24}") {
        if let Ok(number) = parse(&text) {
            prop_assert!(number.starts_with('+') && (9..=16).contains(&number.len()));
            prop_assert!(number[1..].bytes().all(|b| b.is_ascii_digit()));
            prop_assert_eq!(parse(&number), Ok(number.clone()));
            prop_assert_eq!(of_telegram(&number), Ok(number.clone()));
            prop_assert_eq!(kept(&number), number);
        }
    }

    #[test]
    fn every_number_of_a_plan_is_read_in_each_way_to_write_it(plan in 0..PLANS.plans.len(), start in any::<prop::sample::Index>(), tail in "[0-9]{10}") {
        let plan = &PLANS.plans[plan];
        let number: String = format!("{}{tail}", start.get(&plan.starts)).chars().take(plan.lengths[0]).collect();
        let whole = format!("+{}{number}", plan.code);
        let grouped = format!("+{} ({}) {}-{}", plan.code, &number[..2], &number[2..5], &number[5..]);
        for written in [&whole, &whole[1..].to_owned(), &grouped, &format!("\u{202a}{whole}\u{202c}")] {
            prop_assert_eq!(parse(written), Ok(whole.clone()), "{}", written);
            let found = find(&format!("{written}, доб. 12")).phones;
            prop_assert_eq!(found, vec![Phone { number: whole.clone(), extension: Some("12".into()) }]);
        }
    }

    #[test]
    fn no_text_panics_and_what_is_found_can_be_called(text in "\\PC{0,60}", digits in "[0-9+(), ;/x#доб.-]{0,60}") {
        for text in [text, digits] {
            let _ = (parse(&text), of_telegram(&text), kept(&text), beginnings(&text));
            for phone in find(&text).phones {
                prop_assert!(is_callable(&phone.number), "{}", phone);
                prop_assert_eq!(find(&phone.to_string()).phones, vec![phone]);
            }
        }
    }
}
