//! The comment of a cargo, as logisticians write it.

use fastrand::Rng;

use super::catalog::{Cargo, Payment};
use super::companies::Person;
use super::stream;
use super::vocabulary::{Body, CARGO_KINDS, load};

/// The `note` of a cargo's `extra`.
#[derive(PartialEq, Debug)]
pub enum Note {
    /// The field is not there.
    Absent,
    /// The field is null.
    Null,
    /// What somebody wrote, at times nothing.
    Text(String),
}

const WITH_VAT: &[&str] = &[
    "Оплата с НДС, 10 банковских дней по оригиналам",
    "с НДС 22%, отсрочка 15 б.д.",
    "Безнал с НДС, оплата 5-7 раб. дней по сканам + квиток",
    "Оплата с ндс 20-25 к.д. с момента получения оригиналов",
    "Ставка указана с НДС, без НДС минус 12%",
    "с НДС, ЭДО Диадок, оплата 7 дней",
    "оплата по ЭТрН через 14 календарных дней, с НДС",
];
const WITHOUT_VAT: &[&str] = &[
    "Оплата 3-5 дн по сканам, без НДС",
    "без НДС, 5-7 б/д по оригиналам ТТН",
    "Безнал б/ндс, оплата через 2-3 дня по сканам",
    "Без НДС. Отсрочка 10 рабочих дней",
    "б/н без НДС (ИП, УСН подойдут), 7 б.д. по факсимильным копиям",
    "оплата на 5 день по копиям документов без НДС",
];
const CASH: &[&str] = &[
    "Нал на выгрузке",
    "Оплата на карту сразу после выгрузки",
    "наличка, 50% предоплата на погрузке, остаток на выгрузке",
    "Оплата по факту выгрузки на карту водителя",
    "НАЛ, аванс на топливо даём",
];
const BARGAIN: &[&str] = &[
    "торг уместен",
    "без торга",
    "Предлагайте свою ставку",
    "ставка окончательная, посредникам не звонить",
    "хорошему перевозчику добавим",
    "Торг при звонке",
];
const STRAPS: &[&str] = &[
    "Нужны 2 коника и 10 ремней",
    "ремни 8 шт обязательно",
    "Коники, ремни, уголки под ремни",
    "Крепёж: ремни не менее 10 шт., противоскользящие коврики",
    "борта+коники, доски под груз свои",
    "стяжки с храповиком 12 шт, цепи не надо",
];
const PALLETS: &[&str] = &[
    "33 паллета, европаллеты в 1 ярус",
    "Груз на паллетах, палеты без обмена",
    "обмен поддонов 1 к 1!!!",
    "внавал, пересчёт мест водителем",
    "коробки, ручная выгрузка 1,5-2 ч, грузчики есть",
    "Паллеты 120х80 выс. 1,8, вверх ничего не ставить",
];
const SMALL_LOTS: &[&str] = &[
    "2 паллета, 1 место не кантовать",
    "Коробки, помощь водителя на погрузке",
    "4 места, длина до 3 м",
    "6 европаллет, гидроборт приветствуется",
    "мелкий опт, 3 точки выгрузки в городе",
    "Хрупкое! везти аккуратно",
];
const FLOOR: &[&str] = &[
    "Пол ровный, сухой, без дыр и запаха",
    "Полуприцеп чистый, без посторонних запахов, тент целый",
    "тент без дыр, груз боится влаги",
    "Кузов внутри сухой и чистый, фото перед погрузкой",
];
const UNCOVERED: &[&str] = &[
    "растентовка верх+бок, документы на всех водителей",
    "Полная растентовка + снятие стоек, без этого не грузят",
    "нужна расстентовка, кран-балка",
    "загрузка верхом краном, сдвижная крыша приветствуется",
];
const PAPERS: &[&str] = &[
    "Документы: паспорт, ВУ, СТС, доверенность, договор-заявка",
    "Водитель граждане РФ",
    "граждане РФ, РБ, СНГ с патентом",
    "Пропуск на завод заказываем за сутки, данные водителя и ТС сразу",
    "ТТН, ТрН 4 экз., печати на выгрузке обязательно",
    "Оригиналы документов отправить почтой в течение 3 дней после выгрузки",
    "ЭПД, приложение поставить на погрузке",
    "нужен чистый страховой полис от 5 млн.",
];
const TIMES: &[&str] = &[
    "выгрузка 24/7",
    "Погрузка строго с 8 до 12, опоздание штраф 3000",
    "Погрузка с 9-00 до 18-00, обед 12-13",
    "погр. до 16.00, выгр. на след. день с утра",
    "Грузимся день в день, машина нужна сейчас",
    "Тайм слот на РЦ 06:30, опаздывать нельзя",
    "простой 1000 р/час после 4х часов",
    "загрузка в две точки рядом, 3 км между складами",
    "Очередь на выгрузке бывает до 6ч, простой оплачиваем",
    "возможна погрузка в выходные",
];
const MOSCOW: &[&str] = &[
    "выгрузка МКАД, пропуск делаем сами",
    "Выгрузка внутри МКАД ночью, пропуск обязателен",
    "ТТК, только с пропуском (дневной)",
    "За МКАД 12 км, заезд свободный",
];
const CHILLED: &[&str] = &[
    "Темп. режим +2 +6, термописец",
    "t +4...+6, распечатка термографа на выгрузке обязательно",
    "режим +2+4 на всём пути, медкнижка, санобработка",
    "Темпер +10 +14, мед. книжка водителя",
    "реф +5, продувка перед погрузкой, сан паспорт",
];
const FROZEN: &[&str] = &[
    "Температура -18, термолента",
    "Реф -18 -20, захолодить кузов до погрузки!",
    "режим минус 18, мед книжка + санобработка не старше 10 дн",
    "-20 и ниже, распечатка с термописца, иначе не примут",
];
const MACHINE: &[&str] = &[
    "Габарит 3,4 м шир, 3,9 выс. Разрешение ваше",
    "трал низкорамный от 40 тн, заезд своим ходом по аппарелям",
    "Негабарит, сопровождение организуем",
    "цепи 8 шт, трапы, высота площадки до 90 см",
];
const BULK: &[&str] = &[
    "Полог обязателен",
    "Самосвальная выгрузка назад, высота борта от 1,6",
    "Очередь по записи, анализ на въезде",
    "работа постоянная, рейсов 40, круглосуточно, весы на месте",
    "Загрузка экскаватором, вес по погрузке",
];
const CONTAINER: &[&str] = &[
    "Сдача порожнего в порт входит в ставку",
    "контейнер 40HC, снятие на терминале, пломба",
    "Линейный бланк отправим, сверхнормативное 5000/сутки",
];
const PARTIAL: &[&str] = &[
    "Можно догрузом",
    "догруз, 2,5 м площади пола",
    "пойдёт попутно, не выделенная",
    "Отдельной машиной или догруз — ставки разные, уточняйте",
];
const ROUND: &[&str] =
    &["КРУГОРЕЙС, обратно загрузим на след. день", "круговой рейс, ставка за круг", "Обратка есть сразу!"];
