//! Examines everything the program depends on and says what to do about what is wrong.

use admit::AdmitError;
use model::{CalledDrill, Timestamp, is_newer_than_called};
use ports::CertificateAuthority as _;
use recover::inventory::Inventory;
use serde::Serialize;
use store::{Store as _, StoreError};
use store_sql::roles::Grade;

use crate::compose::{ComposeError, Program};
use crate::person::who;
use crate::settings::{Home, SignInWay};
use crate::tenant::TenantLink;
use crate::vault::{SecretName, Vault};
use crate::works::chain;

/// What an examination found.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    /// What was examined.
    pub what: String,
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do.
    pub hint: Option<String>,
}

/// How something is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Verdict {
    /// As it should be.
    Good,
    /// The role of this login has no business with it.
    NotForRole,
    /// Works, and somebody should look.
    Warning,
    /// Does not work.
    Bad,
}

/// What was found about one thing.
pub(crate) fn finding(what: &str, verdict: Verdict, found: impl Into<String>, hint: Option<&str>) -> Finding {
    Finding { what: what.to_owned(), verdict, found: found.into(), hint: hint.map(str::to_owned) }
}

/// Warn about certificates that end within this span.
const SOON: model::Span = model::Span::days(60);

/// Examines one home.
pub(crate) async fn examine(home: Home) -> Vec<Finding> {
    let mut findings = Vec::new();
    let opened = async { Program::open(home.clone(), who(&home).await?.actor).await };
    let program = match opened.await {
        Ok(program) => program,
        Err(error) => {
            let what = if matches!(error, ComposeError::Unreached(_)) { "database" } else { "home" };
            findings.push(finding(what, Verdict::Bad, chain(&error), error.hint()));
            return findings;
        }
    };
    findings.push(finding("home", Verdict::Good, program.home.path().display().to_string(), None));
    installation_key(&program, &mut findings);
    fleet(&program, &mut findings).await;
    database(&program, &mut findings).await;
    findings.extend(clock(&program).await);
    authorities(&program, &mut findings).await;
    findings.extend(crate::officers::examine(&program).await);
    sealing(&program, &mut findings).await;
    drill(&program, &mut findings).await;
    services(&program, &mut findings).await;
    templates(&program, &mut findings).await;
    tenant(&program, &mut findings).await;
    findings
}

/// Where the private half rests, and what could be better about that.
fn installation_key(program: &Program, findings: &mut Vec<Finding>) {
    let thumbprint = program.installation.certificate.thumbprint();
    match Vault::open(&program.home) {
        Ok(vault) => {
            let rests = vault.describe(SecretName::INSTALLATION_KEY).unwrap_or("nowhere any more");
            let backup = "keep a backup (`sealwright installation backup`) apart from this machine: without the key, \
                          in-flight keys and the built-in authority cannot be used";
            let hint = match vault.advice() {
                Some(advice) => format!("{advice}; {backup}"),
                None => backup.to_owned(),
            };
            findings.push(finding(
                "installation key",
                Verdict::Good,
                format!("{thumbprint} {rests}"),
                Some(&hint),
            ));
        }
        Err(error) => findings.push(finding("installation key", Verdict::Bad, chain(&error), None)),
    }
}

/// Whether this installation is one of those that share the database.
async fn fleet(program: &Program, findings: &mut Vec<Finding>) {
    if let Some(outside) = &program.outside {
        let stands_by = matches!(outside, AdmitError::Unpinned { .. } | AdmitError::NotAdmitted { .. });
        if stands_by && !program.rights.may_ask() {
            let onlooker = program.rights.onlooker();
            findings.push(finding("fleet", Verdict::NotForRole, onlooker.found, Some(&onlooker.hint)));
        } else {
            findings.push(finding("fleet", Verdict::Bad, chain(outside), None));
        }
        return;
    }
    match program.gate.status().await {
        Ok(status) => {
            let count = status.members.len();
            let text = format!(
                "{}, {count} {}",
                status.fleet,
                if count == 1 { "installation" } else { "installations" }
            );
            findings.push(finding("fleet", Verdict::Good, text, None));
            if !status.waiting.is_empty() {
                findings.push(finding(
                    "fleet",
                    Verdict::Warning,
                    format!("{} wait to be admitted", status.waiting.len()),
                    Some("`sealwright installation list` shows them; admit or refuse each"),
                ));
            }
        }
        Err(error) => findings.push(finding("fleet", Verdict::Bad, chain(&error), None)),
    }
}

