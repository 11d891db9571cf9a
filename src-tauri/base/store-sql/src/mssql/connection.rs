//! One connection and whether it may be used again.
//!
//! The driver has no session reset, and a connection whose answer was not read to its end gives the next statement the
//! wrong one. So a connection is unsure from before a statement is sent until its answer is there; one that stays unsure is
//! closed, never handed on. That also covers callers that gave up waiting in the middle.

use std::borrow::Cow;
use std::time::Duration;

use tiberius::{IsolationLevel, Query};
use tokio::time::timeout;

use super::connect::Client;
use super::fault::{fault, is_connection_sound};
use super::row::Row;
use super::translate::with_nulls;
use crate::fault::{Fault, FaultKind};
use crate::value::Value;

/// How long the server may take to hear that nobody waits any more.
const CANCEL: Duration = Duration::from_secs(2);

pub(crate) struct Connection {
    client: Box<Client>,
    /// For each statement; migrations have none.
    limit: Option<Duration>,
    unsure: bool,
}

/// What is asked of the server.
enum Ask<'a> {
    /// Statements without parameters.
    Batch(&'a str),
    Execute(Query<'a>),
    Fetch(Query<'a>),
    Begin(IsolationLevel),
    Commit,
}

/// Touched rows, read rows.
type Answer = (u64, Vec<tiberius::Row>);

impl Connection {
    pub(super) fn new(client: Client, limit: Option<Duration>) -> Self {
        Self { client: Box::new(client), limit, unsure: false }
    }

    pub(super) const fn limit(&mut self, limit: Option<Duration>) {
        self.limit = limit;
    }

    pub(super) const fn is_unsure(&self) -> bool {
        self.unsure
    }

    /// Runs a changing statement; answers how many rows it matched.
    pub(crate) async fn execute(&mut self, sql: &str, args: &[Value]) -> Result<u64, Fault> {
        Ok(self.ask(Ask::Execute(bound(&numbered(sql, args), args))).await?.0)
    }

    /// All rows of a query.
    pub(crate) async fn fetch(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, Fault> {
        let rows = self.ask(Ask::Fetch(bound(&numbered(sql, args), args))).await?.1;
        Ok(rows.into_iter().map(Row).collect())
    }

    /// Runs statements without parameters; answers the rows of the first query among them.
    pub(crate) async fn batch(&mut self, sql: &str) -> Result<Vec<Row>, Fault> {
        #[cfg(test)]
        sent::note(sql);
        Ok(self.ask(Ask::Batch(sql)).await?.1.into_iter().map(Row).collect())
    }

    pub(super) async fn begin(&mut self, isolation: IsolationLevel) -> Result<(), Fault> {
        self.ask(Ask::Begin(isolation)).await.map(|_| ())
    }

    pub(super) async fn commit(&mut self) -> Result<(), Fault> {
        self.ask(Ask::Commit).await.map(|_| ())
    }

    /// Undoes what is open, if the server has not done so itself.
    pub(super) async fn rollback(&mut self) -> Result<(), Fault> {
        self.batch("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION").await.map(|_| ())
    }

    async fn ask(&mut self, ask: Ask<'_>) -> Result<Answer, Fault> {
        if self.unsure {
            return Err(Fault::new(FaultKind::Lost, "the connection broke at an earlier statement"));
        }
        self.unsure = true;
        let answer = match self.limit {
            None => perform(&mut self.client, ask).await,
            Some(limit) => match timeout(limit, perform(&mut self.client, ask)).await {
                Ok(answer) => answer,
                Err(elapsed) => {
                    // The server shall stop working on it. The connection is closed either way.
                    let _ = timeout(CANCEL, self.client.cancel_query()).await;
                    return Err(Fault::new(FaultKind::Lost, elapsed));
                }
            },
        };
        self.unsure = answer.as_ref().is_err_and(|error| !is_connection_sound(error));
        answer.map_err(fault)
    }
}

async fn perform(client: &mut Client, ask: Ask<'_>) -> tiberius::Result<Answer> {
    match ask {
        Ask::Batch(sql) => Ok((0, client.simple_query(sql).await?.into_first_result().await?)),
        Ask::Execute(query) => Ok((query.execute(client).await?.total(), Vec::new())),
        Ask::Fetch(query) => Ok((0, query.query(client).await?.into_first_result().await?)),
        Ask::Begin(isolation) => {
            client.begin_transaction_with_isolation(isolation).await?;
            Ok((0, Vec::new()))
        }
        Ask::Commit => {
            client.commit_transaction().await?;
            Ok((0, Vec::new()))
        }
    }
}

/// The text with NULL where a value is NULL.
fn numbered<'a>(sql: &'a str, args: &[Value]) -> Cow<'a, str> {
    with_nulls(sql, |n| matches!(args.get(n), Some(Value::Null)))
}

/// The parameter of a NULL goes along unused, so that the others keep their numbers.
fn bound<'a>(sql: &'a str, args: &'a [Value]) -> Query<'a> {
    #[cfg(test)]
    sent::note(sql);
    let mut query = Query::new(sql);
    for value in args {
        match value {
            Value::Null => query.bind(None::<i64>),
            Value::Int(number) => query.bind(*number),
            Value::Text(text) => query.bind(text.as_str()),
            Value::Bytes(bytes) => query.bind(bytes.as_slice()),
        }
    }
    query
}

/// Every text that this process sent to a server, for the test that has them all read.
#[cfg(test)]
pub(super) mod sent {
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    static TEXTS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

    pub(super) fn note(sql: &str) {
        TEXTS.lock().unwrap().insert(sql.to_owned());
    }

    pub(in super::super) fn texts() -> BTreeSet<String> {
        TEXTS.lock().unwrap().clone()
    }
}
