//! What the kinds say about objects: held against the real printer of kubectl, against captures of real clusters, and
//! against shapes that nobody promised.

mod custom;
mod data;
mod generic;
mod kubevirt;
mod pod;
mod properties;
mod registry;
mod status_column;
