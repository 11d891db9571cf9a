//! The program with its page served, and the commands that the page sends.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// The program, with its page served.
pub(crate) struct Served {
    child: Child,
    address: SocketAddr,
    token: String,
}

impl Served {
    /// Serves the page of the home that a command names; what the page holds does not matter, and lies in `page`.
    pub(crate) async fn by(mut command: Command, page: &Path) -> Self {
        fs::create_dir_all(page).unwrap();
        fs::write(page.join("index.html"), "<!doctype html>").unwrap();
        command.arg("bridge").arg("--ui").arg(page);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().expect("it says where it listens");
        let told: Value = serde_json::from_str(&line).unwrap();
        let url = told["url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
        let (address, token) = url.split_once("/#token=").unwrap();
        Self { child, address: address.parse().unwrap(), token: token.to_owned() }
    }

    pub(crate) async fn call(&self, name: &str, payload: Value) -> Result<Value, Value> {
        let body = json!({ "name": name, "payload": payload }).to_string();
        let request = format!(
            "POST /api/call HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            self.token,
            body.len()
        );
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
        if head.starts_with("HTTP/1.1 200") { Ok(value) } else { Err(value) }
    }

    /// A command that must succeed.
    pub(crate) async fn done(&self, name: &str, payload: Value) -> Value {
        self.call(name, payload).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A command that must be refused: code, message and hint.
    pub(crate) async fn refused(&self, name: &str, payload: Value) -> (String, String) {
        let error = self.call(name, payload).await.expect_err("it is refused");
        let text = |field: &str| error[field].as_str().unwrap_or_default().to_owned();
        (text("code"), format!("{}\n{}", text("message"), text("hint")))
    }

    /// Ends as when the window is closed.
    pub(crate) async fn close(mut self) {
        let pid = i32::try_from(self.child.id().unwrap()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().await.unwrap().success());
    }
}
