//! Every permission that the application wants in the tenant, by feature and with its reason; whether it has it; and the script
//! that grants what it lacks.
//!
//! What the token carries is looked at, and each reading is really tried, in a way that changes nothing: a consent may be
//! there and a licence or a policy still stand in the way. What cannot be tried without changing something is not tried.

use std::fmt::Write as _;
use std::sync::Arc;

use net::{NetError, Request, Version};
use ports::{AddressBook as _, BookError, MailboxDirectory as _, MailboxError, NoProbe};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::settings::{Cloud, ExchangeSection};
use crate::tenant::TenantLink;
use crate::works::chain;

/// A service of the tenant, with an application of its own there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Service {
    /// Microsoft Graph.
    Graph,
    /// Office 365 Exchange Online.
    Exchange,
}

impl Service {
    /// Its application (client) id, which is the same in every tenant.
    const fn application(self) -> &'static str {
        match self {
            Self::Graph => "00000003-0000-0000-c000-000000000000",
            Self::Exchange => "00000002-0000-0ff1-ce00-000000000000",
        }
    }

    /// As the admin centre shows it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Graph => "Microsoft Graph",
            Self::Exchange => "Office 365 Exchange Online",
        }
    }
}

/// What permissions are for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Feature {
    /// People and groups.
    Directory,
    /// Shared mailboxes.
    Mailboxes,
    /// Who may use shared mailboxes, where Exchange is asked.
    MailboxHolders,
    /// Hand-over to devices by Intune.
    Delivery,
    /// When somebody is going to leave.
    LeaveDates,
    /// Whether devices have fetched what was delivered.
    Devices,
    /// Notices by mail.
    Notices,
    /// Certificates in the global address list.
    AddressBook,
}

impl Feature {
    /// What every set-up of this release uses.
    const USED: [Self; 3] = [Self::Directory, Self::Mailboxes, Self::Delivery];

    /// What a set-up uses: what all of them do, and what its settings switch on.
    pub(crate) fn used(exchange: Option<&ExchangeSection>) -> Vec<Self> {
        let mut used = Self::USED.to_vec();
        used.extend(exchange.filter(|section| section.reads_rights()).map(|_| Self::MailboxHolders));
        used.extend(exchange.filter(|section| section.publish).map(|_| Self::AddressBook));
        used
    }

    /// The stable word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Mailboxes => "mailboxes",
            Self::MailboxHolders => "mailbox-holders",
            Self::Delivery => "delivery",
            Self::LeaveDates => "leave-dates",
            Self::Devices => "devices",
            Self::Notices => "notices",
            Self::AddressBook => "address-book",
        }
    }

    /// For people.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Directory => "people and groups",
            Self::Mailboxes => "shared mailboxes",
            Self::MailboxHolders => "who may use shared mailboxes",
            Self::Delivery => "delivery by Intune",
            Self::LeaveDates => "leave dates",
            Self::Devices => "devices",
            Self::Notices => "notices by mail",
            Self::AddressBook => "address book",
        }
    }
}

/// How a permission is tried without changing anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Probe {
    Users,
    Groups,
    Mailbox,
    ImportedPfx,
    Devices,
    /// The rights of a shared mailbox.
    Exchange,
    /// An entry of the address list, and the change of one that does not exist.
    AddressBook,
    /// There is no reading that it alone permits.
    None,
}

/// One application permission.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Permission {
    /// Its value.
    pub(crate) name: &'static str,
    /// Whose it is.
    pub(crate) service: Service,
    /// What it is for.
    pub(crate) feature: Feature,
    /// Why it is wanted, and nothing wider.
    pub(crate) reason: &'static str,
    /// Wider ones that include it.
    wider: &'static [&'static str],
    probe: Probe,
}

const fn graph(
    name: &'static str,
    feature: Feature,
    reason: &'static str,
    wider: &'static [&'static str],
    probe: Probe,
) -> Permission {
    Permission { name, service: Service::Graph, feature, reason, wider, probe }
}

