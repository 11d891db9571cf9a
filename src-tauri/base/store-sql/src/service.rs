//! Recurring duties. A claim is a lease by the database's clock, for one run; its name keeps it, nobody claims it again.

use async_trait::async_trait;
use model::{CalledDrill, Drill, Service, ServiceStatus, Span, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{ServiceRepository, StoreError};

use crate::columns::Columns;
use crate::job::at_once;
use crate::session::Session;
use crate::value::args;

/// The row of the last fire drill that an officer drew. It is no service: programs leave it out of their list, and no daemon
/// claims it. Neither is the next one.
const DRILL: &str = "drill";
/// The row of the fire drill that was called last. Calling is a service, with a row of its own.
const CALLED: &str = "called drill";
/// No next run: 9999-12-31.
const NEVER: i64 = 253_402_214_400_000;

#[async_trait]
impl ServiceRepository for Session {
    /// Duties of a newer program are left out.
    async fn list(&mut self) -> Result<Vec<ServiceStatus>, StoreError> {
        let sql = "SELECT name, last_run, last_result, failed, next_run FROM service";
        let mut services = Vec::new();
        for row in &self.select("reading services", sql, args![]).await? {
            let mut columns = Columns::new("service", row);
            let Some(service) = Service::from_name(&columns.text()?) else { continue };
            services.push(ServiceStatus {
                service,
                last_run: columns.opt_time()?,
                last_result: columns.opt_text()?,
                failed: columns.flag()?,
                next_run: columns.time()?,
            });
        }
        services.sort_by_key(|status| Service::ALL.iter().position(|one| *one == status.service));
        Ok(services)
    }

    async fn ensure(&mut self, service: Service, first_run: Timestamp) -> Result<(), StoreError> {
        let sql = "SELECT COUNT(*) FROM service WHERE name = ?";
        if self.number("reading services", sql, args![service.name()]).await? > 0 {
            return Ok(());
        }
        let sql = "INSERT INTO service (name, failed, next_run, claim_until) VALUES (?, 0, ?, 0)";
        self.insert_missing("this service", sql, args![service.name(), first_run]).await.map(|_| ())
    }

    async fn claim(
        &mut self,
        service: Service,
        worker: &str,
        now: Timestamp,
        lease: Span,
    ) -> Result<bool, StoreError> {
        // Asked without a lock first: whoever runs the duty holds its row while storing, and nobody shall wait for that.
        let sql = "SELECT COUNT(*) FROM service WHERE name = ? AND next_run <= ? AND claim_until < {now}";
        if self.number("reading services", sql, args![service.name(), now]).await? == 0 {
            return Ok(false);
        }
        let sql = "UPDATE service SET woken_at = NULL, claim_owner = ?, claim_until = ? + {now} \
                   WHERE name = ? AND next_run <= ? AND claim_until < {now}";
        let args = args![worker, lease.as_millis(), service.name(), now];
        Ok(self.run("claiming a service", sql, args).await? == 1)
    }

    async fn keep(&mut self, service: Service, worker: &str, lease: Span) -> Result<bool, StoreError> {
        let sql = "UPDATE service SET claim_until = ? + {now} WHERE name = ? AND claim_owner = ?";
        let args = args![lease.as_millis(), service.name(), worker];
        Ok(self.run("keeping the claim on a service", sql, args).await? == 1)
    }

    /// A wish to have it at once that came while it ran wins over `next_run`.
    async fn finish(
        &mut self,
        service: Service,
        worker: &str,
        started: Timestamp,
        result: Result<&str, &str>,
        next_run: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE service SET last_run = ?, last_result = ?, failed = ?, \
                   next_run = CASE WHEN woken_at < ? THEN woken_at ELSE ? END, woken_at = NULL, \
                   claim_owner = NULL, claim_until = 0 WHERE name = ? AND claim_owner = ?";
        let (Ok(text) | Err(text)) = result;
        let args = args![started, text, result.is_err(), next_run, next_run, service.name(), worker];
        Ok(self.run("writing a service's result", sql, args).await? == 1)
    }

    async fn drill(&mut self) -> Result<Option<Drill>, StoreError> {
        self.body(DRILL).await
    }

    async fn set_drill(&mut self, drill: &Drill) -> Result<(), StoreError> {
        self.set_body(DRILL, drill, drill.at, !drill.succeeded()).await
    }

    async fn called_drill(&mut self) -> Result<Option<CalledDrill>, StoreError> {
        self.body(CALLED).await
    }

    async fn hold_called_drill(&mut self) -> Result<Option<CalledDrill>, StoreError> {
        // The row is locked before it is read. In a cluster the later write decides whose unit runs again.
        let sql = "UPDATE service SET last_run = last_run WHERE name = ?";
        self.run("holding the called fire drill", sql, args![CALLED]).await?;
        self.body(CALLED).await
    }

    async fn set_called_drill(&mut self, called: &CalledDrill) -> Result<(), StoreError> {
        self.set_body(CALLED, called, called.at, called.counts().failed > 0).await
    }

    async fn wake(&mut self, service: Service, now: Timestamp) -> Result<(), StoreError> {
        let at = at_once!();
        let sql = format!(
            "UPDATE service SET woken_at = {at}, next_run = CASE WHEN next_run > {at} THEN {at} ELSE next_run END \
             WHERE name = ?"
        );
        let args = args![now, now, now, now, now, now, service.name()];
        self.run("waking a service", sql, args).await?;
        Ok(())
    }
}

impl Session {
    /// What lies in a row that is no service.
    async fn body<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<Option<T>, StoreError> {
        let sql = "SELECT last_result FROM service WHERE name = ?";
        let row = self.select_one("reading a fire drill", sql, args![name]).await?;
        let Some(row) = row else { return Ok(None) };
        let mut columns = Columns::new("fire drill", &row);
        let Some(body) = columns.opt_text()? else { return Ok(None) };
        serde_json::from_str(&body).map(Some).map_err(|error| columns.damaged(error))
    }

    async fn set_body(
        &mut self,
        name: &'static str,
        body: &(impl Serialize + Sync),
        at: Timestamp,
        failed: bool,
    ) -> Result<(), StoreError> {
        let unwritable =
            |error: serde_json::Error| StoreError::Corrupt { what: "fire drill", detail: error.to_string() };
        let body = serde_json::to_string(body).map_err(unwritable)?;
        let sql = "INSERT INTO service (name, failed, next_run, claim_until) VALUES (?, 0, ?, 0)";
        self.insert_missing("the fire drill", sql, args![name, NEVER]).await?;
        let sql = "UPDATE service SET last_run = ?, last_result = ?, failed = ? WHERE name = ?";
        self.run("writing a fire drill", sql, args![at, &body, failed, name]).await.map(|_| ())
    }
}
