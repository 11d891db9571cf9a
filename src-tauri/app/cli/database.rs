//! Commands about the database: which one, its schema, its roles, backups, and the move to a server.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use model::text::fitted;
use model::{AuditEvent, AuditKind, AuditOutcome};
use serde_json::json;
use store::Store as _;
use store_sql::roles::{Grade, Remark, grants, prepare};
use store_sql::{Location, Options, Password, ServerAddress, ServerKind, SqlStore};
use zeroize::Zeroizing;

use super::Outcome;
use super::output::{Failure, Output, table};
use super::sharing::{DatabaseCommand, DatabaseKind, Migrate, UseDatabase};
use crate::database::{self, address, connect, location, migration_script, options};
use crate::foundation::Foundation;
use crate::handout::must_be_new;
use crate::installation;
use crate::moving;
use crate::person::who;
use crate::rights::Rights;
use crate::settings::{Database, FILE, Home, Settings};
use crate::vault::{SecretName, Vault};
use crate::works::chain;

pub(super) async fn run(home: Home, command: DatabaseCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        DatabaseCommand::Status => status(&home, output).await,
        DatabaseCommand::Use(named) => choose(&home, named, output).await,
        DatabaseCommand::Password { stdin } => password(&home, stdin, output),
        DatabaseCommand::Grants { kind, database, prepare } => script(&home, kind, database, prepare, output),
        DatabaseCommand::Backup { file } => backup(home, &file, output).await,
        DatabaseCommand::Move { named, migrate } => move_to(home, named, migrate, output).await,
    }
}

/// Makes the tables or upgrades them; with `--plan` only shows how.
pub(super) async fn migrate(home: &Home, command: &Migrate, output: &Output) -> Result<Outcome, Failure> {
    let settings = Settings::load(home)?;
    let location = location(home, &settings)?;
    if settings.database.is_none() && !home.database().exists() {
        return Err(Failure::with_hint(
            format!("{} holds no database", home.path().display()),
            "run `sealwright init` first",
        ));
    }
    if command.plan {
        let store = connect(&location, &options(&settings)).await?;
        let (schema, steps) = (store.schema().await?, store.plan().await?);
        let listed: Vec<_> = steps
            .iter()
            .map(|step| json!({ "version": step.version, "name": step.name, "compatible": step.is_compatible, "sql": step.sql }))
            .collect();
        // Triggers that an earlier run was refused are made by the next one, whatever the schema.
        let lacks = if steps.is_empty() { store.shortcomings().await? } else { Vec::new() };
        let guards = if steps.is_empty() { store.missing_guards().await? } else { Vec::new() };
        let value = json!({ "schema": schema.version, "known": schema.known, "steps": listed, "lacks": told(&lacks),
            "guards": guards });
        output.result(&value, || {
            if !steps.is_empty() {
                return migration_script(&steps);
            }
            let done = if lacks.is_empty() && guards.is_empty() { "; nothing is to be done" } else { "" };
            let mut text = format!("-- the database has schema {}{done}\n", schema.version);
            for lack in told(&lacks) {
                text.push_str(&format!("-- {lack}\n"));
            }
            for guard in &guards {
                text.push_str(&format!("\n{guard};\n"));
            }
            text
        })?;
        return Ok(Outcome::Done);
    }
    if settings.database.is_some() {
        output.note("upgrading the database; a backup made before is the only way back …");
    }
    let migrated = database::migrate(&location, &options(&settings)).await?;
    if settings.database.is_some() {
        let store = connect(&location, &options(&settings)).await?;
        match store.shortcomings().await {
            Ok(lacks) => told(&lacks).iter().for_each(|lack| output.warning(lack)),
            Err(error) => output.warning(&chain(&error)),
        }
        store.close().await;
    }
    let value = json!({ "from": migrated.from, "schema": migrated.to, "copy": migrated.copy });
    output.result(&value, || {
        let copy = match &migrated.copy {
            Some(copy) => format!("\na copy of the older one is {}", copy.display()),
            None => String::new(),
        };
        let roles = if settings.database.is_some() && migrated.from != migrated.to {
            "\nnow grant the roles anew: `sealwright database grants` prints the script"
        } else {
            ""
        };
        if migrated.from == migrated.to {
            format!("the database has schema {} already", migrated.to)
        } else {
            format!("the database went from schema {} to schema {}{copy}{roles}", migrated.from, migrated.to)
        }
    })?;
    Ok(Outcome::Done)
}

