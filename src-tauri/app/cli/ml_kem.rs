//! `kra ml-kem`: makes an officer's ML-KEM key, in a file: no card and no vault holds one yet.

use std::path::{Path, PathBuf};

use clap::Args;
use crypto::{MlKemPrivateKey, pfx};
use model::SystemEntropy;
use serde_json::json;

use super::output::{Failure, Output};
use super::recovery::no_password_in_json;
use crate::handout::must_be_new;
use crate::settings::write_new_private;

/// Where the key goes
#[derive(Debug, Args)]
pub(super) struct MlKemArguments {
    /// File for the private key (PEM); its password is shown once. The public key goes beside it (`.pub.pem`)
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// File for the password, in place of showing it
    #[arg(long, value_name = "FILE")]
    out_password: Option<PathBuf>,
}

/// The files of a key: private and public.
pub(super) struct Files {
    pub(super) private: PathBuf,
    pub(super) public: PathBuf,
}

impl Files {
    /// With the public half beside this file.
    fn at(private: PathBuf) -> Self {
        Self { public: private.with_extension("pub.pem"), private }
    }

    /// Beside the agent's own key: `anna.p12`, `anna.ml-kem.pem`, `anna.ml-kem.pub.pem`.
    pub(super) fn beside(own: &Path) -> Self {
        Self::at(own.with_extension("ml-kem.pem"))
    }

    pub(super) fn must_be_new(&self) -> Result<(), Failure> {
        must_be_new(&self.private)?;
        must_be_new(&self.public)
    }

    /// Makes a key under this password; its fingerprint.
    pub(super) fn make(&self, password: &str) -> Result<String, Failure> {
        let key = MlKemPrivateKey::generate()?;
        write_new_private(&self.private, key.to_pem(password)?.as_bytes())?;
        write_new_private(&self.public, key.public().to_pem().as_bytes())?;
        Ok(key.public().fingerprint())
    }
}

pub(super) fn create(wanted: &MlKemArguments, output: &Output) -> Result<(), Failure> {
    let files = Files::at(wanted.out.clone());
    files.must_be_new()?;
    match &wanted.out_password {
        Some(path) => must_be_new(path)?,
        None if output.is_json() => return Err(no_password_in_json("--out-password FILE")),
        None => {}
    }
    let password = pfx::generate_password(&SystemEntropy);
    // The password first: a key that nobody can unlock must not be taken into a set.
    if let Some(path) = &wanted.out_password {
        write_new_private(path, password.as_bytes())?;
    }
    let fingerprint = files.make(&password)?;
    let value = json!({
        "file": files.private, "publicFile": files.public, "fingerprint": fingerprint, "passwordFile": wanted.out_password,
    });
    output.result(&value, || {
        let password = match &wanted.out_password {
            Some(path) => format!("its password is in {}", path.display()),
            None => format!("its password, shown this once: {}", password.as_str()),
        };
        format!(
            "made the ML-KEM-768 key {fingerprint}\nit is in {}; keep it where only its officer gets at it, and a copy elsewhere: \
             what is sealed to it opens with nothing else\n{password}\nnothing is sealed to it yet: `sealwright kra set propose \
             --keep --ml-kem OFFICER={}` proposes it, and keys are sealed so once every officer has one",
            files.private.display(),
            files.public.display()
        )
    })?;
    Ok(())
}
