//! The secret of the one CargoTech login.
use serde::Deserialize;

use crate::secrets::{Form, Secret, json};

/// `{phone, password}`.
pub const CARGOTECH: Secret = Credentials::SECRET;

/// The one CargoTech login.
#[derive(Deserialize)]
pub struct Credentials {
    /// As CargoTech wants it.
    pub phone: String,
    /// In clear.
    pub password: String,
}

impl Form for Credentials {
    const SECRET: Secret = Secret::new::<Self>("cargotech");

    fn read(text: &str) -> Result<Self, &'static str> {
        let secret: Self = json(text)?;
        if secret.phone.is_empty() || secret.password.is_empty() {
            return Err("must have a phone and a password");
        }
        Ok(secret)
    }
}
