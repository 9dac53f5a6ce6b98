//! The interpretation of objects, checked against kubectl's real printer, captures of real clusters, and malformed
//! objects.

mod columns;
mod custom;
mod data;
mod declarations;
mod generic;
mod kubevirt;
mod page;
mod pod;
mod properties;
mod registry;
mod status_column;
