//! Which calls come first when the budget is nearly used up.

/// Priority of a call: whether it may use the reserved budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Refreshing a stale document, which is served anyway. Under load the budget goes to missing data.
    Renewing = 0,
    /// Lists and dictionaries: frequent and often cached.
    Browsing,
    /// A cargo that a driver opens.
    Opening,
    /// The sweep of the market, which has a share of the budget of its own.
    Sweeping,
    /// A cargo that a driver responds to, and essential calls (login, checks).
    Acting,
}

impl Priority {
    /// The priority when a stale document exists. `quick` means that it may be served at once. Acting needs current
    /// data, and opening a cargo often leads to acting.
    #[must_use]
    pub fn renewing(self, quick: bool) -> Self {
        match self {
            Self::Acting => self,
            Self::Opening if !quick => self,
            Self::Renewing | Self::Browsing | Self::Opening | Self::Sweeping => Self::Renewing,
        }
    }
}
