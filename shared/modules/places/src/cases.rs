//! Recognises Russian names in another case than the dictionary's: «в Уфу», «из Нижнего Новгорода».

/// Endings of the nominative, and of the other cases in their place. The nominative without an ending needs a consonant
/// before it.
const ENDINGS: &[(&str, &[&str])] = &[
    ("ый", &["ого", "ому", "ом", "ым"]),
    ("ий", &["ого", "ому", "ом", "им", "его", "ему", "ем"]),
    ("ой", &["ого", "ому", "ом", "ым"]),
    ("ая", &["ой", "ую"]),
    ("яя", &["ей", "юю"]),
    ("ое", &["ого", "ому", "ом", "ым"]),
    ("ее", &["его", "ему", "ем", "им"]),
    ("ые", &["ых", "ым", "ыми"]),
    ("ие", &["их", "им", "ими"]),
    // A vowel between the last two consonants comes and goes: Елец, Городок, Орёл, Химки, Люберцы.
    ("ец", &["ца", "цу", "це", "цом", "ьца", "ьцу", "ьце", "ьцом"]),
    ("ок", &["ка", "ку", "ке", "ком"]),
    ("ел", &["ла", "лу", "ле", "лом"]),
    ("ки", &["ок", "ек"]),
    ("цы", &["ец"]),
    ("а", &["ы", "и", "е", "у", "ой"]),
    ("я", &["и", "е", "ю", "ей"]),
    ("ь", &["и", "ью", "я", "ю", "е", "ем"]),
    ("й", &["я", "ю", "е", "ем"]),
    ("о", &["а", "у", "е", "ом"]),
    ("е", &["я", "ю", "ем"]),
    ("ы", &["", "ов", "ам", "ах", "ами"]),
    ("и", &["", "ов", "ей", "ам", "ах", "ами", "ям", "ях", "ями"]),
    ("", &["а", "у", "е", "ом", "ым"]),
];

/// The shortest stem, in letters: that of «Уфа».
const SHORTEST_STEM: usize = 2;

/// Whether a word is a nominative or one of its other cases. Both are normalised.
pub fn is_word_in_a_case(typed: &str, nominative: &str) -> bool {
    typed == nominative || ENDINGS.iter().any(|(ending, cases)| is_declined(typed, nominative, ending, cases))
}

fn is_declined(typed: &str, nominative: &str, ending: &str, cases: &[&str]) -> bool {
    let Some(stem) = nominative.strip_suffix(ending) else { return false };
    let Some(rest) = typed.strip_prefix(stem) else { return false };
    let has_its_ending = !ending.is_empty() || !stem.ends_with(['а', 'е', 'и', 'о', 'у', 'ы', 'э', 'ю', 'я', 'ь', 'й']);
    has_its_ending && cases.contains(&rest) && stem.chars().count() >= SHORTEST_STEM
}

/// Whether all words of a name are typed, at least one of them in another case.
pub fn is_name_in_a_case(typed: &str, name: &str) -> bool {
    // Most names begin with another letter.
    if typed.chars().next() != name.chars().next() || typed == name {
        return false;
    }
    let (mut typed, mut name) = (typed.split(' '), name.split(' '));
    loop {
        match (typed.next(), name.next()) {
            (None, None) => return true,
            (Some(typed), Some(word)) if is_word_in_a_case(typed, word) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_every_case() {
        for (name, cases) in [
            ("уфа", "уфы уфе уфу уфой"),
            ("пермь", "перми пермью"),
            ("омск", "омска омску омском омске"),
            ("ярославль", "ярославля ярославлю ярославле"),
            ("иваново", "иванова иванове"),
            ("челны", "челнов челнам челнах"),
            ("химки", "химок химкам химках"),
            ("люберцы", "люберец люберцах"),
            ("елец", "ельца"),
            ("череповец", "череповца череповце"),
            ("орел", "орла орле"),
            ("волжский", "волжского волжском"),
            ("грозный", "грозного грозном"),
            ("ош", "оша оше"),
        ] {
            for case in cases.split(' ') {
                assert!(is_name_in_a_case(case, name), "{case}");
            }
        }
        for (typed, name) in [
            ("нижнего новгорода", "нижний новгород"),
            ("набережных челнов", "набережные челны"),
            ("великих лук", "великие луки"),
            ("ростове на дону", "ростов на дону"),
            ("старой руссы", "старая русса"),
        ] {
            assert!(is_name_in_a_case(typed, name), "{typed}");
        }
    }

    #[test]
    fn other_words_are_no_cases() {
        for (typed, name) in [
            ("казань", "рязань"),
            ("омск", "омск"),
            ("томск", "омск"),
            ("казаньа", "казань"),
            ("сочия", "сочи"),
            ("нижнего", "нижний новгород"),
            ("нижнего новгорода области", "нижний новгород"),
            ("яу", "я"),
        ] {
            assert!(!is_name_in_a_case(typed, name), "{typed}");
        }
    }
}
