//! A simulated tenant and a home that belongs to it, set up as an administrator would: by the command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use store::Store as _;
use store_sql::{Location, Options, SqlStore};

/// Tenant, home, and a look into its database.
pub(crate) struct World {
    pub(crate) sim: sim::Sim,
    pub(crate) store: SqlStore,
    folder: tempfile::TempDir,
}

impl World {
    /// `people` in the mail group, a template with keys of `key`, two recovery agents.
    pub(crate) async fn new(people: usize, key: &str) -> Self {
        let options = sim::SimOptions::new(sim::Tenant::invent().people(people).build());
        let sim = sim::Sim::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let run = |arguments: &[&str]| {
            let output = Command::new(env!("CARGO_BIN_EXE_sealwright"))
                .arg("--home")
                .arg(&home)
                .args(arguments)
                .stdin(Stdio::null())
                .output()
                .unwrap();
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        run(&["init", "--pki-url", "http://pki.nordwind.example.com/ca"]);
        for agent in ["one", "two"] {
            let file = folder.path().join(format!("{agent}.p12"));
            run(&["kra", "create", agent, "--out", file.to_str().unwrap()]);
        }
        let group = sim.smime_group().to_string();
        let template = run(&["template", "new", "Mail", "--group", &group]).replace("rsa-2048", key);
        let file = folder.path().join("template.toml");
        fs::write(&file, template).unwrap();
        run(&["template", "import", file.to_str().unwrap()]);
        write_settings(&home, &sim);
        let store =
            SqlStore::open(&Location::Sqlite(home.join("sealwright.db")), &Options::default()).await.unwrap();
        Self { sim, store, folder }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A figure of a run that lost or doubled something would be worth nothing.
    pub(crate) async fn assert_complete(&self, people: u64) {
        let mut work = self.store.read().await.unwrap();
        assert_eq!(work.enrollments().counts().await.unwrap().done, people);
        assert_eq!(work.archive().count().await.unwrap(), people);
        assert_eq!(work.archive().count_inflight().await.unwrap(), 0);
        assert_eq!(work.deliveries().counts().await.unwrap(), (people, people));
        assert_eq!(self.sim.pfx_duplicates(), 0);
    }
}

fn write_settings(home: &Path, sim: &sim::Sim) {
    use std::os::unix::fs::PermissionsExt as _;
    let app = sim.app();
    let secret = home.join("client-secret");
    fs::write(&secret, app.secret.clone().unwrap()).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(home.join("ca.pem"), sim.ca_pem()).unwrap();
    fs::write(home.join("connector-key.bin"), sim.connector_public_key_blob()).unwrap();
    let settings = format!(
        "[tenant]\nid = \"{}\"\nclient-id = \"{}\"\nclient-secret-file = \"client-secret\"\n\
         authority-url = \"{url}\"\ngraph-url = \"{url}\"\nextra-root-ca = \"ca.pem\"\nsimulated = true\n\
         [intune]\nconnector-key-file = \"connector-key.bin\"\nprovider-name = \"{}\"\nkey-name = \"{}\"\n\
         [daemon]\nlisten = \"127.0.0.1:0\"\n",
        sim.tenant_id(),
        app.client_id,
        sim.connector_provider_name(),
        sim.connector_key_name(),
        url = sim.base_url(),
    );
    fs::write(home.join("sealwright.toml"), settings).unwrap();
}
