//! The table of a user's properties by their Graph names: what `$select` may name, how each is read, set from JSON, and compared.
//!
//! One table serves the directory's answers, the change log, the reading of exports and the control routes.

use serde_json::Value;

use crate::User;

macro_rules! properties {
    ($($variant:ident $name:literal),+ $(,)?) => {
        /// One property of a user.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Property { $($variant),+ }

        /// All properties with their Graph names.
        pub(crate) const ALL: &[(Property, &str)] = &[$((Property::$variant, $name)),+];
    };
}

properties! {
    Id "id", UserPrincipalName "userPrincipalName", Mail "mail", DisplayName "displayName", GivenName "givenName",
    Surname "surname", AccountEnabled "accountEnabled", UserType "userType", ProxyAddresses "proxyAddresses",
    OtherMails "otherMails", MailNickname "mailNickname", JobTitle "jobTitle", Department "department",
    CompanyName "companyName", OfficeLocation "officeLocation", City "city", Country "country",
    UsageLocation "usageLocation", PreferredLanguage "preferredLanguage", MobilePhone "mobilePhone",
    BusinessPhones "businessPhones", EmployeeId "employeeId", EmployeeHireDate "employeeHireDate",
    EmployeeLeaveDateTime "employeeLeaveDateTime", CreatedDateTime "createdDateTime",
    OnPremisesSyncEnabled "onPremisesSyncEnabled", OnPremisesSecurityIdentifier "onPremisesSecurityIdentifier",
    OnPremisesImmutableId "onPremisesImmutableId", OnPremisesSamAccountName "onPremisesSamAccountName",
    OnPremisesDomainName "onPremisesDomainName", SecurityIdentifier "securityIdentifier",
    AssignedPlans "assignedPlans",
}

/// What Graph returns without `$select`.
pub(crate) const DEFAULT: &[Property] = &[
    Property::BusinessPhones,
    Property::DisplayName,
    Property::GivenName,
    Property::Id,
    Property::JobTitle,
    Property::Mail,
    Property::MobilePhone,
    Property::OfficeLocation,
    Property::PreferredLanguage,
    Property::Surname,
    Property::UserPrincipalName,
];

/// Properties that exist in Graph and that nobody in this tenant has set.
pub(crate) const NEVER_SET: &[&str] = &[
    "ageGroup",
    "employeeType",
    "externalUserState",
    "faxNumber",
    "lastPasswordChangeDateTime",
    "legalAgeGroupClassification",
    "onPremisesDistinguishedName",
    "onPremisesLastSyncDateTime",
    "onPremisesUserPrincipalName",
    "postalCode",
    "preferredDataLocation",
    "state",
    "streetAddress",
];

/// Properties kept outside the directory: a list that asks for them gets 501.
pub(crate) const ELSEWHERE: &[&str] = &[
    "aboutMe",
    "birthday",
    "hireDate",
    "interests",
    "mailboxSettings",
    "mySite",
    "pastProjects",
    "preferredName",
    "responsibilities",
    "schools",
    "skills",
];

/// A set of properties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PropertySet(u64);

impl PropertySet {
    pub(crate) const EVERY: Self = Self(u64::MAX);

    pub(crate) fn insert(&mut self, property: Property) {
        self.0 |= 1 << property as u8;
    }

    pub(crate) fn contains(self, property: Property) -> bool {
        self.0 & (1 << property as u8) != 0
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The properties in which two versions of a user differ.
    pub(crate) fn difference(before: &User, after: &User) -> Self {
        let mut changed = Self::default();
        for &(property, _) in ALL {
            if property.read(before) != property.read(after) {
                changed.insert(property);
            }
        }
        changed
    }
}

impl Property {
    /// The property of this Graph name (exact case).
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.iter().find(|(_, known)| *known == name).map(|(property, _)| *property)
    }

