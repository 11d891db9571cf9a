//! Which role may do what with which table: the one table from which scripts, examinations and texts are made.
//!
//! Each right here is there because a statement of the role's own work needs it. Nothing is denied explicitly; what is not
//! listed is not granted. No role may change or remove rows of the audit log or of the admission log, and only one may
//! read the envelopes of archived keys.

use super::catalogue::Table;
use super::role::Role;

/// What can be done with a table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Privilege {
    /// Reading, column by column.
    Select,
    /// Adding rows.
    Insert,
    /// Changing, column by column.
    Update,
    /// Removing rows.
    Delete,
}

impl Privilege {
    /// All.
    pub const ALL: [Self; 4] = [Self::Select, Self::Insert, Self::Update, Self::Delete];

    /// The word of SQL.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it can be granted for single columns. (Servers that could do so for adding rows are not asked to.)
    pub const fn is_by_column(self) -> bool {
        matches!(self, Self::Select | Self::Update)
    }
}

/// Columns of a table.
#[derive(Clone, Copy, Debug)]
enum Reach {
    None,
    Only(&'static [&'static str]),
    All,
}

impl Reach {
    fn covers(self, column: &str) -> bool {
        match self {
            Self::None => false,
            Self::Only(columns) => columns.contains(&column),
            Self::All => true,
        }
    }
}

/// What somebody may do with one table.
#[derive(Clone, Copy, Debug)]
struct Grant {
    table: &'static str,
    select: Reach,
    insert: bool,
    update: Reach,
    delete: bool,
}

const fn on(table: &'static str) -> Grant {
    Grant { table, select: Reach::None, insert: false, update: Reach::None, delete: false }
}

const fn read(table: &'static str) -> Grant {
    on(table).select()
}

impl Grant {
    const fn select(mut self) -> Self {
        self.select = Reach::All;
        self
    }
    const fn select_only(mut self, columns: &'static [&'static str]) -> Self {
        self.select = Reach::Only(columns);
        self
    }
    const fn insert(mut self) -> Self {
        self.insert = true;
        self
    }
    const fn update(mut self, columns: &'static [&'static str]) -> Self {
        self.update = Reach::Only(columns);
        self
    }
    const fn delete(mut self) -> Self {
        self.delete = true;
        self
    }
}

/// Whoever opens the program: is the schema the right one, who is admitted, what was set.
const EVERYBODY: &[Grant] =
    &[read("schema_info"), read("schema_step"), read("installation"), read("admission"), read("setting")];

const PEOPLE: &[Grant] =
    &[read("subscriber"), read("subscriber_name"), read("membership"), read("mailbox_holder"), read("skip")];

/// Recipes: public halves and settings only.
const RECIPES: &[Grant] = &[
    read("template"),
    read("template_body"),
    read("authority"),
    read("kra"),
    read("kra_set"),
    read("kra_set_signature"),
];

/// Certificates and the way they came, without anything sealed.
const WORK: &[Grant] = &[
    read("enrollment"),
    read("journal"),
    read("certificate"),
    read("certificate_der"),
    read("chain_link"),
    read("delivery"),
    // Never the digests of codes: whoever holds one against a guess learns whether it is right.
    on("canary").select_only(CANARY_SEEN),
    read("ending"),
    read("publication"),
    read("address_book"),
    read("certificate_hold"),
    read("replacement"),
    read("campaign"),
    read("campaign_member"),
    read("drift_finding"),
    read("drift_reading"),
    // When everything was read last, for the plan; never the links by which the directory is read.
    on("sync_cursor").select_only(&["resource", "full_at"]),
    read("job"),
    read("service"),
    // To whom keys were sealed, never what was sealed.
    on("archived_key").select_only(&[
        "enrollment",
        "certificate",
        "spki_sha256",
        "kra_thumbprints",
        "sealed_at",
    ]),
    on("inflight_key").select_only(&["enrollment"]),
];

/// The books of the built-in authority.
const BOOKS: &[Grant] = &[read("issued"), read("revocation"), read("crl_number")];

const READS_AUDIT: &[Grant] = &[read("audit_log"), read("audit_head"), read("audit_tree_head")];

/// Vouches for the log as it stands. Whether a head counts is told by its signature.
const SIGNS_HEADS: &[Grant] = &[on("audit_tree_head").insert()];

/// The head is the lock and the end of the chain; the log itself only grows.
const WRITES_AUDIT: &[Grant] =
    &[on("audit_log").insert(), on("audit_head").select().update(&["seq", "hash"])];

