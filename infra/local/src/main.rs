//! `cargo dev`: starts the product and prints one address.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{io::IsTerminal as _, process::ExitCode};

use local::{
    Options, Product, Running,
    cli::{self, Arguments, Command},
    environment::shell_line,
    project_root,
    web_build::{self, Step},
};
use shared::telemetry::{METRIC_TARGET, log_filter};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{Layer as _, filter::filter_fn, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// A debug build's futures are several times as large as a release's, and all functions run on these threads.
const STACK: usize = 8 << 20;

/// The sandbox's list takes a few seconds. With the real CargoTech the address does not wait for all of it.
const FIRST_SWEEP: std::time::Duration = std::time::Duration::from_secs(10);

fn main() -> ExitCode {
    let arguments = match cli::parse(std::env::args_os().skip(1)) {
        Ok(Command::Start(arguments)) => arguments,
        Ok(Command::Help) => {
            print!("{}", cli::HELP);
            return ExitCode::SUCCESS;
        }
        Err(message) => return fail(&message),
    };
    log_to_stderr(arguments.log_json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string()),
    };
    let result = runtime.block_on(run(arguments));
    // A blocked thread does not keep the process.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("cargo dev: {message}");
    ExitCode::FAILURE
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let running = tokio::select! {
        running = start(&arguments) => running?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    if arguments.print_env {
        for (name, value) in running.variables() {
            println!("{}", shell_line(name, value));
        }
    }
    announce(&running);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    running.stop().await;
    Ok(())
}

async fn start(arguments: &Arguments) -> Result<Running, String> {
    let root = project_root();
    if arguments.web_build {
        let progress = |step| match step {
            Step::Install => eprintln!("Installing what the web app is built with…"),
            Step::Build => eprintln!("Building the web app…"),
        };
        web_build::run(&root.join("static-site"), progress).await.map_err(|error| error.to_string())?;
    }
    let options = Options {
        port: arguments.port,
        data_dir: Some(arguments.data_dir.clone().unwrap_or_else(|| root.join(".local"))),
        reset: arguments.reset,
        environment: None,
        ..Options::default()
    };
    let running = Product::start(options).await.map_err(|error| error.to_string())?;
    // Whoever opens the app sees the market at once, not only after a minute.
    let _ = tokio::time::timeout(FIRST_SWEEP, running.run_now("market")).await;
    Ok(running)
}

fn announce(running: &Running) {
    if std::io::stderr().is_terminal() {
        eprintln!("\n  The product runs at \x1b[1m{}/\x1b[0m    (Ctrl-C stops it)\n", running.url());
    } else {
        eprintln!("The product runs at {}/", running.url());
    }
}

fn log_to_stderr(as_json: bool) {
    let level = std::env::var("LOG_LEVEL").unwrap_or_default();
    let output = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let layer = if as_json {
        output.json().flatten_event(true).boxed()
    } else {
        // Metrics are lines for CloudWatch, and for who reads lines by a program.
        let is_log = filter_fn(|metadata| metadata.target() != METRIC_TARGET);
        output.with_target(false).with_ansi(std::io::stderr().is_terminal()).compact().with_filter(is_log).boxed()
    };
    tracing_subscriber::registry().with(log_filter(&level)).with(layer).init();
}