const SMALL_TALK: &[&str] = &[
    "Груз постоянный",
    "Машина нужна на постоянку",
    "Звонить, в чат не писать",
    "ватсап / телега",
    "только проверенные перевозчики, работаем по рекомендациям",
    "Посредникам просьба не беспокоить",
    "Готов к погрузке",
    "СРОЧНО!!!",
    "Горит!",
    "GPS на весь рейс",
    "Возможны варианты по датам +-1 день",
    "груз ценный, без стоянок на трассе, охраняемые парковки",
    "ДТ талонами до 30% по желанию",
    "не раньше указаной даты",
    "&quot;Платон&quot; за наш счёт",
];
const LONG: &str = "Требования к транспорту и водителю: 1) полуприцеп не старше 10 лет, тент без порезов, \
все запоры исправны; 2) водитель в спецодежде, ботинки с жёстким носком, каска, жилет - без СИЗ на территорию \
завода не пускают; 3) наличие не менее 12 ремней и 4 коников; 4) запрещена перегрузка и передача груза третьим \
лицам без письменного согласования; 5) на связи круглосуточно, каждые 4 часа сообщать местоположение; \
6) при опоздании более 2 часов штраф 10% от ставки; 7) документы: ТрН 4 экз, УПД 2 экз, упаковочный лист, \
сертификаты - всё вернуть в оригинале. Проверка СБ занимает 1-2 часа, данные присылать в формате: ФИО, паспорт, \
телефон, ВУ, СТС тягача и прицепа, договор с собственником.";

// What people hurry over; applied to a part of the notes.
const SLIPS: &[(&str, &str)] = &[
    ("погрузк", "погурзк"),
    ("обязательно", "обязатльно"),
    ("документ", "докумет"),
    ("выгрузк", "выгруск"),
    ("оплата", "оплта"),
    ("водител", "вадител"),
    (", ", ","),
    (". ", " . "),
];

