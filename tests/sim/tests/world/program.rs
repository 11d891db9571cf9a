//! The simulator as a program of its own: what it writes is enough for a client in another process.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::Value;

/// Ends the program with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn the_written_files_are_enough_to_sign_in_and_to_control() {
    let folder = tempfile::tempdir().expect("a folder");
    let child = Command::new(env!("CARGO_BIN_EXE_sealwright-sim"))
        .args(["--people", "4", "--mailboxes", "1", "--write-config"])
        .arg(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let _running = Running(child);
    let settings = folder.path().join("sim.json");
    let started = Instant::now();
    while !settings.exists() {
        assert!(started.elapsed() < Duration::from_secs(30), "sim.json is written soon");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let text = |name: &str| fs::read_to_string(folder.path().join(name)).expect(name);
    let settings: Value = serde_json::from_str(&text("sim.json")).expect("JSON");
    #[cfg(unix)]
    for secret in ["client-secret", "control-token"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(folder.path().join(secret)).expect(secret).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{secret}");
    }
    assert_eq!(fs::read(folder.path().join("connector-key.bin")).expect("a key").len(), 283);

    let ca = reqwest::Certificate::from_pem(text("ca.pem").as_bytes()).expect("the CA");
    let http =
        Client::builder().tls_built_in_root_certs(false).add_root_certificate(ca).build().expect("a client");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", settings["clientId"].as_str().expect("an id")),
        ("client_secret", &text("client-secret")),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let token: Value = http
        .post(settings["tokenUrl"].as_str().expect("an address"))
        .form(&form)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let token = token["access_token"].as_str().expect("a token");
    let holders = format!(
        "{}/v1.0/groups/{}/members",
        settings["graphUrl"].as_str().expect("an address"),
        settings["mailboxes"][0]["holderGroup"].as_str().expect("an id")
    );
    let members: Value =
        http.get(holders).bearer_auth(token).send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(members["value"].as_array().map(Vec::len), Some(2));

    let state = format!("{}/state", settings["controlUrl"].as_str().expect("an address"));
    let state: Value = http
        .get(state)
        .bearer_auth(text("control-token"))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(state["users"], 5);
}

#[test]
fn a_tenant_file_that_is_none_is_refused_with_its_name_and_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("export.json");
    fs::write(&file, "<html>").expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_sealwright-sim"))
        .arg("--tenant")
        .arg(&file)
        .output()
        .expect("it runs");
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("export.json: line 1, column 1: this is a web page"), "{told}");
}
