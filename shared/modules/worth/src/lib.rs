//! What a cargo leaves its driver: its price without the costs of the way, of the days and of taxes.
//!
//! One rule for the order by profit, for the terms that a cargo shows, and for the price to ask. Sums are whole kopecks,
//! each term is rounded half up, and the profit is the sum of the terms. `docs/profit.md` explains them for drivers.
mod profit;
mod tariffs;
mod truck;

pub use profit::{Amounts, Name, Profit, Source, TERMS, Term, Trip, ask_rub, profit, work_out, work_out_over};
pub use tariffs::{Tariff, Tariffs};
pub use truck::{Costs, Tax, Truck};
