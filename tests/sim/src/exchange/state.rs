//! Who may use which mailbox, and what the application's Exchange role holds.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::set_mailbox::{BytesOnTheWire, Emptying, OtherBytes};
use crate::{Mailbox, Sim, SimError, Tenant};

/// The cmdlets that this world knows and that read; the application's role holds them at the start.
const READING: [&str; 3] = ["Get-Mailbox", "Get-MailboxPermission", "Get-RecipientPermission"];
/// The one that writes.
pub(super) const SET_MAILBOX: &str = "Set-Mailbox";

/// Whether this world knows the cmdlet, as it spells it.
pub(super) fn known(cmdlet: &str) -> Option<&'static str> {
    READING.into_iter().chain([SET_MAILBOX]).find(|known| known.eq_ignore_ascii_case(cmdlet))
}

/// What a mailbox shows in the address list. Exchange keeps no order, so none is promised.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PublishedCertificates {
    /// `UserCertificate`: DER.
    pub certificates: Vec<Vec<u8>>,
    /// `UserSMimeCertificate`: CMS in DER.
    pub smime: Vec<Vec<u8>>,
}

/// What somebody may do with a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MailboxRight {
    /// `Get-MailboxPermission` tells it.
    FullAccess,
    /// `Get-RecipientPermission` tells it.
    SendAs,
}

/// One entry of a mailbox's rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MailboxPermission {
    /// As Exchange shows it: a user principal name, a display name, a group's name or a security identifier.
    pub trustee: String,
    /// What.
    pub right: MailboxRight,
    /// Whether it takes the right away.
    #[serde(default)]
    pub deny: bool,
    /// Whether it comes from above the mailbox.
    #[serde(default)]
    pub inherited: bool,
}

impl MailboxPermission {
    /// `FullAccess`, given at the mailbox.
    pub fn full_access(trustee: &str) -> Self {
        Self { trustee: trustee.to_owned(), right: MailboxRight::FullAccess, deny: false, inherited: false }
    }

    /// `SendAs`, given at the mailbox.
    pub fn send_as(trustee: &str) -> Self {
        Self { right: MailboxRight::SendAs, ..Self::full_access(trustee) }
    }

    /// The same taken away.
    #[must_use]
    pub fn denied(self) -> Self {
        Self { deny: true, ..self }
    }

    /// The same from above.
    #[must_use]
    pub fn inherited(self) -> Self {
        Self { inherited: true, ..self }
    }
}

/// What a cmdlet does with an identity that nobody has. The documents warn that it may show everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum UnknownMailbox {
    /// 404.
    #[default]
    NotFound,
    /// The rows of all mailboxes, as if no identity were given.
    Everything,
}

/// Exchange's own state. Which mailboxes there are the directory knows.
#[derive(Debug)]
pub(crate) struct Exchange {
    permissions: HashMap<Uuid, Vec<MailboxPermission>>,
    role: BTreeSet<String>,
    pub(super) unknown: UnknownMailbox,
    published: HashMap<Uuid, PublishedCertificates>,
    pub(super) bytes: BytesOnTheWire,
    pub(super) other_bytes: OtherBytes,
    pub(super) emptying: Emptying,
}

impl Exchange {
    /// Everybody who is in a mailbox's group at the start has full access by name, and what every mailbox has is there too.
    pub(crate) fn new(tenant: &Tenant) -> Self {
        let name = |id: &Uuid| {
            tenant.users.iter().find(|user| user.id == *id).map(|user| user.user_principal_name.clone())
        };
        let rights = |mailbox: &Mailbox| {
            let mut rights = vec![
                MailboxPermission::full_access("NT AUTHORITY\\SELF"),
                MailboxPermission::send_as("NT AUTHORITY\\SELF"),
                MailboxPermission::full_access("SIM01A001\\Organization Management").inherited(),
                MailboxPermission::full_access("SIM01A001\\Administrator").denied().inherited(),
            ];
            rights.extend(
                mailbox.holders.iter().filter_map(name).map(|name| MailboxPermission::full_access(&name)),
            );
            (mailbox.user_id, rights)
        };
        Self {
            permissions: tenant.mailboxes.iter().map(rights).collect(),
            role: READING.iter().map(|cmdlet| (*cmdlet).to_owned()).collect(),
            unknown: UnknownMailbox::default(),
            published: HashMap::new(),
            bytes: BytesOnTheWire::default(),
            other_bytes: OtherBytes::default(),
            emptying: Emptying::default(),
        }
    }

