//! What people are told about a login: one sentence for each area of work, and what to do about what is wrong.

use super::probe::{Right, Standing};
use super::rights::Privilege;
use super::role::Role;

/// How an area is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grade {
    /// The login may do what is named.
    May,
    /// It may not, which is as it should be for most logins.
    MayNot,
    /// Somebody should change this.
    Wrong,
}

/// A sentence about an area.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    /// Which area, e.g. `archived keys`.
    pub area: &'static str,
    /// How it is.
    pub grade: Grade,
    /// In words, without a full stop.
    pub found: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Most rights that a sentence lists.
const LISTED: usize = 4;

impl Standing {
    /// What a person needs to know about the login, the role first.
    pub fn remarks(&self) -> Vec<Remark> {
        let mut remarks = vec![self.role()];
        if self.roles.is_empty() {
            return remarks;
        }
        remarks.extend([
            self.audit(),
            self.admissions(),
            self.archive(),
            self.area(
                "certificates",
                self.may(Privilege::Insert, "job", "id")
                    && self.may(Privilege::Update, "certificate", "state"),
                "may order and revoke certificates",
                "may look at certificates and order nothing",
            ),
            self.area(
                "settings",
                self.may(Privilege::Update, "setting", "body")
                    && self.may(Privilege::Update, "template", "name"),
                "may change templates, settings and installations",
                "may not change templates, settings and installations: an administrator does",
            ),
            self.area(
                "credentials",
                self.may(Privilege::Select, "secret", "sealed"),
                "may read the sealed credentials of authorities and tenant, and use them once it is admitted",
                "may not read the sealed credentials of authorities and tenant",
            ),
            self.work(),
        ]);
        remarks
    }

    fn role(&self) -> Remark {
        let area = "database role";
        if self.roles.is_empty() {
            return Remark {
                area,
                grade: Grade::Wrong,
                found: "the login may do nothing in this database".to_owned(),
                hint: Some(
                    "grant it a role and, on MySQL and MariaDB, make that its default role: see docs/database.md"
                        .to_owned(),
                ),
            };
        }
        if self.is_mighty() {
            return Remark {
                area,
                grade: Grade::Wrong,
                found: "the login can do what no role may: it is the owner of the tables or an administrator of the \
                        server"
                    .to_owned(),
                hint: Some(
                    "use it for `sealwright migrate` alone and give this installation a login with a role".to_owned(),
                ),
            };
        }
        let named = names(&self.roles);
        if self.missing.is_empty() && self.excess.is_empty() {
            return Remark { area, grade: Grade::May, found: named, hint: None };
        }
        let mut found = format!("nearest to {named}");
        if !self.missing.is_empty() {
            found.push_str(&format!("; lacks {}", listed(&self.missing)));
        }
        if !self.excess.is_empty() {
            found.push_str(&format!("; has beyond it {}", listed(&self.excess)));
        }
        let hint =
            "run the script grants.sql for this kind of server again; `sealwright migrate` is followed by it";
        Remark { area, grade: Grade::Wrong, found, hint: Some(hint.to_owned()) }
    }

    fn audit(&self) -> Remark {
        let area = "audit log";
        if self.changes("audit_log") {
            return changeable(area, "can change or remove entries of the audit log");
        }
        let reads = self.may(Privilege::Select, "audit_log", "hash");
        let writes = self.may(Privilege::Insert, "audit_log", "hash");
        let (grade, found) = match (reads, writes) {
            (true, true) => (Grade::May, "may read and extend the audit log"),
            (true, false) => (Grade::May, "may read and verify the audit log and writes nothing"),
            (false, true) => (Grade::May, "may extend the audit log, not read it"),
            (false, false) => (Grade::MayNot, "may not see the audit log: an auditor verifies it"),
        };
        Remark { area, grade, found: found.to_owned(), hint: None }
    }

    fn admissions(&self) -> Remark {
        let area = "admissions";
        if self.changes("admission") {
            return changeable(area, "can change or remove entries of the admission log");
        }
        self.area(
            area,
            self.may(Privilege::Insert, "admission", "seq"),
            "may admit and remove installations",
            "may not admit installations: an administrator does",
        )
    }

