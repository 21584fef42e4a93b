//! What is counted of the bot.
use crate::telemetry::Metric;

/// An update of Telegram's could not be dealt with and was put aside.
pub const UPDATE_POISONED: Metric = Metric::count("UpdatePoisoned");
/// Telegram does not reach the bot's webhook, or could not be asked.
pub const BOT_WEBHOOK_FAILED: Metric = Metric::count("BotWebhookFailed");
/// How many updates Telegram keeps for the bot's webhook.
pub const BOT_PENDING_UPDATES: Metric = Metric::count("BotPendingUpdates");

/// All of them.
pub const ALL: &[Metric] = &[UPDATE_POISONED, BOT_WEBHOOK_FAILED, BOT_PENDING_UPDATES];
