//! The words of the trade: truck types, load types and what is carried.

/// A dictionary entry `{id, name, short_name}`. The ids are neither contiguous nor shared between the dictionaries, so
/// that nobody hard-codes them.
pub struct Term {
    /// Id inside its dictionary.
    pub id: u32,
    /// Full name.
    pub name: &'static str,
    /// The abbreviation that drivers use.
    pub short_name: &'static str,
}

const fn term(id: u32, name: &'static str, short_name: &'static str) -> Term {
    Term { id, name, short_name }
}

/// Truck types. A cargo's set of them is a bit mask over this slice.
pub const TRUCK_TYPES: &[Term] = &[
    term(1, "тент", "тент"),
    term(2, "изотерм", "изот"),
    term(3, "рефрижератор", "реф"),
    term(5, "фургон", "фург"),
    term(6, "бортовой", "борт"),
    term(8, "контейнеровоз", "конт-воз"),
    term(11, "открытый", "откр"),
    term(12, "все закрытые + изотерм", "закр+изот"),
    term(14, "танк-контейнер 20'", "танк 20'"),
    term(15, "танк-контейнер 40'", "танк 40'"),
    term(17, "контейнер", "конт"),
    term(19, "цельнометаллический", "ц/м"),
    term(21, "манипулятор", "манип"),
    term(22, "ломовоз", "лом"),
    term(24, "седельный тягач", "тягач"),
    term(25, "трал", "трал"),
    term(28, "зерновоз", "зерн"),
    term(29, "тонар", "тонар"),
];

/// Load types. A cargo's set of them is a bit mask over this slice.
pub const LOAD_TYPES: &[Term] = &[
    term(2, "задняя", "зад"),
    term(3, "верхняя", "верх"),
    term(4, "боковая", "бок"),
    term(7, "с полной растентовкой", "раст"),
    term(9, "аппарели", "апп"),
];

/// Bits of [`TRUCK_TYPES`].
pub mod truck {
    /// Tarpaulin.
    pub const TENT: u32 = 1;
    /// Insulated.
    pub const ISOTHERM: u32 = 1 << 1;
    /// Refrigerated.
    pub const REFRIGERATOR: u32 = 1 << 2;
    /// Box van.
    pub const VAN: u32 = 1 << 3;
    /// Flatbed with side boards.
    pub const FLATBED: u32 = 1 << 4;
    /// Container chassis.
    pub const CONTAINER_CHASSIS: u32 = 1 << 5;
    /// Any open body.
    pub const OPEN: u32 = 1 << 6;
    /// Any closed body, insulated ones included.
    pub const ANY_CLOSED: u32 = 1 << 7;
    /// Tank container, 20 feet.
    pub const TANK_20: u32 = 1 << 8;
    /// Tank container, 40 feet.
    pub const TANK_40: u32 = 1 << 9;
    /// Container.
    pub const CONTAINER: u32 = 1 << 10;
    /// All-metal van.
    pub const METAL_VAN: u32 = 1 << 11;
    /// Truck with a crane.
    pub const CRANE: u32 = 1 << 12;
    /// Scrap carrier.
    pub const SCRAP: u32 = 1 << 13;
    /// Tractor unit alone.
    pub const TRACTOR: u32 = 1 << 14;
    /// Low loader.
    pub const LOW_LOADER: u32 = 1 << 15;
    /// Grain truck.
    pub const GRAIN: u32 = 1 << 16;
    /// Tipping semi-trailer.
    pub const TIPPER: u32 = 1 << 17;
}

/// Bits of [`LOAD_TYPES`].
pub mod load {
    /// From the back.
    pub const REAR: u32 = 1;
    /// From above.
    pub const TOP: u32 = 1 << 1;
    /// From the side.
    pub const SIDE: u32 = 1 << 2;
    /// With the whole tarpaulin taken off.
    pub const UNCOVERED: u32 = 1 << 3;
    /// Over ramps.
    pub const RAMPS: u32 = 1 << 4;
}

/// The terms of `terms` whose bit is set in `mask`.
pub fn selected(terms: &'static [Term], mask: u32) -> impl Iterator<Item = &'static Term> {
    terms.iter().enumerate().filter(move |(bit, _)| mask & (1 << bit) != 0).map(|(_, term)| term)
}

/// What a cargo asks of the truck's body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Body {
    /// Any closed body.
    Dry,
    /// Above zero.
    Chilled,
    /// Below zero.
    Frozen,
    /// Long or heavy pieces that are loaded from the side or from above.
    Open,
    /// Grain and the like.
    Grain,
    /// Sand, gravel, coal.
    Loose,
    /// Scrap metal.
    Scrap,
    /// Machines on a low loader.
    Machine,
    /// A sea container.
    Container,
    /// A tank container.
    Liquid,
    /// A trailer without a tractor.
    Trailer,
}