/// What the login may do on a server, and what the server leaves undone.
async fn rights(program: &Program, findings: &mut Vec<Finding>) {
    let Some(standing) = &program.rights.0 else { return };
    match program.store.shortcomings().await {
        Ok(remarks) => findings.extend(remarks.into_iter().map(|remark| {
            let what = format!("database: {}", remark.area);
            finding(&what, Verdict::Warning, remark.found, remark.hint.as_deref())
        })),
        Err(error) => findings.push(finding("database", Verdict::Warning, chain(&error), None)),
    }
    for remark in standing.remarks() {
        let verdict = match remark.grade {
            Grade::May => Verdict::Good,
            Grade::MayNot => Verdict::NotForRole,
            Grade::Wrong => Verdict::Warning,
        };
        let what = format!("login: {}", remark.area);
        findings.push(finding(&what, verdict, remark.found, remark.hint.as_deref()));
    }
}

/// `None` for what the role of this login may not read.
fn seen<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Denied { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a list holds, or a finding about why it cannot be read.
fn listed<T>(what: &str, read: Result<Vec<T>, StoreError>, findings: &mut Vec<Finding>) -> Option<Vec<T>> {
    match seen(read) {
        Ok(Some(list)) => return Some(list),
        Ok(None) => findings.push(finding(what, Verdict::NotForRole, "not visible to this login", None)),
        Err(error) => findings.push(finding(what, Verdict::Bad, chain(&error), None)),
    }
    None
}

async fn database(program: &Program, findings: &mut Vec<Finding>) {
    rights(program, findings).await;
    let told = async {
        program.store.check().await?;
        let mut work = program.store.read().await?;
        let verified = seen(work.audit().verify().await)?;
        let queued = seen(work.jobs().count().await)?;
        let inflight = seen(work.archive().count_inflight().await)?;
        Ok::<_, StoreError>((verified, queued, inflight))
    };
    match told.await {
        Ok((verified, queued, inflight)) => {
            let mut text = format!("{}; schema {}", program.store, program.schema);
            if let Some(queued) = queued {
                text.push_str(&format!(", {queued} jobs queued"));
            }
            if let Some(inflight) = inflight {
                text.push_str(&format!(", {inflight} keys in flight"));
            }
            findings.push(finding("database", Verdict::Good, text, None));
            match verified {
                None => {
                    findings.push(finding(
                        "audit log",
                        Verdict::NotForRole,
                        "not visible to this login: an auditor verifies it",
                        None,
                    ));
                }
                Some(Ok(count)) => {
                    findings.push(finding(
                        "audit log",
                        Verdict::Good,
                        format!("{count} entries, unbroken"),
                        None,
                    ));
                }
                Some(Err((seq, why))) => findings.push(finding(
                    "audit log",
                    Verdict::Bad,
                    format!("entry {seq} is not as it was written: {why}"),
                    Some("keep a copy of the database as evidence and find out who could write to it"),
                )),
            }
        }
        Err(error) => findings.push(finding("database", Verdict::Bad, chain(&error), None)),
    }
}

/// Daemons go by the database's clock; certificates and audit entries carry this machine's.
pub(crate) async fn clock(program: &Program) -> Option<Finding> {
    let told = async { program.store.read().await?.jobs().now().await };
    let difference = program.clock.now().since(told.await.ok()?);
    let seconds = difference.as_millis().abs() / 1_000;
    Some(if jobs::is_skewed(difference) {
        let way = if difference.as_millis() > 0 { "ahead of" } else { "behind" };
        finding(
            "clock",
            Verdict::Warning,
            format!("this machine's clock is {seconds} seconds {way} the database's"),
            Some(
                "let both be set by a time server; work is done by the database's clock, certificates carry this one's",
            ),
        )
    } else {
        finding("clock", Verdict::Good, format!("{seconds} seconds from the database's"), None)
    })
}

async fn authorities(program: &Program, findings: &mut Vec<Finding>) {
    let Ok(mut work) = program.store.read().await else { return };
    let listing = work.authorities().list().await;
    drop(work);
    let Some(mut accounts) = listed("authority", listing, findings) else { return };
    accounts.retain(|account| !account.is_imported());
    if accounts.is_empty() {
        findings.push(finding("authority", Verdict::Bad, "there is none", Some("run `sealwright init`")));
    }
    let now = program.clock.now();
    for account in accounts {
        let what = format!("authority {}", account.name);
        match program.authorities.get(&account.id) {
            None if !program.rights.may_read("authority_secret", "sealed") => findings.push(finding(
                &what,
                Verdict::NotForRole,
                "used by administrators and daemons; this login may not read its key",
                None,
            )),
            None => findings.push(finding(
                &what,
                Verdict::Bad,
                "cannot be used on this machine",
                Some("its key is sealed to another installation, or its settings are damaged; see the log with --log info"),
            )),
            Some(authority) => match authority.check().await {
                Ok(info) if info.not_after < now + SOON => findings.push(finding(
                    &what,
                    Verdict::Warning,
                    format!("{}; its certificate ends on {}", info.summary, info.not_after),
                    Some("found a new authority in time and point the templates to it"),
                )),
                Ok(info) => findings.push(finding(&what, Verdict::Good, info.summary, None)),
                Err(error) => findings.push(finding(&what, Verdict::Bad, chain(&error), None)),
            },
        }
    }
}

/// Whether what is archived takes ML-KEM keys to open, where the set in force seals so.
async fn sealing(program: &Program, findings: &mut Vec<Finding>) {
    const WHAT: &str = "post-quantum archive";
    // What is wrong with the set is told beside the agents.
    let Ok(Some(set)) = program.custody.in_force().await else { return };
    if !set.is_hybrid() {
        return;
    }
    match seen(Inventory::has_classic(program.store.as_ref()).await) {
        Ok(None) => findings.push(finding(WHAT, Verdict::NotForRole, "not visible to this login", None)),
        Err(error) => findings.push(finding(WHAT, Verdict::Bad, chain(&error), None)),
        Ok(Some(false)) => findings.push(finding(
            WHAT,
            Verdict::Good,
            "every archived key takes an ML-KEM key to open",
            None,
        )),
        Ok(Some(true)) => findings.push(finding(
            WHAT,
            Verdict::Warning,
            "archived keys are left that open without an ML-KEM key; `sealwright recovery inventory` counts them",
            Some("`sealwright kra rearchive --kra KEY` seals them to the ML-KEM keys too"),
        )),
    }
}

/// What services could not do when they ran last, or left to a person, like revocations past `[limits]`.
async fn services(program: &Program, findings: &mut Vec<Finding>) {
    let told = async { program.store.read().await?.services().list().await };
    let listed = match seen(told.await) {
        Ok(Some(listed)) => listed,
        // Who may not see it is told of nothing there.
        Ok(None) => return,
        Err(error) => {
            findings.push(finding("services", Verdict::Bad, chain(&error), None));
            return;
        }
    };
    findings.extend(listed.iter().filter(|status| status.failed).map(|status| {
        let at = status.last_run.map_or_else(String::new, |at| format!(" (on {at})"));
        let said = status.last_result.as_deref().unwrap_or("it did not say why");
        let hint = "`sealwright service list` shows all of them; it runs again by itself";
        finding(
            &format!("service {}", status.service.name()),
            Verdict::Warning,
            format!("{said}{at}"),
            Some(hint),
        )
    }));
}

/// Whether anybody has proven lately that what is archived opens.
async fn drill(program: &Program, findings: &mut Vec<Finding>) {
    let told = async {
        let mut work = program.store.read().await?;
        let archived = work.archive().count().await?;
        let called = work.services().called_drill().await?;
        let last = work.services().drill().await?;
        Ok::<_, StoreError>((archived, called, last))
    };
    let (archived, called, last) = match seen(told.await) {
        Ok(Some(told)) => told,
        Ok(None) => {
            findings.push(finding("fire drill", Verdict::NotForRole, "not visible to this login", None));
            return;
        }
        Err(error) => {
            findings.push(finding("fire drill", Verdict::Bad, chain(&error), None));
            return;
        }
    };
    let hint = "an officer proves that archived keys open: `sealwright recovery drill --kra KEY`";
    if let Some(called) = &called {
        findings.push(called_drill(called, program.clock.now(), hint));
    }
    let last = last.filter(|last| is_newer_than_called(last, called.as_ref()));
    if archived == 0 || (called.is_some() && last.is_none()) {
        return;
    }
    let every = program.settings.recovery.drill_interval();
    let is_due = model::drill_is_due(last.as_ref(), every, program.clock.now());
    let text = match &last {
        None => "none was held yet".to_owned(),
        Some(held) => format!("{} on {} by {}", held.summary(), held.at, held.agent),
    };
    let what = if called.is_some() { "extra fire drill" } else { "fire drill" };
    let is_due = is_due && called.is_none();
    match &last {
        Some(held) if held.failures() > 0 => {
            let text = format!("{text}; not: {}", held.failed.join(", "));
            findings.push(finding(what, Verdict::Bad, text, Some(hint)));
        }
        // Nothing of the sample was that officer's: no failure, and no proof.
        Some(held) if !held.succeeded() => {
            findings.push(finding(what, Verdict::Warning, text, Some(hint)));
        }
        _ if is_due => findings.push(finding(what, Verdict::Warning, text, Some(hint))),
        _ => findings.push(finding(what, Verdict::Good, text, None)),
    }
}

/// How the called drill stands.
fn called_drill(called: &CalledDrill, now: Timestamp, hint: &str) -> Finding {
    let mut text = format!("called on {}: {}", called.at, called.summary());
    let officers = called.proven_by();
    if !officers.is_empty() {
        text.push_str(&format!(", by {}", officers.join(", ")));
    }
    if !called.is_complete() {
        let late = if called.is_overdue(now) { "overdue since" } else { "to be held until" };
        text.push_str(&format!("; {late} {}", called.until));
    }
    let failed: Vec<String> = called.failed().map(model::DrillKey::described).collect();
    if !failed.is_empty() {
        let text = format!("{text}; not: {}", failed.join(", "));
        return finding("fire drill", Verdict::Bad, text, Some(hint));
    }
    let verdict = if called.is_complete() { Verdict::Good } else { Verdict::Warning };
    finding("fire drill", verdict, text, (!called.is_complete()).then_some(hint))
}

async fn templates(program: &Program, findings: &mut Vec<Finding>) {
    let Ok(mut work) = program.store.read().await else { return };
    let names: Vec<String> = work
        .authorities()
        .list()
        .await
        .map(|accounts| accounts.into_iter().map(|account| account.name).collect())
        .unwrap_or_default();
    let Some(templates) = listed("templates", work.templates().list().await, findings) else { return };
    if templates.is_empty() {
        findings.push(finding(
            "templates",
            Verdict::Warning,
            "there is none, so nobody gets a certificate",
            Some("`sealwright template new NAME --group ID` prints one to start from"),
        ));
    }
    for found in templates {
        let what = format!("template {}", found.template.name);
        let told = api::examine_template(&found.template, &names);
        if told.is_empty() {
            findings.push(finding(&what, Verdict::Good, "well-formed", None));
        }
        for one in told {
            let verdict = if one.fatal { Verdict::Bad } else { Verdict::Warning };
            findings.push(finding(&what, verdict, format!("{}: {}", one.field, one.text), None));
        }
    }
}

async fn tenant(program: &Program, findings: &mut Vec<Finding>) {
    let Some(doors) = &program.tenant else {
        if !program.rights.may_read("secret", "sealed") {
            findings.push(finding(
                "tenant",
                Verdict::NotForRole,
                "asked by administrators and daemons; this login may not read its credential, and none is configured here",
                None,
            ));
            return;
        }
        findings.push(finding(
            "tenant",
            Verdict::Bad,
            "none is configured",
            Some("fill in [tenant] in sealwright.toml; `sealwright config example` shows how"),
        ));
        return;
    };
    findings.push(sign_in(program, &doors.link).await);
    match doors.directory.check().await {
        Ok(text) => {
            findings.push(finding("directory", Verdict::Good, text, None));
            groups(program, doors.directory.as_ref(), findings).await;
        }
        Err(error) => {
            if program.settings.tenant.as_ref().is_some_and(|tenant| tenant.simulated) {
                let hint = "look at it as it is, or set up a home of your own with `sealwright init`";
                findings.push(finding("tenant", Verdict::Warning, crate::demo::TENANT_ENDED, Some(hint)));
            }
            findings.push(finding("directory", Verdict::Bad, chain(&error), None));
        }
    }
    if let Some(door) = &doors.mailboxes {
        findings.push(match door.check().await {
            Ok(text) => finding("Exchange", Verdict::Good, text, None),
            Err(error) => finding("Exchange", Verdict::Bad, chain(&error), None),
        });
    }
    if let Some(book) = &doors.address_book {
        findings.push(match book.check().await {
            Ok(text) => finding("address list", Verdict::Good, text, None),
            Err(error) => finding("address list", Verdict::Bad, chain(&error), None),
        });
    }
    match &doors.delivery {
        None => findings.push(finding(
            "Intune",
            Verdict::Bad,
            "no connector key is configured",
            Some("import one with `sealwright connector import FILE --key-name NAME`"),
        )),
        Some(door) => match door.check().await {
            Ok(text) => findings.push(match uncompared(program) {
                None => finding("Intune", Verdict::Good, text, None),
                Some(hint) => finding("Intune", Verdict::Warning, text, Some(hint)),
            }),
            Err(error) => findings.push(finding("Intune", Verdict::Bad, chain(&error), uncompared(program))),
        },
    }
}

/// Whether a connector's key is used that nobody compared, and what to do then.
fn uncompared(program: &Program) -> Option<&'static str> {
    let intune = program.configured.as_ref()?.intune.as_ref()?;
    intune.fingerprint.is_none().then_some(
        "nobody has compared the connector's key: whoever changes its file reads every password; run `sealwright connector import \
         FILE` with that file once",
    )
}

