//! The doors to Exchange Online: shared mailboxes and who may use them, and the address list ([`ExchangeBook`]).
//!
//! Mailboxes take three cmdlets, all of which only read, over `InvokeCommand`, the interface that Exchange's own PowerShell module
//! uses. Microsoft does not document it, so an answer that is not as expected is an error and never "nobody". In particular a
//! cmdlet that is asked for an unknown mailbox may answer with the rows of all: rows that do not name the mailbox that was
//! asked for are refused as a whole.
#![warn(missing_docs)]

mod book;
mod error;
mod row;

use std::sync::Arc;

use async_trait::async_trait;
use net::Exchange;
use ports::{MailboxDirectory, MailboxError, MailboxGrant, MailboxRight, SharedMailbox};
use serde_json::{Value, json};

pub use book::ExchangeBook;
use error::Asked;

/// What is read of a mailbox: who it is, and by which names its rights may call it.
const MAILBOX: &str = "ExternalDirectoryObjectId,PrimarySmtpAddress,EmailAddresses,RecipientTypeDetails,UserPrincipalName,\
                       Identity,Name,Alias,Guid,DisplayName,DistinguishedName";
const FULL_ACCESS: &str = "Identity,User,AccessRights,IsInherited,Deny,InheritanceType";
const SEND_AS: &str = "Identity,Trustee,AccessControlType,AccessRights,IsInherited";

/// Exchange Online through `InvokeCommand`.
#[derive(Clone, Debug)]
pub struct ExchangeMailboxes {
    exchange: Arc<Exchange>,
}

impl ExchangeMailboxes {
    /// A door that reads with the session's application.
    pub fn new(exchange: Arc<Exchange>) -> Self {
        Self { exchange }
    }

    async fn read(
        &self,
        asked: &Asked<'_>,
        parameters: &Value,
        select: &str,
    ) -> Result<Vec<Value>, MailboxError> {
        match self.exchange.read(asked.cmdlet, parameters, select).await {
            Ok(rows) => {
                for warning in &rows.warnings {
                    tracing::warn!(cmdlet = asked.cmdlet, warning, "Exchange warns");
                }
                Ok(rows.value)
            }
            // What is refused without a word is told apart by what the token carries.
            Err(error @ (net::NetError::Unauthorized { .. } | net::NetError::Forbidden { .. })) => {
                let facts = self.exchange.token_facts().await.ok().flatten();
                Err(asked.refused(&error, facts.as_ref()))
            }
            Err(error) => Err(asked.failed(error)),
        }
    }

    /// Shared mailboxes, `size` at most where it is a number.
    async fn list(&self, size: Value) -> Result<Vec<SharedMailbox>, MailboxError> {
        let parameters = json!({ "RecipientTypeDetails": ["SharedMailbox"], "ResultSize": size });
        let rows = self.read(&Asked::list(), &parameters, MAILBOX).await?;
        let mut mailboxes: Vec<SharedMailbox> = Vec::with_capacity(rows.len());
        for value in &rows {
            match row::mailbox(value) {
                Ok(Some(mailbox)) => {
                    if mailboxes.iter().all(|known| known.id != mailbox.id) {
                        mailboxes.push(mailbox);
                    }
                }
                Ok(None) => {}
                Err(flaw) => {
                    tracing::warn!(mailbox = row::shown(value), flaw, "a shared mailbox was skipped");
                }
            }
        }
        if mailboxes.is_empty() && !rows.is_empty() {
            let detail =
                format!("none of the {} rows of Get-Mailbox is a shared mailbox with an id", rows.len());
            return Err(MailboxError::Garbled { detail });
        }
        Ok(mailboxes)
    }

    async fn full_access(&self, mailbox: &SharedMailbox) -> Result<Vec<MailboxGrant>, MailboxError> {
        let asked = Asked::full_access(mailbox);
        let rows = self.read(&asked, &json!({ "Identity": mailbox.id.to_string() }), FULL_ACCESS).await?;
        row::grants(mailbox, &rows, MailboxRight::FullAccess).map_err(|detail| asked.garbled(&detail))
    }

    async fn send_as(&self, mailbox: &SharedMailbox) -> Result<Vec<MailboxGrant>, MailboxError> {
        let asked = Asked::send_as(mailbox);
        let rows = self.read(&asked, &json!({ "Identity": mailbox.id.to_string() }), SEND_AS).await?;
        row::grants(mailbox, &rows, MailboxRight::SendAs).map_err(|detail| asked.garbled(&detail))
    }
}

#[async_trait]
impl MailboxDirectory for ExchangeMailboxes {
    async fn check(&self) -> Result<String, MailboxError> {
        let some = self.list(Value::from(1)).await?;
        let Some(one) = some.first() else {
            return Ok(
                "the list of mailboxes can be read; there is no shared mailbox to try its rights with"
                    .to_owned(),
            );
        };
        self.full_access(one).await?;
        self.send_as(one).await?;
        Ok("shared mailboxes and who may use them can be read".to_owned())
    }

    async fn shared_mailboxes(&self) -> Result<Vec<SharedMailbox>, MailboxError> {
        self.list(Value::from("Unlimited")).await
    }

    async fn grants(
        &self,
        mailbox: &SharedMailbox,
        rights: &[MailboxRight],
    ) -> Result<Vec<MailboxGrant>, MailboxError> {
        let mut grants = Vec::new();
        if rights.contains(&MailboxRight::FullAccess) {
            grants.extend(self.full_access(mailbox).await?);
        }
        if rights.contains(&MailboxRight::SendAs) {
            grants.extend(self.send_as(mailbox).await?);
        }
        grants.sort();
        grants.dedup();
        Ok(grants)
    }
}
