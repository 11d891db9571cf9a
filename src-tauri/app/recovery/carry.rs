//! Requests from asking to completing.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use api::{
    CompleteRecovery, DecryptedLine, Matter, RecoverableKey, RecoverableKeys, RecoverableKeysRequest,
    RecoveredFile, RecoveryCompleted, RecoveryDesk, RecoveryLine, RefuseRecovery, RequestRecovery, WireError,
    WithdrawRecovery,
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use model::{Certificate, CertificateId, PfxProfile, RecoveryRequestId, Span, Timestamp};
use recover::ceremony::{Desk, Given, MOST_KEYS, Opened, Wanted, Wish};
use recover::{GivenMail, MOST_MAILS};
use store::{CertificateFilter, CertificateOrder, PageRequest, Store as _};

use super::lines::{Names, line};
use super::places::{invalid, new_folder, new_place, place};
use super::{Room, checks, sign_log, sign_log_quietly};
use crate::failure::{Failure, wire, wire_custody};
use crate::handout::{Folder, Mails, file_name, write_keys};
use crate::officers;

/// Requests that are listed.
const LISTED: u32 = 200;
/// Keys that a search shows.
const FOUND: u32 = 100;
/// Pages of matches that a search looks through for keys of the wanted time.
const MOST_PAGES: u32 = 20;
/// Days after which a request expires at the latest.
pub(super) const LONGEST_DAYS: u8 = 30;
/// Octets of the mails that the page reads and hands over in one message; the command line takes more from files.
pub(crate) const MOST_OCTETS: u32 = 64 * 1024 * 1024;

impl Room {
    pub(super) async fn show(&self, all: bool) -> Result<RecoveryDesk, WireError> {
        let desk = self.desk_of().await?;
        let now = desk.clock.now();
        let mut listed = desk.list(LISTED + 1).await.map_err(wire)?;
        let more = listed.len() > LISTED as usize;
        listed.truncate(LISTED as usize);
        if !all {
            // What is not to be believed is always shown: somebody has to look into it.
            listed.retain(|one| one.request.as_ref().map_or(true, |request| request.check_open(now).is_ok()));
        }
        let names = self.names().await?;
        Ok(RecoveryDesk {
            at: now.to_string(),
            actor: desk.actor.to_owned(),
            checks: checks::entry(&self.program).await,
            approvals: desk.approvals,
            requests: listed.iter().map(|one| line(&desk, one, &names, now)).collect(),
            more,
            longest_days: LONGEST_DAYS,
            most_keys: u32::try_from(MOST_KEYS).unwrap_or(u32::MAX),
            most_mails: u32::try_from(MOST_MAILS).unwrap_or(u32::MAX),
            most_octets: MOST_OCTETS,
            folder: self.usual_folder().display().to_string(),
            exports: self.program.home.exports().display().to_string(),
        })
    }

    pub(super) async fn names(&self) -> Result<Names, WireError> {
        let mut work = self.program.store.read().await?;
        Ok(Names::of(&custody::recorded_agents(work.as_mut()).await?))
    }

    pub(super) async fn search(&self, request: RecoverableKeysRequest) -> Result<RecoverableKeys, WireError> {
        let (from, to) = (day(request.from.as_deref(), "from")?, day(request.to.as_deref(), "to")?);
        let search = Some(request.search.trim().to_owned()).filter(|typed| !typed.is_empty());
        let Some(search) = search else { return Ok(RecoverableKeys::default()) };
        let desk = self.desk_of().await?;
        let filter = CertificateFilter { search: Some(search), ..CertificateFilter::default() };
        let mut work = self.program.store.read().await?;
        let mut page = PageRequest::first(FOUND);
        let mut matching: Vec<Certificate> = Vec::new();
        let mut more = true;
        // The store knows no dates of use: the newest matches may all be outside of them.
        for _ in 0..MOST_PAGES {
            let listed = work.certificates().list(&filter, CertificateOrder::Newest, &page).await?;
            let certificates = listed.rows.into_iter().map(|row| row.certificate);
            matching.extend(certificates.filter(|certificate| is_within(certificate, from, to)));
            more = listed.next.is_some() || matching.len() > FOUND as usize;
            page.after = listed.next;
            if page.after.is_none() || matching.len() >= FOUND as usize {
                break;
            }
        }
        matching.truncate(FOUND as usize);
        let agents = custody::recorded_agents(work.as_mut()).await?;
        drop(work);
        let mut keys = Vec::new();
        for certificate in &matching {
            keys.push(found(&desk, certificate, &agents).await);
        }
        Ok(RecoverableKeys { keys, more })
    }

