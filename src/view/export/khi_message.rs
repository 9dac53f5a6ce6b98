//! The messages of a KHI file, version 6, that `-o khi` writes: a part of `proto/khifile` of Kubernetes History
//! Inspector, whose names and numbers these are.
//!
//! <https://github.com/GoogleCloudPlatform/khi/blob/main/docs/en/architecture/khi-file-format.md>

use jiff::Timestamp;
use prost::{Enumeration, Message, Oneof};
use std::collections::BTreeMap;

/// Chunk 1.
#[derive(Clone, PartialEq, Message)]
pub(super) struct MetadataChunk {
    #[prost(message, repeated, tag = "1")]
    pub(super) metadata: Vec<MetadataItem>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MetadataItem {
    #[prost(message, optional, tag = "1")]
    pub(super) header: Option<HeaderMetadata>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct HeaderMetadata {
    #[prost(string, optional, tag = "1")]
    pub(super) inspection_type: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) inspection_name: Option<String>,
    #[prost(int64, optional, tag = "4")]
    pub(super) start_time_unix_seconds: Option<i64>,
    #[prost(int64, optional, tag = "5")]
    pub(super) end_time_unix_seconds: Option<i64>,
    #[prost(string, optional, tag = "7")]
    pub(super) suggested_filename: Option<String>,
}

/// Chunk 2 for what the page shows, 6 for what only the server reads.
#[derive(Clone, PartialEq, Message)]
pub(super) struct InterningPoolChunk {
    #[prost(message, repeated, tag = "1")]
    pub(super) strings: Vec<InternString>,
    #[prost(message, repeated, tag = "2")]
    pub(super) field_path_sets: Vec<InternFieldPathSet>,
    #[prost(message, repeated, tag = "3")]
    pub(super) structs: Vec<InternedStruct>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct InternString {
    #[prost(uint32, optional, tag = "1")]
    pub(super) id: Option<u32>,
    #[prost(string, optional, tag = "2")]
    pub(super) value: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct InternFieldPathSet {
    #[prost(uint32, optional, tag = "1")]
    pub(super) id: Option<u32>,
    #[prost(uint32, repeated, tag = "2")]
    pub(super) field_path_string_ids: Vec<u32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct InternedStruct {
    #[prost(uint32, optional, tag = "1")]
    pub(super) field_path_set_id: Option<u32>,
    #[prost(message, repeated, tag = "2")]
    pub(super) values: Vec<InternedValue>,
    #[prost(uint32, optional, tag = "3")]
    pub(super) id: Option<u32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct InternedValue {
    #[prost(oneof = "Kind", tags = "2, 4, 5")]
    pub(super) kind: Option<Kind>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Kind {
    #[prost(int64, tag = "2")]
    Number(i64),
    /// The id of a string.
    #[prost(uint32, tag = "4")]
    Text(u32),
    #[prost(bool, tag = "5")]
    Flag(bool),
}

/// Chunk 3.
#[derive(Clone, PartialEq, Message)]
pub(super) struct LogChunk {
    #[prost(message, repeated, tag = "1")]
    pub(super) logs: Vec<Log>,
}

#[derive(Clone, PartialEq, Message)]
#[expect(clippy::struct_field_names, reason = "the names are KHI's")]
pub(super) struct Log {
    #[prost(uint32, optional, tag = "1")]
    pub(super) id: Option<u32>,
    #[prost(message, optional, tag = "2")]
    pub(super) ts: Option<Time>,
    #[prost(uint32, optional, tag = "4")]
    pub(super) summary_string_id: Option<u32>,
    #[prost(uint32, optional, tag = "5")]
    pub(super) log_type_id: Option<u32>,
    #[prost(uint32, optional, tag = "6")]
    pub(super) severity_type_id: Option<u32>,
    #[prost(uint32, optional, tag = "7")]
    pub(super) body_struct_id: Option<u32>,
}

/// `google.protobuf.Timestamp`.
#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Time {
    #[prost(int64, tag = "1")]
    pub(super) seconds: i64,
    #[prost(int32, tag = "2")]
    pub(super) nanos: i32,
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
    }
}

/// Chunk 4.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TimelineStyleChunk {
    #[prost(message, repeated, tag = "1")]
    pub(super) severities: Vec<Severity>,
    #[prost(message, repeated, tag = "2")]
    pub(super) verbs: Vec<Verb>,
    #[prost(message, repeated, tag = "3")]
    pub(super) log_types: Vec<LogType>,
    #[prost(message, repeated, tag = "4")]
    pub(super) revision_states: Vec<RevisionState>,
    #[prost(message, repeated, tag = "5")]
    pub(super) timeline_types: Vec<TimelineType>,
    #[prost(message, optional, tag = "6")]
    pub(super) icon_atlas: Option<IconAtlas>,
}

/// Each from 0 to 1.
#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Colour {
    #[prost(float, optional, tag = "1")]
    pub(super) r: Option<f32>,
    #[prost(float, optional, tag = "2")]
    pub(super) g: Option<f32>,
    #[prost(float, optional, tag = "3")]
    pub(super) b: Option<f32>,
    #[prost(float, optional, tag = "4")]
    pub(super) a: Option<f32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Severity {
    #[prost(uint32, optional, tag = "1")]
    pub(super) id: Option<u32>,
    #[prost(string, optional, tag = "2")]
    pub(super) label: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) short_label: Option<String>,
    #[prost(message, optional, tag = "4")]
    pub(super) background_color: Option<Colour>,
    #[prost(message, optional, tag = "5")]
    pub(super) foreground_color: Option<Colour>,
    #[prost(int32, optional, tag = "6")]
    pub(super) order: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Verb {
    #[prost(uint32, optional, tag = "1")]
    pub(super) id: Option<u32>,
    #[prost(string, optional, tag = "2")]
    pub(super) label: Option<String>,
    #[prost(message, optional, tag = "3")]
    pub(super) background_color: Option<Colour>,
    #[prost(message, optional, tag = "4")]
    pub(super) foreground_color: Option<Colour>,
    #[prost(bool, optional, tag = "5")]
    pub(super) visible: Option<bool>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct LogType {
    #[prost(uint32, optional, tag = "1")]
    pub(super) id: Option<u32>,
    #[prost(string, optional, tag = "2")]
    pub(super) label: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) description: Option<String>,
    #[prost(message, optional, tag = "4")]
    pub(super) background_color: Option<Colour>,
    #[prost(message, optional, tag = "5")]
    pub(super) foreground_color: Option<Colour>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
#[repr(i32)]
pub(super) enum RevisionStateStyle {
    Unspecified = 0,
    Normal = 1,
    Deleted = 2,
    PartialInfo = 3,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct RevisionState {
    #[prost(uint32, optional, tag = "1")]
    pub(super) id: Option<u32>,
    #[prost(string, optional, tag = "2")]
    pub(super) label: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) icon: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) description: Option<String>,
    #[prost(message, optional, tag = "5")]
    pub(super) background_color: Option<Colour>,
    #[prost(enumeration = "RevisionStateStyle", optional, tag = "6")]
    pub(super) style: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct TimelineType {
    #[prost(uint32, optional, tag = "1")]
    pub(super) id: Option<u32>,
    #[prost(string, optional, tag = "2")]
    pub(super) label: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) description: Option<String>,
    #[prost(message, optional, tag = "4")]
    pub(super) background_color: Option<Colour>,
    #[prost(message, optional, tag = "5")]
    pub(super) foreground_color: Option<Colour>,
    #[prost(bool, optional, tag = "6")]
    pub(super) visible: Option<bool>,
    #[prost(int32, optional, tag = "7")]
    pub(super) sort_priority: Option<i32>,
    #[prost(string, optional, tag = "8")]
    pub(super) icon: Option<String>,
    #[prost(float, optional, tag = "9")]
    pub(super) height: Option<f32>,
    #[prost(message, optional, tag = "10")]
    pub(super) type_chip_background_color: Option<Colour>,
    #[prost(message, optional, tag = "13")]
    pub(super) type_chip_foreground_color: Option<Colour>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct IconAtlas {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(super) msdf_icon_image: Vec<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(super) bmfont_json: Option<Vec<u8>>,
    #[prost(btree_map = "string, string", tag = "3")]
    pub(super) name_to_codepoints: BTreeMap<String, String>,
}

/// Chunk 5.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TimelineChunk {
    #[prost(message, repeated, tag = "1")]
    pub(super) timelines: Vec<Timeline>,
    #[prost(message, repeated, tag = "2")]
    pub(super) timeline_items: Vec<TimelineItems>,
}

#[derive(Clone, PartialEq, Message)]
#[expect(clippy::struct_field_names, reason = "the names are KHI's")]
pub(super) struct Timeline {
    #[prost(uint32, optional, tag = "1")]
    pub(super) id: Option<u32>,
    #[prost(uint32, optional, tag = "2")]
    pub(super) timeline_type: Option<u32>,
    #[prost(uint32, optional, tag = "3")]
    pub(super) name_string_id: Option<u32>,
    #[prost(uint32, optional, tag = "4")]
    pub(super) timeline_items_id: Option<u32>,
    /// 0 for none.
    #[prost(uint32, optional, tag = "5")]
    pub(super) parent_timeline_id: Option<u32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct TimelineItems {
    #[prost(uint32, optional, tag = "1")]
    pub(super) id: Option<u32>,
    #[prost(message, repeated, tag = "2")]
    pub(super) revisions: Vec<Revision>,
    #[prost(message, repeated, tag = "3")]
    pub(super) events: Vec<Event>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Revision {
    #[prost(uint32, optional, tag = "1")]
    pub(super) log_id: Option<u32>,
    #[prost(message, optional, tag = "2")]
    pub(super) changed_time: Option<Time>,
    #[prost(uint32, optional, tag = "4")]
    pub(super) principal_string_id: Option<u32>,
    #[prost(uint32, optional, tag = "5")]
    pub(super) verb_type: Option<u32>,
    #[prost(uint32, optional, tag = "6")]
    pub(super) state_type: Option<u32>,
    #[prost(uint32, optional, tag = "8")]
    pub(super) resource_body_struct_id: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Event {
    #[prost(uint32, optional, tag = "1")]
    pub(super) log_id: Option<u32>,
}
