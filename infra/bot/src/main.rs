//! `cargo bot`: sets the bot up for a deployment, and shows how its webhook fares.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use bot::{Bot, Setup};
use lexopt::{Arg, ValueExt as _};

const HELP: &str = "\
Usage: cargo bot set --api <address> --app <address> [--dispatch-chat <id>]
       cargo bot show

set   sets the webhook, its secret, the updates it gets, the commands and the menu button; can be repeated
show  prints who the bot is and what Telegram says of its webhook

  --api            the API's own address, https://abc.execute-api.eu-central-1.amazonaws.com
  --app            the web app's origin, https://app.cargotech.pro
  --dispatch-chat  the dispatchers' group, such as -1001234567890

From the environment: TELEGRAM_BOT_TOKEN, TELEGRAM_WEBHOOK_SECRET (for set), TELEGRAM_BASE_URL
(https://api.telegram.org). Nothing of them is printed.
";

enum Command {
    Set { api: String, app: String, dispatch_chat_id: Option<i64> },
    Show,
    Help,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("cargo bot: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<String, String> {
    let command = parse().map_err(|error| format!("{error}. --help tells the options"))?;
    if matches!(command, Command::Help) {
        return Ok(HELP.trim_end().to_owned());
    }
    let base_url = std::env::var("TELEGRAM_BASE_URL").unwrap_or_else(|_| "https://api.telegram.org".to_owned());
    let bot = Bot { base_url: base_url.trim_end_matches('/').to_owned(), token: needed("TELEGRAM_BOT_TOKEN")? };
    if let Command::Set { api, app, dispatch_chat_id } = command {
        let secret = needed("TELEGRAM_WEBHOOK_SECRET")?;
        let webhook = format!("{}/webhooks/telegram", api.trim_end_matches('/'));
        let app = format!("{}/app/", app.trim_end_matches('/'));
        if let Some(warning) = bot.set(&Setup { webhook, secret, app, dispatch_chat_id }).await? {
            eprintln!("cargo bot: WARNING: {warning}");
        }
    }
    bot.show().await
}

fn needed(name: &str) -> Result<String, String> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| format!("{name} is not set"))
}

fn parse() -> Result<Command, lexopt::Error> {
    let mut arguments = lexopt::Parser::from_env();
    let (mut command, mut api, mut app, mut dispatch_chat_id) = (None, None, None, None);
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Value(value) if command.is_none() => command = Some(value.string()?),
            Arg::Long("api") => api = Some(address("--api", &mut arguments)?),
            Arg::Long("app") => app = Some(address("--app", &mut arguments)?),
            Arg::Long("dispatch-chat") => dispatch_chat_id = Some(arguments.value()?.parse()?),
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            other => return Err(other.unexpected()),
        }
    }
    match (command.as_deref(), api, app) {
        (Some("set"), Some(api), Some(app)) => Ok(Command::Set { api, app, dispatch_chat_id }),
        (Some("set"), ..) => Err("set needs --api and --app".into()),
        (Some("show"), ..) => Ok(Command::Show),
        _ => Err("the commands are set and show".into()),
    }
}

fn address(option: &str, arguments: &mut lexopt::Parser) -> Result<String, lexopt::Error> {
    let value = arguments.value()?.string()?;
    if value.starts_with("https://") { Ok(value) } else { Err(format!("{option} must begin with https://").into()) }
}