async fn status(home: &Home, output: &Output) -> Result<Outcome, Failure> {
    let settings = Settings::load(home)?;
    let location = location(home, &settings)?;
    if settings.database.is_none() && !home.database().exists() {
        return Err(Failure::with_hint(
            format!("{} holds no database", home.path().display()),
            "run `sealwright init`, or `sealwright database use URL` to share one",
        ));
    }
    let store = connect(&location, &options(&settings)).await?;
    let schema = store.schema().await?;
    let fits = schema.gate_unchanged();
    let (rights, sizes, lacks) = match &fits {
        Ok(()) => (Rights::of(&store).await?, store.sizes().await?, store.shortcomings().await?),
        Err(_) => (Rights::default(), Vec::new(), Vec::new()),
    };
    let remarks = rights.0.as_ref().map(store_sql::roles::Standing::remarks).unwrap_or_default();
    let wrong = remarks.iter().any(|remark| remark.grade == Grade::Wrong);
    let total: u64 = sizes.iter().map(|(_, bytes)| bytes).sum();
    let value = json!({
        "database": location.to_string(), "kind": store.kind(), "schema": schema.version, "known": schema.known,
        "usable": fits.is_ok(), "why": fits.as_ref().err().map(|error| chain(error)), "role": rights.role(),
        "rights": rights.lines(), "lacks": told(&lacks), "bytes": total,
        "tables": sizes.iter().map(|(name, bytes)| json!({ "name": name, "bytes": bytes })).collect::<Vec<_>>(),
    });
    output.result(&value, || {
        let mut text = format!("{location}\nschema {}, this program knows {}", schema.version, schema.known);
        if let Err(error) = &fits {
            text.push_str(&format!("\n{}", chain(error)));
        }
        text.push_str(&format!("\n{} KB in tables", total / 1_024));
        for lack in told(&lacks) {
            text.push_str(&format!("\nWRONG  {lack}"));
        }
        if !remarks.is_empty() {
            let rows: Vec<Vec<String>> = remarks
                .iter()
                .map(|remark| {
                    let mark = match remark.grade {
                        Grade::May => "yes",
                        Grade::MayNot => "no",
                        Grade::Wrong => "WRONG",
                    };
                    let hint = remark.hint.as_ref().map(|hint| format!(": {hint}")).unwrap_or_default();
                    vec![remark.area.to_owned(), mark.to_owned(), format!("{}{hint}", remark.found)]
                })
                .collect();
            text.push_str(&format!("\n\n{}", table(&["THIS LOGIN", "", ""], &rows)));
        }
        text
    })?;
    Ok(if fits.is_err() || wrong || !lacks.is_empty() { Outcome::NeedsPerson } else { Outcome::Done })
}

/// What a server leaves undone, a line for each.
fn told(lacks: &[Remark]) -> Vec<String> {
    let line = |lack: &Remark| match &lack.hint {
        Some(hint) => format!("{}: {}: {hint}", lack.area, lack.found),
        None => format!("{}: {}", lack.area, lack.found),
    };
    lacks.iter().map(line).collect()
}

/// What the command line says about a database, as settings.
fn described(named: &UseDatabase) -> Database {
    let mut database = Database::at(&named.url);
    // As it is named here and now; in the settings a path counts from the home.
    database.ca_file =
        named.ca_file.as_ref().map(|file| std::path::absolute(file).unwrap_or_else(|_| file.clone()));
    database.authentication = named.authentication.into();
    if named.no_tls {
        database.tls = crate::settings::TlsSetting::Off;
    }
    database
}

