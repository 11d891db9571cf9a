//! Every table with its columns, in the order in which rows can be written: a table comes behind those it refers to.
//!
//! The migrations make the tables; this list says of what the rest of the program may rely on about them (who may read
//! which column, what is copied to another database, what a dump holds). A test compares it with a migrated database.

/// What a column holds, whatever the server calls it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A whole number, also for times, states and flags.
    Int,
    /// Text.
    Text,
    /// Bytes, also for ids.
    Bytes,
}

/// A column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Holds a sealed private key or sealed credentials.
    pub secret: bool,
}

/// A table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in the order of the migrations.
    pub columns: &'static [Column],
    /// The columns of its primary key.
    pub key: &'static [&'static str],
    /// Rows are added and never changed or removed; triggers see to it.
    pub append_only: bool,
    /// Columns that refer to a table further down. Whoever copies rows leaves them empty at first and fills them in when
    /// all tables are there.
    pub later: &'static [&'static str],
}

impl Table {
    /// The table of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        Self::all().find(|table| table.name == name)
    }

    /// All tables: those of the program, then those that the migrations keep for themselves.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        TABLES.iter().chain(BOOKKEEPING)
    }

    const fn append_only(mut self) -> Self {
        self.append_only = true;
        self
    }

    const fn later(mut self, columns: &'static [&'static str]) -> Self {
        self.later = columns;
        self
    }
}

const fn table(name: &'static str, key: &'static [&'static str], columns: &'static [Column]) -> Table {
    Table { name, columns, key, append_only: false, later: &[] }
}

const fn int(name: &'static str) -> Column {
    Column { name, kind: Kind::Int, secret: false }
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text, secret: false }
}

const fn bytes(name: &'static str) -> Column {
    Column { name, kind: Kind::Bytes, secret: false }
}

const fn sealed(name: &'static str) -> Column {
    Column { name, kind: Kind::Bytes, secret: true }
}

