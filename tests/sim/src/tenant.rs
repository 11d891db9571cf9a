//! The tenant as a test describes it before the start: people, groups, mailboxes, the app registration.
//!
//! After the start the living copy is in `directory`; this description is not changed any more.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::people::{self, Dice};
use crate::{SimError, User, export};

/// The application roles that the product needs (least privilege).
pub const DEFAULT_ROLES: [&str; 4] = [
    "GroupMember.Read.All",
    "User.Read.All",
    "MailboxSettings.Read",
    "DeviceManagementConfiguration.ReadWrite.All",
];

/// A direct member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type", content = "id")]
pub enum Member {
    /// A user, by object id.
    User(Uuid),
    /// A nested group.
    Group(Uuid),
}

impl Member {
    /// The object id, whatever the kind.
    pub fn id(self) -> Uuid {
        match self {
            Self::User(id) | Self::Group(id) => id,
        }
    }
}

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The object id.
    pub id: Uuid,
    /// The name shown.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its mail address: then it is a mail-enabled security group, to which rights at mailboxes can be given.
    pub mail: Option<String>,
    /// Direct members.
    pub members: Vec<Member>,
}

/// A shared mailbox and the group of those who may use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mailbox {
    /// The object id of the mailbox's (disabled) user object.
    pub user_id: Uuid,
    /// Its user principal name, which is its mail address too.
    pub address: String,
    /// The name shown.
    pub display_name: String,
    /// The group `<mailbox> users`.
    pub holder_group: Uuid,
    /// Who is in that group at the start.
    pub holders: Vec<Uuid>,
}

/// The product's registration in the tenant.
#[derive(Clone, PartialEq, Eq)]
pub struct AppRegistration {
    /// The application (client) id.
    pub client_id: Uuid,
    /// The client secret; `None` switches secrets off.
    pub secret: Option<String>,
    /// Certificates (PEM) whose keys may sign client assertions.
    pub certificates: Vec<String>,
    /// Granted application roles; each access token carries those granted when it was issued.
    pub roles: Vec<String>,
}

impl fmt::Debug for AppRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppRegistration")
            .field("client_id", &self.client_id)
            .field("secret", &self.secret.as_ref().map(|_| "…"))
            .field("certificates", &self.certificates.len())
            .field("roles", &self.roles)
            .finish()
    }
}

/// Everything that exists in the tenant at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The tenant id.
    pub id: Uuid,
    /// The first verified domain.
    pub domain: String,
    /// People and the objects of shared mailboxes.
    pub users: Vec<User>,
    /// All groups.
    pub groups: Vec<Group>,
    /// The group `SMIME users`: every person and every shared mailbox, some through a nested group.
    pub smime_group: Uuid,
    /// The group `Sign-in certificates`: every person, some through a nested group.
    pub sign_in_group: Uuid,
    /// The shared mailboxes.
    pub mailboxes: Vec<Mailbox>,
    /// The product's registration.
    pub app: AppRegistration,
}

impl Tenant {
    /// Starts a description of an invented tenant. The same choices and seed give the same tenant, ids included.
    pub fn invent() -> TenantBuilder {
        TenantBuilder { people: 25, mailboxes: 0, seed: 1, domain: "nordwind.example.com".to_owned() }
    }

    /// Reads the body of a real Graph `GET /users` (an object with `value`, or a bare array; UTF-8 or UTF-16 with a mark).
    ///
    /// All enabled users (also those of whom the export does not say) enter both groups, guests included. Unknown properties,
    /// `@odata.*` and paging are ignored; a missing id is derived from the user's name. The tenant has no shared mailboxes.
    ///
    /// # Errors
    /// [`SimError::Export`] with the place when it is not JSON (an HTML page, say), or not a list of users, or a property has a wrong type.
    pub fn from_graph_export(export: &[u8]) -> Result<Self, SimError> {
        export::read(export)
    }

