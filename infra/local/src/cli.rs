//! The options of `cargo dev`.
use std::{ffi::OsString, path::PathBuf};

use lexopt::{Arg, Parser, ValueExt as _};

/// What `--help` prints.
pub const HELP: &str = "\
Runs the whole product on this machine: no AWS account, no Docker, no network.

Usage: cargo dev [--release] -- [options]

Options:
  --port <number>      listen on this port of 127.0.0.1 (8080)
  --data-dir <folder>  keep the data there (.local)
  --reset              delete the data of earlier starts first
  --no-web-build       do not build the web app, even when its sources are newer
  --print-env          print the environment with which a Lambda binary started by hand
                       talks to the same store and secrets
  --log-json           write the log as JSON lines, metrics among them
  --help               print this

Settings and secrets come from the environment or from .env; docs/operate.md lists them.
With CARGOTECH_BASE_URL, TELEGRAM_BASE_URL or YOOKASSA_BASE_URL set, the product talks to
that address and the sandbox of it is not started.
LOG_LEVEL is error, warn, info (as it is), debug or trace.
";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Start the product.
    Start(Arguments),
    /// Print the help.
    Help,
}

/// The options of a start.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    /// `--port`
    pub port: u16,
    /// `--data-dir`; None for the one in the project's folder.
    pub data_dir: Option<PathBuf>,
    /// `--reset`
    pub reset: bool,
    /// Not `--no-web-build`.
    pub web_build: bool,
    /// `--print-env`
    pub print_env: bool,
    /// `--log-json`
    pub log_json: bool,
}

impl Default for Arguments {
    fn default() -> Self {
        Self { port: 8080, data_dir: None, reset: false, web_build: true, print_env: false, log_json: false }
    }
}

/// Reads the arguments after the program's name.
///
/// # Errors
/// One message that names the argument.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    let mut parser = Parser::from_args(arguments);
    let mut parsed = Arguments::default();
    let told = |error: lexopt::Error| format!("{error}. See cargo dev -- --help");
    while let Some(argument) = parser.next().map_err(told)? {
        match argument {
            Arg::Long("port") => {
                let value = parser.value().map_err(told)?;
                parsed.port =
                    value.parse().map_err(|_| format!("--port must be a number from 0 to 65535, not {value:?}"))?;
            }
            Arg::Long("data-dir") => parsed.data_dir = Some(parser.value().map_err(told)?.into()),
            Arg::Long("reset") => parsed.reset = true,
            Arg::Long("no-web-build") => parsed.web_build = false,
            Arg::Long("print-env") => parsed.print_env = true,
            Arg::Long("log-json") => parsed.log_json = true,
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            other => return Err(told(other.unexpected())),
        }
    }
    Ok(Command::Start(parsed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &str) -> Result<Command, String> {
        parse(arguments.split_whitespace().map(OsString::from))
    }

    #[test]
    fn nothing_is_needed_and_everything_is_read() {
        assert_eq!(parsed(""), Ok(Command::Start(Arguments::default())));
        let all = Arguments {
            port: 0,
            data_dir: Some("x".into()),
            reset: true,
            web_build: false,
            print_env: true,
            log_json: true,
        };
        let line = "--port 0 --data-dir=x --reset --no-web-build --print-env --log-json";
        assert_eq!(parsed(line), Ok(Command::Start(all)));
        assert_eq!(parsed("--port 1 -h"), Ok(Command::Help));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (arguments, named) in [
            ("--prot 1", "--prot"),
            ("--port 65536", "65536"),
            ("--port", "--port"),
            ("x", "\"x\""),
            ("--reset=1", "--reset"),
        ] {
            let error = parsed(arguments).expect_err("not understood");
            assert!(error.contains(named), "{error}");
        }
    }
}