/// The program's tables.
pub const TABLES: &[Table] = &[
    table(
        "subscriber",
        &["id"],
        &[
            bytes("id"),
            int("kind"),
            text("upn"),
            text("mail"),
            text("aliases"),
            text("display_name"),
            text("given_name"),
            text("surname"),
            int("enabled"),
            text("sid"),
            int("seen_at"),
            int("gone_at"),
            text("sort_lc"),
            int("due"),
        ],
    ),
    table("subscriber_name", &["name_lc", "subscriber"], &[text("name_lc"), bytes("subscriber")]),
    table("membership", &["subscriber", "group_id"], &[bytes("subscriber"), bytes("group_id")]),
    table("mailbox_holder", &["mailbox", "person"], &[bytes("mailbox"), bytes("person"), text("upn")]),
    table(
        "skip",
        &["subscriber", "template"],
        &[bytes("subscriber"), text("template"), text("who"), text("why")],
    ),
    table(
        "sync_cursor",
        &["resource"],
        &[text("resource"), text("delta_link"), int("full_at"), int("read_at")],
    ),
    table(
        "template",
        &["id"],
        &[bytes("id"), text("name"), text("name_lc"), int("version"), int("changed_at"), text("changed_by")],
    ),
    table("template_body", &["template"], &[bytes("template"), text("body")]),
    table(
        "authority",
        &["id"],
        &[bytes("id"), text("name"), text("name_lc"), text("connector"), text("settings"), int("added_at")],
    ),
    table("authority_secret", &["authority"], &[bytes("authority"), sealed("sealed")]),
    table(
        "kra",
        &["thumbprint"],
        &[bytes("thumbprint"), text("name"), bytes("certificate_der"), int("not_after"), int("added_at")],
    ),
    table("kra_set", &["digest"], &[bytes("digest"), int("version"), text("body"), int("added_at")])
        .append_only(),
    table(
        "kra_set_signature",
        &["set_digest", "digest"],
        &[
            bytes("set_digest"),
            bytes("digest"),
            bytes("officer"),
            text("algorithm"),
            bytes("signature"),
            int("added_at"),
        ],
    )
    .append_only(),
    table(
        "enrollment",
        &["id"],
        &[
            bytes("id"),
            bytes("subscriber"),
            text("upn"),
            bytes("template"),
            bytes("authority"),
            text("names"),
            int("profile"),
            int("key_algorithm"),
            int("archive"),
            int("validity_days"),
            bytes("replaces"),
            text("reason"),
            int("station"),
            int("state"),
            text("ticket"),
            bytes("certificate"),
            int("attempts"),
            text("last_error"),
            int("created_at"),
            int("updated_at"),
            bytes("open_key"),
        ],
    )
    .later(&["replaces"]),
    table(
        "journal",
        &["enrollment", "line"],
        &[bytes("enrollment"), int("line"), int("station"), int("event"), text("detail"), int("at")],
    ),
    table(
        "certification_request",
        &["enrollment"],
        &[bytes("enrollment"), bytes("der"), bytes("spki_sha256")],
    ),
    table(
        "certificate",
        &["id"],
        &[
            bytes("id"),
            bytes("enrollment"),
            bytes("subscriber"),
            bytes("template"),
            bytes("authority"),
            int("purpose"),
            bytes("serial"),
            bytes("thumbprint"),
            text("common_name"),
            text("mail"),
            text("cn_lc"),
            text("mail_lc"),
            int("not_before"),
            int("not_after"),
            int("state"),
            int("revoked_at"),
            int("revoked_reason"),
            int("archived"),
            int("checked_at"),
        ],
    ),
    table(
        "archived_key",
        &["enrollment"],
        &[
            bytes("enrollment"),
            bytes("certificate"),
            bytes("spki_sha256"),
            sealed("envelope"),
            bytes("kra_thumbprints"),
            int("sealed_at"),
        ],
    ),
    table("inflight_key", &["enrollment"], &[bytes("enrollment"), sealed("envelope")]),
    table("certificate_der", &["certificate"], &[bytes("certificate"), bytes("der"), bytes("chain")]),
    table("chain_link", &["chain", "position"], &[bytes("chain"), int("position"), bytes("der")]),
    table(
        "delivery",
        &["id"],
        &[
            bytes("id"),
            bytes("certificate"),
            bytes("person"),
            bytes("thumbprint"),
            text("upn"),
            int("state"),
            text("record"),
            int("at"),
        ],
    ),
    table(
        "canary",
        &["delivery"],
        &[
            bytes("delivery"),
            bytes("code"),
            int("made_at"),
            int("expires_at"),
            int("confirmed_at"),
            text("confirmed_by"),
            text("device"),
        ],
    ),
    table(
        "ending",
        &["certificate"],
        &[
            bytes("certificate"),
            bytes("subscriber"),
            int("cause"),
            int("since"),
            int("due_at"),
            int("done_at"),
        ],
    ),
    table(
        "publication",
        &["book", "certificate"],
        &[text("book"), bytes("certificate"), bytes("subscriber"), int("state"), text("detail"), int("at")],
    ),
    table("address_book", &["book"], &[text("book"), text("habit"), int("learned_at")]),
    table(
        "certificate_hold",
        &["certificate"],
        &[bytes("certificate"), bytes("subscriber"), int("cause"), int("was"), int("state"), int("since")],
    ),
    table(
        "drift_finding",
        &["id"],
        &[
            bytes("id"),
            text("side"),
            int("kind"),
            text("object"),
            bytes("certificate"),
            text("sentence"),
            int("first_seen"),
            int("last_seen"),
            int("state"),
            int("decided_at"),
            text("decided_by"),
            text("reason"),
            int("ordered_at"),
        ],
    ),
    table(
        "drift_reading",
        &["side"],
        &[text("side"), int("read_at"), int("tried_at"), int("compared"), text("not_compared")],
    ),
    table("replacement", &["enrollment"], &[bytes("enrollment"), int("ordered_at")]),
    table(
        "campaign",
        &["id"],
        &[
            bytes("id"),
            text("name"),
            text("name_lc"),
            int("state"),
            text("body"),
            int("version"),
            int("created_at"),
        ],
    ),
    table(
        "campaign_member",
        &["campaign", "certificate"],
        &[
            bytes("campaign"),
            bytes("certificate"),
            bytes("subscriber"),
            int("wave"),
            int("stage"),
            bytes("enrollment"),
            text("why"),
            int("look_at"),
            int("ordered_at"),
            int("present_at"),
            int("revoking_at"),
            int("revoked_at"),
        ],
    ),
    table(
        "job",
        &["id"],
        &[
            bytes("id"),
            text("job_key"),
            text("kind"),
            int("due_at"),
            int("attempts"),
            int("woken_at"),
            text("lease_owner"),
            int("lease_until"),
            int("lease_token"),
        ],
    ),
    table(
        "service",
        &["name"],
        &[
            text("name"),
            int("last_run"),
            text("last_result"),
            int("failed"),
            int("next_run"),
            int("woken_at"),
            text("claim_owner"),
            int("claim_until"),
        ],
    ),
    table(
        "audit_log",
        &["chain", "seq"],
        &[
            int("chain"),
            int("seq"),
            int("at"),
            text("kind"),
            text("outcome"),
            text("actor"),
            text("object"),
            text("detail"),
            bytes("hash"),
        ],
    )
    .append_only(),
    table("audit_head", &["chain"], &[int("chain"), int("seq"), bytes("hash")]),
    table(
        "audit_tree_head",
        &["chain", "size", "digest"],
        &[int("chain"), int("size"), bytes("digest"), text("body"), bytes("signature")],
    )
    .append_only(),
    table(
        "recovery_request",
        &["id"],
        &[
            bytes("id"),
            text("body"),
            bytes("signature"),
            int("state"),
            int("created_at"),
            int("expires_at"),
            sealed("sealed_key"),
        ],
    ),
    table(
        "recovery_grant",
        &["request", "certificate", "officer", "digest"],
        &[
            bytes("request"),
            bytes("certificate"),
            bytes("officer"),
            bytes("digest"),
            sealed("sealed"),
            int("granted_at"),
        ],
    )
    .append_only(),
    table(
        "issued",
        &["authority", "serial"],
        &[
            bytes("authority"),
            bytes("serial"),
            text("reference"),
            bytes("spki_sha256"),
            int("not_after"),
            int("issued_at"),
        ],
    ),
    table("issued_der", &["authority", "serial"], &[bytes("authority"), bytes("serial"), bytes("der")]),
    table(
        "revocation",
        &["authority", "serial"],
        &[bytes("authority"), bytes("serial"), int("revoked_at"), int("reason"), int("not_after")],
    ),
    table("crl_number", &["authority"], &[bytes("authority"), int("number")]),
    table(
        "installation",
        &["id"],
        &[
            bytes("id"),
            text("name"),
            bytes("certificate_der"),
            int("asked_at"),
            int("seen_at"),
            text("version"),
            text("role"),
        ],
    ),
    table("admission", &["seq"], &[int("seq"), text("body"), bytes("signature")]).append_only(),
    table(
        "setting",
        &["name"],
        &[text("name"), text("body"), int("version"), int("changed_at"), text("changed_by")],
    ),
    table("secret", &["name"], &[text("name"), sealed("sealed"), int("sealed_at")]),
    table("budget", &["name"], &[text("name"), int("free_at"), int("rest_until")]),
];

/// What the migrations write about themselves. Never copied: the database copied to was migrated too.
pub const BOOKKEEPING: &[Table] = &[
    table("schema_info", &[], &[int("version"), int("min_client")]),
    table("schema_step", &["version"], &[int("version"), text("name"), bytes("checksum"), int("applied_at")]),
];