/// All of them. The smallest that do what is needed.
pub(crate) static PERMISSIONS: [Permission; 9] = [
    graph(
        "User.Read.All",
        Feature::Directory,
        "names, addresses and state of people, and what changes of them",
        &["User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"],
        Probe::Users,
    ),
    graph(
        "GroupMember.Read.All",
        Feature::Directory,
        "who is in the enrollment groups, nested groups included",
        &[
            "GroupMember.ReadWrite.All",
            "Group.Read.All",
            "Group.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        Probe::Groups,
    ),
    graph(
        "MailboxSettings.Read",
        Feature::Mailboxes,
        "tells shared mailboxes from people",
        &["MailboxSettings.ReadWrite"],
        Probe::Mailbox,
    ),
    graph(
        "DeviceManagementConfiguration.ReadWrite.All",
        Feature::Delivery,
        "writes, lists and removes imported PFX certificates; there is no narrower one",
        &[],
        Probe::ImportedPfx,
    ),
    graph(
        "User-LifeCycleInfo.Read.All",
        Feature::LeaveDates,
        "the day on which somebody leaves (employeeLeaveDateTime)",
        &["User-LifeCycleInfo.ReadWrite.All"],
        Probe::None,
    ),
    graph(
        "DeviceManagementManagedDevices.Read.All",
        Feature::Devices,
        "which devices people have and when those last checked in",
        &["DeviceManagementManagedDevices.ReadWrite.All"],
        Probe::Devices,
    ),
    graph(
        "Mail.Send",
        Feature::Notices,
        "sends notices; narrow it to one mailbox with Exchange's RBAC for Applications",
        &[],
        Probe::None,
    ),
    Permission {
        name: MANAGE,
        service: Service::Exchange,
        feature: Feature::MailboxHolders,
        reason: "reads shared mailboxes and who may use them; what it may do is decided by an Exchange role besides",
        wider: &[],
        probe: Probe::Exchange,
    },
    Permission {
        name: MANAGE,
        service: Service::Exchange,
        feature: Feature::AddressBook,
        reason: "publishes certificates in the address list; what it may do is decided by an Exchange role besides",
        wider: &[],
        probe: Probe::AddressBook,
    },
];

/// The only permission by which an application calls Exchange's cmdlets; its role says which.
const MANAGE: &str = "Exchange.ManageAsApp";

/// How a permission stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// It is there, and where it can be tried it works.
    Granted,
    /// It is not there, or does not work.
    Missing,
    /// Nobody can say from here.
    Untestable,
}

/// What was found about one permission.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checked {
    pub(crate) feature: Feature,
    pub(crate) permission: &'static str,
    pub(crate) service: Service,
    pub(crate) reason: &'static str,
    pub(crate) standing: Standing,
    /// What else is to be known.
    pub(crate) note: Option<String>,
}

/// Looks at the tokens and tries each reading of the features.
///
/// # Errors
/// When the application cannot sign in at all.
pub(crate) async fn check(link: &TenantLink, features: &[Feature]) -> Result<Vec<Checked>, NetError> {
    let roles_of = async |scope: &str| -> Result<Option<Vec<String>>, NetError> {
        Ok(link.tokens.token(scope).await?.facts().map(|facts| facts.roles))
    };
    let graph = roles_of(&link.graph_scope()).await?;
    let wanted: Vec<&Permission> =
        PERMISSIONS.iter().filter(|permission| features.contains(&permission.feature)).collect();
    let exchange = if wanted.iter().any(|permission| permission.service == Service::Exchange) {
        Some(roles_of(&format!("{}/.default", link.endpoints.exchange_resource)).await)
    } else {
        None
    };
    let mut checked = Vec::new();
    for permission in wanted {
        let (standing, note) = match (permission.service, &exchange) {
            (Service::Exchange, Some(Ok(roles))) if permission.probe == Probe::Exchange => {
                by_reading_mailboxes(link, permission, roles.as_deref()).await
            }
            (Service::Exchange, Some(Ok(roles))) if permission.probe == Probe::AddressBook => {
                by_asking_the_address_book(link, permission, roles.as_deref()).await
            }
            (Service::Exchange, Some(Ok(roles))) => {
                let (standing, _) = by_token(permission, roles.as_deref());
                let note = "the Exchange role of the application cannot be seen by this permission";
                (standing, Some(note.to_owned()))
            }
            (Service::Exchange, Some(Err(error))) => (Standing::Untestable, Some(chain(error))),
            (Service::Exchange, None) => (Standing::Untestable, None),
            (Service::Graph, _) => by_trial(link, permission, graph.as_deref()).await,
        };
        checked.push(Checked {
            feature: permission.feature,
            permission: permission.name,
            service: permission.service,
            reason: permission.reason,
            standing,
            note,
        });
    }
    Ok(checked)
}

fn by_token(permission: &Permission, roles: Option<&[String]>) -> (Standing, Option<String>) {
    let Some(roles) = roles else {
        return (Standing::Untestable, Some("the token does not show what it carries".to_owned()));
    };
    let has = |name: &str| roles.iter().any(|role| role == name);
    if has(permission.name) {
        return (Standing::Granted, None);
    }
    match permission.wider.iter().find(|wider| has(wider)) {
        Some(wider) => (
            Standing::Granted,
            Some(format!("by {wider}, which is wider than needed; {} is enough", permission.name)),
        ),
        None => (Standing::Missing, None),
    }
}