    /// Adds shared mailboxes, each held by two of the people, to a tenant that has people.
    #[must_use]
    pub fn with_mailboxes(mut self, count: usize) -> Self {
        let mut dice = Dice::new(self.app.client_id.as_u64_pair().0);
        let holders: Vec<Uuid> =
            self.users.iter().filter(|user| user.account_enabled).map(|user| user.id).collect();
        for index in 0..count {
            let user = people::mailbox(self.mailboxes.len(), &self.domain, &mut dice);
            let mut held_by = Vec::new();
            for offset in 0..holders.len().min(2) {
                held_by.push(holders[(index * 2 + offset) % holders.len()]);
            }
            let group = Group {
                id: dice.uuid(),
                display_name: format!("{} users", user.display_name.as_deref().unwrap_or_default()),
                description: Some(format!("May open {}", user.user_principal_name)),
                mail: None,
                members: held_by.iter().copied().map(Member::User).collect(),
            };
            self.mailboxes.push(Mailbox {
                user_id: user.id,
                address: user.user_principal_name.clone(),
                display_name: user.display_name.clone().unwrap_or_default(),
                holder_group: group.id,
                holders: held_by,
            });
            let smime = self.smime_group;
            if let Some(enrolled) = self.groups.iter_mut().find(|group| group.id == smime) {
                enrolled.members.push(Member::User(user.id));
            }
            self.groups.push(group);
            self.users.push(user);
        }
        self
    }

    /// A tenant of these people: everybody who is enabled is in both enrolment groups.
    ///
    /// Every fourth is there only through the nested group `Field staff`, and the first of those directly too, so that a
    /// reader who forgets nested groups or counts twice is found out.
    pub(crate) fn of(users: Vec<User>, domain: &str, dice: &mut Dice) -> Self {
        let mut direct = Vec::new();
        let mut nested = Vec::new();
        for (index, user) in users.iter().filter(|user| user.account_enabled).enumerate() {
            let member = Member::User(user.id);
            if index % 4 == 3 {
                nested.push(member);
            } else {
                direct.push(member);
            }
        }
        direct.extend(nested.first());
        let field_staff = dice.uuid();
        direct.push(Member::Group(field_staff));
        let group = |id, name: &str, description: &str, members| Group {
            id,
            display_name: name.to_owned(),
            description: Some(description.to_owned()),
            mail: None,
            members,
        };
        let (smime_group, sign_in_group) = (dice.uuid(), dice.uuid());
        let groups = vec![
            group(smime_group, "SMIME users", "Receive certificates for mail", direct.clone()),
            group(sign_in_group, "Sign-in certificates", "Receive certificates for sign-in", direct),
            group(field_staff, "Field staff", "People outside the offices", nested),
        ];
        let app = AppRegistration {
            client_id: dice.uuid(),
            secret: Some(format!("Sim~{}", dice.uuid().simple())),
            certificates: Vec::new(),
            roles: DEFAULT_ROLES.iter().map(|role| (*role).to_owned()).collect(),
        };
        let (id, mailboxes) = (dice.uuid(), Vec::new());
        Self { id, domain: domain.to_owned(), users, groups, smime_group, sign_in_group, mailboxes, app }
    }

    /// Lets the key of this certificate (PEM) sign client assertions.
    #[must_use]
    pub fn with_client_certificate(mut self, pem: &str) -> Self {
        self.app.certificates.push(pem.to_owned());
        self
    }

    /// Grants exactly these roles instead of [`DEFAULT_ROLES`].
    #[must_use]
    pub fn with_roles(mut self, roles: &[&str]) -> Self {
        self.app.roles = roles.iter().map(|role| (*role).to_owned()).collect();
        self
    }
}

/// The choices for an invented tenant; see [`Tenant::invent`].
#[derive(Clone, Debug)]
pub struct TenantBuilder {
    pub(crate) people: usize,
    pub(crate) mailboxes: usize,
    pub(crate) seed: u64,
    pub(crate) domain: String,
}

impl TenantBuilder {
    /// How many people. Default 25.
    #[must_use]
    pub fn people(mut self, count: usize) -> Self {
        self.people = count;
        self
    }

    /// How many shared mailboxes, each with two holders. Default none.
    #[must_use]
    pub fn mailboxes(mut self, count: usize) -> Self {
        self.mailboxes = count;
        self
    }

    /// Which tenant of the many possible ones. Default 1.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The domain of all addresses. Default `nordwind.example.com`.
    #[must_use]
    pub fn domain(mut self, domain: &str) -> Self {
        domain.clone_into(&mut self.domain);
        self
    }

    /// Makes the tenant.
    pub fn build(self) -> Tenant {
        let mut dice = Dice::new(self.seed);
        let people = people::invent(self.people, &self.domain, &mut dice);
        Tenant::of(people, &self.domain, &mut dice).with_mailboxes(self.mailboxes)
    }
}
