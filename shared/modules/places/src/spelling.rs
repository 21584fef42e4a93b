//! Normalises names, and maps what drivers type instead of them.
use crate::cases::is_word_in_a_case;

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
    ("йобург", "екатеринбург"),
    ("ектб", "екатеринбург"),
    ("нск", "новосибирск"),
    ("нн", "нижний новгород"),
    ("рнд", "ростов на дону"),
    ("ростов", "ростов на дону"),
    ("челяба", "челябинск"),
    ("крск", "красноярск"),
    ("крд", "краснодар"),
    // In Tajik, this is Красноярск.
    ("краснодор", "краснодар"),
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
    ("челны", "набережные челны"),
    ("нчелны", "набережные челны"),
    ("набчелны", "набережные челны"),
    ("тагил", "нижний тагил"),
    ("комсомольск", "комсомольск на амуре"),
    ("целиноград", "астана"),
    ("джамбул", "тараз"),
    ("чарджоу", "туркменабад"),
    ("невинка", "невинномысск"),
    ("msk", "москва"),
    ("moskva", "москва"),
    ("spb", "санкт петербург"),
    ("ekb", "екатеринбург"),
    ("nsk", "новосибирск"),
    ("nn", "нижний новгород"),
];

/// The full name of a nickname, in whatever case it is.
pub fn nicknamed(plain: &str) -> Option<&'static str> {
    NICKNAMES.iter().find(|(nickname, _)| is_word_in_a_case(plain, nickname)).map(|(_, name)| *name)
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

/// Latin letters of a transliterated Russian word, the longest first, and what they stand for.
const TRANSLITERATED: &[(&str, &str)] = &[
    ("shch", "щ"),
    ("sch", "щ"),
    ("sh", "ш"),
    ("ch", "ч"),
    ("zh", "ж"),
    ("kh", "х"),
    ("ts", "ц"),
    ("yu", "ю"),
    ("ju", "ю"),
    ("ya", "я"),
    ("ja", "я"),
    ("yo", "е"),
    ("ye", "е"),
    ("a", "а"),
    ("b", "б"),
    ("c", "ц"),
    ("d", "д"),
    ("e", "е"),
    ("f", "ф"),
    ("g", "г"),
    ("h", "х"),
    ("i", "и"),
    ("j", "й"),
    ("k", "к"),
    ("l", "л"),
    ("m", "м"),
    ("n", "н"),
    ("o", "о"),
    ("p", "п"),
    ("r", "р"),
    ("s", "с"),
    ("t", "т"),
    ("u", "у"),
    ("v", "в"),
    ("y", "ы"),
    ("z", "з"),
    (" ", " "),
];

/// A normalised text in Cyrillic letters; `None` if it is not a transliteration.
pub fn in_cyrillic(latin: &str) -> Option<String> {
    let mut cyrillic = String::with_capacity(2 * latin.len());
    let mut rest = latin;
    while !rest.is_empty() {
        let (letters, meant) = TRANSLITERATED.iter().find(|(letters, _)| rest.starts_with(letters))?;
        let is_after_vowel = cyrillic.ends_with(['а', 'е', 'и', 'о', 'у', 'ы', 'ю', 'я']);
        cyrillic.push_str(if *letters == "y" && is_after_vowel { "й" } else { meant });
        rest = &rest[letters.len()..];
    }
    Some(cyrillic)
}

/// The shortest text that is searched with one typing error, and with two.
const LONG_ENOUGH: [usize; 2] = [4, 7];

/// Counts the typing errors that make a query the beginning of a name. Keeps its memory between names.
pub struct TypingErrors {
    typed: Vec<char>,
    letters: u64,
    /// The most errors that a query of this length may have.
    most: usize,
    name: Vec<char>,
    /// The second last, last and current row of the matrix.
    lines: Vec<usize>,
}

impl TypingErrors {
    pub fn of(query: &str) -> Self {
        let typed: Vec<char> = query.chars().collect();
        let most = LONG_ENOUGH.iter().filter(|length| typed.len() >= **length).count();
        Self { typed, letters: letters(query), most, name: Vec::new(), lines: Vec::new() }
    }

    /// The number of errors, and whether they leave no more than a letter of the name untyped; `None` if they are too
    /// many.
    pub fn up_to(&mut self, name: &str) -> Option<(usize, bool)> {
        // Most names lack too many of the letters: each error explains one.
        let missing = (self.letters & !letters(name)).count_ones() as usize;
        if missing > self.most || self.most == 0 {
            return None;
        }
        self.name.clear();
        self.name.extend(name.chars());
        let is_whole = self.name.len() <= self.typed.len() + 1;
        self.name.truncate(self.typed.len() + self.most);
        self.edits().map(|errors| (errors, is_whole))
    }

    /// The number of edits (change, delete, insert, swap of neighbours) that make the query a prefix of the name; `None`
    /// if they are too many (optimal string alignment distance).
    fn edits(&mut self) -> Option<usize> {
        let (typed, name, most) = (&self.typed, &self.name, self.most);
        let width = name.len() + 1;
        self.lines.clear();
        self.lines.extend(0..width);
        self.lines.resize(3 * width, 0);
        let lines = &mut self.lines;
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
}

/// The set of a text's letters, some of which share a bit.
fn letters(text: &str) -> u64 {
    text.chars().fold(0, |letters, letter| letters | 1 << (u32::from(letter) % u64::BITS))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn errors(typed: &str, name: &str) -> Option<usize> {
        TypingErrors::of(typed).up_to(name).map(|(errors, _)| errors)
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
    fn latin_letters_are_read_as_russian_ones() {
        for (latin, cyrillic) in [
            ("minvody", "минводы"),
            ("shchelkovo", "щелково"),
            ("bataysk", "батайск"),
            ("rostov na donu", "ростов на дону"),
            ("ryazan", "рязан"),
        ] {
            assert_eq!(in_cyrillic(latin).as_deref(), Some(cyrillic));
        }
        assert_eq!((in_cyrillic("омск"), in_cyrillic("omsk 2")), (None, None));
    }

    #[test]
    fn typing_errors_are_counted_at_the_beginning_of_a_name() {
        assert_eq!(errors("казань", "казань"), Some(0));
        assert_eq!(errors("каза", "казань"), Some(0), "more may follow");
        assert_eq!(errors("масква", "москва"), Some(1));
        assert_eq!(errors("мсоква", "москва"), Some(1), "two neighbours");
        assert_eq!(errors("екатиринбрг", "екатеринбург"), Some(2));
        assert_eq!(errors("казань", "рязань"), None, "two in a short name");
        assert_eq!(errors("тальяти", "тольятти"), Some(2));
        assert_eq!(errors("уфы", "уфа"), None, "any in a very short one");
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
