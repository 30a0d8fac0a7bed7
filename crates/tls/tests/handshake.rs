//! Real handshakes: who may talk to whom, and what each side then knows of the other.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use comity_base::Timestamp;
use comity_tls::{
    Identity, Pin, WrongPin, client_config_pinned, client_config_public, make_identity, peer_pin, server_config,
};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, Error, HandshakeKind, NamedGroup,
    ProtocolVersion, RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion,
};

/// One that is long out of date: nobody who pins looks at that.
fn identity(name: &str) -> Identity {
    until("2021-01-01T00:00:00Z", name)
}

/// One that is good for everyone.
fn lasting(name: &str) -> Identity {
    until("2099-01-01T00:00:00Z", name)
}

fn until(end: &str, name: &str) -> Identity {
    let hosts = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let start = Timestamp::parse("2020-01-01T00:00:00Z").unwrap();
    make_identity(name, &hosts, start, Timestamp::parse(end).unwrap()).unwrap()
}

/// Both ends of a connection over which the handshake is done.
struct Line {
    client: ClientConnection,
    server: ServerConnection,
}

/// The first error either side has, the client's first.
fn connect(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>, name: &'static str) -> Result<Line, Error> {
    let name = ServerName::try_from(name).unwrap();
    let mut line = Line {
        client: ClientConnection::new(Arc::clone(client), name)?,
        server: ServerConnection::new(Arc::clone(server))?,
    };
    for _ in 0..8 {
        let mut wire = Vec::new();
        while line.client.wants_write() {
            line.client.write_tls(&mut wire).unwrap();
        }
        line.server.read_tls(&mut wire.as_slice()).unwrap();
        let served = line.server.process_new_packets();
        let mut wire = Vec::new();
        while line.server.wants_write() {
            line.server.write_tls(&mut wire).unwrap();
        }
        let mut wire = wire.as_slice();
        while !wire.is_empty() {
            line.client.read_tls(&mut wire).unwrap();
            line.client.process_new_packets()?;
        }
        served?;
    }
    assert!(!line.client.is_handshaking() && !line.server.is_handshaking());
    Ok(line)
}

impl Line {
    fn seen_by_server(&self) -> Option<Pin> {
        self.server.peer_certificates().map(|certificates| peer_pin(certificates).unwrap())
    }

    fn seen_by_client(&self) -> Pin {
        peer_pin(self.client.peer_certificates().unwrap()).unwrap()
    }
}

fn serve(identity: &Identity) -> Arc<ServerConfig> {
    Arc::new(server_config(identity).unwrap())
}

fn pinned(identity: Option<&Identity>, pins: &[Pin]) -> Arc<ClientConfig> {
    Arc::new(client_config_pinned(identity, pins).unwrap())
}

/// Shows one identity's certificate and signs with another's key.
fn mixed(shown: &Identity, signing: &Identity) -> Arc<SingleCertAndKey> {
    let secret = signing.to_secret(Timestamp::from_micros(0));
    let key = PrivateKeyDer::try_from(secret.private_key_der.clone()).unwrap();
    let config = server_config(shown).unwrap();
    let key = config.crypto_provider().key_provider.load_private_key(key).unwrap();
    Arc::new(SingleCertAndKey::from(CertifiedKey::new(shown.chain().to_vec(), key)))
}

/// A server as others make them, that knows one version and asks for no certificate.
fn stock_server(key: Arc<SingleCertAndKey>, version: &'static SupportedProtocolVersion) -> Arc<ServerConfig> {
    let provider = Arc::clone(server_config(&identity("x")).unwrap().crypto_provider());
    let config = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
    Arc::new(config.with_no_client_auth().with_cert_resolver(key))
}

/// A client as others make them, that knows one version, trusts one certificate and looks at names and dates.
fn stock_client(
    trusted: &Identity,
    key: Option<Arc<SingleCertAndKey>>,
    version: &'static SupportedProtocolVersion,
) -> Arc<ClientConfig> {
    let provider = Arc::clone(server_config(trusted).unwrap().crypto_provider());
    let mut roots = RootCertStore::empty();
    roots.add(trusted.chain()[0].clone()).unwrap();
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
    let config = config.with_root_certificates(roots);
    Arc::new(match key {
        Some(key) => config.with_client_cert_resolver(key),
        None => config.with_no_client_auth(),
    })
}