    pub(crate) fn name(self) -> &'static str {
        ALL[self as usize].1
    }

    /// The value as Graph shows it.
    pub(crate) fn read(self, user: &User) -> Value {
        let text = |value: &Option<String>| value.as_deref().map_or(Value::Null, Value::from);
        match self {
            Self::Id => Value::from(user.id.to_string()),
            Self::UserPrincipalName => Value::from(user.user_principal_name.as_str()),
            Self::AccountEnabled => Value::from(user.account_enabled),
            Self::OnPremisesSyncEnabled => user.on_premises_sync_enabled.map_or(Value::Null, Value::from),
            Self::ProxyAddresses => Value::from(user.proxy_addresses.as_slice()),
            Self::OtherMails => Value::from(user.other_mails.as_slice()),
            Self::BusinessPhones => Value::from(user.business_phones.as_slice()),
            Self::SecurityIdentifier => Value::from(user.security_identifier()),
            Self::AssignedPlans => plans(user),
            Self::Mail => text(&user.mail),
            Self::DisplayName => text(&user.display_name),
            Self::GivenName => text(&user.given_name),
            Self::Surname => text(&user.surname),
            Self::UserType => text(&user.user_type),
            Self::MailNickname => text(&user.mail_nickname),
            Self::JobTitle => text(&user.job_title),
            Self::Department => text(&user.department),
            Self::CompanyName => text(&user.company_name),
            Self::OfficeLocation => text(&user.office_location),
            Self::City => text(&user.city),
            Self::Country => text(&user.country),
            Self::UsageLocation => text(&user.usage_location),
            Self::PreferredLanguage => text(&user.preferred_language),
            Self::MobilePhone => text(&user.mobile_phone),
            Self::EmployeeId => text(&user.employee_id),
            Self::EmployeeHireDate => text(&user.employee_hire_date),
            Self::EmployeeLeaveDateTime => text(&user.employee_leave_date_time),
            Self::CreatedDateTime => text(&user.created_date_time),
            Self::OnPremisesSecurityIdentifier => text(&user.on_premises_security_identifier),
            Self::OnPremisesImmutableId => text(&user.on_premises_immutable_id),
            Self::OnPremisesSamAccountName => text(&user.on_premises_sam_account_name),
            Self::OnPremisesDomainName => text(&user.on_premises_domain_name),
        }
    }

    /// Sets the value from JSON. `Err` says what was expected.
    pub(crate) fn write(self, user: &mut User, value: &Value) -> Result<(), &'static str> {
        match self {
            // Both are identity: decided by whoever creates the user, and computed.
            Self::Id | Self::SecurityIdentifier | Self::AssignedPlans => return Err("is read-only"),
            Self::UserPrincipalName => match text(value)? {
                Some(name) => user.user_principal_name = name,
                None => return Err("must not be null"),
            },
            Self::AccountEnabled => match flag(value)? {
                Some(enabled) => user.account_enabled = enabled,
                None => return Err("must be true or false"),
            },
            Self::OnPremisesSyncEnabled => user.on_premises_sync_enabled = flag(value)?,
            Self::ProxyAddresses => user.proxy_addresses = texts(value)?,
            Self::OtherMails => user.other_mails = texts(value)?,
            Self::BusinessPhones => user.business_phones = texts(value)?,
            Self::Mail => user.mail = text(value)?,
            Self::DisplayName => user.display_name = text(value)?,
            Self::GivenName => user.given_name = text(value)?,
            Self::Surname => user.surname = text(value)?,
            Self::UserType => user.user_type = text(value)?,
            Self::MailNickname => user.mail_nickname = text(value)?,
            Self::JobTitle => user.job_title = text(value)?,
            Self::Department => user.department = text(value)?,
            Self::CompanyName => user.company_name = text(value)?,
            Self::OfficeLocation => user.office_location = text(value)?,
            Self::City => user.city = text(value)?,
            Self::Country => user.country = text(value)?,
            Self::UsageLocation => user.usage_location = text(value)?,
            Self::PreferredLanguage => user.preferred_language = text(value)?,
            Self::MobilePhone => user.mobile_phone = text(value)?,
            Self::EmployeeId => user.employee_id = text(value)?,
            Self::EmployeeHireDate => user.employee_hire_date = text(value)?,
            Self::EmployeeLeaveDateTime => user.employee_leave_date_time = text(value)?,
            Self::CreatedDateTime => user.created_date_time = text(value)?,
            Self::OnPremisesSecurityIdentifier => user.on_premises_security_identifier = text(value)?,
            Self::OnPremisesImmutableId => user.on_premises_immutable_id = text(value)?,
            Self::OnPremisesSamAccountName => user.on_premises_sam_account_name = text(value)?,
            Self::OnPremisesDomainName => user.on_premises_domain_name = text(value)?,
        }
        Ok(())
    }
}

/// Exchange for everybody, Intune for who has a licence of it.
fn plans(user: &User) -> Value {
    let plan = |service: &str, id: &str| {
        serde_json::json!({
            "assignedDateTime": "2026-01-01T00:00:00Z", "capabilityStatus": "Enabled", "service": service, "servicePlanId": id,
        })
    };
    let mut plans = vec![plan("exchange", "efb87545-963c-4e0d-99df-69c6916d9eb0")];
    if user.intune_licensed {
        plans.push(plan("SCO", "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"));
    }
    Value::from(plans)
}

fn text(value: &Value) -> Result<Option<String>, &'static str> {
    if value.is_null() {
        return Ok(None);
    }
    value.as_str().map(|text| Some(text.to_owned())).ok_or("must be a string or null")
}

fn flag(value: &Value) -> Result<Option<bool>, &'static str> {
    if value.is_null() {
        return Ok(None);
    }
    value.as_bool().map(Some).ok_or("must be true, false or null")
}

fn texts(value: &Value) -> Result<Vec<String>, &'static str> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let wrong = "must be a list of strings";
    value.as_array().ok_or(wrong)?.iter().map(|item| item.as_str().map(str::to_owned).ok_or(wrong)).collect()
}
