//! To whom archived keys are sealed: looked at for people, by `doctor` and by a daemon that runs for years, and what every
//! way of changing it heeds.

use crypto::X509Certificate;
use custody::{Candidate, CustodyError, Line, SetVersion, Standing};
use model::{CertificateId, Kra, Span, Thumbprint, Timestamp};
use recover::ceremony::{Desk, KnownAgents, MOST_SEALED_ANEW};
use store::{Store as _, StoreError};

use crate::compose::Program;
use crate::doctor::{Finding, Verdict, finding};
use crate::failure::Failure;
use crate::works::chain;

/// Warn about certificates that end within this span.
const SOON: Span = Span::days(60);

const WHAT: &str = "recovery agents";

/// What there is to say about recovery agents and the set they form.
pub(crate) async fn examine(program: &Program) -> Vec<Finding> {
    let status = match program.custody.status().await {
        Ok(status) => status,
        Err(CustodyError::Store(StoreError::Denied { .. })) => {
            return vec![finding(WHAT, Verdict::NotForRole, "not visible to this login", None)];
        }
        Err(error) => return vec![finding(WHAT, Verdict::Bad, chain(&error), None)],
    };
    let now = program.clock.now();
    let mut findings = Vec::new();
    match &status.in_force {
        Err(error) => findings.push(finding(WHAT, Verdict::Bad, chain(error), None)),
        Ok(Some(set)) => of_set(set, now, &mut findings),
        Ok(None) => of_list(program, now, status.lines.is_empty(), &mut findings).await,
    }
    findings.extend(status.lines.iter().filter_map(about));
    findings
}

fn of_set(set: &SetVersion, now: Timestamp, findings: &mut Vec<Finding>) {
    let agents: Vec<Kra> = set.agents().collect();
    let text = format!(
        "set `{}`, version {}, {}; fingerprint {}",
        set.name,
        set.version,
        set.policy.describe(agents.len()),
        set.fingerprint()
    );
    if agents.len() == 1 {
        let hint =
            "if its officer's key is lost, so is every archived key; propose a version with a second one";
        findings.push(finding(WHAT, Verdict::Warning, text, Some(hint)));
    } else {
        findings.push(finding(WHAT, Verdict::Good, text, None));
    }
    let hint =
        "`sealwright kra set propose --keep --remove THUMBPRINT --add CERT` replaces it; have it signed";
    expiring(&agents, now, hint, findings);
}

/// The list that everybody who writes the database can write.
async fn of_list(program: &Program, now: Timestamp, is_new: bool, findings: &mut Vec<Finding>) {
    let listing = async { program.store.read().await?.kras().list().await };
    let kras = match listing.await {
        Ok(kras) => kras,
        Err(StoreError::Denied { .. }) => {
            findings.push(finding(WHAT, Verdict::NotForRole, "not visible to this login", None));
            return;
        }
        Err(error) => {
            findings.push(finding(WHAT, Verdict::Bad, chain(&error), None));
            return;
        }
    };
    match kras.len() {
        0 => findings.push(finding(
            WHAT,
            Verdict::Bad,
            "there is none, so no key can be archived",
            Some("`sealwright kra create NAME --out FILE` makes one; two are better"),
        )),
        1 => findings.push(finding(
            WHAT,
            Verdict::Warning,
            "there is one only",
            Some("if its key is lost, so is every archived key; add a second one"),
        )),
        count => findings.push(finding(WHAT, Verdict::Good, format!("{count}"), None)),
    }
    expiring(
        &kras,
        now,
        "add a successor with `sealwright kra create`, then remove it from the set",
        findings,
    );
    if !kras.is_empty() && is_new {
        findings.push(finding(
            "set of recovery agents",
            Verdict::Warning,
            "the recovery agents are an unsigned list: whoever can write the database could add one, and open every key that is \
             archived from then on",
            Some(
                "`sealwright kra set propose --name NAME --keep` makes a set of them, and `sealwright kra set sign --kra KEY` \
                 puts it in force",
            ),
        ));
    }
}

fn expiring(agents: &[Kra], now: Timestamp, hint: &str, findings: &mut Vec<Finding>) {
    findings.extend(agents.iter().filter(|kra| kra.not_after < now + SOON).map(|kra| {
        let verdict = if kra.not_after <= now { Verdict::Bad } else { Verdict::Warning };
        let text = format!("its certificate ends on {}", kra.not_after);
        finding(&format!("agent {}", kra.name), verdict, text, Some(hint))
    }));
}