async fn by_trial(
    link: &TenantLink,
    permission: &Permission,
    roles: Option<&[String]>,
) -> (Standing, Option<String>) {
    let (standing, note) = by_token(permission, roles);
    if permission.probe == Probe::None {
        return (standing, note);
    }
    match tried(link, permission.probe).await {
        Ok(()) if standing == Standing::Missing => {
            // The newest consent is not in a token that was made before it.
            (
                Standing::Granted,
                Some("the reading works, though the token does not name the permission".to_owned()),
            )
        }
        Ok(()) => (Standing::Granted, note),
        Err(NetError::Forbidden { reply, .. }) if standing == Standing::Granted => (
            Standing::Missing,
            Some(format!(
                "the token carries it and the reading is refused all the same ({reply}); a licence or a policy may be missing"
            )),
        ),
        Err(NetError::Forbidden { .. }) => (Standing::Missing, note),
        Err(error) => (Standing::Untestable, Some(chain(&error))),
    }
}

/// Tries what is read of mailboxes: the token shows the permission, and only Exchange knows the role.
async fn by_reading_mailboxes(
    link: &TenantLink,
    permission: &Permission,
    roles: Option<&[String]>,
) -> (Standing, Option<String>) {
    let door = exchange::ExchangeMailboxes::new(Arc::new(link.exchange.clone()));
    match door.check().await {
        Ok(told) => (Standing::Granted, Some(told)),
        Err(MailboxError::Unauthorized { hint }) => without_role(permission, roles, hint),
        Err(error) => (Standing::Untestable, Some(chain(&error))),
    }
}

/// Tries what publishing takes, without changing anything.
async fn by_asking_the_address_book(
    link: &TenantLink,
    permission: &Permission,
    roles: Option<&[String]>,
) -> (Standing, Option<String>) {
    let book = exchange::ExchangeBook::new(Arc::new(link.exchange.clone()), Arc::new(NoProbe));
    match book.check().await {
        Ok(told) => (Standing::Granted, Some(told)),
        Err(BookError::Unauthorized { hint }) => without_role(permission, roles, hint),
        Err(error) => (Standing::Untestable, Some(chain(&error))),
    }
}

fn without_role(
    permission: &Permission,
    roles: Option<&[String]>,
    hint: String,
) -> (Standing, Option<String>) {
    let note = match by_token(permission, roles).0 {
        Standing::Granted => format!("the permission is there, and its Exchange role is missing: {hint}"),
        Standing::Missing | Standing::Untestable => hint,
    };
    (Standing::Missing, Some(note))
}

