//! `sealwright-sim`: the simulated Microsoft cloud as a program, for demonstrations and for tests that run the product as
//! another process. It prints its addresses, writes what a client needs into a folder, and runs until it is interrupted.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use serde_json::json;
use sim::{DeviceKeys, Sim, SimOptions, Tenant};

/// A simulated Microsoft tenant on loopback: Entra ID, Graph, Intune, the connector and the people's devices.
#[derive(Debug, Parser)]
#[command(name = "sealwright-sim", version)]
struct Arguments {
    /// How many people to invent.
    #[arg(long, default_value_t = 25)]
    people: usize,
    /// How many shared mailboxes, each held by two of the people.
    #[arg(long, default_value_t = 2)]
    mailboxes: usize,
    /// Take the people from a Graph export (the answer of GET /users) instead of inventing them.
    #[arg(long, value_name = "FILE", conflicts_with = "people")]
    tenant: Option<PathBuf>,
    /// Which of the many possible tenants to invent.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The domain of the invented addresses.
    #[arg(long, default_value = "nordwind.example.com")]
    domain: String,
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// At most so many items on a page.
    #[arg(long, value_name = "ITEMS")]
    page_size: Option<usize>,
    /// How many seconds an access token lives.
    #[arg(long, default_value_t = 3599)]
    token_lifetime: u64,
    /// Milliseconds to wait before each answer.
    #[arg(long, default_value_t = 0)]
    latency: u64,
    /// Let all devices of one platform share a key: for thousands of devices.
    #[arg(long)]
    shared_device_keys: bool,
    /// Accept client assertions signed with the key of this certificate (PEM).
    #[arg(long, value_name = "FILE")]
    client_certificate: Option<PathBuf>,
    /// Write ca.pem, client-secret, connector-key.bin, control-token and sim.json into this folder.
    #[arg(long, value_name = "DIR")]
    write_config: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            let _ = writeln!(io::stderr(), "sealwright-sim: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let mut tenant = match &arguments.tenant {
        Some(file) => {
            let export = read(file)?;
            Tenant::from_graph_export(&export)
                .map_err(|error| format!("{}: {error}", file.display()))?
                .with_mailboxes(arguments.mailboxes)
        }
        None => Tenant::invent()
            .people(arguments.people)
            .mailboxes(arguments.mailboxes)
            .seed(arguments.seed)
            .domain(&arguments.domain)
            .build(),
    };
    if let Some(file) = &arguments.client_certificate {
        tenant = tenant.with_client_certificate(&String::from_utf8_lossy(&read(file)?));
    }
    let mut options = SimOptions::new(tenant)
        .with_latency(Duration::from_millis(arguments.latency))
        .with_token_lifetime(Duration::from_secs(arguments.token_lifetime));
    options.bind.set_port(arguments.port);
    if let Some(items) = arguments.page_size {
        options = options.with_pages_of(items);
    }
    if arguments.shared_device_keys {
        options.device_keys = DeviceKeys::PerPlatform;
    }
    let sim = Sim::start(options).await.map_err(|error| error.to_string())?;
    if let Some(folder) = &arguments.write_config {
        write_config(&sim, folder)?;
    }
    announce(&sim, arguments.write_config.as_deref()).map_err(|error| format!("cannot print: {error}"))?;
    interrupted().await.map_err(|error| format!("cannot wait for a signal: {error}"))?;
    sim.stop().await;
    Ok(())
}

fn announce(sim: &Sim, folder: Option<&Path>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "authority       {}", sim.base_url())?;
    writeln!(out, "graph           {}/v1.0", sim.base_url())?;
    writeln!(out, "tenant          {} ({})", sim.tenant_id(), sim.domain())?;
    writeln!(out, "client id       {}", sim.app().client_id)?;
    writeln!(out, "S/MIME group    {}", sim.smime_group())?;
    writeln!(out, "sign-in group   {}", sim.sign_in_group())?;
    writeln!(out, "people          {}", sim.users().len() - sim.mailboxes().len())?;
    writeln!(out, "mailboxes       {}", sim.mailboxes().len())?;
    writeln!(out, "control token   {}", sim.control_token())?;
    if let Some(folder) = folder {
        writeln!(out, "written to      {}", folder.display())?;
    }
    out.flush()
}

/// Everything that a client in another process needs. `sim.json` comes last: whoever sees it can read the others.
fn write_config(sim: &Sim, folder: &Path) -> Result<(), String> {
    let wrong = |error: io::Error| format!("cannot write into {}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(wrong)?;
    let app = sim.app();
    write(&folder.join("ca.pem"), sim.ca_pem().as_bytes(), false).map_err(wrong)?;
    write(&folder.join("client-secret"), app.secret.as_deref().unwrap_or_default().as_bytes(), true)
        .map_err(wrong)?;
    write(&folder.join("connector-key.bin"), &sim.connector_public_key_blob(), false).map_err(wrong)?;
    write(&folder.join("control-token"), sim.control_token().as_bytes(), true).map_err(wrong)?;
    let url = sim.base_url();
    let settings = json!({
        "baseUrl": url,
        "authority": url,
        "graphUrl": url,
        "tokenUrl": format!("{url}/{}/oauth2/v2.0/token", sim.tenant_id()),
        "controlUrl": format!("{url}/_sim"),
        "tenantId": sim.tenant_id(),
        "domain": sim.domain(),
        "clientId": app.client_id,
        "clientSecretFile": "client-secret",
        "caFile": "ca.pem",
        "controlTokenFile": "control-token",
        "connector": {
            "providerName": sim.connector_provider_name(),
            "keyName": sim.connector_key_name(),
            "publicKeyFile": "connector-key.bin",
        },
        "groups": { "smime": sim.smime_group(), "signIn": sim.sign_in_group() },
        "mailboxes": sim.mailboxes(),
        "processId": std::process::id(),
    });
    let half_written = folder.join("sim.json.new");
    write(&half_written, format!("{settings:#}\n").as_bytes(), false).map_err(wrong)?;
    fs::rename(&half_written, folder.join("sim.json")).map_err(wrong)
}

/// Writes a file; a private one is readable by its owner only from its first byte.
fn write(path: &Path, content: &[u8], private: bool) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if private {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        options.mode(0o600);
        if path.exists() {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        }
    }
    #[cfg(not(unix))]
    let _ = private;
    options.open(path)?.write_all(content)
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))
}

/// Ctrl-C, or SIGTERM where there is such a thing.
async fn interrupted() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
