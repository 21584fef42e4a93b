//! The demo drivers.
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
    },
    Driver {
        id: 5_214_907_336,
        first_name: "Рустам",
        last_name: "Гайнутдинов",
        username: Some("rustam_kzn"),
        language_code: "ru",
        is_premium: true,
    },
    Driver {
        id: 1_094_553_208,
        first_name: "Nikolai",
        last_name: "Ivanov",
        username: Some("nik_driver"),
        language_code: "en",
        is_premium: false,
    },
    Driver {
        // Above 32 bits, as new accounts are.
        id: 7_881_240_519,
        first_name: "Семён 🚛",
        last_name: "Королёв «Бор\\ис» \"100%\"",
        username: None,
        language_code: "ru",
        is_premium: false,
    },
    Driver {
        id: 845_220_913,
        first_name: "Айгуль & Co",
        last_name: "",
        username: Some("aigul_trans"),
        language_code: "kk",
        is_premium: false,
    },
];

/// The driver with this id.
pub fn find(id: i64) -> Option<&'static Driver> {
    DRIVERS.iter().find(|driver| driver.id == id)
}
