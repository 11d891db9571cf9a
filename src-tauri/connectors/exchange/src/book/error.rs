//! What an error of the wire means to whoever asked about the address book.

use model::SubscriberId;
use net::NetError;
use net::entra::TokenFacts;
use ports::BookError;

use crate::error::{NOT_IN_ROLE, PERMISSION};

/// How Exchange says that an object is changed elsewhere. It has no closed code for that.
const ELSEWHERE: [&str; 3] = ["on-premises", "on premises", "synchronized from"];

/// What was asked for.
pub(crate) struct Asked {
    pub(crate) cmdlet: &'static str,
    pub(crate) holder: Option<SubscriberId>,
    /// The entry's address, where it is known.
    pub(crate) address: Option<String>,
    /// Whether it was to change something.
    pub(crate) writes: bool,
}

/// What came of it.
pub(crate) enum Failed {
    /// What it means, whatever was sent.
    Error(BookError),
    /// The request itself was refused: another way of writing it may be taken.
    Refused(String),
}

impl Asked {
    fn who(&self) -> String {
        self.address
            .clone()
            .or_else(|| self.holder.map(|holder| holder.to_string()))
            .unwrap_or_else(|| "the list".to_owned())
    }

    pub(crate) fn garbled(&self, detail: &str) -> BookError {
        BookError::Garbled { detail: format!("{} for {}: {detail}", self.cmdlet, self.who()) }
    }

    /// 401 and 403. Exchange says neither which permission nor which role is missing; the token tells them apart.
    pub(crate) fn unauthorized(&self, error: &NetError, token: Option<&TokenFacts>) -> BookError {
        let told = error.reply().filter(|reply| !reply.message.is_empty());
        let told = told.map(|reply| format!(": {reply}")).unwrap_or_default();
        let cmdlet = self.cmdlet;
        let hint = match token {
            Some(token) if !token.roles.iter().any(|role| role == PERMISSION) => format!(
                "{cmdlet} needs the application permission {PERMISSION} of Office 365 Exchange Online, with admin consent{told}"
            ),
            Some(_) | None => format!(
                "{cmdlet} needs an Exchange role of the application: give it `Sealwright Recipients`, which `sealwright tenant check \
                 --for address-book --script FILE` writes (Get-Mailbox, Set-Mailbox), or have certificates published by hand with \
                 `sealwright gal script --out FILE`; what was granted just now takes up to half an hour{told}"
            ),
        };
        BookError::Unauthorized { hint }
    }

    pub(crate) fn failed(&self, error: NetError, token: Option<&TokenFacts>) -> Failed {
        Failed::Error(match error {
            NetError::OutcomeUnknown { .. } if self.writes => {
                BookError::OutcomeUnknown { address: self.who(), source: error.into() }
            }
            NetError::Unreachable { .. }
            | NetError::OutcomeUnknown { .. }
            | NetError::Throttled { .. }
            | NetError::Server { .. } => {
                BookError::Unavailable { retry_after: error.retry_after(), source: error.into() }
            }
            NetError::LoginRefused(refusal) => BookError::Unauthorized { hint: refusal.to_string() },
            NetError::Unauthorized { .. } => self.unauthorized(&error, token),
            NetError::Forbidden { ref reply, .. }
            | NetError::NotFound { ref reply, .. }
            | NetError::Client { ref reply, .. } => {
                let exception = reply.inner_code.as_deref().unwrap_or_default();
                let told = reply.message.to_lowercase();
                if self.writes && ELSEWHERE.iter().any(|words| told.contains(words)) {
                    BookError::Synchronised { address: self.who(), detail: reply.message.clone() }
                } else if matches!(error, NetError::Forbidden { .. }) || NOT_IN_ROLE.contains(&exception) {
                    self.unauthorized(&error, token)
                } else if let (Some(holder), "ManagementObjectNotFoundException") = (self.holder, exception) {
                    BookError::NoMailbox { holder, detail: reply.message.clone() }
                } else if self.writes {
                    return Failed::Refused(reply.to_string());
                } else {
                    self.garbled(&error.to_string())
                }
            }
            NetError::Gone { .. }
            | NetError::ForeignLink { .. }
            | NetError::NotJson { .. }
            | NetError::Garbled { .. }
            | NetError::TooLarge { .. }
            | NetError::Unsendable { .. }
                if self.writes =>
            {
                // Whatever came back, it does not say that nothing happened.
                BookError::OutcomeUnknown { address: self.who(), source: error.into() }
            }
            NetError::Gone { .. }
            | NetError::ForeignLink { .. }
            | NetError::NotJson { .. }
            | NetError::Garbled { .. }
            | NetError::TooLarge { .. }
            | NetError::Unsendable { .. } => self.garbled(&error.to_string()),
        })
    }
}
