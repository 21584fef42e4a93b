//! The demo people: drivers, and the dispatchers who answer them.
use serde::Serialize;

/// A person on Telegram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Driver {
    /// Telegram's id.
    pub id: i64,
    /// Never empty.
    pub first_name: &'static str,
    /// Empty for a person without one.
    pub last_name: &'static str,
    /// Without the `@`; not everybody has one.
    pub username: Option<&'static str>,
    /// The language of the person's Telegram.
    pub language_code: &'static str,
    /// Whether the person pays Telegram.
    pub is_premium: bool,
    /// As Telegram writes it in a contact: digits only.
    pub phone: &'static str,
}

/// Five people; the last two have names that trip up what is careless with text.
pub const DRIVERS: [Driver; 5] = [
    Driver {
        id: 310_482_771,
        first_name: "Алексей",
        last_name: "Морозов",
        username: Some("morozov_fura"),
        language_code: "ru",
        is_premium: false,
        phone: "79161234501",
    },
    Driver {
        id: 5_214_907_336,
        first_name: "Рустам",
        last_name: "Гайнутдинов",
        username: Some("rustam_kzn"),
        language_code: "ru",
        is_premium: true,
        phone: "79172234502",
    },
    Driver {
        id: 1_094_553_208,
        first_name: "Nikolai",
        last_name: "Ivanov",
        username: Some("nik_driver"),
        language_code: "en",
        is_premium: false,
        phone: "79263234503",
    },
    Driver {
        // Above 32 bits, as new accounts are.
        id: 7_881_240_519,
        first_name: "Семён 🚛",
        last_name: "Королёв «Бор\\ис» \"100%\"",
        username: None,
        language_code: "ru",
        is_premium: false,
        phone: "79034234504",
    },
    Driver {
        id: 845_220_913,
        first_name: "Айгуль & Co",
        last_name: "",
        username: Some("aigul_trans"),
        language_code: "kk",
        is_premium: false,
        phone: "77015234505",
    },
];

/// The driver with this id.
pub fn find(id: i64) -> Option<&'static Driver> {
    DRIVERS.iter().find(|driver| driver.id == id)
}

/// The members of the dispatchers' group. They have not started the bot, so it cannot write to them alone.
pub const DISPATCHERS: [Driver; 2] = [
    Driver {
        id: 402_118_554,
        first_name: "Ольга",
        last_name: "Ветрова",
        username: Some("vetrova_dispatch"),
        language_code: "ru",
        is_premium: false,
        phone: "79851234601",
    },
    Driver {
        id: 5_903_771_126,
        first_name: "Игорь",
        last_name: "",
        username: None,
        language_code: "ru",
        is_premium: false,
        phone: "79852234602",
    },
];
