//! Metrics of the bot.
use crate::telemetry::Metric;

/// A Telegram update failed and was set aside.
pub const UPDATE_POISONED: Metric = Metric::count("UpdatePoisoned");
/// Telegram cannot reach the bot's webhook, or its state is unknown.
pub const BOT_WEBHOOK_FAILED: Metric = Metric::count("BotWebhookFailed");
/// The number of updates that Telegram holds for the webhook.
pub const BOT_PENDING_UPDATES: Metric = Metric::count("BotPendingUpdates");

/// All values.
pub const ALL: &[Metric] = &[UPDATE_POISONED, BOT_WEBHOOK_FAILED, BOT_PENDING_UPDATES];
