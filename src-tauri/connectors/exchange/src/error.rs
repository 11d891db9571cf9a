//! What an error of the wire means to whoever asked Exchange, and which permission or role would have helped.

use net::NetError;
use net::entra::TokenFacts;
use ports::{MailboxError, SharedMailbox};

/// The application permission, at Office 365 Exchange Online.
pub(crate) const PERMISSION: &str = "Exchange.ManageAsApp";

/// Exceptions by which Exchange says that the role does not have the cmdlet or its parameter.
pub(crate) const NOT_IN_ROLE: [&str; 3] =
    ["CommandNotFoundException", "ParameterBindingException", "CmdletAccessDeniedException"];

/// What was asked for, in the words of an error message.
pub(crate) struct Asked<'a> {
    pub(crate) cmdlet: &'static str,
    mailbox: Option<&'a SharedMailbox>,
}

impl<'a> Asked<'a> {
    pub(crate) const fn list() -> Self {
        Self { cmdlet: "Get-Mailbox", mailbox: None }
    }

    pub(crate) const fn full_access(mailbox: &'a SharedMailbox) -> Self {
        Self { cmdlet: "Get-MailboxPermission", mailbox: Some(mailbox) }
    }

    pub(crate) const fn send_as(mailbox: &'a SharedMailbox) -> Self {
        Self { cmdlet: "Get-RecipientPermission", mailbox: Some(mailbox) }
    }

    fn what(&self) -> String {
        match self.mailbox {
            Some(mailbox) => format!("{} for {}", self.cmdlet, mailbox.address),
            None => self.cmdlet.to_owned(),
        }
    }

    pub(crate) fn garbled(&self, detail: &str) -> MailboxError {
        MailboxError::Garbled { detail: format!("{}: {detail}", self.what()) }
    }

    /// 401 and 403. Exchange says neither which permission nor which role is missing; the token tells them apart.
    pub(crate) fn refused(&self, error: &NetError, token: Option<&TokenFacts>) -> MailboxError {
        let told = error.reply().filter(|reply| !reply.message.is_empty());
        let told = told.map(|reply| format!(": {reply}")).unwrap_or_default();
        let what = self.what();
        let hint = match token {
            Some(token) if !token.roles.iter().any(|role| role == PERMISSION) => format!(
                "{what} needs the application permission {PERMISSION} of Office 365 Exchange Online, with admin consent{told}"
            ),
            Some(_) | None => format!("{what} {}{told}", self.role()),
        };
        MailboxError::Unauthorized { hint }
    }

    fn role(&self) -> String {
        format!(
            "is not permitted by the application's Exchange role: give it the role that `sealwright tenant check --for mailbox-holders \
             --script FILE` writes (Get-Mailbox, Get-MailboxPermission, Get-RecipientPermission), or Exchange Recipient \
             Administrator in Entra ID; what was granted just now takes up to half an hour (asked for: {})",
            self.cmdlet
        )
    }

    pub(crate) fn failed(&self, error: NetError) -> MailboxError {
        match error {
            NetError::Unreachable { .. }
            // A read has no effect, whether its answer came back or not.
            | NetError::OutcomeUnknown { .. }
            | NetError::Throttled { .. }
            | NetError::Server { .. } => {
                MailboxError::Unavailable { retry_after: error.retry_after(), source: error.into() }
            }
            NetError::LoginRefused(refusal) => MailboxError::Unauthorized { hint: refusal.to_string() },
            NetError::Unauthorized { .. } | NetError::Forbidden { .. } => self.refused(&error, None),
            NetError::NotFound { ref reply, .. } | NetError::Client { ref reply, .. } => {
                let exception = reply.inner_code.as_deref().unwrap_or_default();
                match self.mailbox {
                    _ if NOT_IN_ROLE.contains(&exception) => self.refused(&error, None),
                    Some(mailbox) if exception == "ManagementObjectNotFoundException" => {
                        MailboxError::NotFound { mailbox: mailbox.address.clone(), detail: reply.message.clone() }
                    }
                    Some(_) | None => self.garbled(&error.to_string()),
                }
            }
            NetError::Gone { .. }
            | NetError::ForeignLink { .. }
            | NetError::NotJson { .. }
            | NetError::Garbled { .. }
            | NetError::TooLarge { .. }
            | NetError::Unsendable { .. } => self.garbled(&error.to_string()),
        }
    }
}