/// Says that it is there, and asks to be admitted. Whether it is admitted is told by the admission log.
const IS_INSTALLED: &[Grant] = &[on("installation").insert().update(&[
    "name",
    "certificate_der",
    "asked_at",
    "seen_at",
    "version",
    "role",
])];

/// How far an enrollment came, as every station writes it.
const PROGRESS: &[&str] =
    &["station", "state", "ticket", "certificate", "attempts", "last_error", "updated_at", "open_key"];

/// How far a member of a campaign came.
const CAMPAIGN_PROGRESS: &[&str] = &[
    "wave",
    "stage",
    "enrollment",
    "why",
    "look_at",
    "ordered_at",
    "present_at",
    "revoking_at",
    "revoked_at",
];

/// What is told of canary mails.
const CANARY_SEEN: &[&str] = &["delivery", "made_at", "expires_at", "confirmed_at", "confirmed_by", "device"];
const CANARY_WRITTEN: &[&str] = &["code", "made_at", "expires_at", "confirmed_at", "confirmed_by", "device"];

/// Proposes sets of recovery agents and puts officers' signatures under them. Whether a set counts is told by the signatures.
const KEEPS_AGENTS: &[Grant] = &[on("kra_set").insert(), on("kra_set_signature").insert()];

/// Orders work that a daemon does.
const ORDERS: &[Grant] = &[
    on("subscriber").update(&["due"]),
    on("certificate").update(&["state", "revoked_at", "revoked_reason"]),
    on("enrollment").insert().update(PROGRESS),
    on("journal").insert(),
    on("canary").select().insert().update(CANARY_WRITTEN),
    on("ending").insert().update(&["cause", "since", "due_at", "done_at"]).delete(),
    on("publication").insert().update(&["state", "detail", "at"]),
    on("certificate_hold").insert().update(&["was", "state"]).delete(),
    on("replacement").insert(),
    on("campaign").insert().update(&["state", "body", "version"]),
    on("campaign_member").insert().update(CAMPAIGN_PROGRESS),
    on("drift_finding").update(&["state", "decided_at", "decided_by", "reason", "ordered_at"]),
    on("job").insert().update(&["due_at", "woken_at"]),
    on("service").insert().update(&["next_run", "woken_at"]),
];

/// Takes in certificates with their keys, sealed on the way, that came from elsewhere.
const IMPORTS: &[Grant] = &[
    on("certificate").insert(),
    on("certificate_der").insert(),
    on("chain_link").insert(),
    on("archived_key").insert(),
];

const ADMINISTERS: &[Grant] = &[
    on("template").insert().update(&["name", "name_lc", "version", "changed_at", "changed_by"]),
    on("template_body").insert().update(&["body"]),
    on("authority").insert(),
    on("authority_secret").select().insert().update(&["sealed"]),
    on("kra").insert().delete(),
    on("installation").delete(),
    on("admission").insert(),
    on("setting").insert().update(&["body", "version", "changed_at", "changed_by"]).delete(),
    on("secret").select().insert().update(&["sealed", "sealed_at"]).delete(),
    // Hands imported keys over at once. Whoever may only import leaves that to an administrator: a delivery that is said to have
    // been made is never made.
    on("delivery").insert().update(&["state", "record", "at"]),
    // Founding an authority publishes its first revocation list; examining the tenant costs calls.
    on("crl_number").insert().update(&["number"]),
    on("budget").select().insert().update(&["free_at", "rest_until"]),
];

/// The ceremony, sealing what is archived to other agents, and handing a recovered key over again. Whose key it is and which
/// certificate's stays as it was written.
const RECOVERS: &[Grant] = &[
    on("archived_key").select().update(&["envelope", "kra_thumbprints"]),
    // The result of a fire drill, which lies beside the services.
    on("service").insert().update(&["last_run", "last_result", "failed"]),
    on("recovery_request").select().insert().update(&["state", "sealed_key"]),
    on("recovery_grant").select().insert(),
    on("delivery").update(&["state", "record", "at"]),
    // A recovered key goes to its owner's devices by the daemon, which takes it up where enrolling ended.
    on("enrollment").update(&["station", "state", "attempts", "last_error", "updated_at", "open_key"]),
    on("inflight_key").insert(),
    on("job").insert().update(&["due_at", "woken_at"]),
];

/// Which recoveries were asked for, and who gave something for them; never what was given.
const SEES_RECOVERIES: &[Grant] = &[
    on("recovery_request").select_only(&["id", "body", "signature", "state", "created_at", "expires_at"]),
    on("recovery_grant").select_only(&["request", "certificate", "officer", "granted_at"]),
];

/// What else an auditor looks at.
const EVIDENCE: &[Grant] = &[read("issued_der"), read("certification_request")];

