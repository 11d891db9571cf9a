//! The door to Entra ID through Microsoft Graph: people, group members, shared mailboxes, and what changed.
//!
//! It only reads. Strange entries are skipped with a warning that names them, so that one object never hides the other 9,999; but an
//! answer that is not a list, or a list whose people are hidden from us, is an error and never an empty group.
#![warn(missing_docs)]

mod address;
mod called;
mod changes;
mod cursor;
mod entry;
mod error;

use std::sync::Arc;

use async_trait::async_trait;
use model::{GroupId, SubscriberId, SubscriberKind};
use net::{Graph, NetError, Page, Request, Version};
use ports::{Called, Changes, Directory, DirectoryError, GroupChanges, ObservedUser, UserPage};
use serde_json::Value;

use cursor::Cursor;
use error::Asked;

/// What is read of a user. A property that is not named here is absent from answers, which does not mean that it was cleared.
const USER: &str = "id,userPrincipalName,mail,proxyAddresses,displayName,givenName,surname,accountEnabled,onPremisesSecurityIdentifier";

/// Graph's longest page.
const PAGE: &str = "999";

/// A collection of nested groups with more pages than this runs in a circle.
const MOST_PAGES: usize = 10_000;

/// Entra ID through Microsoft Graph.
#[derive(Clone, Debug)]
pub struct EntraDirectory {
    graph: Arc<Graph>,
}

impl EntraDirectory {
    /// A door that reads with the session's application.
    pub fn new(graph: Arc<Graph>) -> Self {
        Self { graph }
    }

    /// A cast to users or groups is an advanced query, on every page of it.
    async fn cast(
        &self,
        group: GroupId,
        cast: &str,
        select: &str,
        next: Option<&str>,
    ) -> Result<Page, NetError> {
        let url = match next {
            Some(link) => self.graph.follow(link)?,
            None => self.graph.address(
                Version::V1,
                &["groups", &group.to_string(), "transitiveMembers", cast],
                &[("$select", select), ("$top", PAGE), ("$count", "true")],
            ),
        };
        self.graph.read(&Request::get(url).header("consistencylevel", "eventual")).await
    }

    async fn read(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Value, NetError> {
        self.graph.read(&Request::get(self.graph.address(Version::V1, segments, query))).await
    }
}

#[async_trait]
impl Directory for EntraDirectory {
    async fn check(&self) -> Result<String, DirectoryError> {
        let one = [("$select", "id"), ("$top", "1")];
        let users = self.read(&["users"], &one).await.map_err(|error| Asked::users().failed(error))?;
        self.read(&["groups"], &one).await.map_err(|error| Asked::groups().failed(error))?;
        let Some(id) = users.pointer("/value/0/id").and_then(Value::as_str).and_then(|id| id.parse().ok())
        else {
            return Ok(
                "users and groups can be read; the tenant shows no user to try the mailbox settings with"
                    .to_owned(),
            );
        };
        self.kind(id).await?;
        Ok("users, groups and mailbox settings can be read".to_owned())
    }

    async fn members(&self, group: GroupId, next: Option<&str>) -> Result<UserPage, DirectoryError> {
        let cursor = next.map(Cursor::read);
        let link = cursor.as_ref().map(|cursor| cursor.link.as_str());
        let page = self
            .cast(group, "microsoft.graph.user", USER, link)
            .await
            .map_err(|error| Asked::members(group).failed(error))?;
        let told = page.value.len();
        let mut hidden = 0;
        let mut users = Vec::with_capacity(told);
        for value in &page.value {
            match entry::read(value) {
                Ok(user) => users.push(user),
                Err(flaw) => {
                    hidden += usize::from(flaw == entry::Flaw::Hidden);
                    tracing::warn!(entry = entry::name(value), %group, %flaw, "a member of a group was skipped");
                }
            }
        }
        if told > 0 && hidden == told {
            // Graph shows bare ids to those who may read memberships but not users.
            return Err(Asked::members(group).hidden());
        }
        let next = cursor::advance(cursor.as_ref(), &page)
            .map_err(|detail| DirectoryError::Garbled { detail: format!("the group {group}: {detail}") })?;
        Ok(UserPage { users, next })
    }

    async fn nested_groups(&self, group: GroupId) -> Result<Vec<GroupId>, DirectoryError> {
        let mut groups = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let page = self
                .cast(group, "microsoft.graph.group", "id", next.as_deref())
                .await
                .map_err(|error| Asked::members(group).failed(error))?;
            groups.extend(page.value.iter().filter_map(entry::id::<GroupId>));
            match page.next_link {
                Some(link) => next = Some(link),
                None => return Ok(groups),
            }
        }
        Err(DirectoryError::Garbled { detail: format!("the groups nested in {group} go round in a circle") })
    }

    async fn user(&self, id: SubscriberId) -> Result<Option<ObservedUser>, DirectoryError> {
        match self.read(&["users", &id.to_string()], &[("$select", USER)]).await {
            Ok(value) => match entry::read(&value) {
                Ok(user) => Ok(Some(user)),
                Err(entry::Flaw::Hidden) => Err(Asked::user(id).hidden()),
                Err(flaw) => Err(DirectoryError::Garbled { detail: format!("user {id}: {flaw}") }),
            },
            // Only the directory's own word makes a leaver; a 404 of a gateway does not.
            Err(NetError::NotFound { reply, .. }) if error::says_no_such_object(&reply) => Ok(None),
            Err(error) => Err(Asked::user(id).failed(error)),
        }
    }

    async fn called(&self, name: &str) -> Result<Called, DirectoryError> {
        called::called(&self.graph, name).await
    }

    async fn kind(&self, id: SubscriberId) -> Result<SubscriberKind, DirectoryError> {
        let told =
            self.read(&["users", &id.to_string(), "mailboxSettings"], &[("$select", "userPurpose")]).await;
        match told {
            Ok(value) => Ok(entry::purpose(&value)),
            Err(error) if error::says_no_mailbox(&error) => Ok(SubscriberKind::Person),
            Err(error) => Err(Asked::mailbox(id).failed(error)),
        }
    }

    async fn user_changes(&self, link: Option<&str>) -> Result<Changes, DirectoryError> {
        changes::users(&self.graph, link).await
    }

    async fn group_changes(
        &self,
        watched: &[GroupId],
        link: Option<&str>,
    ) -> Result<GroupChanges, DirectoryError> {
        changes::groups(&self.graph, watched, link).await
    }
}
