//! Metrics of outgoing messages.
use crate::telemetry::Metric;

/// Telegram accepted a message.
pub const SENT: Metric = Metric::count("DeliverySent");
/// Telegram rejected a message; it will be retried.
pub const RETRIED: Metric = Metric::count("DeliveryRetried");
/// Telegram's rate limit was hit.
pub const RATE_LIMITED: Metric = Metric::count("DeliveryRateLimited");
/// The dispatchers' chat rejects messages.
pub const DISPATCH_CHAT_REFUSED: Metric = Metric::count("DispatchChatRefused");
/// A message cannot be delivered.
pub const FAILED: Metric = Metric::count("DeliveryFailed");
/// How long the oldest due message has waited; zero when none is due.
pub const OLDEST_DUE: Metric = Metric::seconds("OldestDueDelivery");

/// All values.
pub const ALL: &[Metric] = &[SENT, RETRIED, RATE_LIMITED, DISPATCH_CHAT_REFUSED, FAILED, OLDEST_DUE];
