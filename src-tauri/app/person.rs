//! The person who is signed in at this installation: kept in the keyring of their account, named in the audit log beside that
//! account, and held to the roles that the tenant gives them.
//!
//! The roles narrow what this program does for somebody. What cannot be got around are the rights of the database's login
//! (docs/decisions/0014) and the keys themselves; whoever writes another program is held by those alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::text::fitted;
use model::{Clock, Ids, Span, SystemClock, SystemEntropy, Timestamp};
use net::entra::{Person, PublicApplication, Session, SignInError};
use net::{Endpoints, NetError};
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::compose::ComposeError;
use crate::failure::Failure;
use crate::installation;
use crate::settings::{Cloud, Home, Settings};
use crate::vault::Vault;
use crate::works::chain;

/// What the tenant said of somebody is believed for so long without asking again.
const FRESH: Span = Span::hours(1);
/// And for so long while the tenant cannot be asked.
const BELIEVED: Span = Span::hours(12);

/// What the audit log takes as an actor, in characters.
const LONGEST_ACTOR: usize = 320;
/// And of these for the account of the operating system, where a person is named behind it.
const LONGEST_ACCOUNT: usize = 160;

/// `[sign-in]`: the application that people sign in to, and what its roles mean here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SignInSection {
    /// Application (client) id: a registration for people, without a secret.
    pub client_id: Uuid,
    /// Tenant id; that of `[tenant]` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<Uuid>,
    /// Which Microsoft cloud, where `[tenant]` is not here to say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<Cloud>,
    /// Whether somebody must be signed in before anything is changed: yes, unless the settings say otherwise.
    #[serde(default = "asked_for", skip_serializing_if = "is_asked_for")]
    pub required: bool,
    /// Which app role of the registration is which role here; `Sealwright.Administrator` and the like where none is named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, ProductRole>,
}

const fn asked_for() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_asked_for(required: &bool) -> bool {
    *required
}

/// What somebody is at this product.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProductRole {
    /// Sets up the tenant, installations, templates and agents; everything but opening archived keys.
    Administrator,
    /// Certificates and templates.
    CertificateManager,
    /// Recoveries.
    KraOfficer,
    /// Looks, and takes proofs and exports along.
    Auditor,
    /// Looks, and has failed things tried again.
    HelpDesk,
}

impl ProductRole {
    const ALL: [Self; 5] =
        [Self::Administrator, Self::CertificateManager, Self::KraOfficer, Self::Auditor, Self::HelpDesk];

    /// The app role that stands for it where the settings name none.
    const fn usual(self) -> &'static str {
        match self {
            Self::Administrator => "Sealwright.Administrator",
            Self::CertificateManager => "Sealwright.CertificateManager",
            Self::KraOfficer => "Sealwright.KraOfficer",
            Self::Auditor => "Sealwright.Auditor",
            Self::HelpDesk => "Sealwright.HelpDesk",
        }
    }

    /// For people.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::CertificateManager => "certificate manager",
            Self::KraOfficer => "KRA officer",
            Self::Auditor => "auditor",
            Self::HelpDesk => "help desk",
        }
    }

    const fn may(self, deed: Deed) -> bool {
        match deed {
            Deed::Look => true,
            Deed::TryAgain => matches!(self, Self::Administrator | Self::CertificateManager | Self::HelpDesk),
            Deed::Certificates => matches!(self, Self::Administrator | Self::CertificateManager),
            Deed::Administer => matches!(self, Self::Administrator),
            Deed::Recover => matches!(self, Self::KraOfficer),
            Deed::Evidence => matches!(self, Self::Administrator | Self::Auditor),
        }
    }
}

/// What somebody wants to do, as far as roles go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Deed {
    /// Read.
    Look,
    /// Have something tried again that is under way anyway.
    TryAgain,
    /// Order, renew, revoke; templates.
    Certificates,
    /// Tenant, database, installations, authorities, agents.
    Administer,
    /// Ask for archived keys, agree, open; prove that they open.
    Recover,
    /// Take proofs and exports of the audit log along.
    Evidence,
}