    fn archive(&self) -> Remark {
        let reads = self.may(Privilege::Select, "archived_key", "envelope");
        let works = self.may(Privilege::Update, "job", "lease_owner");
        if reads && works {
            return Remark {
                area: "archived keys",
                grade: Grade::Wrong,
                found: "reads envelopes of archived keys although it does a daemon's work".to_owned(),
                hint: Some(
                    "give the service a login with the role of a daemon alone; recoveries are done on a KRA officer's \
                     workstation"
                        .to_owned(),
                ),
            };
        }
        self.area(
            "archived keys",
            reads,
            "may read envelopes of archived keys; opening them takes a KRA officer's private key",
            "may not read envelopes of archived keys: recoveries are done by a KRA officer",
        )
    }

    fn work(&self) -> Remark {
        let may = self.may(Privilege::Update, "job", "lease_owner")
            && self.may(Privilege::Select, "inflight_key", "envelope");
        self.area(
            "daemon's work",
            may,
            "may read the directory, enroll and deliver",
            "queues work and leaves it to a daemon",
        )
    }

    /// Whether rows of a table that only grows could be changed or removed.
    fn changes(&self, table: &str) -> bool {
        self.rights.iter().any(|right| {
            right.allowed
                && right.table == table
                && matches!(right.privilege, Privilege::Update | Privilege::Delete)
        })
    }

    #[expect(clippy::unused_self, reason = "reads like its neighbours")]
    fn area(&self, area: &'static str, may: bool, yes: &str, no: &str) -> Remark {
        let (grade, found) = if may { (Grade::May, yes) } else { (Grade::MayNot, no) };
        Remark { area, grade, found: found.to_owned(), hint: None }
    }
}

fn changeable(area: &'static str, found: &str) -> Remark {
    Remark {
        area,
        grade: Grade::Wrong,
        found: format!("{found}, if it drops the triggers first or the server has none"),
        hint: Some("use a login with a role; no role has this right".to_owned()),
    }
}

fn names(roles: &[Role]) -> String {
    let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    names.join(" and ")
}

fn listed(rights: &[Right]) -> String {
    let mut text: Vec<String> = rights.iter().take(LISTED).map(ToString::to_string).collect();
    if rights.len() > LISTED {
        text.push(format!("{} more", rights.len() - LISTED));
    }
    text.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::probe::tests::standing;
    use super::*;

    fn told(roles: &[Role], area: &str) -> Remark {
        standing(roles).remarks().into_iter().find(|remark| remark.area == area).unwrap()
    }

    #[test]
    fn a_role_reads_as_what_it_is_for() {
        let role = told(&[Role::Auditor], "database role");
        assert_eq!((role.grade, role.found.as_str()), (Grade::May, "auditor"));
        assert!(told(&[Role::Auditor], "audit log").found.ends_with("writes nothing"));
        assert_eq!(told(&[Role::KraOfficer], "archived keys").grade, Grade::May);
        assert!(told(&[Role::Administrator], "archived keys").found.contains("done by a KRA officer"));
        assert_eq!(told(&[Role::Daemon], "daemon's work").grade, Grade::May);
        assert_eq!(told(&[Role::HelpDesk], "certificates").grade, Grade::MayNot);
        for role in Role::ALL {
            assert!(
                standing(&[role]).remarks().iter().all(|remark| remark.grade != Grade::Wrong),
                "{role:?}"
            );
        }
    }

    #[test]
    fn a_login_without_a_role_is_told_how_to_get_one() {
        let remarks = standing(&[]).remarks();
        assert_eq!(remarks.len(), 1);
        assert!(remarks[0].hint.as_ref().unwrap().contains("default role"));
    }

    #[test]
    fn keys_and_work_in_one_hand_are_warned_of() {
        assert_eq!(told(&[Role::KraOfficer, Role::Daemon], "archived keys").grade, Grade::Wrong);
    }

    #[test]
    fn an_owner_is_told_to_use_a_role() {
        let mut mighty = standing(&Role::ALL);
        for right in &mut mighty.rights {
            right.allowed = true;
        }
        let remarks = mighty.remarks();
        for area in ["database role", "audit log", "admissions"] {
            let remark = remarks.iter().find(|remark| remark.area == area).unwrap();
            assert_eq!(remark.grade, Grade::Wrong, "{remark:?}");
        }
    }
}
