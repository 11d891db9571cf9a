//! What the service answers on its loopback port, and what it writes into its log.

use std::fs;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::certificates::{openssl, text};
use crate::world::World;

/// Status line and body of one plain HTTP request.
pub(crate) async fn http(address: SocketAddr, request: &str) -> (String, Vec<u8>) {
    http_with(address, request, "", "").await
}

/// The same with header lines, each ended by a line end, and a body.
pub(crate) async fn http_with(
    address: SocketAddr,
    request: &str,
    headers: &str,
    body: &str,
) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("{request} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}");
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    stream.write_all(format!("{head}{length}\r\n{body}").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    (String::from_utf8_lossy(&answer[..end]).into_owned(), answer[end + 4..].to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_service_says_that_it_lives_and_is_ready() {
    let world = World::of(1, 0).await;
    let mut daemon = world.daemon();
    let address = daemon.ready().await;
    assert!(address.ip().is_loopback());
    let (head, body) = http(address, "GET /healthz").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(body, b"ok\n");
    let (head, body) = http(address, "GET /readyz").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(String::from_utf8(body).unwrap().starts_with("ready, "));
    for request in [
        "GET /",
        "GET /pki/story-ca/../../installation.key",
        "GET /pki/story-ca/issuing.key",
        "GET /pki/other/issuing.crl",
    ] {
        let (head, _) = http(address, request).await;
        assert!(head.starts_with("HTTP/1.1 404"), "{request}: {head}");
    }
    let (head, _) = http(address, "POST /healthz").await;
    assert!(head.starts_with("HTTP/1.1 405"), "{head}");
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authoritys_files_are_served_and_the_list_is_good_for_openssl() {
    let world = World::of(1, 0).await;
    let mut daemon = world.daemon();
    let address = daemon.ready().await;
    let folder = world.folder().to_owned();
    let fetch = async |name: &str, kind: &str| {
        let (head, body) = http(address, &format!("GET /pki/story-ca/{name}")).await;
        assert!(head.starts_with("HTTP/1.1 200") && head.contains(kind), "{name}: {head}");
        let file = folder.join(name);
        fs::write(&file, body).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let crl = fetch("issuing.crl", "application/pkix-crl").await;
    let root_crl = fetch("root.crl", "application/pkix-crl").await;
    let issuing = fetch("issuing.cer", "application/pkix-cert").await;
    let root = fetch("root.cer", "application/pkix-cert").await;
    for (list, issuer) in [(&crl, &issuing), (&root_crl, &root)] {
        let pem = format!("{issuer}.pem");
        assert!(openssl(&["x509", "-inform", "DER", "-in", issuer, "-out", &pem]).status.success());
        let verified = openssl(&["crl", "-inform", "DER", "-in", list, "-CAfile", &pem, "-noout"]);
        assert!(text(&verified).contains("verify OK"), "{}", text(&verified));
    }
    // A revocation by another process is on the list that is served within a minute; at once after `authority crl`.
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_line_of_the_log_is_one_json_object_with_time_level_and_message() {
    let world = World::of(2, 1).await;
    let mut daemon = world.daemon_with(&["--log", "debug"], None);
    daemon.ready().await;
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    let lines = daemon.lines();
    assert!(lines.len() > 20);
    for line in &lines {
        assert!(
            line["timestamp"].is_string() && line["level"].is_string() && line["fields"].is_object(),
            "{line}"
        );
    }
    let messages: Vec<&str> = lines.iter().filter_map(|line| line["fields"]["message"].as_str()).collect();
    for message in ["the daemon is ready", "a duty is done", "certificate issued", "stopped"] {
        assert!(messages.contains(&message), "{message}");
    }
    // Lines for people are lines too.
    let mut plain = world.command();
    plain.arg("--daemon");
    let mut daemon = crate::program::Daemon::start(plain, world.folder().join("plain.log"));
    crate::program::until("it says that it is ready", async || {
        daemon.log().contains("the daemon is ready").then_some(())
    })
    .await;
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_or_open_to_the_world_is_refused() {
    let world = World::of(1, 0).await;
    let mut first = world.daemon();
    let taken = first.ready().await;
    let file = world.home().join("sealwright.toml");
    let good = fs::read_to_string(&file).unwrap();
    for (address, told) in
        [(taken.to_string(), "cannot be listened on"), ("0.0.0.0:0".to_owned(), "not a loopback address")]
    {
        fs::write(&file, good.replace("listen = \"127.0.0.1:0\"", &format!("listen = \"{address}\"")))
            .unwrap();
        let mut daemon = world.daemon();
        assert_eq!(daemon.ended().await.code(), Some(1), "{}", daemon.log());
        assert!(daemon.log().contains(told), "{}", daemon.log());
    }
    first.stop().await;
}
