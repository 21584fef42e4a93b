//! Payment providers are known to their client and their adapter alone: everything else speaks of whoever takes the money.
use std::{collections::BTreeMap, fs};

use crate::document::root;

/// The files that may name YooKassa besides its client, its adapter and its webhook, and in which words; no words: in any.
const NAMED: &[(&str, &[&str])] = &[
    // What is put together, and what is configured.
    ("shared/Cargo.toml", &["yookassa.workspace"]),
    (
        "shared/src/app.rs",
        &["billing::yookassa::Yookassa", "yookassa: Yookassa", "let yookassa = Yookassa::new", " yookassa,"],
    ),
    ("shared/src/billing/mod.rs", &["mod yookassa;", "&self.yookassa"]),
    ("shared/src/config.rs", &[]),
    ("shared/src/admin/settings.rs", &[]),
    ("functions/src/lib.rs", &["yookassa_webhook"]),
    ("functions/src/openapi.rs", &["yookassa_webhook"]),
    ("functions/src/bin/yookassa-webhook.rs", &[]),
    ("functions/src/jobs.rs", &["billing::yookassa,", "yookassa::SECRET"]),
    ("functions/src/settle.rs", &[" yookassa}", "yookassa::SECRET"]),
    // Names of attributes, keys, facts and metrics, which stay as they are.
    ("shared/src/billing/metrics.rs", &["yookassa::metrics::", "\"YookassaShopChanged\""]),
    ("shared/src/billing/module.rs", &["super::yookassa::SECRET", "\"yookassa_shop\""]),
    ("shared/kernel/src/telemetry.rs", &["\"yookassa\""]),
    ("shared/src/billing/difference.rs", &["\"yookassa_id\""]),
    ("shared/src/billing/payment.rs", &["\"yookassa_id\""]),
    ("shared/src/billing/purpose.rs", &["\"yookassa_id\""]),
    ("shared/src/billing/refund.rs", &["\"yookassa_id\""]),
    ("shared/src/billing/settle.rs", &["\"yookassa_refund_id\""]),
    ("shared/src/store/differences.rs", &["\"yookassa_id\""]),
    ("shared/src/store/keys/mod.rs", &["\"YOOKASSA#"]),
    // What callers, drivers and admins read.
    ("shared/kernel/src/fault.rs", &["(by CargoTech or YooKassa)"]),
    ("shared/src/error.rs", &[]),
    ("shared/src/telegram/messages/en.rs", &[]),
    ("shared/src/telegram/messages/ru.rs", &[]),
    ("functions/src/admin/columns.rs", &[]),
    ("functions/src/admin_money/differences.rs", &[]),
    ("functions/src/admin_money/mod.rs", &["billing::yookassa,", "yookassa::SECRET"]),
    ("functions/src/admin_money/payments.rs", &[]),
    ("functions/src/admin_settings/mod.rs", &[]),
    ("functions/src/admin_settings/settings.rs", &[]),
    ("functions/src/payments.rs", &[]),
];
/// YooKassa's own files.
const OWN: [&str; 3] =
    ["shared/clients/yookassa/", "shared/src/billing/yookassa.rs", "functions/src/yookassa_webhook.rs"];

/// The sources, each by its path in the project.
fn sources() -> BTreeMap<String, String> {
    let mut sources = BTreeMap::new();
    let mut folders = vec!["shared".to_owned(), "functions".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("the sources can be listed") {
            let entry = entry.expect("an entry");
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.ends_with(".rs") || path.ends_with(".toml") {
                sources.insert(path, fs::read_to_string(entry.path()).expect("a source can be read"));
            }
        }
    }
    sources
}

/// Where a provider is named that nobody should know there, and which permissions nobody needs.
fn faults(sources: &BTreeMap<String, String>) -> Vec<String> {
    let names = |text: &str| ["yookassa", "юkassa"].iter().any(|name| text.to_lowercase().contains(name));
    let permitted = |path: &str| NAMED.iter().find(|(named, _)| *named == path).map(|(_, words)| *words);
    let mut faults = Vec::new();
    for (path, text) in sources.iter().filter(|(path, _)| !OWN.iter().any(|own| path.starts_with(own))) {
        let Some(words) = permitted(path) else {
            faults.extend(names(text).then(|| format!("{path} names YooKassa")));
            continue;
        };
        if words.is_empty() {
            faults.extend((!names(text)).then(|| format!("{path} does not name YooKassa any more")));
            continue;
        }
        let unused = words.iter().filter(|word| !text.contains(**word));
        faults.extend(unused.map(|word| format!("{path} has no {word:?} any more")));
        let rest = words.iter().fold(text.clone(), |rest, word| rest.replace(word, ""));
        let lines = rest.lines().filter(|line| names(line));
        faults.extend(lines.map(|line| format!("{path} names YooKassa: {}", line.trim())));
    }
    let gone = NAMED.iter().filter(|(path, _)| !sources.contains_key(*path));
    faults.extend(gone.map(|(path, _)| format!("{path} is not there any more")));
    faults
}

#[test]
fn only_its_client_and_its_adapter_know_a_payment_provider() {
    let sources = sources();
    let found = faults(&sources);
    assert!(found.is_empty(), "{}", found.join("\n"));
    for (path, text) in [
        ("shared/src/billing/order.rs", "// YooKassa forgets keys."),
        ("shared/src/billing/payment.rs", "use yookassa::Client; \"yookassa_id\""),
        ("shared/kernel/src/clock.rs", "// ЮKassa"),
        ("shared/src/billing/settle.rs", "// no such fact"),
    ] {
        let mut damaged = sources.clone();
        damaged.insert(path.to_owned(), text.to_owned());
        assert!(!faults(&damaged).is_empty(), "{path}: {text}");
    }
}