    pub(super) async fn ask_for(&self, request: RequestRecovery) -> Result<RecoveryLine, WireError> {
        let desk = self.desk_of().await?;
        let certificates: Result<Vec<CertificateId>, WireError> =
            request.certificates.iter().map(|typed| id("certificate", typed)).collect();
        let mut certificates = certificates?;
        let wanted = if request.wanted == "sealedAnew" {
            let set = self.program.custody.in_force().await.map_err(wire_custody)?;
            let set = officers::signed(set.as_ref()).map_err(no_set)?;
            if certificates.is_empty() {
                certificates = officers::waiting(&self.program, &desk, set).await?;
            }
            Wanted::sealed_anew(set)
        } else {
            wanted(&request.wanted, request.to)?
        };
        let wish = Wish {
            certificates,
            case_number: request.case_number,
            legal_basis: request.legal_basis,
            reason: request.reason,
            wanted,
            lasts: Span::days(i64::from(request.days)),
        };
        let asked = desk.ask(&wish).await.map_err(wire)?;
        self.told(&desk, asked.id).await
    }

    pub(super) async fn refuse_one(&self, request: &RefuseRecovery) -> Result<(), WireError> {
        let refused = self.desk_of().await?.refuse(request_id(&request.id)?, &request.reason).await;
        sign_log_quietly(&self.program).await;
        refused.map(drop).map_err(wire)
    }

    pub(super) async fn withdraw_one(&self, request: &WithdrawRecovery) -> Result<(), WireError> {
        let withdrawn = self.desk_of().await?.withdraw(request_id(&request.id)?).await;
        sign_log_quietly(&self.program).await;
        withdrawn.map(drop).map_err(wire)
    }

    async fn told(&self, desk: &Desk<'_>, id: RecoveryRequestId) -> Result<RecoveryLine, WireError> {
        sign_log_quietly(&self.program).await;
        let listed = desk.listed(id).await.map_err(wire)?;
        Ok(line(desk, &listed, &self.names().await?, desk.clock.now()))
    }

    pub(super) async fn complete_one(
        &self,
        request: CompleteRecovery,
    ) -> Result<RecoveryCompleted, WireError> {
        let desk = self.desk_of().await?;
        let id = request_id(&request.id)?;
        let asked = desk.request(id).await.map_err(wire)?;
        let plan = self.plan(id, &asked.wanted, &request)?;
        let set = self.program.custody.in_force().await.map_err(wire_custody)?;
        let given = match &plan {
            Plan::Mails(mails) => Given::Mails(&mails.given),
            Plan::Files { profile, .. } => Given::Files(*profile),
            Plan::Devices => Given::Devices,
            Plan::SealedAnew => Given::SealedAnew(officers::signed(set.as_ref()).map_err(no_set)?),
        };
        let opened = desk.open(id, given).await;
        let unsigned = sign_log(&self.program).await;
        let opened = opened.map_err(wire)?;
        let mut done = plan.hand_out(&opened)?;
        if let Plan::Mails(mails) = &plan {
            self.keep_made(id, mails.folder());
        }
        done.warning = unsigned;
        done.id = id.to_string();
        done.on_their_way = mails_of(&opened.on_their_way);
        done.there_already = mails_of(&opened.there_already);
        done.sealed_anew = u32::try_from(opened.sealed_anew.len()).unwrap_or(u32::MAX);
        if done.mails.iter().any(|mail| mail.failure.is_some()) {
            return Ok(done);
        }
        match desk.finish(&opened.request).await {
            Ok(()) => done.closed = true,
            // What was wanted is there: a request that cannot be closed now ends by itself.
            Err(error) => done.warning = Some(format!("the request stays open until it expires: {error}")),
        }
        let unsigned = sign_log(&self.program).await;
        done.warning = done.warning.or(unsigned);
        Ok(done)
    }

