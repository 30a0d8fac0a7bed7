//! The way to the server is encrypted, and the server's certificate and name are checked.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use comity_crypto::Fingerprinter;
use comity_store::{Store, StoreError};
use comity_store_postgres::{Options, PostgresStore};
use comity_testkit::postgres::{Cluster, programs};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// An authority and a certificate it signed for `localhost`; writes `NAME-ca.pem`, `server.crt`, `server.key`.
fn certificates(folder: &Path, name: &str) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let server = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&server, &issuer).unwrap();
    fs::write(folder.join(format!("{name}-ca.pem")), authority.pem()).unwrap();
    fs::write(folder.join("server.crt"), certificate.pem()).unwrap();
    fs::write(folder.join("server.key"), server.serialize_pem()).unwrap();
}

#[test]
fn the_server_must_prove_its_name() {
    if programs().is_none() {
        println!("skipped: PostgreSQL is not installed");
        return;
    }
    let folder = std::env::temp_dir().join(format!("comity-tls-{}", std::process::id()));
    let files = folder.join("files");
    fs::create_dir_all(&files).unwrap();
    certificates(&files, "other");
    certificates(&files, "right");
    let server = Cluster::start(&folder.join("server"), &[]).unwrap();
    let data = server.data();
    for file in ["server.crt", "server.key"] {
        let words =
            ["-m", "600", files.join(file).to_str().unwrap(), data.join(file).to_str().unwrap()].map(str::to_owned);
        assert!(Command::new("install").args(words).status().unwrap().success());
        let owner = format!("--reference={}", data.display());
        assert!(Command::new("chown").arg(owner).arg(data.join(file)).status().unwrap().success());
    }
    server.sql("ALTER SYSTEM SET ssl = on").unwrap();
    server.sql("CREATE ROLE ee LOGIN PASSWORD 'a word' CREATEDB; GRANT CREATE ON DATABASE postgres TO ee").unwrap();
    // Only encrypted, only with the password, and that never in the clear.
    fs::write(data.join("pg_hba.conf"), "local all all trust\nhostssl all ee all scram-sha-256\n").unwrap();
    server.down("fast").unwrap();
    server.up().unwrap();
    let open = |host: &str, query: &str, password: &str| {
        let address = format!("postgres://ee@{host}:{}/postgres?schema=tls&{query}", server.port());
        let mut options = Options::parse(&address, folder.join("cache")).unwrap();
        options.password(password);
        options.patience = Duration::from_millis(200);
        PostgresStore::open(options, Fingerprinter::new([5; 16]))
    };
    let roots =
        |name: &str| format!("sslmode=verify-full&sslrootcert={}", files.join(format!("{name}-ca.pem")).display());
    let store = open("localhost", &roots("right"), "a word").unwrap();
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    drop(store);
    for (why, refused) in [
        ("another authority", open("localhost", &roots("other"), "a word")),
        ("another name", open("127.0.0.1", &roots("right"), "a word")),
        ("another word", open("localhost", &roots("right"), "another")),
        ("in the clear", open("localhost", "sslmode=disable", "a word")),
    ] {
        let error = refused.map(drop).unwrap_err();
        assert!(matches!(error, StoreError::Engine { .. } | StoreError::Unreachable { .. }), "{why}: {error:?}");
        assert!(!error.to_string().contains("a word"), "{why}: {error}");
        println!("{why}: {error}");
    }
    drop(server);
    drop(fs::remove_dir_all(&folder));
}
