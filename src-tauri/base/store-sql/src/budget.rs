//! Shared budgets: token buckets as one moment each (the generic cell rate algorithm of ATM traffic management, ITU-T
//! I.371): `free_at` is when all drawn calls are paid for, and drawing is one conditional update.

use async_trait::async_trait;
use model::Span;
use store::{BudgetRepository, Rate, StoreError};

use crate::columns::Columns;
use crate::session::Session;
use crate::value::args;

const DOING: &str = "drawing on a budget";

impl Session {
    /// A new bucket is full.
    async fn ensure_budget(&mut self, name: &str) -> Result<(), StoreError> {
        let sql = "SELECT COUNT(*) FROM budget WHERE name = ?";
        if self.number(DOING, sql, args![name]).await? > 0 {
            return Ok(());
        }
        let sql = "INSERT INTO budget (name, free_at, rest_until) VALUES (?, 0, 0)";
        self.insert_missing("this budget", sql, args![name]).await.map(|_| ())
    }
}

#[async_trait]
impl BudgetRepository for Session {
    async fn draw(&mut self, name: &str, rate: Rate) -> Result<Option<Span>, StoreError> {
        self.ensure_budget(name).await?;
        let interval = rate.interval.as_millis().max(1);
        let slack = interval.saturating_mul(i64::from(rate.burst.max(1)) - 1);
        let sql = "UPDATE budget SET free_at = ? + CASE WHEN free_at > {now} THEN free_at ELSE {now} END \
                   WHERE name = ? AND rest_until <= {now} AND free_at <= ? + {now}";
        if self.run(DOING, sql, args![interval, name, slack]).await? == 1 {
            return Ok(None);
        }
        let sql = "SELECT free_at - ? - {now}, rest_until - {now} FROM budget WHERE name = ?";
        let Some(row) = self.select_one(DOING, sql, args![slack, name]).await? else {
            return Ok(Some(Span::millis(interval)));
        };
        let mut columns = Columns::new("budget", &row);
        let wait = columns.int()?.max(columns.int()?).max(1);
        Ok(Some(Span::millis(wait)))
    }

    async fn rest(&mut self, name: &str, span: Span) -> Result<(), StoreError> {
        self.ensure_budget(name).await?;
        let sql = "UPDATE budget SET rest_until = ? + {now} WHERE name = ? AND rest_until < ? + {now}";
        let span = span.as_millis().max(0);
        self.run(DOING, sql, args![span, name, span]).await?;
        Ok(())
    }

    async fn resting(&mut self, name: &str) -> Result<Option<Span>, StoreError> {
        let sql = "SELECT rest_until - {now} FROM budget WHERE name = ?";
        let Some(row) = self.select_one(DOING, sql, args![name]).await? else { return Ok(None) };
        let left = Columns::new("budget", &row).int()?;
        Ok((left > 0).then(|| Span::millis(left)))
    }
}