/// What a version that is not in force, or a signature under any, gives to think about.
fn about(line: &Line) -> Option<Finding> {
    let what = format!("set of recovery agents, version {}", line.version);
    let forged = line.signers.iter().find_map(|signer| signer.refused.clone());
    let (found, hint) = match (&line.standing, forged) {
        (Standing::Refused(why), _) => (
            format!("{} is not to be believed: {why}", line.fingerprint),
            "it counts for nothing; find out who may write to the database",
        ),
        (Standing::Fork, _) => (
            format!(
                "{} is signed by enough officers, and competes with a version that this installation goes by",
                line.fingerprint
            ),
            "it counts for nothing here; ask the officers which one is theirs",
        ),
        (_, Some(why)) => (why, "it counts for nothing; find out who may write to the database"),
        (Standing::Proposed, None) => (
            format!(
                "{} waits for signatures: {} of {} are there; {}",
                line.fingerprint,
                line.collected,
                line.needed.unwrap_or(0),
                proposed(line)
            ),
            "officers look at it and sign it with `sealwright kra set sign --kra KEY`; or whoever proposed it takes it back \
             with `sealwright kra set withdraw`",
        ),
        (Standing::Overtaken, None) => (
            format!(
                "{} was never signed by enough officers, and another version is in force in its place; {}",
                line.fingerprint,
                proposed(line)
            ),
            "put it aside with `sealwright kra set withdraw --fingerprint FINGERPRINT`, so that nobody signs it by mistake",
        ),
        (Standing::InForce | Standing::Superseded | Standing::Untrusted | Standing::Withdrawn(_), None) => {
            return None;
        }
    };
    Some(finding(&what, Verdict::Warning, found, Some(hint)))
}

/// By whom, and when.
fn proposed(line: &Line) -> String {
    line.set.as_ref().map_or_else(String::new, |set| format!("proposed by {} on {}", set.by, set.at))
}

/// Says in a daemon's log what `doctor` would find.
pub(crate) async fn warn(program: &Program) {
    for found in examine(program).await {
        let hint = found.hint.unwrap_or_default();
        match found.verdict {
            Verdict::Bad => {
                tracing::error!(what = %found.what, found = %found.found, %hint, "recovery agents");
            }
            Verdict::Warning => {
                tracing::warn!(what = %found.what, found = %found.found, %hint, "recovery agents");
            }
            Verdict::Good | Verdict::NotForRole => {}
        }
    }
}

/// With whom a proposal begins; their ML-KEM keys are kept with them.
pub(crate) async fn kept_officers(
    program: &Program,
    before: Option<&SetVersion>,
) -> Result<Vec<Candidate>, Failure> {
    if let Some(before) = before {
        return Ok(before.officers.iter().cloned().map(Candidate::from).collect());
    }
    let mut officers: Vec<Candidate> = Vec::new();
    for kra in program.store.read().await?.kras().list().await? {
        let certificate = X509Certificate::from_der(&kra.certificate_der).ok();
        let certificate = certificate.filter(|found| found.thumbprint() == kra.thumbprint);
        let certificate = certificate.ok_or_else(|| {
            Failure::new(format!(
                "the stored certificate of `{}` is not the one that was added; the database was altered: name each officer's \
                 certificate with --officer",
                kra.name
            ))
        })?;
        officers.push(certificate.into());
    }
    Ok(officers)
}

/// An officer who is named by a certificate for the version after `before`, on the command line and in the console. One who is
/// in it already keeps the ML-KEM key.
pub(crate) async fn candidate(
    program: &Program,
    certificate: X509Certificate,
    before: Option<&SetVersion>,
) -> Result<Candidate, Failure> {
    must_be_a_persons(program, &certificate).await?;
    Ok(Candidate::of(certificate, before)?)
}

/// The certificate of a recovery agent, in force or not.
pub(crate) async fn agent(program: &Program, thumbprint: Thumbprint) -> Result<X509Certificate, Failure> {
    let agents = custody::recorded_agents(program.store.read().await?.as_mut()).await?;
    let found = agents.iter().find(|agent| agent.thumbprint == thumbprint).ok_or_else(|| {
        Failure::with_hint(
            format!("no recovery agent has the certificate {thumbprint}"),
            "`sealwright kra set show` and `sealwright kra list` show them; or name the certificate's file",
        )
    })?;
    Ok(X509Certificate::from_der(&found.certificate_der)?)
}

