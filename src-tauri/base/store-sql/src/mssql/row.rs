//! A row as SQL Server gives it. A value that does not fit is told by its column alone: rows hold what nobody's log may.

use tiberius::ColumnData;

pub(crate) struct Row(pub(super) tiberius::Row);

impl Row {
    /// A whole number of any width; bits are 0 and 1.
    pub(crate) fn int(&self, column: usize) -> Result<Option<i64>, String> {
        let cell = self.cell(column)?;
        if let ColumnData::I64(number) = cell {
            Ok(*number)
        } else if let ColumnData::I32(number) = cell {
            Ok(number.map(i64::from))
        } else if let ColumnData::I16(number) = cell {
            Ok(number.map(i64::from))
        } else if let ColumnData::U8(number) = cell {
            Ok(number.map(i64::from))
        } else if let ColumnData::Bit(flag) = cell {
            Ok(flag.map(i64::from))
        } else {
            Err(format!("column {column} holds no number"))
        }
    }

    pub(crate) fn text(&self, column: usize) -> Result<Option<&str>, String> {
        let cell = self.cell(column)?;
        if let ColumnData::String(text) = cell {
            Ok(text.as_deref())
        } else if is_untyped_null(cell) {
            Ok(None)
        } else {
            Err(format!("column {column} holds no text"))
        }
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<Option<&[u8]>, String> {
        let cell = self.cell(column)?;
        if let ColumnData::Binary(bytes) = cell {
            Ok(bytes.as_deref())
        } else if is_untyped_null(cell) {
            Ok(None)
        } else {
            Err(format!("column {column} holds no bytes"))
        }
    }

    fn cell(&self, column: usize) -> Result<&ColumnData<'static>, String> {
        self.0.get_column_data(column).map_err(|_| format!("there is no column {column}"))
    }
}

/// A NULL that stands in the text of a SELECT is an `int` to the server.
const fn is_untyped_null(cell: &ColumnData<'_>) -> bool {
    matches!(cell, ColumnData::I32(None))
}