async fn choose(home: &Home, named: UseDatabase, output: &Output) -> Result<Outcome, Failure> {
    if home.database().exists() {
        return Err(Failure::with_hint(
            format!("{} holds an embedded database, which would be left behind", home.path().display()),
            "`sealwright database move URL` takes everything along",
        ));
    }
    let database = described(&named);
    let mut settings = Settings::load(home)?;
    home.create()?;
    let address = address(home, &database)?;
    let typed = typed_password(home, &database, named.password_stdin)?;
    settings.database = Some(database);
    settings.check()?;
    // Tried before anything is written: a wrong name or password is told now, and what worked goes on working.
    let trial = match &typed {
        Some(password) => Location::Server {
            address: address.clone(),
            login: std::sync::Arc::new(Password(password.clone())),
        },
        None => location(home, &settings)?,
    };
    let store = connect(&trial, &options(&settings)).await?;
    let schema = store.schema().await?;
    store_password(home, typed.as_ref())?;
    settings.save(home)?;
    let next = match schema.gate_unchanged() {
        Ok(()) => what_next(home, &store).await?,
        Err(_) => "its schema is not this program's: have its owner run `sealwright migrate` and the script of `sealwright \
                   database grants`"
            .to_owned(),
    };
    let value = json!({ "database": address.to_string(), "schema": schema.version, "known": schema.known,
        "settings": home.path().join(FILE), "next": next });
    output.result(&value, || {
        format!("{address} answers; it is written into {}\n{next}", home.path().join(FILE).display())
    })?;
    Ok(Outcome::Done)
}

/// What to do with a database that has been chosen.
async fn what_next(home: &Home, store: &SqlStore) -> Result<String, Failure> {
    if read_admissions(store).await.unwrap_or_default().is_empty() {
        return Ok(
            "nobody uses it yet: run `sealwright init`, which founds the fleet and an authority".to_owned()
        );
    }
    if home.path().join(crate::foundation::PIN_FILE).exists() {
        return Ok("a fleet shares it, and this installation knows one already: `sealwright installation list` says how it \
                   stands"
            .to_owned());
    }
    let rights = Rights::of(store).await?;
    if rights.may_ask() {
        return Ok(
            "a fleet shares it already: run `sealwright installation join`, which shows what to compare"
                .to_owned(),
        );
    }
    let onlooker = rights.onlooker();
    Ok(format!(
        "a fleet shares it already: run `sealwright installation trust FINGERPRINT` with the fleet's fingerprint as an \
         admitted installation shows it\n{}; {}",
        onlooker.found, onlooker.hint
    ))
}

async fn read_admissions(store: &SqlStore) -> Result<Vec<store::AdmissionEntry>, store::StoreError> {
    use store::Store as _;
    store.read().await?.installations().admissions().await
}

/// The password of the database account, unless another kind of sign-in is used or the stored one is to serve.
fn typed_password(
    home: &Home,
    database: &Database,
    stdin: bool,
) -> Result<Option<Zeroizing<String>>, Failure> {
    if database.authentication != crate::settings::Authentication::Password {
        return Ok(None);
    }
    if !stdin && !std::io::stdin().is_terminal() {
        if Vault::found(home)?.has(SecretName::DATABASE_PASSWORD) {
            return Ok(None);
        }
        return Err(Failure::with_hint(
            "there is no terminal to ask for the password of the database account",
            "give it on standard input with --password-stdin",
        ));
    }
    read_password(stdin).map(Some)
}

fn store_password(home: &Home, typed: Option<&Zeroizing<String>>) -> Result<(), Failure> {
    if let Some(secret) = typed {
        Vault::found(home)?.put(SecretName::DATABASE_PASSWORD, secret.as_bytes())?;
    }
    Ok(())
}

fn read_password(stdin: bool) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    if stdin {
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Failure::new(format!("the password cannot be read: {error}")))?;
    } else {
        *text = rpassword::prompt_password("Password of the database account: ")
            .map_err(|error| Failure::new(format!("the password cannot be read: {error}")))?;
    }
    let trimmed = Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
    if trimmed.is_empty() {
        return Err(Failure::new("the password is empty; nothing was stored"));
    }
    Ok(trimmed)
}

fn password(home: &Home, stdin: bool, output: &Output) -> Result<Outcome, Failure> {
    let vault = Vault::found(home)?;
    let secret = read_password(stdin)?;
    vault.put(SecretName::DATABASE_PASSWORD, secret.as_bytes())?;
    output.result(&json!({ "stored": true }), || {
        "the password is stored; it is used from the next connection on".to_owned()
    })?;
    Ok(Outcome::Done)
}

fn script(
    home: &Home,
    kind: Option<DatabaseKind>,
    database: Option<String>,
    with_preparation: bool,
    output: &Output,
) -> Result<Outcome, Failure> {
    let settings = Settings::load(home)?;
    let own: Option<ServerAddress> = match &settings.database {
        Some(database) => Some(database.url.parse()?),
        None => None,
    };
    let kind = kind.map(ServerKind::from).or(own.as_ref().map(|address| address.kind)).ok_or_else(|| {
        Failure::with_hint("no server is configured here", "name the kind: --kind mysql or --kind mssql")
    })?;
    let database =
        database.or(own.map(|address| address.database)).unwrap_or_else(|| "sealwright".to_owned());
    let text = if with_preparation { prepare(kind, &database) } else { grants(kind, &database) };
    output.result(&json!({ "kind": kind.scheme(), "database": database, "sql": text }), || text.clone())?;
    Ok(Outcome::Done)
}

