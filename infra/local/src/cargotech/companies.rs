//! Invented shippers, forwarders and the people who answer their phones.
//!
//! Names are put together from common parts; taxpayer numbers (INN) have right checksums; phone numbers
//! come from blocks that are not given to subscribers.

use fastrand::Rng;

use super::{mix, stream};

/// A company that gives cargos to carry.
pub struct Company {
    /// Name with its legal form.
    pub name: String,
    /// Taxpayer number: 10 digits, 12 for a sole trader.
    pub inn: String,
}

/// How many companies give cargos.
pub const COMPANIES: u64 = 420;

const FIRST_PARTS: &[&str] = &[
    "Агро",
    "Алтай",
    "Альта",
    "Балт",
    "Бизнес",
    "Вектор",
    "Волга",
    "Восток",
    "Гранд",
    "Дельта",
    "Дон",
    "Евро",
    "Запад",
    "Интер",
    "Кама",
    "Карго",
    "Кубань",
    "Лес",
    "Магистраль",
    "Мет",
    "Нева",
    "Норд",
    "Ока",
    "Опт",
    "Прайм",
    "Пром",
    "Регион",
    "Север",
    "Сибирь",
    "Союз",
    "Стан",
    "Строй",
    "Техно",
    "Транс",
    "Урал",
    "Фуд",
    "Эко",
    "Юг",
];
const SECOND_PARTS: &[&str] = &[
    "Альянс",
    "Груз",
    "Инвест",
    "Комплект",
    "Лайн",
    "Логистик",
    "Маркет",
    "Монтаж",
    "Партнёр",
    "Поставка",
    "Продукт",
    "Ресурс",
    "Сервис",
    "Снаб",
    "Торг",
    "Трейд",
    "Холод",
    "Экспедиция",
];
const SURNAMES: &[&str] = &[
    "Абрамов",
    "Белов",
    "Власов",
    "Громов",
    "Дорохов",
    "Ершов",
    "Жилин",
    "Зотов",
    "Исаев",
    "Карпов",
    "Лаптев",
    "Мельников",
    "Носов",
    "Орлов",
    "Панин",
    "Рогов",
    "Савин",
    "Тарасов",
    "Устинов",
    "Фомин",
    "Хохлов",
    "Чернов",
    "Шубин",
    "Яшин",
];
const MEN: &[&str] = &[
    "Сергей",
    "Алексей",
    "Андрей",
    "Дмитрий",
    "Евгений",
    "Игорь",
    "Роман",
    "Артём",
    "Павел",
    "Максим",
    "Руслан",
    "Тимур",
    "Азамат",
    "Василий",
    "Виктор",
];
const WOMEN: &[&str] = &[
    "Марина",
    "Ольга",
    "Елена",
    "Анна",
    "Наталья",
    "Светлана",
    "Юлия",
    "Ирина",
    "Татьяна",
    "Екатерина",
    "Алёна",
    "Гульнара",
];
const PATRONYMICS: &[&str] = &["Сергеев", "Николаев", "Александров", "Иванов", "Викторов", "Юрьев", "Рашидов"];

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}

/// The company number `index` of the sandbox with this seed.
pub fn company(seed: u64, index: u64) -> Company {
    let mut rng = Rng::with_seed(mix([seed, stream::COMPANY, index]));
    if rng.u32(..100) < 14 {
        let name = format!(
            "ИП {} {}. {}.",
            pick(&mut rng, SURNAMES),
            pick(&mut rng, &['А', 'В', 'Д', 'Е', 'И', 'С']),
            pick(&mut rng, &['А', 'В', 'И', 'Н', 'П', 'С'])
        );
        let inn = sole_trader_inn(&mut rng);
        return Company { name, inn };
    }
    let core = format!("{}{}", pick(&mut rng, FIRST_PARTS), pick(&mut rng, SECOND_PARTS).to_lowercase());
    let name = match rng.u32(..10) {
        0 => format!("АО «{core}»"),
        1 => format!("ООО «ТД {core}»"),
        2 => format!("ООО «ТК {core}»"),
        3 => format!("ООО \"{core} Групп\""),
        4 => format!("ООО ПКФ «{core}»"),
        5 => format!("{core}, ООО"),
        _ => format!("ООО «{core}»"),
    };
    Company { name, inn: company_inn(&mut rng) }
}

