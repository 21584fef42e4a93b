//! Understands what is typed around a name: «г. Казань, Татарстан», «в Киров Калужской обл.», «Москва, Россия».
use crate::Place;

/// A region or a country.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    country: &'static str,
    /// Its code in GeoNames; `None` for the whole country.
    region: Option<&'static str>,
}

impl Area {
    fn of((_, country, region): &(&str, &'static str, &'static str)) -> Self {
        Self { country, region: Some(*region).filter(|region| !region.is_empty()) }
    }

    pub fn has(self, place: &Place) -> bool {
        place.country == self.country && self.region.is_none_or(|region| region == place.region)
    }
}

/// What a query may mean: a name, and areas that tell its place from its namesakes.
#[derive(Debug, PartialEq)]
pub struct Reading {
    /// Empty if only areas are typed.
    pub name: String,
    pub areas: Vec<Area>,
}

impl Reading {
    /// The readings of a normalised query that leave words out, the likeliest first: a word that names an area may
    /// also be the name, as in «станица Ленинградская».
    pub fn of(query: &str) -> Vec<Self> {
        let words: Vec<_> = query.split(' ').collect();
        let rest = without_kinds(&words);
        let mut readings = Vec::new();
        if rest.len() < words.len() {
            readings.push(Self { name: rest.join(" "), areas: Vec::new() });
        }
        let (mut name, mut areas) = (Vec::new(), Vec::new());
        for (at, word) in rest.iter().enumerate() {
            let is_area = rest.get(at + 1).is_some_and(|next| KINDS_OF_AREA.contains(next));
            match area(word).or_else(|| if is_area { abbreviated(word) } else { None }) {
                Some(area) => areas.push((*word, area)),
                None if KINDS_OF_AREA.contains(word) => {}
                None => name.push(*word),
            }
        }
        if name.is_empty() && areas.iter().any(|(_, area)| *area != areas[0].1) {
            name.push(areas.remove(0).0);
        }
        if name.len() < rest.len() && !(name.is_empty() && areas.is_empty()) {
            let areas = areas.into_iter().map(|(_, area)| area).collect();
            readings.push(Self { name: without_kinds(&name).join(" "), areas });
        }
        readings
    }
}

/// The words without those around a name, of which at least one word stays.
fn without_kinds<'a, 'b>(mut words: &'b [&'a str]) -> &'b [&'a str] {
    while let [first, rest @ ..] = words
        && (PREPOSITIONS.contains(first) || KINDS.contains(first))
        && !rest.is_empty()
    {
        words = rest;
    }
    while let [rest @ .., last] = words
        && KINDS.contains(last)
        && !rest.is_empty()
    {
        words = rest;
    }
    words
}

const PREPOSITIONS: &[&str] = &["в", "во", "до", "из", "к", "на", "от", "с", "со"];

/// Kinds of settlements, before a name or after it.
const KINDS: &[&str] = &[
    "г",
    "гор",
    "город",
    "города",
    "городе",
    "п",
    "пос",
    "поселок",
    "поселка",
    "поселке",
    "пгт",
    "рп",
    "с",
    "село",
    "села",
    "селе",
    "ст",
    "станица",
    "станицы",
    "станице",
    "ца",
    "станция",
    "д",
    "дер",
    "деревня",
    "х",
    "хутор",
    "аул",
];

/// Kinds of areas, which have no name of their own; and what joins them.
const KINDS_OF_AREA: &[&str] = &[
    "обл",
    "область",
    "области",
    "край",
    "края",
    "крае",
    "респ",
    "республика",
    "республики",
    "республике",
    "ао",
    "автономный",
    "автономного",
    "округ",
    "округа",
    "округе",
    "рн",
    "район",
    "района",
    "районе",
    "и",
];

/// In letters.
const SHORTEST_ABBREVIATION: usize = 3;

/// Endings of the adjectives in [`AREAS`].
const ADJECTIVE: &[&str] = &["ая", "ой", "ую", "ий", "ого", "ому", "ом"];