    /// What is to be done with the keys, and that there is room for it.
    fn plan(
        &self,
        id: RecoveryRequestId,
        wanted: &Wanted,
        request: &CompleteRecovery,
    ) -> Result<Plan, WireError> {
        match wanted {
            Wanted::OwnersDevices => Ok(Plan::Devices),
            Wanted::SealedAnew { .. } => Ok(Plan::SealedAnew),
            Wanted::DecryptedMails => {
                let folder = self.folder_of(id, request.folder.as_deref())?;
                Ok(Plan::Mails(Mails::of(mails_in(request)?, folder)?))
            }
            Wanted::FileForOwner | Wanted::FileForOther { .. } => {
                let usual = self.usual_folder();
                let folder = new_folder("a folder for the PKCS#12 files", request.folder.as_deref(), &usual)?;
                let passwords = passwords_of(request, &folder)?;
                let profile = if request.compatible { PfxProfile::Compatible } else { PfxProfile::Modern };
                Ok(Plan::Files { folder, passwords, profile })
            }
        }
    }

    /// Where mails go: a folder that is made for them, or the one that was made here for mails of the same request before.
    fn folder_of(&self, id: RecoveryRequestId, typed: Option<&str>) -> Result<Folder, WireError> {
        let what = "a folder for the mails";
        let folder = place(what, typed)?;
        let known = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if known.iter().any(|(of, made)| *of == id && *made == folder) && is_folder(&folder) {
            return Ok(Folder::There(folder));
        }
        Ok(Folder::New(new_folder(what, typed, &self.usual_folder())?))
    }

    fn keep_made(&self, id: RecoveryRequestId, folder: &Path) {
        let made = (id, folder.to_path_buf());
        let mut known = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.contains(&made) {
            known.push(made);
        }
    }

    /// Where the page begins to look for a folder; it is made where it is not there.
    fn usual_folder(&self) -> PathBuf {
        self.program.home.path().join("recovered")
    }
}

