//! Columns of a Parquet file: their types, and how the cells of rows are written.

use jiff::Timestamp;
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::Result;
use parquet::file::writer::SerializedRowGroupWriter;
use parquet::schema::types::Type;
use std::borrow::Cow;
use std::io::Write;
use std::time::Duration;

/// The type of a column.
#[derive(Clone, Copy)]
pub(super) enum Sort {
    /// 64 bits, signed.
    Integer,
    /// Microseconds, UTC.
    Time,
    /// `DECIMAL(18, 6)`.
    Seconds,
    /// UTF-8.
    Text,
    Flag,
}

/// A value of a row.
pub(super) enum Cell<'a> {
    Null,
    /// A number, a time or seconds, as the column has it.
    Number(i64),
    Text(Cow<'a, str>),
    Flag(bool),
}

/// A column of rows of type `R`.
pub(super) struct Column<R> {
    name: &'static str,
    sort: Sort,
    is_required: bool,
    read: fn(&R) -> Cell<'_>,
}

impl<R> Column<R> {
    /// A column that may be null.
    pub(super) const fn of(name: &'static str, sort: Sort, read: fn(&R) -> Cell<'_>) -> Self {
        Self { name, sort, is_required: false, read }
    }

    /// A column that every row has.
    pub(super) const fn required(name: &'static str, sort: Sort, read: fn(&R) -> Cell<'_>) -> Self {
        Self { name, sort, is_required: true, read }
    }

    /// Its declaration in the schema.
    pub(super) fn declared(&self) -> Result<Type> {
        let (physical, logical) = match self.sort {
            Sort::Integer => (Physical::INT64, None),
            Sort::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
            Sort::Seconds => (Physical::INT64, Some(LogicalType::decimal(6, 18))),
            Sort::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Sort::Flag => (Physical::BOOLEAN, None),
        };
        let repetition = if self.is_required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
        let declared =
            Type::primitive_type_builder(self.name, physical).with_logical_type(logical).with_repetition(repetition);
        let declared =
            if matches!(self.sort, Sort::Seconds) { declared.with_precision(18).with_scale(6) } else { declared };
        declared.build()
    }

    /// Writes its cells of a group of rows.
    pub(super) fn write<W: Write + Send>(&self, rows: &[R], group: &mut SerializedRowGroupWriter<'_, W>) -> Result<()> {
        let cells = rows.iter().map(self.read);
        match self.sort {
            Sort::Integer | Sort::Time | Sort::Seconds => self.put::<W, Int64Type>(group, cells, |cell| match cell {
                Cell::Number(number) => Some(number),
                _ => None,
            }),
            Sort::Text => self.put::<W, ByteArrayType>(group, cells, |cell| match cell {
                Cell::Text(text) => Some(ByteArray::from(text.into_owned().into_bytes())),
                _ => None,
            }),
            Sort::Flag => self.put::<W, BoolType>(group, cells, |cell| match cell {
                Cell::Flag(flag) => Some(flag),
                _ => None,
            }),
        }
    }

    fn put<'r, W: Write + Send, T: DataType>(
        &self,
        group: &mut SerializedRowGroupWriter<'_, W>,
        cells: impl Iterator<Item = Cell<'r>>,
        value: impl Fn(Cell<'r>) -> Option<T::T>,
    ) -> Result<()> {
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        for value in cells.map(value) {
            levels.push(i16::from(value.is_some()));
            values.extend(value);
        }
        let levels = (!self.is_required).then_some(&levels[..]);
        let mut column = group.next_column()?.expect("there is a column for each declaration");
        column.typed::<T>().write_batch(&values, levels, None)?;
        column.close()
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, T::into)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Cell<'_> {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u32> for Cell<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<Timestamp> for Cell<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Number(at.as_microsecond())
    }
}

impl From<Duration> for Cell<'_> {
    fn from(span: Duration) -> Self {
        i64::try_from(span.as_micros()).ok().into()
    }
}
