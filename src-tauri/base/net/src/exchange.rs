//! A session with Exchange Online: cmdlets, called over the interface that its own PowerShell module uses.
//!
//! That interface (`InvokeCommand`) is not documented by Microsoft, though widely used. Every page is asked for by sending the
//! same body again. A cmdlet that writes is sent once, and its answer may be lost.

use std::sync::Arc;

use ports::Pace;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::client::Client;
use crate::cloud::Endpoints;
use crate::entra::{TokenFacts, TokenSource};
use crate::error::{NetError, SetupError};
use crate::odata;
use crate::request::Request;
use crate::session::Session;

/// The mailbox by which requests of applications find their way to the tenant's servers; the same in every tenant.
const ANCHOR: &str = "SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}";

/// A list with more pages than this runs in a circle.
const MOST_PAGES: usize = 10_000;

/// What a cmdlet answered, page by page put together. Rows stay raw.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Rows {
    /// The objects.
    pub value: Vec<Value>,
    /// What Exchange warned of.
    pub warnings: Vec<String>,
}

/// `value` must be there: an answer without it is no empty list.
#[derive(Deserialize)]
struct Page {
    value: Vec<Value>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
    #[serde(rename = "@adminapi.warnings", default)]
    warnings: Vec<String>,
}

/// A session with Exchange Online for one application.
#[derive(Clone, Debug)]
pub struct Exchange {
    session: Session,
    tenant: Uuid,
}

impl Exchange {
    /// A session at the addresses of `endpoints`.
    ///
    /// # Errors
    /// `Insecure` when Exchange's address is neither https nor loopback.
    pub fn new(
        client: Client,
        tokens: Arc<TokenSource>,
        endpoints: &Endpoints,
        tenant: Uuid,
    ) -> Result<Self, SetupError> {
        let session = Session::new(client, tokens, &endpoints.exchange, &endpoints.exchange_resource)?;
        Ok(Self { session, tenant })
    }

    /// The same session at a pace that it shares with others.
    #[must_use]
    pub fn at_pace(&self, pace: Arc<dyn Pace>) -> Self {
        Self { session: self.session.at_pace(pace), tenant: self.tenant }
    }

    /// Runs a cmdlet that reads, and gives all pages of what it answers. `select` names the properties that are wanted.
    ///
    /// # Errors
    /// Everything but 2xx is an error of the matching kind; `LoginRefused` when Entra ID gives no token; `NotJson` or `Garbled`
    /// when an answer is not what was expected.
    pub async fn read(
        &self,
        cmdlet: &'static str,
        parameters: &Value,
        select: &str,
    ) -> Result<Rows, NetError> {
        let mut rows = Rows::default();
        let mut link: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let (page, next) =
                self.read_page(cmdlet, parameters, select, link.as_deref(), "odata.maxpagesize=1000").await?;
            rows.value.extend(page.value);
            rows.warnings.extend(page.warnings);
            match next {
                Some(next) => link = Some(next),
                None => return Ok(rows),
            }
        }
        let host = self.session.base().host_str().unwrap_or_default().to_owned();
        Err(NetError::Garbled { host, detail: format!("the list of {cmdlet} goes round in a circle") })
    }

    /// Runs a cmdlet that reads, for one page: the first one, or the one behind `link`. `prefer` says how long pages are to be.
    /// Answers with the link to the next page, if there is one.
    ///
    /// # Errors
    /// As [`Exchange::read`]; `ForeignLink` when `link` leads elsewhere than to Exchange.
    pub async fn read_page(
        &self,
        cmdlet: &'static str,
        parameters: &Value,
        select: &str,
        link: Option<&str>,
        prefer: &'static str,
    ) -> Result<(Rows, Option<String>), NetError> {
        let url = match link {
            Some(link) => self.session.follow(link)?,
            None => self.address(&[("$select", select)]),
        };
        let request = self.request(url, cmdlet, parameters)?.that_reads().header("prefer", prefer);
        let Page { value, next_link, warnings } = self.session.read(&request).await?;
        Ok((Rows { value, warnings }, next_link))
    }

    /// Runs a cmdlet that writes; what Exchange warned of. What came of it is read by another cmdlet.
    ///
    /// # Errors
    /// As [`Exchange::read`]; `OutcomeUnknown` when the answer was lost, and the cmdlet may have been run.
    pub async fn write(&self, cmdlet: &'static str, parameters: &Value) -> Result<Vec<String>, NetError> {
        let request = self.request(self.address(&[]), cmdlet, parameters)?;
        let Page { warnings, .. } = self.session.read(&request).await?;
        Ok(warnings)
    }

    fn address(&self, query: &[(&str, &str)]) -> Url {
        let tenant = self.tenant.to_string();
        odata::address(self.session.base(), &["adminapi", "beta", &tenant, "InvokeCommand"], query)
    }

    fn request(&self, url: Url, cmdlet: &'static str, parameters: &Value) -> Result<Request, NetError> {
        let body = json!({ "CmdletInput": { "CmdletName": cmdlet, "Parameters": parameters } });
        Ok(Request::post_json(url, &body)?
            .header_of("x-anchormailbox", &format!("APP:{ANCHOR}@{}", self.tenant))?
            .header("x-cmdletname", cmdlet)
            .header("x-responseformat", "json")
            .header("x-serializationlevel", "Partial"))
    }

    /// What the application's token for Exchange says; `None` when it cannot be read.
    ///
    /// # Errors
    /// `LoginRefused` when Entra ID gives no token, and whatever keeps it from being asked.
    pub async fn token_facts(&self) -> Result<Option<TokenFacts>, NetError> {
        Ok(self.session.tokens().token(self.session.scope()).await?.facts())
    }
}
