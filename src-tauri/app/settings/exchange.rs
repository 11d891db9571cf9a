//! `[exchange]`: who may use shared mailboxes is read from Exchange Online, and certificates are published in its address list.

use std::sync::Arc;

use model::Span;
use observe::MailboxReading;
use ports::{MailboxDirectory, MailboxRight};
use serde::{Deserialize, Serialize};

/// How shared mailboxes are read, and whether certificates are published. Without the section, groups named under `[[mailboxes]]`
/// tell who may use mailboxes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ExchangeSection {
    /// Addresses of the mailboxes whose people are read; none for all that are in enrollment groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mailboxes: Vec<String>,
    /// Who has one of these rights gets the mailbox's key. None where Exchange is not asked who may use mailboxes.
    #[serde(default = "full_access")]
    pub rights: Vec<Right>,
    /// Minutes between readings.
    #[serde(default = "read_minutes")]
    pub read_minutes: u32,
    /// Whether certificates are published in the global address list. Written only where they are: programs that know nothing
    /// of it then refuse the section.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub publish: bool,
}

/// A right at a mailbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// Opens the mailbox and reads everything.
    FullAccess,
    /// Sends mail as the mailbox.
    SendAs,
}

/// A week: whoever reads less often would have people wait for a key they are entitled to.
const LONGEST_MINUTES: u32 = 7 * 24 * 60;

fn is_address(name: &str) -> bool {
    name.split_once('@').is_some_and(|(mailbox, domain)| {
        !mailbox.is_empty()
            && domain.contains('.')
            && !domain.contains('@')
            && !name.contains(char::is_whitespace)
    })
}

fn full_access() -> Vec<Right> {
    vec![Right::FullAccess]
}

fn read_minutes() -> u32 {
    60
}

impl ExchangeSection {
    /// What is wrong with it.
    pub(super) fn check(&self, has_groups: bool) -> Result<(), String> {
        if has_groups && self.reads_rights() {
            return Err(
                "either [exchange] or [[mailboxes]] says who may use shared mailboxes; take one of them out, or write rights = [] \
                 in [exchange], which only publishes then"
                    .to_owned(),
            );
        }
        if !self.reads_rights() && !self.publish {
            return Err("[exchange] rights is empty; name full-access, send-as or both".to_owned());
        }
        if let Some(name) = self.mailboxes.iter().find(|name| !is_address(name)) {
            return Err(format!(
                "[exchange] mailboxes: `{name}` is no mail address such as info@example.com"
            ));
        }
        if self.read_minutes > LONGEST_MINUTES {
            return Err(format!(
                "[exchange] read-minutes = {} is more than {LONGEST_MINUTES}, a week; leave it out for {}",
                self.read_minutes,
                read_minutes()
            ));
        }
        Ok(())
    }

    /// Whether Exchange is asked who may use shared mailboxes.
    pub(crate) const fn reads_rights(&self) -> bool {
        !self.rights.is_empty()
    }

    /// The reading that these settings ask for.
    pub(crate) fn reading(&self, door: Arc<dyn MailboxDirectory>) -> MailboxReading {
        let right = |right: &Right| match right {
            Right::FullAccess => MailboxRight::FullAccess,
            Right::SendAs => MailboxRight::SendAs,
        };
        MailboxReading {
            door,
            rights: self.rights.iter().map(right).collect(),
            named: self.mailboxes.clone(),
            every: Span::minutes(i64::from(self.read_minutes)),
        }
    }
}