const INN_WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];

// The check digit over `digits`: the weights end at the last digit.
fn inn_check_digit(digits: &[u32]) -> u32 {
    let weights = &INN_WEIGHTS[INN_WEIGHTS.len() - digits.len()..];
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11 % 10
}

fn inn_body(rng: &mut Rng, digits: usize) -> Vec<u32> {
    let office = pick(rng, &[77, 78, 50, 23, 16, 54, 66, 61, 63, 52, 74, 24]);
    let mut body = vec![office / 10, office % 10];
    body.extend((2..digits).map(|_| rng.u32(..10)));
    body
}

fn company_inn(rng: &mut Rng) -> String {
    let mut digits = inn_body(rng, 9);
    digits.push(inn_check_digit(&digits));
    digits.iter().map(u32::to_string).collect()
}

fn sole_trader_inn(rng: &mut Rng) -> String {
    let mut digits = inn_body(rng, 10);
    digits.push(inn_check_digit(&digits));
    digits.push(inn_check_digit(&digits));
    digits.iter().map(u32::to_string).collect()
}

/// A person who answers for a cargo.
pub struct Person {
    /// How the note calls them: the first name alone.
    pub first_name: &'static str,
    /// How the contact list writes them.
    pub full_name: String,
    /// The last digits of the phone number, `+7 900 000-xx-xx` or `+7 999 000-xx-xx`.
    number: u32,
}

/// Somebody invented.
pub fn person(rng: &mut Rng) -> Person {
    let is_woman = rng.bool();
    let first_name = pick(rng, if is_woman { WOMEN } else { MEN });
    let ending = if is_woman { "а" } else { "" };
    let full_name = match rng.u32(..10) {
        0..=3 => first_name.to_owned(),
        4..=5 => format!("{}{ending} {first_name}", pick(rng, SURNAMES)),
        6..=7 => {
            let patronymic = pick(rng, PATRONYMICS);
            format!("{first_name} {patronymic}{}", if is_woman { "на" } else { "ич" })
        }
        8 => format!("Логист {first_name}"),
        _ => format!("{first_name} (звонить до 18 МСК)"),
    };
    Person { first_name, full_name, number: rng.u32(..20_000) }
}

impl Person {
    /// The phone number in one of the ways people write it, chosen by `style`; every way names the same number.
    pub fn phone(&self, style: u32) -> String {
        let code = if self.number < 10_000 { 900 } else { 999 };
        let last = self.number % 10_000;
        let (a, b) = (last / 100, last % 100);
        match style % 12 {
            0..=4 => format!("+7{code}000{last:04}"),
            5..=6 => format!("+7 ({code}) 000-{a:02}-{b:02}"),
            7 => format!("8{code}000{last:04}"),
            8 => format!("8 {code} 000 {a:02} {b:02}"),
            9 => format!("8-{code}-000-{a:02}-{b:02}"),
            10 => format!("7{code}000{last:04}"),
            _ => format!("+7 {code} 000-{a:02}-{b:02} доб. {}", 100 + last % 90),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inn_check_digits_agree_with_published_examples() {
        assert_eq!(inn_check_digit(&[7, 7, 0, 7, 0, 8, 3, 8, 9]), 3);
        let twelve = [5, 0, 0, 1, 0, 0, 7, 3, 2, 2, 5, 9];
        assert_eq!(inn_check_digit(&twelve[..10]), twelve[10]);
        assert_eq!(inn_check_digit(&twelve[..11]), twelve[11]);
    }

    #[test]
    fn companies_are_the_same_for_the_same_seed_and_differ_between_indexes() {
        assert_eq!(company(1, 5).inn, company(1, 5).inn);
        let inns: std::collections::HashSet<_> = (0..COMPANIES).map(|index| company(1, index).inn).collect();
        assert_eq!(inns.len() as u64, COMPANIES);
        assert!(inns.iter().all(|inn| matches!(inn.len(), 10 | 12)));
    }

    #[test]
    fn every_style_of_a_phone_names_the_same_number() {
        let person = Person { first_name: "Анна", full_name: "Анна".into(), number: 10_042 };
        for style in 0..12 {
            let digits: String = person.phone(style).chars().filter(char::is_ascii_digit).collect();
            assert!(digits[1..].starts_with("9990000042"), "{digits}");
        }
    }
}
