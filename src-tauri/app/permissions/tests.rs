//! What is looked at, and what the script grants.

use super::*;

fn checked(standing: Standing, of: &Permission) -> Checked {
    Checked {
        feature: of.feature,
        permission: of.name,
        service: of.service,
        reason: of.reason,
        standing,
        note: None,
    }
}

fn to(cloud: Cloud) -> For {
    For { tenant: Uuid::from_u128(1), client_id: Uuid::from_u128(2), cloud }
}

#[test]
fn every_feature_has_its_permissions_and_each_is_named_once() {
    for feature in <Feature as clap::ValueEnum>::value_variants() {
        assert!(PERMISSIONS.iter().any(|permission| permission.feature == *feature), "{feature:?}");
    }
    let mut names: Vec<&str> = PERMISSIONS.iter().map(|permission| permission.name).collect();
    // Exchange has one for everything.
    names.retain(|name| *name != MANAGE);
    let told = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), told);
}

#[test]
fn wider_permissions_count_and_are_named() {
    let users = &PERMISSIONS[0];
    let roles = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(by_token(users, Some(&roles(&["User.Read.All"]))), (Standing::Granted, None));
    let (standing, note) = by_token(users, Some(&roles(&["Directory.Read.All"])));
    assert_eq!(standing, Standing::Granted);
    assert!(note.unwrap().contains("User.Read.All is enough"));
    assert_eq!(by_token(users, Some(&roles(&["user.read.all"]))).0, Standing::Missing);
    assert_eq!(by_token(users, None).0, Standing::Untestable);
}

#[test]
fn the_script_grants_what_is_missing_and_nothing_else() {
    let all: Vec<Checked> = PERMISSIONS
        .iter()
        .map(|permission| {
            let missing = permission.name == "MailboxSettings.Read";
            checked(if missing { Standing::Missing } else { Standing::Granted }, permission)
        })
        .collect();
    let text = script(&all, &to(Cloud::Global)).unwrap();
    assert!(text.contains("Grant '00000003-0000-0000-c000-000000000000' 'MailboxSettings.Read'"), "{text}");
    assert_eq!(text.matches("\nGrant '").count(), 1, "{text}");
    assert!(!text.contains("Exchange"), "{text}");
    assert!(text.contains("-Environment Global"));
    assert_eq!(text.matches('{').count(), text.matches('}').count(), "{text}");
    let granted: Vec<Checked> =
        PERMISSIONS.iter().map(|permission| checked(Standing::Granted, permission)).collect();
    assert_eq!(script(&granted, &to(Cloud::Global)), None);
}

#[test]
fn exchange_gets_its_role_besides_in_the_right_cloud() {
    let exchange = PERMISSIONS.iter().find(|permission| permission.service == Service::Exchange).unwrap();
    let text = script(&[checked(Standing::Missing, exchange)], &to(Cloud::UsGovL5)).unwrap();
    assert!(text.contains("-Environment USGovDoD") && text.contains("O365USGovDoD"), "{text}");
    assert!(text.contains("Narrow 'Sealwright Mailbox Readers' @('Get-Mailbox', 'Get-MailboxPermission', 'Get-RecipientPermission')"));
    assert!(!text.contains("Set-Mailbox"), "who reads does not write: {text}");
    let all: Vec<Checked> = PERMISSIONS.iter().map(|one| checked(Standing::Missing, one)).collect();
    let text = script(&all, &to(Cloud::Global)).unwrap();
    assert_eq!(text.matches("Grant '00000002-").count(), 1, "one permission for both: {text}");
    assert!(text.contains("Narrow 'Sealwright Recipients' @('Get-Mailbox', 'Set-Mailbox')"), "{text}");
    assert!(
        text.contains("Set-ManagementRoleEntry 'Sealwright Recipients\\Set-Mailbox' -Parameters Identity, UserCertificate"),
        "{text}"
    );
    assert!(text.contains("Narrow 'Sealwright Mailbox Readers'"), "{text}");
    assert_eq!(text.matches('{').count(), text.matches('}').count(), "{text}");
}