const OBSERVES: &[Grant] = &[
    on("subscriber").insert().update(&[
        "kind",
        "upn",
        "mail",
        "aliases",
        "display_name",
        "given_name",
        "surname",
        "enabled",
        "sid",
        "seen_at",
        "gone_at",
        "sort_lc",
        "due",
    ]),
    on("subscriber_name").insert().delete(),
    on("membership").insert().delete(),
    on("mailbox_holder").insert().delete(),
    on("skip").insert().delete(),
    on("sync_cursor").select().insert().update(&["delta_link", "full_at", "read_at"]).delete(),
];

const ENROLLS: &[Grant] = &[
    // Whatever a removal or an admission left undone, the next daemon seals again.
    on("authority_secret").select().update(&["sealed"]),
    on("secret").select().update(&["sealed", "sealed_at"]),
    on("enrollment").insert().update(PROGRESS),
    on("journal").insert(),
    on("certification_request").select().insert(),
    // Sealed to the recovery agents and never read again.
    on("archived_key").insert().update(&["certificate"]),
    on("inflight_key").select().insert().update(&["envelope"]).delete(),
    on("certificate").insert().update(&["state", "revoked_at", "revoked_reason", "archived", "checked_at"]),
    on("certificate_der").insert(),
    on("chain_link").insert(),
    on("delivery").insert().update(&["state", "record", "at"]),
    on("canary").select().insert().update(CANARY_WRITTEN),
    on("ending").insert().update(&["cause", "since", "due_at", "done_at"]).delete(),
    on("publication").insert().update(&["state", "detail", "at"]),
    on("address_book").insert().update(&["habit", "learned_at"]),
    on("certificate_hold").insert().update(&["was", "state"]).delete(),
    on("replacement").insert(),
    on("campaign").insert().update(&["state", "body", "version"]),
    on("campaign_member").insert().update(CAMPAIGN_PROGRESS),
    on("drift_finding")
        .insert()
        .update(&[
            "certificate",
            "sentence",
            "first_seen",
            "last_seen",
            "state",
            "decided_at",
            "decided_by",
            "reason",
            "ordered_at",
        ])
        .delete(),
    on("drift_reading").insert().update(&["read_at", "tried_at", "compared", "not_compared"]),
    on("issued").insert(),
    on("issued_der").select().insert(),
    on("revocation").insert().update(&["reason"]).delete(),
    on("crl_number").insert().update(&["number"]),
];

const WORKS: &[Grant] = &[
    on("job")
        .insert()
        .update(&["due_at", "attempts", "woken_at", "lease_owner", "lease_until", "lease_token"])
        .delete(),
    on("service").insert().update(&[
        "last_run",
        "last_result",
        "failed",
        "next_run",
        "woken_at",
        "claim_owner",
        "claim_until",
    ]),
    on("budget").select().insert().update(&["free_at", "rest_until"]),
];

/// What owners see of themselves (the portal picks the rows), and the order to revoke: a job. That a certificate is revoked
/// is never the portal's to say.
const SERVES_OWNERS: &[Grant] = &[
    read("subscriber_name"),
    read("membership"),
    read("mailbox_holder"),
    on("subscriber").select().update(&["due"]),
    read("ending"),
    read("publication"),
    read("certificate_hold"),
    read("enrollment"),
    read("certificate_der"),
    read("chain_link"),
    read("delivery"),
    read("certificate"),
    on("archived_key").select_only(&["enrollment", "certificate", "kra_thumbprints", "sealed_at"]),
    on("job").select_only(&["job_key", "due_at"]).insert().update(&["due_at"]),
];