impl Deed {
    const fn words(self) -> &'static str {
        match self {
            Self::Look => "looking",
            Self::TryAgain => "having it tried again",
            Self::Certificates => "changing certificates and templates",
            Self::Administer => "changing this set-up",
            Self::Recover => "recovering keys",
            Self::Evidence => "taking evidence along",
        }
    }
}

/// Somebody who is signed in, with what that means here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) person: Person,
    /// What they are here.
    pub(crate) roles: BTreeSet<ProductRole>,
    /// When the tenant last said so.
    pub(crate) confirmed_at: Timestamp,
}

/// Whether somebody is signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// Nobody, and nobody was.
    Nobody,
    /// Somebody was, and whether they still may is not known or denied: not the same as nobody, whom less may be asked of.
    Ended,
    /// Somebody is.
    SignedIn(SignedIn),
}

impl Standing {
    /// Who is signed in.
    pub(crate) const fn person(&self) -> Option<&SignedIn> {
        match self {
            Self::SignedIn(signed_in) => Some(signed_in),
            Self::Nobody | Self::Ended => None,
        }
    }
}

/// Who acts at this installation.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    /// The account of the operating system, and the person that is signed in.
    pub(crate) actor: String,
    /// The account of the operating system alone.
    account: String,
    /// Whether a person is signed in.
    pub(crate) standing: Standing,
    /// Whether nothing is changed without one.
    required: bool,
}

impl Who {
    /// The account of the operating system and the person's object id. Names change while somebody stays who they are.
    pub(crate) fn identity(&self) -> (String, Option<Uuid>) {
        (self.account.clone(), self.standing.person().map(|signed_in| signed_in.person.object))
    }

    /// Whether this may be done. Whose sign-in has ended may look and no more, whatever the settings ask for: their roles
    /// would otherwise end with it.
    pub(crate) fn may(&self, deed: Deed) -> Result<(), Failure> {
        match &self.standing {
            Standing::SignedIn(signed_in) if signed_in.roles.iter().any(|role| role.may(deed)) => Ok(()),
            Standing::SignedIn(signed_in) => Err(signed_in.refused(deed)),
            Standing::Nobody | Standing::Ended if deed == Deed::Look => Ok(()),
            Standing::Nobody if !self.required => Ok(()),
            Standing::Nobody => Err(Failure::with_hint(
                format!("{} takes somebody who is signed in", deed.words()),
                "run `sealwright sign-in`; the settings of this installation ask for it ([sign-in] required)",
            )),
            Standing::Ended => Err(Failure::with_hint(
                format!(
                    "{} takes a sign-in that holds: somebody was signed in here, and the tenant does not confirm it any more",
                    deed.words()
                ),
                "run `sealwright sign-in` again; nothing but looking is possible until then",
            )),
        }
    }
}

impl SignedIn {
    fn refused(&self, deed: Deed) -> Failure {
        let may: Vec<&str> =
            ProductRole::ALL.into_iter().filter(|role| role.may(deed)).map(ProductRole::words).collect();
        let has = if self.roles.is_empty() {
            "no role here".to_owned()
        } else {
            let names: Vec<&str> = self.roles.iter().map(|role| role.words()).collect();
            format!("only the role {}", names.join(", "))
        };
        Failure::with_hint(
            format!("{} has {has}, and {} takes {}", self.person.account, deed.words(), may.join(" or ")),
            "roles are assigned in the Entra admin centre: Enterprise applications, the application, Users and groups; then sign \
             in again",
        )
    }
}

/// What is kept of a sign-in, in the keyring and nowhere else.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    person: Person,
    confirmed_at: Timestamp,
    #[serde(with = "wiped")]
    refresh: Zeroizing<String>,
}