fn pick(rng: &mut Rng, from: &[&'static str]) -> String {
    from[rng.usize(..from.len())].to_owned()
}

/// The note of a cargo; `contact` is the person it tells to call.
pub fn note(cargo: &Cargo, contact: Option<&Person>) -> Note {
    let rng = &mut cargo.rng(stream::NOTE);
    match rng.u32(..100) {
        0..2 => return Note::Absent,
        2..9 => return Note::Null,
        9..13 => return Note::Text(String::new()),
        _ => {}
    }
    let mut parts = parts(rng, cargo);
    if let Some(person) = contact
        && rng.u32(..100) < 45
    {
        parts.push(call(rng, person));
    }
    // A cargo about which nothing was drawn still has its payment.
    if parts.is_empty() {
        parts.push(payment(rng, cargo));
    }
    if rng.u32(..10) < 3 {
        rng.shuffle(&mut parts);
    }
    Note::Text(style(rng, &parts))
}

fn payment(rng: &mut Rng, cargo: &Cargo) -> String {
    let terms = match cargo.payment {
        Payment::WithVat => WITH_VAT,
        Payment::WithoutVat => WITHOUT_VAT,
        Payment::Cash => CASH,
    };
    pick(rng, terms)
}

fn parts(rng: &mut Rng, cargo: &Cargo) -> Vec<String> {
    let mut parts = Vec::new();
    let mut maybe = |rng: &mut Rng, percent: u32, from: &[&'static str]| {
        if rng.u32(..100) < percent {
            parts.push(pick(rng, from));
        }
    };
    match CARGO_KINDS[cargo.kind].1 {
        // Lists that speak of a semi-trailer are not for a van.
        Body::Dry if cargo.weight_kg <= 5_000 => maybe(rng, 55, SMALL_LOTS),
        Body::Dry => {
            maybe(rng, 30, PALLETS);
            maybe(rng, 20, FLOOR);
            maybe(rng, 18, STRAPS);
        }
        Body::Chilled => maybe(rng, 92, CHILLED),
        Body::Frozen => maybe(rng, 92, FROZEN),
        Body::Open => maybe(rng, 65, STRAPS),
        Body::Machine => maybe(rng, 85, MACHINE),
        Body::Grain | Body::Loose | Body::Scrap => maybe(rng, 75, BULK),
        Body::Container => maybe(rng, 75, CONTAINER),
        Body::Liquid | Body::Trailer => maybe(rng, 60, PAPERS),
    }
    if cargo.loads & load::UNCOVERED != 0 {
        maybe(rng, 85, UNCOVERED);
    }
    maybe(rng, 35, TIMES);
    if cargo.finish().name == "Москва" {
        maybe(rng, 55, MOSCOW);
    }
    maybe(rng, 25, PAPERS);
    if cargo.partial {
        maybe(rng, 80, PARTIAL);
    }
    if cargo.round_trip {
        maybe(rng, 90, ROUND);
    }
    if cargo.weight_kg > 10_000 {
        maybe(rng, 3, &[LONG]);
    }
    maybe(rng, 22, SMALL_TALK);
    if rng.u32(..100) < 75 {
        parts.push(payment(rng, cargo));
    }
    if rng.u32(..100) < 25 {
        parts.push(pick(rng, BARGAIN));
    }
    parts
}

fn call(rng: &mut Rng, person: &Person) -> String {
    let name = person.first_name;
    let number = person.phone(rng.u32(..12));
    match rng.u32(..7) {
        0 => format!("звонить {}", dative(name)),
        1 => format!("Вопросы по тел. {number} {name}"),
        2 => format!("{name} {number} WhatsApp"),
        3 => format!("{name}, логист, отвечу быстро"),
        4 => format!("тел {number}"),
        5 => format!("Конт. лицо: {name}, {number} (с 9 до 20 по мск)"),
        _ => format!("Звонить {}: {number}", dative(name)),
    }
}

/// «звонить Сергею»: the name after "call".
fn dative(name: &str) -> String {
    let (stem, last) = name.char_indices().next_back().map_or((name, ' '), |(at, last)| (&name[..at], last));
    match last {
        'й' => format!("{stem}ю"),
        'я' => format!("{stem}{}", if name.ends_with("ия") { 'и' } else { 'е' }),
        'а' => format!("{stem}е"),
        'ь' => format!("{stem}ю"),
        // Павел loses a vowel.
        'л' if name == "Павел" => "Павлу".to_owned(),
        _ => format!("{name}у"),
    }
}

fn style(rng: &mut Rng, parts: &[String]) -> String {
    let separator = match rng.u32(..100) {
        0..34 => ". ",
        34..62 => ", ",
        62..82 => "\n",
        82..88 => "\r\n",
        88..93 => " / ",
        93..96 => "<br>",
        _ => " ",
    };
    let mut text = parts.join(separator);
    match rng.u32(..100) {
        0..22 => text = text.to_lowercase(),
        22..26 => text = text.to_uppercase(),
        _ => {}
    }
    if rng.u32(..100) < 14 {
        let (right, wrong) = SLIPS[rng.usize(..SLIPS.len())];
        text = text.replacen(right, wrong, 2);
    }
    match rng.u32(..100) {
        0..5 => text.push(' '),
        5..9 => text.insert_str(0, "  "),
        9..12 => text.push_str(" 🚛"),
        12..30 => text.push('.'),
        30..33 => text.push_str("\n\n"),
        _ => {}
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_put_into_the_dative() {
        for (name, dative_form) in
            [("Сергей", "Сергею"), ("Марина", "Марине"), ("Юлия", "Юлии"), ("Павел", "Павлу"), ("Игорь", "Игорю")]
        {
            assert_eq!(dative(name), dative_form);
        }
    }
}
