//! Where imported certificates belong: an authority account and a template that only say where they came from.

use model::{
    Assignment, AuthorityId, DeliveryPolicy, Ids, ImportOrigin, IntendedPurpose, KeyAlgorithm, PfxProfile,
    Purpose, Template, TemplateId, Timestamp,
};
use store::{StoreError, StoredAuthority, Work};

/// The account and the template of an origin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) authority: AuthorityId,
    pub(super) template: TemplateId,
}

/// Finds both, or makes them with the first import.
pub(super) async fn of(
    work: &mut dyn Work,
    ids: &Ids,
    origin: ImportOrigin,
    actor: &str,
    now: Timestamp,
) -> Result<Place, StoreError> {
    let name = origin.name();
    let authority = match work.authorities().find(name).await? {
        Some(found) if found.is_imported() => found.id,
        Some(_) => {
            return Err(StoreError::Conflict {
                what: format!("an authority called `{name}` that issues certificates"),
            });
        }
        None => {
            let account = StoredAuthority {
                id: ids.next(),
                name: name.to_owned(),
                connector: ImportOrigin::CONNECTOR.to_owned(),
                settings: "{}".to_owned(),
                sealed_secrets: None,
                added_at: now,
            };
            again(work.authorities().add(&account).await)?;
            account.id
        }
    };
    let template = match work.templates().find(name).await? {
        Some(found) => found.template.id,
        None => {
            let template = template(ids.next(), origin);
            again(work.templates().add(&template, actor, now).await)?;
            template.id
        }
    };
    Ok(Place { authority, template })
}

/// Somebody else imports for the first time at the same moment: the unit of work begins anew and finds what is there.
fn again(added: Result<(), StoreError>) -> Result<(), StoreError> {
    match added {
        Err(error @ StoreError::Conflict { .. }) => Err(StoreError::Busy { source: Box::new(error) }),
        other => other,
    }
}

fn template(id: TemplateId, origin: ImportOrigin) -> Template {
    Template {
        id,
        name: origin.name().to_owned(),
        description: "Certificates that were brought along with their keys. Nobody is enrolled by this template; it says \
                      how they are handed over."
            .to_owned(),
        enabled: false,
        purpose: Purpose::Smime,
        common_name: model::CommonName::default(),
        organization: None,
        key: KeyAlgorithm::default(),
        authority: origin.name().to_owned(),
        validity_days: 365,
        renew_before_days: 28,
        archive: true,
        post_quantum: false,
        delivery: DeliveryPolicy {
            intended_purpose: IntendedPurpose::SmimeEncryption,
            pfx: PfxProfile::Compatible,
            connector: None,
            former_on_devices: None,
        },
        assignment: Assignment::default(),
        ending: model::EndingPolicy::default(),
    }
}
