//! A user of the tenant: what Graph may tell about them, and what only the simulator knows (mailbox type, licence, devices).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The operating system of a virtual device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Platform {
    /// Windows 10 or 11.
    Windows,
    /// macOS.
    MacOs,
    /// iOS or iPadOS.
    Ios,
    /// Android Enterprise.
    Android,
}

/// A phone or laptop that checks in for its person's certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Unique in the tenant, as printed on a sticker: `NW-LT-0007`.
    pub name: String,
    /// Its operating system.
    pub platform: Platform,
}

/// What `mailboxSettings.userPurpose` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub enum MailboxPurpose {
    /// A person's own mailbox.
    #[default]
    User,
    /// A shared mailbox.
    Shared,
    /// No cloud mailbox: Graph answers 404 `MailboxNotEnabledForRESTAPI`.
    None,
}

/// One user object. Strings that are `None` are `null` in Graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The object id.
    pub id: Uuid,
    /// The sign-in name.
    pub user_principal_name: String,
    /// The primary mail address.
    pub mail: Option<String>,
    /// The name shown in address lists; Graph allows 256 characters.
    pub display_name: Option<String>,
    /// The given name.
    pub given_name: Option<String>,
    /// The family name.
    pub surname: Option<String>,
    /// `false`: sign-in blocked.
    pub account_enabled: bool,
    /// `Member` or `Guest`.
    pub user_type: Option<String>,
    /// `SMTP:` primary, `smtp:` aliases, and others.
    pub proxy_addresses: Vec<String>,
    /// Addresses outside the organisation.
    pub other_mails: Vec<String>,
    /// The alias in Exchange.
    pub mail_nickname: Option<String>,
    /// The job title.
    pub job_title: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The company.
    pub company_name: Option<String>,
    /// The office.
    pub office_location: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The country or region.
    pub country: Option<String>,
    /// Two letters (ISO 3166).
    pub usage_location: Option<String>,
    /// `de-DE` and the like.
    pub preferred_language: Option<String>,
    /// The mobile telephone number.
    pub mobile_phone: Option<String>,
    /// Office telephone numbers.
    pub business_phones: Vec<String>,
    /// The personnel number.
    pub employee_id: Option<String>,
    /// RFC 3339.
    pub employee_hire_date: Option<String>,
    /// RFC 3339. Reading it needs `User-LifeCycleInfo.Read.All` as well.
    pub employee_leave_date_time: Option<String>,
    /// RFC 3339.
    pub created_date_time: Option<String>,
    /// `true` when mastered in an on-premises directory.
    pub on_premises_sync_enabled: Option<bool>,
    /// The security identifier in Active Directory, `S-1-5-21-…`.
    pub on_premises_security_identifier: Option<String>,
    /// The source anchor.
    pub on_premises_immutable_id: Option<String>,
    /// The logon name before Windows 2000.
    pub on_premises_sam_account_name: Option<String>,
    /// The DNS name of the on-premises domain.
    pub on_premises_domain_name: Option<String>,
    /// What kind of mailbox this object has.
    pub purpose: MailboxPurpose,
    /// Without an Intune licence an imported PFX is refused (opaque 400).
    pub intune_licensed: bool,
    /// The person's virtual devices.
    pub devices: Vec<Device>,
}

impl User {
    /// An enabled member with a mailbox, an Intune licence and one Windows laptop.
    pub fn new(id: Uuid, user_principal_name: &str) -> Self {
        Self {
            id,
            user_principal_name: user_principal_name.to_owned(),
            mail: Some(user_principal_name.to_owned()),
            display_name: Some(user_principal_name.to_owned()),
            given_name: None,
            surname: None,
            account_enabled: true,
            user_type: Some("Member".to_owned()),
            proxy_addresses: vec![format!("SMTP:{user_principal_name}")],
            other_mails: Vec::new(),
            mail_nickname: user_principal_name.split('@').next().map(str::to_owned),
            job_title: None,
            department: None,
            company_name: None,
            office_location: None,
            city: None,
            country: None,
            usage_location: None,
            preferred_language: None,
            mobile_phone: None,
            business_phones: Vec::new(),
            employee_id: None,
            employee_hire_date: None,
            employee_leave_date_time: None,
            created_date_time: None,
            on_premises_sync_enabled: None,
            on_premises_security_identifier: None,
            on_premises_immutable_id: None,
            on_premises_sam_account_name: None,
            on_premises_domain_name: None,
            purpose: MailboxPurpose::User,
            intune_licensed: true,
            devices: vec![Device {
                name: format!("LT-{}", &id.simple().to_string()[..8]),
                platform: Platform::Windows,
            }],
        }
    }

    /// The cloud security identifier: `S-1-12-1-` and the object id's 16 bytes (little-endian GUID layout) as four numbers.
    pub fn security_identifier(&self) -> String {
        let bytes = self.id.to_bytes_le();
        let mut sid = "S-1-12-1".to_owned();
        for word in bytes.as_chunks::<4>().0 {
            sid.push('-');
            sid.push_str(&u32::from_le_bytes(*word).to_string());
        }
        sid
    }
}
