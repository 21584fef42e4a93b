//! Normalises names, and maps what drivers type instead of them.

/// Normalises a name or query for comparison: lower case, ё as е, single spaces between words.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'ё' => plain.push('е'),
            letter if letter.is_alphanumeric() => plain.push(letter),
            // A transliterated soft sign occurs within a word.
            '\'' | '’' | '`' | 'ʼ' => {}
            _ if !plain.is_empty() && !plain.ends_with(' ') => plain.push(' '),
            _ => {}
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// Drivers' nicknames of cities, and the full names.
const NICKNAMES: &[(&str, &str)] = &[
    ("мск", "москва"),
    ("спб", "санкт петербург"),
    ("питер", "санкт петербург"),
    ("екб", "екатеринбург"),
    ("ебург", "екатеринбург"),
    ("нск", "новосибирск"),
    ("нн", "нижний новгород"),
    ("рнд", "ростов на дону"),
    ("челяба", "челябинск"),
    ("крск", "красноярск"),
    ("крд", "краснодар"),
    ("владик", "владивосток"),
    ("влг", "волгоград"),
    ("магнитка", "магнитогорск"),
    ("минводы", "минеральные воды"),
    ("кмв", "минеральные воды"),
    ("хабара", "хабаровск"),
    ("кениг", "калининград"),
    ("архара", "архангельск"),
    ("тлт", "тольятти"),
    ("нурик", "новый уренгой"),
    ("птз", "петрозаводск"),
    ("уу", "улан удэ"),
    ("кзн", "казань"),
    ("нчелны", "набережные челны"),
    ("целиноград", "астана"),
    ("msk", "москва"),
    ("moskva", "москва"),
    ("spb", "санкт петербург"),
    ("ekb", "екатеринбург"),
    ("nsk", "новосибирск"),
    ("nn", "нижний новгород"),
];

/// The full name of a nickname.
pub fn nicknamed(plain: &str) -> Option<&'static str> {
    NICKNAMES.iter().find(|(nickname, _)| *nickname == plain).map(|(_, name)| *name)
}

/// The keys of both layouts, in keyboard order.
const LATIN_KEYS: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const RUSSIAN_KEYS: &str = "йцукенгшщзхъфывапролджэячсмитьбюё";

/// The text in the other keyboard layout; `None` if a key has no other letter.
pub fn other_layout(text: &str) -> Option<String> {
    let other = |letter: char| {
        let turn = |from: &str, to: &str| {
            let at = from.chars().position(|key| key == letter)?;
            to.chars().nth(at)
        };
        match letter {
            ' ' | '-' => Some(letter),
            _ => turn(LATIN_KEYS, RUSSIAN_KEYS).or_else(|| turn(RUSSIAN_KEYS, LATIN_KEYS)),
        }
    };
    text.to_lowercase().chars().map(other).collect()
}

/// The number of edits (change, delete, insert, swap of neighbours) that make `typed` a prefix of `name`; `None` if it
/// exceeds `most` (optimal string alignment distance).
pub fn typing_errors(typed: &[char], name: &[char], most: usize) -> Option<usize> {
    let name = &name[..name.len().min(typed.len() + most)];
    let width = name.len() + 1;
    // The second last, last and current row of the matrix, in one buffer because this runs for every name.
    let mut lines = vec![0; 3 * width];
    lines[..width].iter_mut().enumerate().for_each(|(column, errors)| *errors = column);
    for (row, letter) in typed.iter().enumerate() {
        let (line, last, before) = ((row + 1) % 3 * width, row % 3 * width, (row + 2) % 3 * width);
        lines[line] = row + 1;
        for (column, other) in name.iter().enumerate() {
            let mut least = (lines[last + column] + usize::from(letter != other))
                .min(lines[last + column + 1] + 1)
                .min(lines[line + column] + 1);
            if row > 0 && column > 0 && typed[row - 1] == *other && *letter == name[column - 1] {
                least = least.min(lines[before + column - 1] + 1);
            }
            lines[line + column + 1] = least;
        }
        if lines[line..line + width].iter().all(|errors| *errors > most) {
            return None;
        }
    }
    let last = typed.len() % 3 * width;
    lines[last..last + width].iter().copied().min().filter(|errors| *errors <= most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn errors(typed: &str, name: &str) -> Option<usize> {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        typing_errors(&letters(typed), &letters(name), 2)
    }

    #[test]
    fn names_are_compared_without_case_hyphens_dots_and_the_two_dots_of_yo() {
        for text in ["Ростов-на-Дону", " ростов  на дону ", "РОСТОВ.НА.ДОНУ", "ростов–на–дону"]
        {
            assert_eq!(plain(text), "ростов на дону");
        }
        assert_eq!(plain("Орёл"), plain("орел"));
        assert_eq!(plain("Arkhangel'sk"), "arkhangelsk");
        assert_eq!((plain("…"), plain("н.челны")), (String::new(), "н челны".to_owned()));
    }

    #[test]
    fn a_forgotten_keyboard_is_understood_both_ways() {
        assert_eq!(other_layout("rfpfym").as_deref(), Some("казань"));
        assert_eq!(other_layout("Vjcrdf").as_deref(), Some("москва"));
        assert_eq!(other_layout("лфяфт").as_deref(), Some("kazan"));
        assert_eq!(other_layout("нн1"), None);
    }

    #[test]
    fn typing_errors_are_counted_at_the_beginning_of_a_name() {
        assert_eq!(errors("казань", "казань"), Some(0));
        assert_eq!(errors("каз", "казань"), Some(0), "more may follow");
        assert_eq!(errors("масква", "москва"), Some(1));
        assert_eq!(errors("мсоква", "москва"), Some(1), "two neighbours");
        assert_eq!(errors("екатиринбрг", "екатеринбург"), Some(2));
        assert_eq!(errors("казань", "рязань"), Some(2));
        assert_eq!(errors("казань", "москва"), None);
    }

    #[test]
    fn no_nickname_stands_twice() {
        for (at, (nickname, name)) in NICKNAMES.iter().enumerate() {
            assert_eq!(plain(nickname), *nickname);
            assert_eq!(plain(name), *name);
            assert!(NICKNAMES[..at].iter().all(|(other, _)| other != nickname), "{nickname}");
        }
    }

    proptest! {
        #[test]
        fn one_slip_of_the_finger_is_one_error(name in "[а-я]{4,12}", at in 0usize..12, letter in "[а-я]") {
            let mut typed: Vec<char> = name.chars().collect();
            let at = at % typed.len();
            typed[at] = letter.chars().next().unwrap();
            let typed: String = typed.into_iter().collect();
            prop_assert!(errors(&typed, &name).is_some_and(|errors| errors <= 1));
        }

        #[test]
        fn the_comparable_form_is_its_own(text in "\\PC*") {
            let once = plain(&text);
            prop_assert_eq!(plain(&once), once);
        }
    }
}
