//! What the kinds say about objects: held against the real printer of kubectl, against captures of real clusters, and
//! against shapes that nobody promised.

mod columns;
mod custom;
mod data;
mod declarations;
mod generic;
mod kubevirt;
mod pod;
mod properties;
mod registry;
mod status_column;