/// With what the application signs in, and for how long that goes on.
async fn sign_in(program: &Program, link: &TenantLink) -> Finding {
    let what = "sign-in";
    let way = link.way.words();
    if let Err(error) = link.tokens.token(&link.graph_scope()).await {
        return finding(what, Verdict::Bad, format!("{way}: {}", chain(&error)), None);
    }
    let Some(certificate) = link.certificate().await else {
        let hint = matches!(link.way, SignInWay::Secret { .. }).then_some(
            "when the secret ends stands at the registration only (Certificates & secrets): put it into a calendar, or use a \
             certificate, which is watched here",
        );
        return finding(what, Verdict::Good, way, hint);
    };
    let ends = certificate.not_after();
    let text = format!("{way}; it ends on {ends}");
    let now = program.clock.now();
    let hint = "make a new certificate, upload it at the registration beside the old one, then run `sealwright tenant use`";
    if ends <= now {
        return finding(what, Verdict::Bad, text, Some(hint));
    }
    if ends <= now + SOON {
        return finding(what, Verdict::Warning, text, Some(hint));
    }
    finding(what, Verdict::Good, text, None)
}

/// Whether the groups that templates and mailboxes name exist.
async fn groups(program: &Program, directory: &dyn ports::Directory, findings: &mut Vec<Finding>) {
    let templates = match program.store.read().await {
        Ok(mut work) => work.templates().list().await.unwrap_or_default(),
        Err(_) => return,
    };
    let mut named: Vec<(model::GroupId, String)> = Vec::new();
    for found in templates {
        let assignment = &found.template.assignment;
        for group in assignment.include.iter().chain(&assignment.exclude) {
            named.push((*group, format!("template `{}`", found.template.name)));
        }
    }
    for mailbox in program.configured.iter().flat_map(|configured| &configured.mailboxes) {
        named.push((mailbox.holders, format!("[[mailboxes]] {}", mailbox.address)));
    }
    for (group, by) in named {
        if let Err(ports::DirectoryError::NotFound { .. }) = directory.nested_groups(group).await {
            findings.push(finding(
                "group",
                Verdict::Bad,
                format!("{by} names the group {group}, which the directory does not know"),
                Some("copy the group's object id from the Entra admin centre"),
            ));
        }
    }
}
