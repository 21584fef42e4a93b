//! The sweep of the market: a job with a function of its own, because it waits for CargoTech for most of a minute.
use shared::cargotech::secret::CARGOTECH;

use crate::{Function, Trigger, jobs};

/// The function.
pub const FUNCTION: Function =
    Function { name: "market", secrets: &[CARGOTECH], trigger: Trigger::Event(|app, event| jobs::handle(app, event)) };
