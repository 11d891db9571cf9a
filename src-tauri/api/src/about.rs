//! Settings and About: what runs here.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::host::Right;
use crate::{Host, WireError};

/// Asks for [`About`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AboutRequest {}

/// What runs here.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// Program version.
    pub version: String,
    /// Where settings and the embedded database lie.
    pub home: String,
    /// The database, without credentials.
    pub database: String,
    /// Kind of database: `sqlite`, `mysql`, `mariadb`, `mssql`.
    pub database_kind: String,
    /// Schema version that is there.
    pub schema: i32,
    /// Schema version that this program was built for.
    pub program_schema: i32,
    /// Why nothing can be changed from here; absent when it can.
    pub read_only: Option<String>,
    /// The role that the database login seems to have, by its rights.
    pub role: Option<String>,
    /// What the database login may do; empty on an embedded database.
    pub rights: Vec<Right>,
    /// Tenant id, when configured.
    pub tenant: Option<String>,
    /// Address of Microsoft Graph, when configured.
    pub graph: Option<String>,
    /// The tenant is the demo's simulated one.
    pub simulated: bool,
    /// Who is signed in, as the audit log names them.
    pub actor: String,
    /// Names and expiry of the key recovery agents to whom new keys are sealed.
    pub kras: Vec<KraLine>,
    /// Authority accounts.
    pub authorities: Vec<AuthorityLine>,
}

/// A key recovery agent.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KraLine {
    /// Subject common name.
    pub name: String,
    /// SHA-1 of the certificate, lower-case hexadecimal.
    pub thumbprint: String,
    /// End of validity, RFC 3339.
    pub not_after: String,
}

/// An authority account.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuthorityLine {
    /// Name.
    pub name: String,
    /// Connector.
    pub connector: String,
}

pub(crate) async fn about(host: &dyn Host, _: AboutRequest) -> Result<About, WireError> {
    let facts = host.facts();
    let kras = host.sealing_agents().await?;
    let mut work = host.store().read().await?;
    let authorities = work.authorities().list().await?;
    Ok(About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        home: facts.home,
        database: facts.database,
        database_kind: facts.database_kind,
        schema: i32::try_from(facts.schema).unwrap_or(i32::MAX),
        program_schema: i32::try_from(facts.program_schema).unwrap_or(i32::MAX),
        read_only: facts.read_only,
        role: facts.role,
        rights: facts.rights,
        tenant: facts.tenant,
        graph: facts.graph,
        simulated: facts.simulated,
        actor: host.actor(),
        kras: kras
            .into_iter()
            .map(|kra| KraLine {
                name: kra.name,
                thumbprint: kra.thumbprint.to_string(),
                not_after: kra.not_after.to_string(),
            })
            .collect(),
        authorities: authorities
            .into_iter()
            .map(|authority| AuthorityLine { name: authority.name, connector: authority.connector })
            .collect(),
    })
}
