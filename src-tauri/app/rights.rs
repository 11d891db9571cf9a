//! What the database login may do, as people are told.

use api::Right;
use store::StoreError;
use store_sql::SqlStore;
use store_sql::roles::{Grade, Privilege, Standing};

/// The login's standing; nothing is known, or needed, where the database is a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rights(pub(crate) Option<Standing>);

impl Rights {
    /// Asks the server.
    pub(crate) async fn of(store: &SqlStore) -> Result<Self, StoreError> {
        store.rights().await.map(Self)
    }

    /// Whether this login may do a daemon's work.
    pub(crate) fn may_work(&self) -> bool {
        self.0.as_ref().is_none_or(|standing| standing.may(Privilege::Update, "job", "lease_owner"))
    }

    /// The names of the roles that fit.
    pub(crate) fn role(&self) -> Option<String> {
        let standing = self.0.as_ref()?;
        let names: Vec<&str> = standing.roles.iter().map(|role| role.name()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// One line for each area.
    pub(crate) fn lines(&self) -> Vec<Right> {
        let Some(standing) = &self.0 else { return Vec::new() };
        let remarks = standing.remarks().into_iter();
        let lines = remarks.map(|remark| Right {
            area: remark.area.to_owned(),
            allowed: remark.grade == Grade::May,
            why: match remark.hint {
                Some(hint) => format!("{}: {hint}", remark.found),
                None => remark.found,
            },
        });
        lines.collect()
    }
}