impl Kept {
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.is_within(FRESH, now)
    }

    fn is_within(&self, span: Span, now: Timestamp) -> bool {
        self.confirmed_at <= now && now < self.confirmed_at + span
    }
}

/// What is kept in place of a sign-in that has ended. It names nobody.
const ENDED: &[u8] = br#"{"ended":true}"#;

/// What became of a sign-in that was to be kept.
pub(crate) enum Keeping {
    /// It is in the keyring.
    Kept(SignedIn),
    /// This installation has no keyring.
    NoKeyring,
    /// The tenant gave nothing with which the session goes on.
    NoRefreshToken,
}

/// Text that is wiped, in JSON that is wiped.
mod wiped {
    use serde::{Deserialize as _, Deserializer, Serializer};
    use zeroize::Zeroizing;

    pub(super) fn serialize<S: Serializer>(text: &Zeroizing<String>, into: S) -> Result<S::Ok, S::Error> {
        into.serialize_str(text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
        String::deserialize(from).map(Zeroizing::new)
    }
}

/// Everything that a sign-in of this installation needs.
pub(crate) struct Place {
    section: SignInSection,
    vault: Vault,
    client: net::Client,
    authority: Url,
    application: PublicApplication,
}

impl Place {
    /// The place of a home; `None` where its settings have no `[sign-in]`.
    pub(crate) fn of(home: &Home, settings: &Settings) -> Result<Option<Self>, ComposeError> {
        let Some(section) = settings.sign_in.clone() else { return Ok(None) };
        let unusable = |text: String| ComposeError::Unusable(text);
        let tenant = settings.tenant.as_deref();
        let tenant_id = section.tenant_id.or_else(|| tenant.map(|tenant| tenant.id)).ok_or_else(|| {
            unusable("[sign-in] names no tenant-id, and [tenant] is not here to name one".to_owned())
        })?;
        let endpoints = tenant.map_or_else(
            || Endpoints::of(section.cloud.unwrap_or_default().into()),
            crate::settings::Tenant::endpoints,
        );
        let http = crate::tenant::http_of(home, tenant)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let ids = Ids::new(Arc::clone(&clock), Arc::new(SystemEntropy));
        let client = net::Client::new(&http, ids, clock).map_err(|error| unusable(chain(&error)))?;
        let vault = Vault::open(home).map_err(|error| unusable(chain(&error)))?;
        let application = PublicApplication { tenant: tenant_id, client_id: section.client_id };
        Ok(Some(Self { vault, client, authority: endpoints.authority, application, section }))
    }

    /// The HTTP client.
    pub(crate) const fn client(&self) -> &net::Client {
        &self.client
    }

    /// Where to sign in.
    pub(crate) const fn authority(&self) -> &Url {
        &self.authority
    }

    /// To what.
    pub(crate) const fn application(&self) -> PublicApplication {
        self.application
    }

    /// Name of the keyring's entry.
    fn name(&self) -> String {
        format!("sign-in {} {}", self.application.tenant, self.application.client_id)
    }

    /// Whether nothing is changed by anybody who is not signed in.
    pub(crate) const fn required(&self) -> bool {
        self.section.required
    }

    /// Keeps a session in the keyring. One that cannot be kept ends the one before: whoever signed in last is not to act as
    /// somebody else.
    pub(crate) fn keep(&self, session: &Session) -> Result<Keeping, ComposeError> {
        let Some(refresh) = session.refresh.clone() else {
            if self.read()?.is_some() {
                self.end()?;
            }
            return Ok(Keeping::NoRefreshToken);
        };
        let kept = Kept { person: session.person.clone(), confirmed_at: self.client.clock().now(), refresh };
        let bytes = serde_json::to_vec(&kept).map(Zeroizing::new);
        let bytes = bytes.map_err(|error| ComposeError::Unusable(error.to_string()))?;
        if !self.put(&bytes)? {
            return Ok(Keeping::NoKeyring);
        }
        Ok(Keeping::Kept(self.signed_in(kept.person, kept.confirmed_at)))
    }

    fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, ComposeError> {
        self.vault.read_sign_in(&self.name()).map_err(|error| ComposeError::Unusable(chain(&error)))
    }

    /// Returns whether there is a keyring to put it into.
    fn put(&self, bytes: &[u8]) -> Result<bool, ComposeError> {
        self.vault.keep_sign_in(&self.name(), bytes).map_err(|error| ComposeError::Unusable(chain(&error)))
    }

    /// Forgets a session, and remembers that there was one.
    fn end(&self) -> Result<(), ComposeError> {
        self.put(ENDED).map(|_| ())
    }

    /// What a person is here.
    pub(crate) fn signed_in(&self, person: Person, confirmed_at: Timestamp) -> SignedIn {
        let named = |value: &String| {
            if self.section.roles.is_empty() {
                return ProductRole::ALL.into_iter().find(|role| role.usual() == value);
            }
            self.section.roles.get(value).copied()
        };
        let roles = person.roles.iter().filter_map(named).collect();
        SignedIn { person, roles, confirmed_at }
    }

    /// Signs out whoever is signed in. Returns whether there was somebody. Where somebody has to be signed in, it stays on
    /// record that the sign-in has ended; elsewhere nothing stays.
    pub(crate) fn sign_out(&self) -> Result<bool, ComposeError> {
        let Some(before) = self.read()? else { return Ok(false) };
        if self.required() {
            self.end()?;
        } else {
            let forgotten = self.vault.forget_sign_in(&self.name());
            forgotten.map_err(|error| ComposeError::Unusable(chain(&error)))?;
        }
        Ok(*before != *ENDED)
    }

    /// Who is signed in. What the tenant said an hour ago is asked again; when it cannot be asked, it is believed for half
    /// a day.
    pub(crate) async fn current(&self) -> Result<Standing, ComposeError> {
        let Some(bytes) = self.read()? else { return Ok(Standing::Nobody) };
        // What cannot be read has ended, or was kept by another release.
        let Ok(kept) = serde_json::from_slice::<Kept>(&bytes) else { return Ok(Standing::Ended) };
        let now = self.client.clock().now();
        if kept.person.tenant != self.application.tenant {
            return Ok(Standing::Ended);
        }
        if kept.is_fresh(now) {
            return Ok(Standing::SignedIn(self.signed_in(kept.person, kept.confirmed_at)));
        }
        let resumed = net::entra::resume(
            &self.client,
            &self.authority,
            self.application,
            "",
            &kept.refresh,
            &kept.person,
        );
        match resumed.await {
            Ok(session) => Ok(match self.keep(&session)? {
                Keeping::Kept(signed_in) => Standing::SignedIn(signed_in),
                Keeping::NoKeyring | Keeping::NoRefreshToken => Standing::Ended,
            }),
            Err(SignInError::Net(NetError::LoginRefused(refusal))) => {
                tracing::warn!(account = %kept.person.account, %refusal, "the sign-in does not hold; sign in again");
                // Other refusals are about the application, and may pass.
                if !matches!(refusal.error.as_str(), "invalid_grant" | "interaction_required") {
                    return Ok(Standing::Ended);
                }
                self.end_if_still(&kept)
            }
            Err(SignInError::Net(error)) if kept.is_within(BELIEVED, now) => {
                tracing::warn!(%error, "the tenant cannot be asked whether the sign-in still holds; it is believed for now");
                Ok(Standing::SignedIn(self.signed_in(kept.person, kept.confirmed_at)))
            }
            Err(error) => {
                tracing::warn!(account = %kept.person.account, error = %chain(&error), "nobody is signed in: the tenant was not asked for too long");
                Ok(Standing::Ended)
            }
        }
    }