/// A folder itself, and no link to one.
fn is_folder(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

fn mails_in(request: &CompleteRecovery) -> Result<Vec<GivenMail>, WireError> {
    if request.mails.is_empty() {
        return Err(invalid("no mail was given", "choose the mails that are to be decrypted"));
    }
    let given = request.mails.iter().map(|mail| {
        let name = Path::new(&mail.name).file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.ok_or_else(|| invalid("a mail has no name", "choose it again"))?;
        let bytes = BASE64_STANDARD.decode(&mail.content);
        let bytes = bytes.map_err(|_| invalid("a mail was cut off on its way", "choose it again"))?;
        Ok(GivenMail { name, bytes })
    });
    given.collect()
}

/// Where the passwords go. Whoever finds the keys must not have found them.
fn passwords_of(request: &CompleteRecovery, folder: &Path) -> Result<PathBuf, WireError> {
    let passwords = new_place("a file for the passwords", request.password_file.as_deref())?;
    if passwords.starts_with(folder) {
        return Err(invalid(
            "the passwords would lie beside the keys that they open",
            "name another folder for them, and hand them over by another way",
        ));
    }
    if !passwords.parent().is_some_and(Path::is_dir) {
        return Err(invalid("there is no such folder for the passwords", "make it, or name another one"));
    }
    Ok(passwords)
}

/// What is to be done with the keys, and that there is room for it, before anything is opened.
enum Plan {
    Mails(Mails),
    Files { folder: PathBuf, passwords: PathBuf, profile: PfxProfile },
    Devices,
    SealedAnew,
}

impl Plan {
    fn hand_out(&self, opened: &Opened) -> Result<RecoveryCompleted, Failure> {
        let mut done = RecoveryCompleted::default();
        match self {
            Self::Devices | Self::SealedAnew => {}
            Self::Mails(mails) => {
                done.mails = mails
                    .write(&opened.mails)?
                    .map(|mail| match mail.outcome {
                        Ok((path, clear)) => DecryptedLine {
                            name: mail.name.to_owned(),
                            path: Some(path.display().to_string()),
                            failure: None,
                            remarks: clear.remarks(),
                        },
                        Err(why) => DecryptedLine {
                            name: mail.name.to_owned(),
                            path: None,
                            failure: Some(why),
                            remarks: Vec::new(),
                        },
                    })
                    .collect();
            }
            Self::Files { folder, passwords, .. } => {
                write_keys(folder, Some(passwords), &opened.files)?;
                done.password_file = Some(passwords.display().to_string());
                done.files = opened
                    .files
                    .iter()
                    .map(|file| RecoveredFile {
                        mail: file.certificate.mail.clone(),
                        path: folder.join(file_name(file)).display().to_string(),
                    })
                    .collect();
            }
        }
        Ok(done)
    }
}

/// Whether a certificate was valid between two days, of which the last one counts too.
fn is_within(certificate: &Certificate, from: Option<Timestamp>, to: Option<Timestamp>) -> bool {
    from.is_none_or(|from| certificate.not_after >= from)
        && to.is_none_or(|to| certificate.not_before < to + Span::days(1))
}

/// A certificate and whether its key can be asked for.
async fn found(desk: &Desk<'_>, certificate: &Certificate, agents: &[model::Kra]) -> RecoverableKey {
    let mut key = RecoverableKey {
        certificate: certificate.id.to_string(),
        common_name: certificate.common_name.clone(),
        mail: certificate.mail.clone(),
        not_before: certificate.not_before.to_string(),
        not_after: certificate.not_after.to_string(),
        status: api::certificate_status(certificate, desk.clock.now()),
        purpose: api::word(certificate.purpose),
        thumbprint: certificate.thumbprint.to_string(),
        ..RecoverableKey::default()
    };
    match desk.openers(certificate.id).await {
        Ok(openers) => {
            let name = |thumbprint: &model::Thumbprint| {
                let known = agents.iter().find(|agent| agent.thumbprint == *thumbprint);
                known.map_or_else(|| thumbprint.to_string(), |agent| agent.name.clone())
            };
            key.officers = openers.agents.iter().map(name).collect();
            key.quorum = openers.threshold.unwrap_or(0);
        }
        Err(error) => key.why_not = Some(error.to_string()),
    }
    key
}

fn wanted(word: &str, to: Option<String>) -> Result<Wanted, WireError> {
    match (word, to) {
        ("decryptedMails", None) => Ok(Wanted::DecryptedMails),
        ("ownersDevices", None) => Ok(Wanted::OwnersDevices),
        ("fileForOwner", None) => Ok(Wanted::FileForOwner),
        ("fileForOther", Some(to)) => Ok(Wanted::FileForOther { to }),
        _ => Err(invalid("it is not said what shall come of the keys", "choose one of the outcomes")),
    }
}

/// Without a signed set there is nothing to seal to.
fn no_set(failure: Failure) -> WireError {
    WireError::from(failure).about(Some(Matter::SetMissing))
}

fn mails_of(certificates: &[Certificate]) -> Vec<String> {
    certificates.iter().map(|certificate| certificate.mail.clone()).collect()
}

fn day(typed: Option<&str>, which: &str) -> Result<Option<Timestamp>, WireError> {
    let Some(typed) = typed.map(str::trim).filter(|typed| !typed.is_empty()) else { return Ok(None) };
    let parsed = format!("{typed}T00:00:00Z").parse();
    parsed.map(Some).map_err(|_| invalid(&format!("`{which}` is no day"), "write it as 2026-01-31"))
}

pub(super) fn request_id(typed: &str) -> Result<RecoveryRequestId, WireError> {
    id("recovery request", typed)
}

pub(super) fn id<T: std::str::FromStr>(what: &str, typed: &str) -> Result<T, WireError> {
    typed.parse().map_err(|_| WireError::not_found(what))
}
