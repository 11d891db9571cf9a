//! An HTTP client that knows the simulator only by its address, CA and credentials.

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use sim::{Sim, SimOptions, Tenant};

pub(crate) const PFX: &str = "/beta/deviceManagement/userPfxCertificates";

/// An answer that has been read.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a complete body");
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") };
        Self { status, headers, body }
    }

    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn items(&self) -> &[Value] {
        self.body["value"].as_array().expect("a page")
    }
}

pub(crate) struct Visitor {
    pub(crate) sim: Sim,
    pub(crate) http: Client,
    pub(crate) token: String,
}

/// A client that trusts the simulator's CA.
pub(crate) fn client(sim: &Sim) -> Client {
    let ca = reqwest::Certificate::from_pem(sim.ca_pem().as_bytes()).expect("the CA");
    Client::builder().tls_built_in_root_certs(false).add_root_certificate(ca).build().expect("a client")
}

impl Visitor {
    /// A world of so many people, entered with the client secret.
    pub(crate) async fn with_people(people: usize) -> Self {
        Self::enter(SimOptions::new(Tenant::invent().people(people).mailboxes(1).build())).await
    }

    pub(crate) async fn enter(options: SimOptions) -> Self {
        let sim = Sim::start(options).await.expect("the simulator starts");
        let http = client(&sim);
        let mut visitor = Self { sim, http, token: String::new() };
        visitor.sign_in().await;
        visitor
    }

    /// A token endpoint request with the form fields; the usual ones are filled in.
    pub(crate) async fn ask_token(&self, fields: &[(&str, &str)]) -> Answer {
        let (app, tenant) = (self.sim.app(), self.sim.tenant_id());
        let mut form: Vec<(String, String)> = vec![
            ("grant_type".to_owned(), "client_credentials".to_owned()),
            ("client_id".to_owned(), app.client_id.to_string()),
            ("scope".to_owned(), "https://graph.microsoft.com/.default".to_owned()),
        ];
        for (name, value) in fields {
            form.retain(|(known, _)| known != name);
            form.push(((*name).to_owned(), (*value).to_owned()));
        }
        let url = format!("{}/{tenant}/oauth2/v2.0/token", self.sim.base_url());
        Answer::of(self.http.post(url).form(&form).send().await.expect("an answer")).await
    }

    pub(crate) async fn sign_in(&mut self) {
        let secret = self.sim.app().secret.expect("a secret");
        let answer = self.ask_token(&[("client_secret", &secret)]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["access_token"].as_str().expect("a token").clone_into(&mut self.token);
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("https:") {
            path.to_owned()
        } else {
            format!("{}{path}", self.sim.base_url())
        };
        self.http.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).send().await.expect("an answer")).await
    }

    /// A request with `ConsistencyLevel: eventual`.
    pub(crate) async fn get_eventual(&self, path: &str) -> Answer {
        let request = self.request(Method::GET, path).header("ConsistencyLevel", "eventual");
        Answer::of(request.send().await.expect("an answer")).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body).send().await.expect("an answer")).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path).send().await.expect("an answer")).await
    }

    /// Follows the links to the end; the pages and the last link (delta).
    pub(crate) async fn walk(&self, path: &str) -> (Vec<Answer>, Option<String>) {
        let mut pages = Vec::new();
        let mut address = path.to_owned();
        loop {
            let page = self.get_eventual(&address).await;
            assert_eq!(page.status, 200, "{address}: {}", page.body);
            let next = page.body["@odata.nextLink"].as_str().map(str::to_owned);
            let delta = page.body["@odata.deltaLink"].as_str().map(str::to_owned);
            pages.push(page);
            match next {
                Some(next) => address = next,
                None => return (pages, delta),
            }
        }
    }

    /// All items of a list.
    pub(crate) async fn all(&self, path: &str) -> Vec<Value> {
        let (pages, _) = self.walk(path).await;
        pages.iter().flat_map(|page| page.items().to_vec()).collect()
    }
}

/// The values of one property, sorted.
pub(crate) fn sorted(items: &[Value], property: &str) -> Vec<String> {
    let mut values: Vec<String> =
        items.iter().map(|item| item[property].as_str().unwrap_or_default().to_owned()).collect();
    values.sort();
    values
}