/// The area that a word names. Of several beginnings the longest counts.
fn area(word: &str) -> Option<Area> {
    let known = |(beginning, ..): &&(&str, &str, &str)| match beginning.strip_suffix('.') {
        Some(whole) => word == whole,
        None => word.strip_prefix(beginning).is_some_and(|rest| {
            let is_adjective = beginning.ends_with("ск") || beginning.ends_with("цк");
            !is_adjective || ADJECTIVE.contains(&rest)
        }),
    };
    AREAS.iter().filter(known).max_by_key(|(beginning, ..)| beginning.len()).map(Area::of)
}

/// The area of a shortened word before a kind: «свердл. обл.».
fn abbreviated(word: &str) -> Option<Area> {
    let is_long_enough = word.chars().count() >= SHORTEST_ABBREVIATION;
    AREAS.iter().find(|(beginning, ..)| is_long_enough && beginning.starts_with(word)).map(Area::of)
}

/// Beginnings of the words that name an area, or with a dot the whole word; its country, and GeoNames' code of the region
/// unless it is the whole country. One that ends in «ск» or «цк» begins an adjective: «Томская» is a region, «Томск» and
/// «в Томске» are the city.
const AREAS: &[(&str, &str, &str)] = &[
    ("росси", "RU", ""),
    ("рф.", "RU", ""),
    ("адыге", "RU", "01"),
    ("алтай", "RU", "03"),
    ("алтайск", "RU", "04"),
    ("амурск", "RU", "05"),
    ("архангельск", "RU", "06"),
    ("астраханск", "RU", "07"),
    ("башк", "RU", "08"),
    ("белгородск", "RU", "09"),
    ("брянск", "RU", "10"),
    ("бурят", "RU", "11"),
    ("чечн", "RU", "12"),
    ("чечен", "RU", "12"),
    ("челябинск", "RU", "13"),
    ("чукот", "RU", "15"),
    ("чуваш", "RU", "16"),
    ("дагестан", "RU", "17"),
    ("ингуш", "RU", "19"),
    ("иркутск", "RU", "20"),
    ("ивановск", "RU", "21"),
    ("кбр.", "RU", "22"),
    ("кабардин", "RU", "22"),
    ("балкар", "RU", "22"),
    ("калининградск", "RU", "23"),
    ("калмык", "RU", "24"),
    ("калужск", "RU", "25"),
    ("кчр.", "RU", "27"),
    ("карачаев", "RU", "27"),
    ("черкеси", "RU", "27"),
    ("карел", "RU", "28"),
    ("кемеровск", "RU", "29"),
    ("кузбасс", "RU", "29"),
    ("хабаровск", "RU", "30"),
    ("хакас", "RU", "31"),
    ("хмао.", "RU", "32"),
    ("югра", "RU", "32"),
    ("кировск", "RU", "33"),
    ("коми.", "RU", "34"),
    ("костромск", "RU", "37"),
    ("краснодарск", "RU", "38"),
    ("кубань", "RU", "38"),
    ("кубани", "RU", "38"),
    ("курганск", "RU", "40"),
    ("курск", "RU", "41"),
    ("ленинградск", "RU", "42"),
    ("ленобл", "RU", "42"),
    ("ло.", "RU", "42"),
    ("липецк", "RU", "43"),
    ("магаданск", "RU", "44"),
    ("марий.", "RU", "45"),
    ("эл.", "RU", "45"),
    ("мордов", "RU", "46"),
    ("московск", "RU", "47"),
    ("подмосков", "RU", "47"),
    ("мо.", "RU", "47"),
    ("москва.", "RU", "48"),
    ("мск.", "RU", "48"),
    ("мурманск", "RU", "49"),
    ("ненецк", "RU", "50"),
    ("нижегородск", "RU", "51"),
    ("новгородск", "RU", "52"),
    ("новосибирск", "RU", "53"),
    ("омск", "RU", "54"),
    ("оренбургск", "RU", "55"),
    ("орловск", "RU", "56"),
    ("пензенск", "RU", "57"),
    ("приморск", "RU", "59"),
    ("приморье", "RU", "59"),
    ("псковск", "RU", "60"),
    ("ростовск", "RU", "61"),
    ("рязанск", "RU", "62"),
    ("якути", "RU", "63"),
    ("саха.", "RU", "63"),
    ("сахалин", "RU", "64"),
    ("самарск", "RU", "65"),
    ("спб.", "RU", "66"),
    ("саратовск", "RU", "67"),
    ("осети", "RU", "68"),
    ("алания", "RU", "68"),
    ("рсо.", "RU", "68"),
    ("смоленск", "RU", "69"),
    ("ставропольск", "RU", "70"),
    ("ставрополье", "RU", "70"),
    ("свердловск", "RU", "71"),
    ("тамбовск", "RU", "72"),
    ("татар", "RU", "73"),
    ("томск", "RU", "75"),
    ("тульск", "RU", "76"),
    ("тверск", "RU", "77"),
    ("тюменск", "RU", "78"),
    ("тыва", "RU", "79"),
    ("тува", "RU", "79"),
    ("удмурт", "RU", "80"),
    ("ульяновск", "RU", "81"),
    ("владимирск", "RU", "83"),
    ("волгоградск", "RU", "84"),
    ("вологодск", "RU", "85"),
    ("воронежск", "RU", "86"),
    ("янао.", "RU", "87"),
    ("ямал", "RU", "87"),
    ("ярославск", "RU", "88"),
    ("еврейск", "RU", "89"),
    ("еао.", "RU", "89"),
    ("пермск", "RU", "90"),
    ("красноярск", "RU", "91"),
    ("камчат", "RU", "92"),
    ("забайкал", "RU", "93"),
    ("крым.", "UA", "11"),
    ("беларус", "BY", ""),
    ("белорус", "BY", ""),
    ("казахстан", "KZ", ""),
    ("украин", "UA", ""),
    ("днр.", "UA", "05"),
    ("лнр.", "UA", "14"),
    ("узбек", "UZ", ""),
    ("кирги", "KG", ""),
    ("кыргыз", "KG", ""),
    ("таджик", "TJ", ""),
    ("армени", "AM", ""),
    ("грузи", "GE", ""),
    ("азербайдж", "AZ", ""),
    ("молдов", "MD", ""),
    ("молдав", "MD", ""),
    ("туркмен", "TM", ""),
    ("китай", "CN", ""),
    ("китае", "CN", ""),
    ("турци", "TR", ""),
    ("польш", "PL", ""),
    ("монголи", "MN", ""),
    ("финлянд", "FI", ""),
    ("эстони", "EE", ""),
    ("латви", "LV", ""),
    ("литв", "LT", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Vec<(String, Vec<(&'static str, &'static str)>)> {
        let codes = |area: Area| (area.country, area.region.unwrap_or_default());
        let plain = |reading: Reading| (reading.name, reading.areas.into_iter().map(codes).collect());
        Reading::of(query).into_iter().map(plain).collect()
    }

    #[test]
    fn the_words_around_a_name_are_left_out() {
        let named = |name: &str| (name.to_owned(), Vec::new());
        assert_eq!(read("в казань"), [named("казань")]);
        assert_eq!(read("г набережные челны"), [named("набережные челны")]);
        assert_eq!(read("москва рф"), [("москва".into(), vec![("RU", "")])]);
        assert_eq!(read("киров калужской обл"), [("киров".into(), vec![("RU", "25")])]);
        assert_eq!(read("республика татарстан г казань").last(), Some(&("казань".into(), vec![("RU", "73")])));
        assert_eq!(read("екат свердл обл").last(), Some(&("екат".into(), vec![("RU", "71")])));
        assert_eq!(read("саха якутия"), [(String::new(), vec![("RU", "63"), ("RU", "63")])]);
        assert_eq!(read("казань г татарстан респ").last(), Some(&("казань".into(), vec![("RU", "73")])));
        assert_eq!(read("московская область"), [(String::new(), vec![("RU", "47")])]);
        assert_eq!(read("казань россия татарстан"), [("казань".into(), vec![("RU", ""), ("RU", "73")])]);
    }

    #[test]
    fn a_name_that_is_also_an_area_stays_a_name() {
        let leningradskaya = "ленинградская".to_owned();
        assert_eq!(
            read("станица ленинградская краснодарский край").last(),
            Some(&(leningradskaya.clone(), vec![("RU", "38")]))
        );
        assert_eq!(read("станица ленинградская")[0], (leningradskaya, Vec::new()));
        for query in
            ["томск", "каменск уральский", "нижний новгород", "в", "ростов на дону", "омске", "город", "область"]
        {
            assert_eq!(read(query), [], "{query}");
        }
    }
}