async fn backup(home: Home, file: &Path, output: &Output) -> Result<Outcome, Failure> {
    let foundation = Foundation::open(home.clone(), who(&home).await?.actor).await?;
    if foundation.store.is_shared() {
        return Err(Failure::with_hint(
            "a database on a server is backed up with the server's own tools",
            "docs/database.md shows how with mariadb-dump and with BACKUP DATABASE, and how to restore",
        ));
    }
    must_be_new(file)?;
    // The copy says itself that it was made.
    record_copy(&foundation, AuditOutcome::Success, &format!("to {}", file.display())).await?;
    if let Err(error) = foundation.store.copy_to(file).await {
        let why = format!("not to {}: {}", file.display(), chain(&error));
        record_copy(&foundation, AuditOutcome::Failure, &why).await?;
        return Err(error.into());
    }
    let key = if installation::lies_in_file(&foundation.home) { "installation.key, " } else { "" };
    output.result(&json!({ "file": file }), || {
        format!(
            "copied the database to {}\nkeep {key}installation.crt, admission.pin, admission.seen, sealwright.toml and the files it \
             names with it, in another place; without the installation's key the built-in authority cannot be used",
            file.display()
        )
    })?;
    Ok(Outcome::Done)
}

async fn record_copy(
    foundation: &Foundation,
    outcome: AuditOutcome,
    detail: &str,
) -> Result<(), store::StoreError> {
    let event = AuditEvent {
        kind: AuditKind::DatabaseCopied,
        outcome,
        actor: foundation.actor.clone(),
        object: "database".to_owned(),
        detail: fitted(detail, 500),
    };
    let now = foundation.clock.now();
    store::in_unit!(foundation.store, work => { work.audit().append(&event, now).await?; })
}

async fn move_to(
    home: Home,
    named: UseDatabase,
    with_tables: bool,
    output: &Output,
) -> Result<Outcome, Failure> {
    let settings = Settings::load(&home)?;
    if settings.database.is_some() {
        return Err(Failure::new("this home uses a shared database already; there is nothing to move"));
    }
    let database = described(&named);
    let typed = typed_password(&home, &database, named.password_stdin)?;
    store_password(&home, typed.as_ref())?;
    let foundation = Foundation::open(home.clone(), who(&home).await?.actor).await?;
    foundation.enter("console").await.map_err(crate::compose::ComposeError::from)?;
    let mut wanted = settings.clone();
    wanted.database = Some(database);
    wanted.check()?;
    let target = location(&home, &wanted)?;
    let Location::Server { address, .. } = &target else {
        return Err(Failure::new("the target is no server"));
    };
    let shown = address.to_string();
    if with_tables {
        database::migrate(&target, &Options::default()).await?;
    }
    let bar = indicatif::ProgressBar::new(0);
    let tell = |step: store_sql::CopyStep| {
        bar.set_length(step.of);
        bar.set_position(step.rows);
        bar.set_message(if step.comparing {
            format!("comparing {}", step.table)
        } else {
            step.table.to_owned()
        });
        true
    };
    let moved = moving::carry(&foundation, &target, &wanted, &tell).await;
    bar.finish_and_clear();
    let moved = moved?;
    let (rows, tables) = moved.copied.map_or((0, 0), |copied| (copied.rows, copied.tables));
    let kept = moved.kept;
    let value = json!({ "database": shown, "rows": rows, "tables": tables, "kept": kept });
    output.result(&value, || {
        format!(
            "{rows} rows are in {shown} and were compared with the old database\nthe old database is kept as {}; remove it when \
             you are sure\nthis installation founded the fleet: other machines run `sealwright database use` and `sealwright \
             installation join`\nto give them the tenant too: `sealwright tenant share`\nthis home still signs in with the account \
             that owns the tables: have the script of `sealwright database grants` run, then `sealwright database use` with an \
             account that has a role",
            kept.display()
        )
    })?;
    Ok(Outcome::Done)
}