fn wrong_pin(error: &Error) -> &WrongPin {
    let Error::InvalidCertificate(CertificateError::Other(other)) = error else { panic!("{error}") };
    other.0.downcast_ref().unwrap()
}

#[test]
fn two_nodes_know_each_other_by_their_pins() {
    let (ours, theirs) = (identity("ee"), identity("lab"));
    let line = connect(&pinned(Some(&ours), &[theirs.pin()]), &serve(&theirs), ELSEWHERE).unwrap();
    assert_eq!(line.seen_by_client(), theirs.pin());
    assert_eq!(line.seen_by_server(), Some(ours.pin()));
    assert_eq!(line.client.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    assert_eq!(line.client.alpn_protocol(), Some(&b"h2"[..]));
    let group = line.server.negotiated_key_exchange_group().unwrap().name();
    assert_eq!(group, NamedGroup::X25519MLKEM768, "what is recorded today stays secret");
}

#[test]
fn a_server_with_another_key_is_refused_before_anything_is_said() {
    let (ours, theirs, impostor) = (identity("ee"), identity("lab"), identity("lab"));
    let server = serve(&impostor);
    let error = connect(&pinned(Some(&ours), &[theirs.pin()]), &server, ELSEWHERE).err().unwrap();
    assert_eq!(*wrong_pin(&error), WrongPin { found: impostor.pin(), pinned: vec![theirs.pin()] });
    assert!(error.to_string().contains(&impostor.pin().to_string()), "{error}");
    // Without pins nobody is right.
    let error = connect(&pinned(None, &[]), &server, ELSEWHERE).err().unwrap();
    assert_eq!(wrong_pin(&error).pinned, []);
}

#[test]
fn a_client_without_a_certificate_is_let_in_as_nobody() {
    let theirs = identity("lab");
    let line = connect(&pinned(None, &[theirs.pin()]), &serve(&theirs), ELSEWHERE).unwrap();
    assert_eq!(line.seen_by_server(), None);
}

#[test]
fn a_stolen_certificate_is_worth_nothing_without_its_key() {
    for version in [&TLS12, &TLS13] {
        let (thief, victim, theirs) = (lasting("thief"), lasting("ee"), lasting("lab"));
        // The thief shows the victim's certificate to a server ...
        let client = stock_client(&theirs, Some(mixed(&victim, &thief)), version);
        let error = connect(&client, &serve(&theirs), "localhost").err().unwrap();
        assert!(refused(&error), "{version:?}: {error}");
        let client = stock_client(&theirs, Some(mixed(&victim, &victim)), version);
        let line = connect(&client, &serve(&theirs), "localhost").unwrap();
        assert_eq!(line.seen_by_server(), Some(victim.pin()));
        // ... and to a client that pinned the victim.
        let client = pinned(None, &[victim.pin()]);
        let error = connect(&client, &stock_server(mixed(&victim, &thief), version), ELSEWHERE).err().unwrap();
        assert!(refused(&error), "{version:?}: {error}");
        let line = connect(&client, &stock_server(mixed(&victim, &victim), version), ELSEWHERE).unwrap();
        assert_eq!(line.seen_by_client(), victim.pin());
    }
}

#[test]
fn only_the_first_certificate_counts() {
    // A thief holds a key of its own and shows the victim's certificate behind it.
    let (thief, victim, theirs) = (identity("thief"), identity("ee"), identity("lab"));
    let secret = thief.to_secret(Timestamp::from_micros(0));
    let key = PrivateKeyDer::try_from(secret.private_key_der.clone()).unwrap();
    let both = vec![thief.chain()[0].clone(), victim.chain()[0].clone()];
    let thief = Identity::new(both, key).unwrap();
    let line = connect(&pinned(Some(&thief), &[theirs.pin()]), &serve(&theirs), ELSEWHERE).unwrap();
    assert_eq!(line.seen_by_server(), Some(thief.pin()));
    let error = connect(&pinned(None, &[victim.pin()]), &serve(&thief), ELSEWHERE).err().unwrap();
    assert_eq!(wrong_pin(&error).found, thief.pin());
}

#[test]
fn while_a_key_changes_both_pins_are_right() {
    let (old, new) = (identity("lab"), identity("lab"));
    let client = pinned(None, &[new.pin(), old.pin()]);
    for identity in [&old, &new] {
        assert_eq!(connect(&client, &serve(identity), ELSEWHERE).unwrap().seen_by_client(), identity.pin());
    }
    let late = pinned(None, &[old.pin()]);
    assert!(connect(&late, &serve(&old), ELSEWHERE).is_ok());
    assert!(connect(&late, &serve(&new), ELSEWHERE).is_err());
}

#[test]
fn a_renewed_certificate_with_the_same_key_keeps_its_pin() {
    let theirs = identity("lab");
    let secret = theirs.to_secret(Timestamp::from_micros(5));
    let again = Identity::from_secret(&secret).unwrap();
    assert_eq!((again.pin(), again.to_secret(Timestamp::from_micros(5))), (theirs.pin(), secret));
    assert!(connect(&pinned(None, &[theirs.pin()]), &serve(&again), ELSEWHERE).is_ok());
}

#[test]
fn a_client_of_tls_1_2_is_served_and_known() {
    let (ours, theirs) = (lasting("ee"), lasting("lab"));
    let client = stock_client(&theirs, Some(mixed(&ours, &ours)), &TLS12);
    let line = connect(&client, &serve(&theirs), "localhost").unwrap();
    assert_eq!(line.server.protocol_version(), Some(ProtocolVersion::TLSv1_2));
    assert_eq!(line.seen_by_server(), Some(ours.pin()));
    let line = connect(&stock_client(&theirs, None, &TLS12), &serve(&theirs), "127.0.0.1").unwrap();
    assert_eq!(line.seen_by_server(), None);
    // Such clients do look at the name.
    assert!(connect(&stock_client(&theirs, None, &TLS12), &serve(&theirs), ELSEWHERE).is_err());
}

#[test]
fn a_resumed_connection_is_still_known() {
    let (ours, theirs) = (lasting("ee"), lasting("lab"));
    for (client, place) in [
        (pinned(Some(&ours), &[theirs.pin()]), ELSEWHERE),
        (stock_client(&theirs, Some(mixed(&ours, &ours)), &TLS12), "localhost"),
    ] {
        let server = serve(&theirs);
        let first = connect(&client, &server, place).unwrap();
        assert_eq!(first.server.handshake_kind(), Some(HandshakeKind::Full));
        let again = connect(&client, &server, place).unwrap();
        assert_eq!(again.server.handshake_kind(), Some(HandshakeKind::Resumed));
        assert_eq!(again.seen_by_server(), Some(ours.pin()));
        assert_eq!(again.seen_by_client(), theirs.pin());
        // Tickets open only where they were made.
        let elsewhere = connect(&client, &serve(&theirs), place).unwrap();
        assert_eq!(elsewhere.server.handshake_kind(), Some(HandshakeKind::Full));
    }
}

#[test]
fn strangers_to_every_authority_are_refused_in_public() {
    let theirs = lasting("lab");
    // Without a list of authorities on this machine there is nothing to try.
    let Ok(client) = client_config_public(Some(&identity("ee"))) else { return };
    let error = connect(&Arc::new(client), &serve(&theirs), "localhost").err().unwrap();
    assert!(matches!(error, Error::InvalidCertificate(CertificateError::UnknownIssuer)), "{error}");
}

#[test]
fn words_cross_a_real_socket() {
    let (ours, theirs) = (identity("ee"), identity("lab"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = serve(&theirs);
    let answering = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut stream = rustls::StreamOwned::new(ServerConnection::new(server).unwrap(), socket);
        let mut heard = [0; 5];
        stream.read_exact(&mut heard).unwrap();
        stream.write_all(b"hello ").unwrap();
        stream.write_all(&heard).unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
        peer_pin(stream.conn.peer_certificates().unwrap()).unwrap()
    });
    let name = ServerName::from(address.ip());
    let connection = ClientConnection::new(pinned(Some(&ours), &[theirs.pin()]), name).unwrap();
    let mut stream = rustls::StreamOwned::new(connection, TcpStream::connect(address).unwrap());
    stream.write_all(b"world").unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "hello world");
    assert_eq!(answering.join().unwrap(), ours.pin());
}

/// What the side that checks a signature says, or the alert the other side gets of it.
fn refused(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(CertificateError::BadSignature)
            | Error::AlertReceived(AlertDescription::DecryptError)
    )
}

/// The name clients connect to, which stands in no certificate.
const ELSEWHERE: &str = "some.other.name";
