//! How a KHI file looks: it brings its own names and colours of states, rows and log lines.

use super::khi_message::{
    Colour, IconAtlas, LogType, RevisionState, RevisionStateStyle, Severity, TimelineStyleChunk, TimelineType, Verb,
};
use crate::view::style::Ink;
use std::collections::BTreeMap;

/// The rows, from the outside in; ids count from 1.
#[derive(Clone, Copy)]
pub(super) enum Row {
    Recording = 1,
    Kind = 2,
    Namespace = 3,
    Object = 4,
    Track = 5,
}

/// Log lines; ids count from 1.
#[derive(Clone, Copy)]
pub(super) enum Line {
    State = 1,
    Gap = 2,
    Event = 3,
    Mark = 4,
    Detail = 5,
    End = 6,
}

/// Severities; ids count from 1.
#[derive(Clone, Copy)]
pub(super) enum Weight {
    Info = 1,
    Warning = 2,
}

/// The only verb: no requests were recorded, but what they led to.
pub(super) const OBSERVED: u32 = 1;

/// The page looks up an icon for every state, and requires an image with it. This one has no pixel that shows.
const ICON: &str = "none";
const GLYPH: &str = "A";
const IMAGE: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\
    \x00\x90wS\xde\x00\x00\x00\x0fIDATx\x01\x01\x04\x00\xfb\xff\x00\x00\x00\x00\x00\x04\x00\x01eI\xc3`\x00\x00\x00\x00\
    IEND\xaeB`\x82";
const FONT: &str = r#"{"pages":["none.png"],"chars":[{"id":65,"index":1,"char":"A","width":1,"height":1,"xoffset":0,"yoffset":0,"xadvance":1,"chnl":15,"x":0,"y":0,"page":0}],"info":{"face":"none","size":1},"common":{"lineHeight":1,"base":1,"scaleW":1,"scaleH":1,"pages":1},"kernings":[]}"#;

const WHITE: u32 = 0x00ff_ffff;
const BLACK: u32 = 0;
const GREY: u32 = 0x0064_748b;
const AMBER: u32 = 0x00d9_7706;
const MAGENTA: u32 = 0x00c0_26d3;

/// The states of a file, each with its id.
#[derive(Default)]
pub(super) struct States {
    all: Vec<RevisionState>,
}

impl States {
    /// The id of a state.
    pub(super) fn of(&mut self, label: &str, ink: Ink, description: &str) -> u32 {
        let style = match ink {
            Ink::Gap => RevisionStateStyle::PartialInfo,
            Ink::Gone => RevisionStateStyle::Deleted,
            _ => RevisionStateStyle::Normal,
        };
        let background = Some(colour(inked(ink)));
        let known = self.all.iter().find(|state| {
            state.label.as_deref() == Some(label)
                && state.background_color == background
                && state.description.as_deref() == Some(description)
        });
        if let Some(id) = known.and_then(|state| state.id) {
            return id;
        }
        let id = u32::try_from(self.all.len() + 1).expect("a recording has fewer states");
        self.all.push(RevisionState {
            id: Some(id),
            label: Some(label.to_owned()),
            icon: Some(ICON.to_owned()),
            description: Some(description.to_owned()),
            background_color: background,
            style: Some(style.into()),
        });
        id
    }

    /// The chunk with these states, and everything else that has a style.
    pub(super) fn chunk(self) -> TimelineStyleChunk {
        let severity = |id: Weight, label: &str, background| Severity {
            id: Some(id as u32),
            label: Some(label.to_owned()),
            short_label: label.get(..1).map(str::to_owned),
            background_color: Some(colour(background)),
            foreground_color: Some(colour(WHITE)),
            order: Some(-(id as i32)),
        };
        let line = |id: Line, label: &str, description: &str, background| LogType {
            id: Some(id as u32),
            label: Some(label.to_owned()),
            description: Some(description.to_owned()),
            background_color: Some(colour(background)),
            foreground_color: Some(colour(WHITE)),
        };
        TimelineStyleChunk {
            severities: vec![severity(Weight::Info, "INFO", GREY), severity(Weight::Warning, "WARNING", AMBER)],
            verbs: vec![Verb {
                id: Some(OBSERVED),
                label: Some("observed".to_owned()),
                background_color: Some(colour(GREY)),
                foreground_color: Some(colour(WHITE)),
                visible: Some(false),
            }],
            log_types: vec![
                line(Line::State, "state", "A track entered a state", inked(Ink::Running)),
                line(Line::Gap, "gap", "It was not seen what happened", MAGENTA),
                line(Line::Event, "event", "An Event", inked(Ink::Done)),
                line(Line::Mark, "mark", "A mark of the recording", inked(Ink::Mark)),
                line(Line::Detail, "detail", "A state continues with other details", GREY),
                line(Line::End, "end", "The end of what is shown", GREY),
            ],
            revision_states: self.all,
            timeline_types: rows(),
            icon_atlas: Some(IconAtlas {
                msdf_icon_image: vec![IMAGE.to_vec()],
                bmfont_json: Some(FONT.into()),
                name_to_codepoints: BTreeMap::from([(ICON.to_owned(), GLYPH.to_owned())]),
            }),
        }
    }
}

fn rows() -> Vec<TimelineType> {
    let row = |id: Row, label: &str, description: &str, height, background, foreground| TimelineType {
        id: Some(id as u32),
        label: Some(label.to_owned()),
        description: Some(description.to_owned()),
        background_color: Some(colour(background)),
        foreground_color: Some(colour(foreground)),
        visible: Some(true),
        sort_priority: Some(id as i32),
        icon: Some(ICON.to_owned()),
        height: Some(height),
        type_chip_background_color: Some(colour(GREY)),
        type_chip_foreground_color: Some(colour(WHITE)),
    };
    vec![
        row(Row::Recording, "recording", "Marks, and gaps of whole watches", 1.0, 0x00f5_d0fe, BLACK),
        row(Row::Kind, "kind", "A kind", 1.0, 0x003f_51b5, WHITE),
        row(Row::Namespace, "namespace", "A namespace", 1.0, 0x007a_86c9, WHITE),
        row(Row::Object, "object", "An object, with its Events", 1.0, 0x00e2_e8f0, BLACK),
        row(Row::Track, "track", "A track of an object", 0.8, WHITE, BLACK),
    ]
}

fn inked(ink: Ink) -> u32 {
    match ink {
        Ink::Plain | Ink::Strong => GREY,
        Ink::Waiting => AMBER,
        Ink::Running => 0x0016_a34a,
        Ink::Done => 0x0008_91b2,
        Ink::Failure => 0x00dc_2626,
        Ink::Gone | Ink::Faint => 0x0094_a3b8,
        Ink::Gap => MAGENTA,
        Ink::Mark => 0x0025_63eb,
    }
}

/// `0xRRGGBB` without transparency.
fn colour(rgb: u32) -> Colour {
    let [_, r, g, b] = rgb.to_be_bytes().map(|byte| Some(f32::from(byte) / 255.0));
    Colour { r, g, b, a: Some(1.0) }
}
