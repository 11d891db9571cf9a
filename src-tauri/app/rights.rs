//! What the database login may do, as people are told.

use api::Right;
use store::StoreError;
use store_sql::SqlStore;
use store_sql::roles::{Grade, Privilege, Role, Standing, Table};

/// What is said to a login that only looks.
pub(crate) struct Onlooker {
    /// How it stands.
    pub found: String,
    /// What to ask for.
    pub hint: String,
}

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

    /// Whether this login may plan deliveries and say what became of them.
    pub(crate) fn may_deliver(&self) -> bool {
        self.0.as_ref().is_none_or(|standing| {
            standing.may(Privilege::Insert, "delivery", "id")
                && standing.may(Privilege::Update, "delivery", "state")
        })
    }

    /// Whether this login may read that column.
    pub(crate) fn may_read(&self, table: &str, column: &str) -> bool {
        self.0.as_ref().is_none_or(|standing| standing.may(Privilege::Select, table, column))
    }

    /// Whether this login may ask for this installation to be admitted.
    pub(crate) fn may_ask(&self) -> bool {
        self.0.as_ref().is_none_or(|standing| {
            standing.may(Privilege::Insert, "installation", "id")
                && standing.may(Privilege::Insert, "audit_log", "seq")
        })
    }

    /// For a login that may not ask to be admitted: what it can do, and what to ask an administrator for if it shall do more.
    pub(crate) fn onlooker(&self) -> Onlooker {
        let roles: Vec<&str> = Role::ALL.into_iter().filter(|role| asks(*role)).map(Role::name).collect();
        let (last, others) = roles.split_last().map_or(("", [].as_slice()), |(last, others)| (*last, others));
        let who = self.role().map_or_else(String::new, |role| format!(" (role: {role})"));
        Onlooker {
            found: format!(
                "this login{who} may not ask to be admitted, and needs not to be admitted in order to look"
            ),
            hint: format!(
                "if this installation is to order, recover or work, ask the database's administrator for an account with the \
                 role of {} or {last}",
                others.join(", ")
            ),
        }
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

/// Whether a role has the right to ask.
fn asks(role: Role) -> bool {
    Table::find("installation").is_some_and(|table| role.may(Privilege::Insert, table, "id"))
}
