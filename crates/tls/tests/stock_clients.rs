//! Programs that are not ours talk to our server, where this machine has them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use comity_base::Timestamp;
use comity_crypto::{base64url, sha256};
use comity_tls::{Identity, Pin, make_identity, peer_pin, server_config};
use rustls::{ServerConnection, StreamOwned};

fn lasting(name: &str) -> Identity {
    let at = |text| Timestamp::parse(text).unwrap();
    make_identity(name, &["localhost".to_owned()], at("2020-01-01T00:00:00Z"), at("2099-01-01T00:00:00Z")).unwrap()
}

/// Certificate and key as other programs read them.
fn write_pem(identity: &Identity, folder: &Path, name: &str) {
    use base64::Engine as _;
    let secret = identity.to_secret(Timestamp::from_micros(0));
    for (ending, label, der) in
        [("crt", "CERTIFICATE", &secret.certificate_der), ("key", "PRIVATE KEY", &secret.private_key_der)]
    {
        let body = base64::engine::general_purpose::STANDARD.encode(der);
        let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let text = format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"));
        fs::write(folder.join(format!("{name}.{ending}")), text).unwrap();
    }
}

/// Answers one request, and returns whose key the client proved to hold.
fn answer_once(identity: &Identity) -> (u16, std::thread::JoinHandle<Option<Pin>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut config = server_config(identity).unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let answering = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), socket);
        let mut heard = [0; 4096];
        let _ = stream.read(&mut heard).ok()?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello").ok()?;
        stream.conn.send_close_notify();
        stream.flush().ok()?;
        stream.conn.peer_certificates().map(|certificates| peer_pin(certificates).unwrap())
    });
    (port, answering)
}

fn run(program: &str, folder: &Path, words: &[&str]) -> Option<Output> {
    let output = Command::new(program).current_dir(folder).args(words).output().ok();
    if output.is_none() {
        println!("skipped: no {program} here");
    }
    output
}

#[test]
fn curl_trusts_the_certificate_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (lasting("ee"), lasting("lab"));
    write_pem(&theirs, folder.path(), "server");
    write_pem(&ours, folder.path(), "client");
    for version in [&["--tls-max", "1.2"][..], &["--tlsv1.3"]] {
        let (port, answering) = answer_once(&theirs);
        let address = format!("https://localhost:{port}/");
        let words = [
            &[
                "-sS",
                "--noproxy",
                "*",
                "--cacert",
                "server.crt",
                "--cert",
                "client.crt",
                "--key",
                "client.key",
                &address,
            ],
            version,
        ]
        .concat();
        let Some(output) = run("curl", folder.path(), &words) else { return };
        assert_eq!(String::from_utf8_lossy(&output.stdout), "hello", "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(answering.join().unwrap(), Some(ours.pin()));
    }
    let (port, answering) = answer_once(&theirs);
    let address = format!("https://localhost:{port}/");
    let output = run("curl", folder.path(), &["-sS", "--noproxy", "*", "--cacert", "client.crt", &address]).unwrap();
    assert!(!output.status.success());
    assert_eq!(answering.join().unwrap(), None);
}

#[test]
fn openssl_finds_the_same_pin_and_its_keys_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let ours = lasting("ee");
    write_pem(&ours, folder.path(), "ours");
    let script = "openssl verify -CAfile ours.crt ours.crt >&2 && \
        openssl x509 -in ours.crt -pubkey -noout | openssl pkey -pubin -outform der";
    let Some(output) = run("sh", folder.path(), &["-c", script]) else { return };
    if run("openssl", folder.path(), &["version"]).is_none() {
        return;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(ours.pin().to_string(), format!("sha256/{}", base64url(&sha256(&output.stdout))));
    for kind in ["rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-256", "ec -pkeyopt ec_paramgen_curve:P-384", "ed25519"] {
        let script = format!("openssl req -x509 -newkey {kind} -nodes -subj /CN=x -days 9 -keyout k.pem -out c.pem");
        let output = run("sh", folder.path(), &["-c", &script]).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let read = |name| fs::read(folder.path().join(name)).unwrap();
        let identity = Identity::from_pem(&read("c.pem"), &read("k.pem")).unwrap();
        assert!(server_config(&identity).is_ok(), "{kind}");
        // The older forms of a private key, and one with a passphrase.
        let script = "openssl pkey -in k.pem -traditional -out old.pem || cp k.pem old.pem; \
            openssl pkey -in k.pem -aes256 -passout pass:secret -out locked.pem";
        assert!(run("sh", folder.path(), &["-c", script]).unwrap().status.success());
        assert_eq!(Identity::from_pem(&read("c.pem"), &read("old.pem")).unwrap().pin(), identity.pin(), "{kind}");
        let error = Identity::from_pem(&read("c.pem"), &read("locked.pem")).unwrap_err();
        assert!(error.to_string().contains("passphrase"), "{error}");
    }
}

#[test]
fn java_trusts_the_certificate_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = lasting("lab");
    write_pem(&theirs, folder.path(), "server");
    fs::write(folder.path().join("Ask.java"), JAVA).unwrap();
    let import = "-importcert -noprompt -alias lab -file server.crt -keystore trust.p12 -storepass changeit";
    let Some(imported) = run("keytool", folder.path(), &import.split(' ').collect::<Vec<_>>()) else { return };
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stdout));
    let (port, answering) = answer_once(&theirs);
    let trust = ["-Djavax.net.ssl.trustStore=trust.p12", "-Djavax.net.ssl.trustStorePassword=changeit"];
    let port = port.to_string();
    let output = run("java", folder.path(), &[&trust[..], &["Ask.java", &port]].concat()).unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("jdk.compiler") {
        println!("skipped: this Java cannot run a source file");
        return;
    }
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "hello", "{said}");
    assert_eq!(answering.join().unwrap(), None);
}

const JAVA: &str = r#"
import java.net.URI;
import java.net.http.*;

public class Ask {
    public static void main(String[] words) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("https://localhost:" + words[0] + "/")).build();
        System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
    }
}
"#;