/// Kinds of cargo with the body they need.
pub const CARGO_KINDS: &[(&str, Body)] = &[
    ("Стройматериалы", Body::Dry),
    ("Сухие строительные смеси", Body::Dry),
    ("Продукты питания", Body::Dry),
    ("ТНП", Body::Dry),
    ("Оборудование и запчасти", Body::Dry),
    ("Бытовая техника", Body::Dry),
    ("Мебель", Body::Dry),
    ("Бумага", Body::Dry),
    ("Макулатура", Body::Dry),
    ("Напитки", Body::Dry),
    ("Вода питьевая", Body::Dry),
    ("Мука", Body::Dry),
    ("Сахар", Body::Dry),
    ("Масло растительное (бутылка)", Body::Dry),
    ("Консервы", Body::Dry),
    ("Корма для животных", Body::Dry),
    ("Удобрения в биг-бегах", Body::Dry),
    ("Пластик, полимеры", Body::Dry),
    ("Утеплитель", Body::Dry),
    ("Шины", Body::Dry),
    ("Кабель в барабанах", Body::Dry),
    ("Плитка керамическая", Body::Dry),
    ("Стеклотара", Body::Dry),
    ("Бытовая химия", Body::Dry),
    ("Лакокрасочные материалы", Body::Dry),
    ("Текстиль", Body::Dry),
    ("Одежда и обувь", Body::Dry),
    ("Сборный груз", Body::Dry),
    ("Груз на паллетах", Body::Dry),
    ("Древесный уголь", Body::Dry),
    ("Домашний переезд", Body::Dry),
    ("Торговое оборудование", Body::Dry),
    ("Автозапчасти", Body::Dry),
    ("Гипсокартон", Body::Dry),
    ("Фанера, ОСБ", Body::Dry),
    ("Табачная продукция", Body::Dry),
    ("Мясо охлаждённое", Body::Chilled),
    ("Молочная продукция", Body::Chilled),
    ("Овощи", Body::Chilled),
    ("Фрукты", Body::Chilled),
    ("Сыры", Body::Chilled),
    ("Колбасные изделия", Body::Chilled),
    ("Медикаменты", Body::Chilled),
    ("Цветы", Body::Chilled),
    ("Кондитерские изделия", Body::Chilled),
    ("Пиво", Body::Chilled),
    ("Яйцо куриное", Body::Chilled),
    ("Мясо замороженное", Body::Frozen),
    ("Рыба с/м", Body::Frozen),
    ("Мороженое", Body::Frozen),
    ("Куриная продукция с/м", Body::Frozen),
    ("Полуфабрикаты", Body::Frozen),
    ("Ягоды замороженные", Body::Frozen),
    ("Металлопрокат", Body::Open),
    ("Трубы", Body::Open),
    ("Арматура", Body::Open),
    ("Пиломатериалы", Body::Open),
    ("ЖБИ", Body::Open),
    ("Кирпич", Body::Open),
    ("Газобетон", Body::Open),
    ("Металлоконструкции", Body::Open),
    ("Сэндвич-панели", Body::Open),
    ("Профнастил", Body::Open),
    ("Бытовка", Body::Open),
    ("Пшеница", Body::Grain),
    ("Ячмень", Body::Grain),
    ("Подсолнечник", Body::Grain),
    ("Шрот", Body::Grain),
    ("Щебень", Body::Loose),
    ("Песок", Body::Loose),
    ("Уголь", Body::Loose),
    ("Соль техническая", Body::Loose),
    ("Металлолом", Body::Scrap),
    ("Экскаватор", Body::Machine),
    ("Спецтехника", Body::Machine),
    ("Трактор", Body::Machine),
    ("Негабаритный груз", Body::Machine),
    ("Контейнер 40 фут.", Body::Container),
    ("Контейнер 20 фут.", Body::Container),
    ("Масло наливом", Body::Liquid),
    ("Химия наливом", Body::Liquid),
    ("Перегон полуприцепа", Body::Trailer),
];
