//! A home that holds nothing yet, a program that has nothing to set up, and errors of the database in words.

use std::sync::Mutex;

use api::{
    ErrorCode, Installations, Password, SetupFinished, SetupFound, SetupFounded, SetupHost, SetupJoining,
    SetupPlan, SetupRoles, SetupStatus, SetupTarget, SetupTested, WireError,
};
use async_trait::async_trait;
use model::Ids;
use serde_json::json;
use store::StoreError;

use crate::host::World;

/// Remembers what it was told.
struct Assistant {
    ids: Ids,
    told: Mutex<Vec<String>>,
}

impl Assistant {
    fn note(&self, text: String) {
        self.told.lock().unwrap().push(text);
    }
}

#[async_trait]
impl SetupHost for Assistant {
    fn ids(&self) -> &Ids {
        &self.ids
    }
    async fn status(&self) -> Result<SetupStatus, WireError> {
        Ok(SetupStatus { needed: true, stage: "choose".to_owned(), ..SetupStatus::default() })
    }
    async fn test(&self, target: SetupTarget, password: Option<Password>) -> Result<SetupTested, WireError> {
        self.note(format!("test {} {}", target.host, password.unwrap().reveal()));
        Ok(SetupTested { server: "MariaDB 10.11.6".to_owned(), ..SetupTested::default() })
    }
    async fn plan(&self) -> Result<SetupPlan, WireError> {
        Ok(SetupPlan::default())
    }
    async fn apply(&self) -> Result<(), WireError> {
        self.note("apply".to_owned());
        Ok(())
    }
    async fn roles(&self) -> Result<SetupRoles, WireError> {
        Ok(SetupRoles::default())
    }
    async fn found(&self, founding: SetupFound) -> Result<SetupFounded, WireError> {
        self.note(format!("found {}", founding.authority));
        Ok(SetupFounded::default())
    }
    async fn join(&self, fleet: &str) -> Result<SetupJoining, WireError> {
        self.note(format!("join {fleet}"));
        Ok(SetupJoining::default())
    }
    async fn begin_move(&self) -> Result<(), WireError> {
        Ok(())
    }
    async fn copy(&self) -> Result<(), WireError> {
        Ok(())
    }
    async fn finish(&self) -> Result<SetupFinished, WireError> {
        Ok(SetupFinished::default())
    }
    async fn cancel(&self) -> Result<(), WireError> {
        Ok(())
    }
}

#[tokio::test]
async fn an_empty_home_answers_the_assistant_and_nothing_else() {
    let world = World::new().await;
    let host = Assistant { ids: world.ids.clone(), told: Mutex::default() };
    let status = api::dispatch_setup(&host, "setup_status", json!({})).await.unwrap();
    assert_eq!(status["needed"], true);
    let refused = api::dispatch_setup(&host, "overview", json!({})).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotSetUp);
    let unknown = api::dispatch_setup(&host, "setup_magic", json!({})).await.unwrap_err();
    assert_eq!(unknown.code, ErrorCode::UnknownCommand);
}

#[tokio::test]
async fn what_was_typed_is_checked_before_the_host_is_asked() {
    let world = World::new().await;
    let host = Assistant { ids: world.ids.clone(), told: Mutex::default() };
    let target = |name: &str| {
        json!({ "kind": "mysql", "host": name, "port": 3306, "database": "sealwright", "account": "me",
            "authentication": "password", "caFile": "" })
    };
    let call = |name: &'static str, payload| api::dispatch_setup(&host, name, payload);
    let wrong = call("setup_test", json!({ "target": target(""), "password": "tiger" })).await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::Invalid);
    assert!(!wrong.trace_id.is_empty());
    let found = json!({ "authority": "CA", "organization": "", "country": "de", "pkiUrl": "http://x",
        "kra": "", "kraFolder": "" });
    assert_eq!(call("setup_found", found).await.unwrap_err().code, ErrorCode::Invalid);
    assert_eq!(call("setup_join", json!({ "fleet": "3f2a" })).await.unwrap_err().code, ErrorCode::Invalid);
    call("setup_test", json!({ "target": target("db"), "password": "tiger" })).await.unwrap();
    call("setup_join", json!({ "fleet": "3F2A91BC-0D551E07-77AA4C1E-90B26F03" })).await.unwrap();
    assert_eq!(*host.told.lock().unwrap(), ["test db tiger", "join 3f2a 91bc 0d55 1e07 77aa 4c1e 90b2 6f03"]);
}

#[tokio::test]
async fn a_program_that_runs_says_that_nothing_is_to_be_set_up_and_that_nobody_shares_its_database() {
    let world = World::new().await;
    let anna = world.console("anna@one");
    let status: SetupStatus = anna.call("setup_status", json!({})).await.unwrap();
    assert!(!status.needed && !status.movable);
    assert_eq!(
        anna.call::<SetupStatus>("setup_apply", json!({})).await.unwrap_err().code,
        ErrorCode::NotPossible
    );
    let installations: Installations = anna.call("installations", json!({})).await.unwrap();
    assert!(!installations.shared && installations.view.installations.is_empty());
    let admit = json!({ "id": "0198f0aa-0000-7000-8000-00000000dead", "fingerprint": "0".repeat(32) });
    let refused = anna.call::<serde_json::Value>("admit_installation", admit).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotPossible);
}

#[test]
fn errors_of_the_database_say_what_to_do() {
    let denied = WireError::from(StoreError::Denied {
        doing: "write a template",
        detail: "UPDATE command denied to user 'auditor'".to_owned(),
    });
    assert_eq!(denied.code, ErrorCode::Forbidden);
    assert!(denied.message.contains("write a template") && denied.message.contains("auditor"));
    assert!(denied.hint.unwrap().contains("database administrator"));
    let unknown = WireError::from(StoreError::OutcomeUnknown { source: "reset by peer".into() });
    assert_eq!(unknown.code, ErrorCode::OutcomeUnknown);
    assert!(unknown.hint.unwrap().contains("look whether it was done"));
    let schema = WireError::from(StoreError::Schema("the schema is newer".to_owned()));
    assert_eq!(schema.code, ErrorCode::Schema);
    assert_eq!(WireError::from(StoreError::Stale { what: "the setting" }).code, ErrorCode::Stale);
}