    /// Ends a session that was refused, unless another process has put a newer one in its place meanwhile: a refresh token
    /// is good once, and of two that use it one is refused.
    fn end_if_still(&self, refused: &Kept) -> Result<Standing, ComposeError> {
        let now = self.client.clock().now();
        let newer = self.read()?.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        match newer {
            Some(newer) if newer.refresh != refused.refresh => {
                Ok(if newer.is_fresh(now) && newer.person.tenant == self.application.tenant {
                    Standing::SignedIn(self.signed_in(newer.person, newer.confirmed_at))
                } else {
                    Standing::Ended
                })
            }
            Some(_) => {
                self.end()?;
                Ok(Standing::Ended)
            }
            None => Ok(Standing::Ended),
        }
    }
}

/// Who acts at this home: the account of the operating system and, where somebody is signed in, the person.
pub(crate) async fn who(home: &Home) -> Result<Who, ComposeError> {
    let account = installation::actor();
    // A home that holds nothing yet, or broken settings, are told by whatever comes next.
    let Ok(settings) = Settings::load(home) else {
        return Ok(Who { actor: account.clone(), account, standing: Standing::Nobody, required: false });
    };
    let required = settings.sign_in.as_ref().is_some_and(|section| section.required);
    let standing = match Place::of(home, &settings)? {
        Some(place) => place.current().await?,
        None => Standing::Nobody,
    };
    Ok(Who { actor: actor(&account, standing.person()), account, standing, required })
}

/// The account first: by it two deeds are told to be one person's, whether signed in or not. The object id last, in full:
/// names change and are given to others.
fn actor(account: &str, person: Option<&SignedIn>) -> String {
    let Some(signed_in) = person else { return account.to_owned() };
    let (name, id) = (&signed_in.person.account, format!(" ({})", signed_in.person.object));
    let account = fitted(account, LONGEST_ACCOUNT);
    let left = LONGEST_ACTOR.saturating_sub(LONGEST_ACCOUNT + " as ".len() + id.len());
    format!("{account} as {}{id}", fitted(name, left))
}

/// What a command of the console is, as far as roles go. What is not in this list takes an administrator.
pub(crate) fn deed(command: &str) -> Deed {
    match command {
        "overview"
        | "list_certificates"
        | "filter_choices"
        | "certificate_details"
        | "export_certificate"
        | "list_people"
        | "person_details"
        | "plan_forecast"
        | "campaigns"
        | "campaign_details"
        | "preview_campaign"
        | "duties"
        | "drift"
        | "activity"
        | "enrollment_details"
        | "templates"
        | "template_details"
        | "template_version"
        | "check_template"
        | "installations"
        | "recovery_desk"
        | "archive_inventory"
        | "kra_set"
        | "list_audit"
        | "audit_entry"
        | "audit_standing"
        | "verify_audit"
        | "stop_audit_verification"
        | "about"
        | "tenant_check"
        | "tenant_setup"
        | "sign_in_standing"
        | "begin_sign_in"
        | "cancel_sign_in"
        | "sign_out"
        | "setup_status" => Deed::Look,
        "check_deliveries" | "retry_enrollment" | "run_service" => Deed::TryAgain,
        "revoke_certificate"
        | "hold_certificate"
        | "release_certificate"
        | "renew_certificate"
        | "give_up_enrollment"
        | "save_template"
        | "start_campaign"
        | "pause_campaign"
        | "resume_campaign"
        | "stop_campaign"
        | "ignore_drift"
        | "repair_drift" => Deed::Certificates,
        "officers_elsewhere"
        | "export_recovery"
        | "import_recovery_response"
        | "save_recovery_receipt"
        | "save_owner_notice"
        | "recoverable_keys"
        | "request_recovery"
        | "refuse_recovery"
        | "withdraw_recovery"
        | "complete_recovery"
        | "officer_tokens"
        | "officer_deed_needs"
        | "begin_officer_deed"
        | "officer_deed"
        | "end_officer_deed"
        | "trust_kra_set" => Deed::Recover,
        "prove_audit_entry" | "export_audit" => Deed::Evidence,
        _ => Deed::Administer,
    }
}

#[cfg(test)]
mod tests;
