//! What is counted of outgoing messages.
use crate::telemetry::Metric;

/// Telegram took a message.
pub const SENT: Metric = Metric::count("DeliverySent");
/// Telegram did not take a message; it is tried again.
pub const RETRIED: Metric = Metric::count("DeliveryRetried");
/// Telegram asked for a pause.
pub const RATE_LIMITED: Metric = Metric::count("DeliveryRateLimited");
/// The dispatchers' chat takes no messages.
pub const DISPATCH_CHAT_REFUSED: Metric = Metric::count("DispatchChatRefused");
/// A message cannot be delivered.
pub const FAILED: Metric = Metric::count("DeliveryFailed");
/// For how long the message has been due that has been for the longest; zero when none is.
pub const OLDEST_DUE: Metric = Metric::seconds("OldestDueDelivery");

/// All of them.
pub const ALL: &[Metric] = &[SENT, RETRIED, RATE_LIMITED, DISPATCH_CHAT_REFUSED, FAILED, OLDEST_DUE];