    pub(super) fn published(&self, mailbox: Uuid) -> PublishedCertificates {
        self.published.get(&mailbox).cloned().unwrap_or_default()
    }

    pub(super) fn publish(&mut self, mailbox: Uuid, published: PublishedCertificates) {
        self.published.insert(mailbox, published);
    }

    pub(super) fn has_role(&self) -> bool {
        !self.role.is_empty()
    }

    pub(super) fn is_allowed(&self, cmdlet: &str) -> bool {
        self.role.iter().any(|one| one.eq_ignore_ascii_case(cmdlet))
    }

    pub(crate) fn permissions(&self, mailbox: Uuid) -> &[MailboxPermission] {
        self.permissions.get(&mailbox).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn set_permissions(&mut self, mailbox: Uuid, permissions: Vec<MailboxPermission>) {
        self.permissions.insert(mailbox, permissions);
    }

    pub(crate) fn set_role(&mut self, cmdlets: Vec<String>) {
        self.role = cmdlets.into_iter().collect();
    }
}

impl Sim {
    /// The rights at a mailbox, in the order in which Exchange tells them.
    pub fn mailbox_permissions(&self, mailbox: Uuid) -> Vec<MailboxPermission> {
        self.world.exchange.read().permissions(mailbox).to_vec()
    }

    /// Adds a right at a mailbox.
    ///
    /// # Errors
    /// [`SimError::NoSuchUser`].
    pub fn grant_mailbox(&self, mailbox: Uuid, permission: MailboxPermission) -> Result<(), SimError> {
        if self.world.directory.read().user(mailbox).is_none() {
            return Err(SimError::NoSuchUser(mailbox.to_string()));
        }
        let mut exchange = self.world.exchange.write();
        let mut permissions = exchange.permissions(mailbox).to_vec();
        permissions.push(permission);
        exchange.set_permissions(mailbox, permissions);
        Ok(())
    }

    /// Takes everything away that names this trustee (in any case).
    pub fn revoke_mailbox(&self, mailbox: Uuid, trustee: &str) {
        let mut exchange = self.world.exchange.write();
        let mut permissions = exchange.permissions(mailbox).to_vec();
        permissions.retain(|one| !one.trustee.eq_ignore_ascii_case(trustee));
        exchange.set_permissions(mailbox, permissions);
    }

    /// Which cmdlets the application's Exchange role holds; none for no role at all. At the start the three that read.
    pub fn set_exchange_role(&self, cmdlets: &[&str]) {
        self.world.exchange.write().set_role(cmdlets.iter().map(|one| (*one).to_owned()).collect());
    }

    /// What cmdlets do with an identity that nobody has.
    pub fn set_unknown_mailbox(&self, unknown: UnknownMailbox) {
        self.world.exchange.write().unknown = unknown;
    }

    /// What a mailbox shows in the address list.
    pub fn published(&self, mailbox: Uuid) -> PublishedCertificates {
        self.world.exchange.read().published(mailbox)
    }

    /// Publishes beside the product, as somebody with Outlook does, or takes everything away.
    pub fn publish(&self, mailbox: Uuid, published: PublishedCertificates) {
        self.world.exchange.write().publish(mailbox, published);
    }

    /// How byte values are taken, and what becomes of those that are written otherwise.
    pub fn set_bytes_on_the_wire(&self, taken: BytesOnTheWire, other: OtherBytes) {
        let mut exchange = self.world.exchange.write();
        exchange.bytes = taken;
        exchange.other_bytes = other;
    }

    /// How a list is emptied.
    pub fn set_emptying(&self, taken: Emptying) {
        self.world.exchange.write().emptying = taken;
    }
}
