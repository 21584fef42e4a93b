//! Metrics of sign-ins.
use crate::telemetry::Metric;

/// A driver signed in, by method.
pub const SIGNED_IN: Metric = Metric::count("SignedIn");
/// A sign-in was refused because of its init data.
pub const SIGN_IN_REFUSED: Metric = Metric::count("SignInRefused");

/// All values.
pub const ALL: &[Metric] = &[SIGNED_IN, SIGN_IN_REFUSED];