/// Refuses keys that are no officer's.
pub(crate) async fn must_be_a_persons(program: &Program, agent: &X509Certificate) -> Result<(), Failure> {
    if agent.spki_sha256()? == program.installation.certificate.spki_sha256()? {
        return Err(Failure::new(
            "this is the key of this installation: as a recovery agent it would let the service open the archive; \
             name the certificate of a person's key",
        ));
    }
    if program.store.read().await?.certificates().find_by_thumbprint(agent.thumbprint()).await?.is_some() {
        return Err(Failure::new(
            "this certificate belongs to a person or mailbox whom this program serves; a recovery agent has a \
             key pair of its own: `sealwright kra create NAME --out FILE` makes one",
        ));
    }
    Ok(())
}

/// Enrollments that waited for a recovery agent go on at once.
pub(crate) async fn wake_waiting(program: &Program) -> Result<(), Failure> {
    let now = program.clock.now();
    store::in_unit!(program.store, work => { enroll::wake_waiting(work.as_mut(), now).await?; })?;
    Ok(())
}

/// How many officers have to agree at least, whatever the set of recovery agents says: one beside whoever asks.
const APPROVALS: u8 = 1;

/// Requests among which an open one for sealing anew is looked for.
const SEARCHED: u32 = 500;

/// How many people the set in force wants to agree to a recovery, besides who asks.
///
/// # Errors
/// When it is not to be trusted: nothing is asked, given or opened then.
pub(crate) async fn approvals(program: &Program) -> Result<u8, CustodyError> {
    let set = program.custody.in_force().await?;
    Ok(set.map_or(0, |set| set.policy.approvals_needed()))
}

/// The agents that this home goes by: of a set those of every version that led to the one in force.
async fn known(program: &Program) -> Result<KnownAgents, CustodyError> {
    let status = program.custody.status().await?;
    let set = status.in_force?;
    let mut officers: Vec<[u8; 32]> = Vec::new();
    for line in &status.lines {
        if matches!(line.standing, Standing::InForce | Standing::Superseded) {
            let agents = line.set.iter().flat_map(|set| &set.officers);
            officers.extend(agents.map(|officer| officer.certificate.sha256()));
        }
    }
    if set.is_none() {
        let list = program.store.read().await?.kras().list().await?;
        let read = |agent: &Kra| X509Certificate::from_der(&agent.certificate_der).ok();
        officers.extend(list.iter().filter_map(read).map(|certificate| certificate.sha256()));
    }
    Ok(KnownAgents { set: set.map(|set| set.fingerprint()), officers })
}

/// The place in ceremonies of whoever works with a program.
///
/// # Errors
/// As [`approvals`].
pub(crate) async fn desk(program: &Program) -> Result<Desk<'_>, CustodyError> {
    Ok(Desk {
        store: program.store.as_ref(),
        gate: &program.gate,
        clock: program.clock.as_ref(),
        entropy: program.entropy.as_ref(),
        ids: &program.ids,
        actor: &program.actor,
        approvals: approvals(program).await?.max(APPROVALS),
        agents: known(program).await?,
    })
}

/// Keys that only several officers open together, and others than those of the set in force: what one request takes of them.
pub(crate) async fn waiting(
    program: &Program,
    desk: &Desk<'_>,
    set: &SetVersion,
) -> Result<Vec<CertificateId>, Failure> {
    let agents = set.sealing(program.clock.now())?;
    let found = desk.sealed_otherwise(&agents, MOST_SEALED_ANEW).await?;
    if found.is_empty() {
        let now = program.clock.now();
        let listed = desk.list(SEARCHED).await?.into_iter().filter_map(|one| one.request.ok());
        let mut open = listed.filter(|one| !one.wanted.discloses() && one.check_open(now).is_ok());
        if let Some(request) = open.next() {
            return Err(Failure::with_hint(
                format!(
                    "what waits for it is named by recovery request {} already, which is open",
                    request.id
                ),
                "complete that one first, or take it back; then ask again",
            ));
        }
        let awaited = recover::ceremony::awaited(program.store.as_ref(), &program.gate, now).await?;
        if let Some((certificate, awaited)) = awaited.first_key_value() {
            return Err(Failure::with_hint(
                format!(
                    "no other key waits for it than what officers have agreed to recover: certificate {certificate}"
                ),
                awaited.describe(),
            ));
        }
        return Err(Failure::with_hint(
            "no key waits for it: all that several officers open together are sealed to the set in force",
            "what any one officer opens is sealed anew by `sealwright kra rearchive`",
        ));
    }
    Ok(found)
}

/// The set that keys are sealed anew to: what an officer is asked to agree to has to be signed.
pub(crate) fn signed(set: Option<&SetVersion>) -> Result<&SetVersion, Failure> {
    set.ok_or_else(|| {
        Failure::with_hint(
            "there is no signed set of recovery agents to seal to",
            "make one: `sealwright kra set propose --name NAME --keep`, then `kra set sign`",
        )
    })
}