impl Role {
    const fn groups(self) -> &'static [&'static [Grant]] {
        match self {
            Self::Administrator => &[
                EVERYBODY,
                PEOPLE,
                RECIPES,
                WORK,
                BOOKS,
                READS_AUDIT,
                SEES_RECOVERIES,
                WRITES_AUDIT,
                SIGNS_HEADS,
                IS_INSTALLED,
                ORDERS,
                IMPORTS,
                KEEPS_AGENTS,
                ADMINISTERS,
            ],
            Self::CertificateManager => &[
                EVERYBODY,
                PEOPLE,
                RECIPES,
                WORK,
                READS_AUDIT,
                WRITES_AUDIT,
                SIGNS_HEADS,
                IS_INSTALLED,
                ORDERS,
                IMPORTS,
            ],
            Self::KraOfficer => &[
                EVERYBODY,
                PEOPLE,
                RECIPES,
                WORK,
                READS_AUDIT,
                WRITES_AUDIT,
                SIGNS_HEADS,
                IS_INSTALLED,
                KEEPS_AGENTS,
                RECOVERS,
            ],
            Self::Auditor => {
                &[EVERYBODY, PEOPLE, RECIPES, WORK, BOOKS, READS_AUDIT, SEES_RECOVERIES, EVIDENCE]
            }
            Self::HelpDesk => &[EVERYBODY, PEOPLE, RECIPES, WORK],
            Self::Daemon => &[
                EVERYBODY,
                PEOPLE,
                RECIPES,
                WORK,
                BOOKS,
                READS_AUDIT,
                WRITES_AUDIT,
                SIGNS_HEADS,
                IS_INSTALLED,
                OBSERVES,
                ENROLLS,
                WORKS,
            ],
            Self::Portal => &[EVERYBODY, RECIPES, WRITES_AUDIT, SERVES_OWNERS],
        }
    }

    /// Whether it may do this with this column of the table. Adding and removing rows is for all columns or for none.
    pub fn may(self, privilege: Privilege, table: &Table, column: &str) -> bool {
        let grants = self.groups().iter().copied().flatten().filter(|grant| grant.table == table.name);
        grants.into_iter().any(|grant| match privilege {
            Privilege::Select => grant.select.covers(column),
            Privilege::Insert => grant.insert,
            Privilege::Update => grant.update.covers(column),
            Privilege::Delete => grant.delete,
        })
    }

    /// The columns of the table with which it may do this, in their order.
    pub fn columns(self, privilege: Privilege, table: &Table) -> Vec<&'static str> {
        let names = table.columns.iter().map(|column| column.name);
        names.filter(|column| self.may(privilege, table, column)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readers(table: &str, column: &str) -> Vec<Role> {
        let table = Table::find(table).unwrap();
        Role::ALL.into_iter().filter(|role| role.may(Privilege::Select, table, column)).collect()
    }

    #[test]
    fn every_grant_names_a_table_and_columns_that_exist() {
        for grant in Role::ALL.into_iter().flat_map(Role::groups).copied().flatten() {
            let table = Table::find(grant.table).unwrap_or_else(|| panic!("no table {}", grant.table));
            for reach in [grant.select, grant.update] {
                let Reach::Only(columns) = reach else { continue };
                for column in columns {
                    assert!(table.columns.iter().any(|one| one.name == *column), "{}.{column}", table.name);
                }
            }
        }
    }

    #[test]
    fn every_table_is_read_by_somebody_and_every_sealed_column_by_few() {
        for table in Table::all() {
            for column in table.columns {
                assert!(!readers(table.name, column.name).is_empty(), "{}.{}", table.name, column.name);
            }
        }
        assert_eq!(readers("archived_key", "envelope"), [Role::KraOfficer]);
        assert_eq!(readers("inflight_key", "envelope"), [Role::Daemon]);
        assert_eq!(readers("secret", "sealed"), [Role::Administrator, Role::Daemon]);
        assert_eq!(readers("authority_secret", "sealed"), [Role::Administrator, Role::Daemon]);
    }

    #[test]
    fn nobody_changes_what_only_grows_and_two_roles_write_nothing() {
        for table in Table::all() {
            for role in Role::ALL {
                let writes = [Privilege::Insert, Privilege::Update, Privilege::Delete];
                let writes = writes.into_iter().filter(|one| !role.columns(*one, table).is_empty());
                let writes: Vec<Privilege> = writes.collect();
                if table.append_only {
                    assert!(!writes.contains(&Privilege::Update), "{role:?} {}", table.name);
                    assert!(!writes.contains(&Privilege::Delete), "{role:?} {}", table.name);
                }
                if matches!(role, Role::Auditor | Role::HelpDesk) {
                    assert_eq!(writes, [], "{role:?} {}", table.name);
                }
            }
        }
    }

    #[test]
    fn only_the_kra_officer_replaces_envelopes_of_the_archive() {
        let table = Table::find("archived_key").unwrap();
        for role in Role::ALL {
            let changed = role.columns(Privilege::Update, table);
            match role {
                Role::KraOfficer => assert_eq!(changed, ["envelope", "kra_thumbprints"]),
                Role::Daemon => assert_eq!(changed, ["certificate"]),
                Role::Administrator
                | Role::CertificateManager
                | Role::Auditor
                | Role::HelpDesk
                | Role::Portal => {
                    assert_eq!(changed, [""; 0], "{role:?}");
                }
            }
        }
    }

    #[test]
    fn no_role_changes_what_identifies_a_row() {
        for table in Table::all() {
            for role in Role::ALL {
                let changed = role.columns(Privilege::Update, table);
                assert!(!changed.iter().any(|column| table.key.contains(column)), "{role:?} {}", table.name);
            }
        }
    }
}
