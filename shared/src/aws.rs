//! How AWS is reached. Lambda gives a function everything about it in the environment, so nothing else is asked: no
//! files, no metadata service, none of the other sources that the SDK's own loader knows.
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, IdentityCache, Region};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_types::{SdkConfig, sdk_config::SharedCredentialsProvider};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use crate::config::ConfigError;

/// Where this is from, and why it is enough, is written in it.
const AMAZON_ROOTS: &[u8] = include_bytes!("aws_roots.pem");

/// What the environment says of AWS, by the names that every AWS tool reads: `AWS_REGION`, `AWS_ACCESS_KEY_ID`,
/// `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, and, for other endpoints than AWS's own, `AWS_ENDPOINT_URL` and
/// `AWS_CA_BUNDLE`: a file with the certificates to be believed instead of Amazon's.
///
/// # Errors
/// The region or the credentials are not set, or the file is no bundle of certificates.
pub fn config_from_env() -> Result<SdkConfig, ConfigError> {
    config(|name| std::env::var(name).ok())
}

fn config(lookup: impl Fn(&str) -> Option<String>) -> Result<SdkConfig, ConfigError> {
    let optional = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
    let required = |name: &str| optional(name).ok_or_else(|| ConfigError::new(format!("{name} is not set")));
    // They have no end: Lambda replaces the process before they expire.
    let credentials = Credentials::new(
        required("AWS_ACCESS_KEY_ID")?,
        required("AWS_SECRET_ACCESS_KEY")?,
        optional("AWS_SESSION_TOKEN"),
        None,
        "environment",
    );
    let roots = match optional("AWS_CA_BUNDLE") {
        Some(path) => read_bundle(&path).map_err(|problem| ConfigError::new(format!("AWS_CA_BUNDLE {problem}")))?,
        None => AMAZON_ROOTS.to_vec(),
    };
    let tls = TlsContext::builder()
        .with_trust_store(TrustStore::empty().with_pem_certificate(roots))
        .build()
        .map_err(|error| ConfigError::new(format!("the TLS library cannot be set up: {error}")))?;
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        // They are at hand; a cache of them would be one more thing to ask at every call.
        .identity_cache(IdentityCache::no_cache())
        .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(tls).build_https());
    config.set_endpoint_url(optional("AWS_ENDPOINT_URL"));
    Ok(config.build())
}

/// Reads certificates in PEM form, and makes sure that they can be used: the HTTP client would panic.
fn read_bundle(path: &str) -> Result<Vec<u8>, String> {
    let bundle = std::fs::read(path).map_err(|error| format!("cannot be read: {path}: {error}"))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bundle) {
        let certificate = certificate.map_err(|error| format!("is not in PEM form: {path}: {error}"))?;
        roots.add(certificate).map_err(|error| format!("holds a bad certificate: {path}: {error}"))?;
    }
    if roots.is_empty() { Err(format!("holds no certificate: {path}")) } else { Ok(bundle) }
}

#[cfg(test)]
mod tests {
    use aws_types::sdk_config::Builder;

    use super::*;

    fn with(extra: &[(&str, &str)]) -> Result<Builder, String> {
        let base = [("AWS_REGION", "eu-central-1"), ("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "secret")];
        let variable =
            |name: &str| extra.iter().chain(&base).find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        config(variable).map(|config| config.to_builder()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_is_enough() {
        let config = with(&[("AWS_ENDPOINT_URL", "https://localhost:1")]).expect("complete").build();
        assert_eq!(config.endpoint_url(), Some("https://localhost:1"));
        assert_eq!(config.region().map(Region::as_ref), Some("eu-central-1"));
        assert_eq!(with(&[]).expect("complete").build().endpoint_url(), None);
    }

    #[test]
    fn one_message_names_what_is_missing() {
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            assert!(with(&[(name, "")]).expect_err("missing").contains(name));
        }
    }

    #[test]
    fn a_bundle_that_cannot_be_used_stops_the_start() {
        let file = |name: &str| format!("{}/src/{name}", env!("CARGO_MANIFEST_DIR"));
        with(&[("AWS_CA_BUNDLE", &file("aws_roots.pem"))]).expect("certificates");
        for bad in ["nowhere.pem", "aws.rs"] {
            let error = with(&[("AWS_CA_BUNDLE", &file(bad))]).expect_err("no certificates");
            assert!(error.contains("AWS_CA_BUNDLE") && error.contains(bad), "{error}");
        }
    }

    #[test]
    fn amazons_five_roots_are_compiled_in() {
        let bundle = read_bundle(concat!(env!("CARGO_MANIFEST_DIR"), "/src/aws_roots.pem")).expect("certificates");
        assert_eq!(bundle, AMAZON_ROOTS);
        assert_eq!(CertificateDer::pem_slice_iter(AMAZON_ROOTS).count(), 5);
    }
}
