//! What the login of a connection may do, asked of the server.

use async_trait::async_trait;
use store::StoreError;

use super::connection::Connection;
use super::pool::Pool;
use crate::fault::FaultKind;
use crate::roles::{self, Examiner, Standing};

struct Examined(Connection);

#[async_trait]
impl Examiner for Examined {
    async fn allowed(&mut self, sql: &str) -> Result<bool, StoreError> {
        match self.0.batch(sql).await {
            Ok(_) => Ok(true),
            Err(fault) if fault.kind == FaultKind::Denied => Ok(false),
            Err(fault) => Err(fault.told("asking what the login may do")),
        }
    }
}

impl Pool {
    /// What the login may do. None of the questions touches a row, so that there is nothing to undo.
    pub(crate) async fn rights(&self) -> Result<Standing, StoreError> {
        roles::probe(&mut Examined(self.dedicated().await?)).await
    }
}