/// One reading of at most one entry.
async fn tried(link: &TenantLink, probe: Probe) -> Result<(), NetError> {
    let one = [("$top", "1"), ("$select", "id")];
    let address = |version: Version, segments: &[&str]| link.graph.address(version, segments, &one);
    let read = async |url| link.graph.read::<Value>(&Request::get(url)).await;
    match probe {
        Probe::None | Probe::Exchange | Probe::AddressBook => {}
        Probe::Users => {
            read(link.graph.address(
                Version::V1,
                &["users"],
                &[("$top", "1"), ("$select", "id,displayName")],
            ))
            .await?;
        }
        Probe::Groups => {
            read(address(Version::V1, &["groups"])).await?;
        }
        Probe::ImportedPfx => {
            read(link.graph.address(
                Version::Beta,
                &["deviceManagement", "userPfxCertificates"],
                &[("$top", "1")],
            ))
            .await?;
        }
        Probe::Devices => {
            read(address(Version::V1, &["deviceManagement", "managedDevices"])).await?;
        }
        Probe::Mailbox => {
            let people = read(address(Version::V1, &["users"])).await?;
            let Some(id) = people["value"][0]["id"].as_str() else { return Ok(()) };
            let segments = ["users", id, "mailboxSettings"];
            let asked = link.graph.address(Version::V1, &segments, &[("$select", "userPurpose")]);
            match read(asked).await {
                // This person has no mailbox in the cloud: the question was allowed.
                Ok(_) | Err(NetError::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Which application of which tenant the script is for.
pub(crate) struct For {
    pub(crate) tenant: Uuid,
    pub(crate) client_id: Uuid,
    pub(crate) cloud: Cloud,
}

/// The line that gives the application the Exchange role of a feature: its name, and the cmdlets that it keeps.
const fn narrow(feature: Feature) -> Option<&'static str> {
    match feature {
        Feature::MailboxHolders => Some(
            "Narrow 'Sealwright Mailbox Readers' @('Get-Mailbox', 'Get-MailboxPermission', 'Get-RecipientPermission')",
        ),
        // Of all that Set-Mailbox can change, the certificates alone.
        Feature::AddressBook => Some(
            "Narrow 'Sealwright Recipients' @('Get-Mailbox', 'Set-Mailbox')\n\
             Set-ManagementRoleEntry 'Sealwright Recipients\\Set-Mailbox' -Parameters Identity, UserCertificate, \
             UserSMimeCertificate",
        ),
        Feature::Directory
        | Feature::Mailboxes
        | Feature::Delivery
        | Feature::LeaveDates
        | Feature::Devices
        | Feature::Notices => None,
    }
}

/// A PowerShell script that grants exactly what is missing; `None` when nothing is.
pub(crate) fn script(checked: &[Checked], to: &For) -> Option<String> {
    let missing: Vec<&Checked> = checked.iter().filter(|one| one.standing == Standing::Missing).collect();
    if missing.is_empty() {
        return None;
    }
    let (environment, exchange_environment) = match to.cloud {
        Cloud::Global => ("Global", "O365Default"),
        Cloud::UsGovL4 => ("USGov", "O365USGovGCCHigh"),
        Cloud::UsGovL5 => ("USGovDoD", "O365USGovDoD"),
        Cloud::China => ("China", "O365China"),
    };
    let For { tenant, client_id, .. } = to;
    let mut text = format!(
        "# Grants the application {client_id} in the tenant {tenant} what `sealwright tenant check` found missing.\n\
         # Run it in PowerShell 7 as Privileged Role Administrator. It can be run again; what is there already stays.\n\
         #Requires -Modules Microsoft.Graph.Authentication, Microsoft.Graph.Applications\n\
         $ErrorActionPreference = 'Stop'\n\
         Connect-MgGraph -TenantId '{tenant}' -Environment {environment} -Scopes 'AppRoleAssignment.ReadWrite.All', \
         'Application.Read.All' -NoWelcome\n\
         $app = Get-MgServicePrincipal -Filter \"appId eq '{client_id}'\"\n\
         if (-not $app) {{ throw 'the tenant has no application {client_id}; register it first' }}\n\
         $held = Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $app.Id -All\n\n\
         function Grant($service, $name) {{\n    \
             $resource = Get-MgServicePrincipal -Filter \"appId eq '$service'\"\n    \
             $role = $resource.AppRoles | Where-Object {{ $_.Value -eq $name -and $_.AllowedMemberTypes -contains 'Application' }}\n    \
             if (-not $role) {{ throw \"$name is not offered here\" }}\n    \
             if ($held | Where-Object {{ $_.AppRoleId -eq $role.Id -and $_.ResourceId -eq $resource.Id }}) {{ \
                 \"$name is granted already\"; return }}\n    \
             New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $app.Id -PrincipalId $app.Id -ResourceId $resource.Id \
             -AppRoleId $role.Id | Out-Null\n    \
             \"$name is granted\"\n\
         }}\n\n"
    );
    let mut granted: Vec<&str> = Vec::new();
    for one in &missing {
        // One permission may be wanted for two features, and is granted once.
        let grant = if granted.contains(&one.permission) {
            String::new()
        } else {
            format!("Grant '{}' '{}'\n", one.service.application(), one.permission)
        };
        granted.push(one.permission);
        // Writing to a string does not fail.
        let _ = write!(text, "# {}: {}\n{grant}", one.feature.words(), one.reason);
    }
    let roles: Vec<&str> = missing.iter().filter_map(|one| narrow(one.feature)).collect();
    if !roles.is_empty() {
        let _ = write!(
            text,
            "\n# Exchange decides by roles of its own: the smallest that are enough.\n\
             #Requires -Modules ExchangeOnlineManagement\n\
             Connect-ExchangeOnline -ExchangeEnvironmentName {exchange_environment} -ShowBanner:$false\n\
             if (-not (Get-ServicePrincipal | Where-Object AppId -eq '{client_id}')) {{\n    \
                 New-ServicePrincipal -AppId '{client_id}' -ObjectId $app.Id -DisplayName 'Sealwright' | Out-Null\n\
             }}\n\n\
             function Narrow($name, $kept) {{\n    \
                 if (-not (Get-ManagementRole | Where-Object Name -eq $name)) {{\n        \
                     New-ManagementRole -Name $name -Parent 'Mail Recipients' | Out-Null\n        \
                     Get-ManagementRoleEntry \"$name\\*\" | Where-Object {{ $_.Name -notin $kept }} | ForEach-Object {{\n            \
                         Remove-ManagementRoleEntry \"$name\\$($_.Name)\" -Confirm:$false\n        \
                     }}\n    \
                 }}\n    \
                 if (-not (Get-RoleGroup | Where-Object Name -eq $name)) {{ New-RoleGroup -Name $name -Roles $name | Out-Null }}\n    \
                 Add-RoleGroupMember -Identity $name -Member $app.Id -ErrorAction SilentlyContinue\n\
             }}\n\n\
             {}\n\
             'Exchange takes up to half an hour to heed this'\n",
            roles.join("\n")
        );
    }
    Some(text)
}

#[cfg(test)]
mod tests;
