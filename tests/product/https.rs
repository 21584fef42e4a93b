//! Every client is also tried over HTTPS: what was trimmed from a client's features passes every plain stand-in.
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use tests::{World, emulator::Function};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

/// A function's binary, built beside this test.
fn function(name: &str) -> PathBuf {
    let path = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join(name);
    assert!(path.exists(), "{} is missing: build it with `cargo build -p functions`", path.display());
    path
}

/// An HTTPS front of `inner` for `localhost`; returns its port and the authority's certificate.
async fn https_front(inner: SocketAddr) -> (u16, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".into()]).unwrap().signed_by(&key, &issuer).unwrap();
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let (Ok(mut outer), Ok(mut inner)) = (acceptor.accept(stream).await, TcpStream::connect(inner).await)
                else {
                    return;
                };
                // A client that goes away ends the copy, which is all there is to it.
                let _ = copy_bidirectional(&mut outer, &mut inner).await;
            });
        }
    });
    (port, authority_certificate.pem())
}

#[tokio::test]
async fn a_function_reaches_secrets_the_store_and_cargotech_over_https_and_trusts_no_stranger() {
    let world = World::start().await;
    let (port, authority) = https_front(world.running().address()).await;
    let folder = tempfile::tempdir().unwrap();
    let (bundle, log) = (folder.path().join("authority.pem"), folder.path().join("log"));
    std::fs::write(&bundle, authority).unwrap();
    let mut environment: BTreeMap<String, String> = world.running().variables().clone();
    environment.insert("AWS_ENDPOINT_URL".into(), format!("https://localhost:{port}/_aws"));
    environment.insert("CARGOTECH_BASE_URL".into(), format!("https://localhost:{port}/_cargotech"));

    // The AWS clients take their authority from the one variable, the other clients from the other.
    let named = |variables: &[&str]| {
        let mut environment = environment.clone();
        environment
            .extend(variables.iter().map(|variable| ((*variable).to_owned(), bundle.to_string_lossy().into_owned())));
        environment
    };
    for variables in [&[][..], &["SSL_CERT_FILE"]] {
        let mut stranger = Function::start(&function("jobs"), &named(variables), &log).await.unwrap();
        assert!(stranger.ready().await.is_err(), "AWS was believed with an authority that nobody named: {variables:?}");
        assert!(std::fs::read_to_string(&log).unwrap().contains("cargotech cannot be reached"));
    }
    let event = json!({ "job": "check-cargotech" }).to_string();
    let mut jobs = Function::start(&function("jobs"), &named(&["AWS_CA_BUNDLE", "SSL_CERT_FILE"]), &log).await.unwrap();
    jobs.ready().await.unwrap();
    let answer = jobs.invoke(event.clone().into()).await.unwrap();
    assert_eq!(&answer.body[..], b"null");
    assert_eq!((world.upstream_calls("login").await, world.upstream_calls("me").await), (1, 1));
    jobs.stop().await.unwrap();

    let mut half = Function::start(&function("jobs"), &named(&["AWS_CA_BUNDLE"]), &log).await.unwrap();
    half.ready().await.unwrap();
    assert!(half.invoke(event.into()).await.is_err(), "a stranger was believed to be CargoTech");
    assert_eq!((world.upstream_calls("login").await, world.upstream_calls("me").await), (1, 1));
}
