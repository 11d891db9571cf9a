//! Settings and About: what runs here.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

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
    /// Schema version.
    pub schema: i32,
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
    let mut work = host.store().read().await?;
    let kras = work.kras().list().await?;
    let authorities = work.authorities().list().await?;
    Ok(About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        home: facts.home,
        database: facts.database,
        schema: i32::try_from(facts.schema).unwrap_or(i32::MAX),
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
