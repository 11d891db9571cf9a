//! Reads a row column by column, in the order of the SELECT list. Whatever does not fit is reported as a damaged row.

use model::{SerialNumber, Thumbprint, Timestamp};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use store::StoreError;
use uuid::Uuid;

use crate::codes::Coded;
use crate::{mssql, mysql};

/// A row as its driver gives it.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    MySql(mysql::Row),
    SqlServer(mssql::Row),
}

impl Row {
    pub(crate) fn int(&self, column: usize) -> Result<Option<i64>, String> {
        match self {
            Self::Sqlite(row) => row.try_get(column).map_err(|error| error.to_string()),
            Self::MySql(row) => row.int(column),
            Self::SqlServer(row) => row.int(column),
        }
    }
    pub(crate) fn text(&self, column: usize) -> Result<Option<&str>, String> {
        match self {
            Self::Sqlite(row) => row.try_get(column).map_err(|error| error.to_string()),
            Self::MySql(row) => row.text(column),
            Self::SqlServer(row) => row.text(column),
        }
    }
    pub(crate) fn bytes(&self, column: usize) -> Result<Option<&[u8]>, String> {
        match self {
            Self::Sqlite(row) => row.try_get(column).map_err(|error| error.to_string()),
            Self::MySql(row) => row.bytes(column),
            Self::SqlServer(row) => row.bytes(column),
        }
    }
}

/// Walks over the columns of a row that holds a `what`.
pub(crate) struct Columns<'r> {
    row: &'r Row,
    next: usize,
    what: &'static str,
}

impl<'r> Columns<'r> {
    pub(crate) const fn new(what: &'static str, row: &'r Row) -> Self {
        Self { row, next: 0, what }
    }

    fn column<T>(
        &mut self,
        read: impl FnOnce(&'r Row, usize) -> Result<Option<T>, String>,
    ) -> Result<Option<T>, StoreError> {
        let column = self.next;
        self.next += 1;
        read(self.row, column).map_err(|error| self.damaged(error))
    }

    fn there<T>(&self, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.damaged(format!("column {} is empty", self.next)))
    }

    /// The error for a value of this row that cannot be understood.
    pub(crate) fn damaged(&self, detail: impl std::fmt::Display) -> StoreError {
        StoreError::Corrupt { what: self.what, detail: detail.to_string() }
    }

    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        let value = self.opt_int()?;
        self.there(value)
    }
    pub(crate) fn opt_int(&mut self) -> Result<Option<i64>, StoreError> {
        self.column(Row::int)
    }
    pub(crate) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        let number = self.int()?;
        T::try_from(number).map_err(|_| self.damaged(format!("{number} is out of range")))
    }
    pub(crate) fn flag(&mut self) -> Result<bool, StoreError> {
        Ok(self.int()? != 0)
    }
    pub(crate) fn time(&mut self) -> Result<Timestamp, StoreError> {
        Ok(Timestamp::from_millis(self.int()?))
    }
    pub(crate) fn opt_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int()?.map(Timestamp::from_millis))
    }
    fn str(&mut self) -> Result<&'r str, StoreError> {
        let value = self.column(Row::text)?;
        self.there(value)
    }
    fn slice(&mut self) -> Result<&'r [u8], StoreError> {
        let value = self.column(Row::bytes)?;
        self.there(value)
    }
    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.str().map(str::to_owned)
    }
    pub(crate) fn opt_text(&mut self) -> Result<Option<String>, StoreError> {
        Ok(self.column(Row::text)?.map(str::to_owned))
    }
    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        self.slice().map(<[u8]>::to_vec)
    }
    pub(crate) fn digest<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let bytes = self.slice()?;
        bytes.try_into().map_err(|_| self.damaged(format!("{} bytes instead of {N}", bytes.len())))
    }
    pub(crate) fn id<T: From<Uuid>>(&mut self) -> Result<T, StoreError> {
        self.digest().map(|bytes: [u8; 16]| Uuid::from_bytes(bytes).into())
    }
    pub(crate) fn opt_id<T: From<Uuid>>(&mut self) -> Result<Option<T>, StoreError> {
        let bytes = self.column(Row::bytes)?;
        bytes.map(|b| Uuid::from_slice(b).map(T::from).map_err(|error| self.damaged(error))).transpose()
    }
    pub(crate) fn thumbprint(&mut self) -> Result<Thumbprint, StoreError> {
        self.digest().map(Thumbprint::new)
    }
    pub(crate) fn serial(&mut self) -> Result<SerialNumber, StoreError> {
        let bytes = self.slice()?;
        Ok(SerialNumber::from_be_bytes(bytes))
    }
    pub(crate) fn coded<T: Coded>(&mut self) -> Result<T, StoreError> {
        let code = self.int()?;
        self.decode(code)
    }
    pub(crate) fn opt_coded<T: Coded>(&mut self) -> Result<Option<T>, StoreError> {
        self.opt_int()?.map(|code| self.decode(code)).transpose()
    }
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        let text = self.str()?;
        serde_json::from_str(text).map_err(|error| self.damaged(error))
    }

    fn decode<T: Coded>(&self, code: i64) -> Result<T, StoreError> {
        T::from_code(code).ok_or_else(|| {
            self.damaged(format!("{code} is no {} that this program knows; update it", T::WHAT))
        })
    }
}

/// JSON of a value that this program made itself.
pub(crate) fn json<T: serde::Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt { what, detail: error.to_string() })
}
