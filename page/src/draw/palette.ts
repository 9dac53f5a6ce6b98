// Colors by meaning. Tones differ in hue and in lightness, and each has a mark of its own at the edge of the bar, so that
// they can be told apart without seeing colors.

import type { Tone } from "../data/format";

export type Ink = Tone | "gap";
export const INKS: Ink[] = ["good", "plain", "ended", "waiting", "gone", "failing", "gap"];

export interface Swatch {
    fill: string;
    text: string;
    edge: string;
}

export interface Palette {
    dark: boolean;
    background: string;
    group: string;
    focus: string;
    line: string;
    faint: string;
    text: string;
    muted: string;
    accent: string;
    mark: string;
    warning: string;
    normal: string;
    tones: Record<Ink, Swatch>;
}

export const LIGHT: Palette = {
    dark: false,
    background: "#ffffff",
    group: "#f4f6f9",
    focus: "#e6effc",
    line: "#e3e7ed",
    faint: "#f0f2f6",
    text: "#1b2027",
    muted: "#5a6472",
    accent: "#1f5fbf",
    mark: "#0b6b8a",
    warning: "#b32a12",
    normal: "#5c6b80",
    tones: {
        good: { fill: "#bfe6d3", text: "#0a3d2b", edge: "#25936a" },
        waiting: { fill: "#ffe2a0", text: "#4b3500", edge: "#c28500" },
        failing: { fill: "#c23a22", text: "#ffffff", edge: "#7d1808" },
        ended: { fill: "#d9dde6", text: "#2c333d", edge: "#838d9e" },
        gone: { fill: "#eef0f4", text: "#4d5663", edge: "#a0a8b5" },
        plain: { fill: "#c6dcf7", text: "#0f3358", edge: "#3f7dc0" },
        gap: { fill: "#efe9f8", text: "#3e2b66", edge: "#8465b8" },
    },
};

export const DARK: Palette = {
    dark: true,
    background: "#15181d",
    group: "#1b1f26",
    focus: "#22304a",
    line: "#2a3038",
    faint: "#20242b",
    text: "#e6e9ee",
    muted: "#9ba5b3",
    accent: "#7fb2ff",
    mark: "#5cc6e8",
    warning: "#ff8a70",
    normal: "#93a1b5",
    tones: {
        good: { fill: "#1f5c47", text: "#d8f6e9", edge: "#45c094" },
        waiting: { fill: "#755707", text: "#ffefc9", edge: "#e2ad33" },
        failing: { fill: "#f0705a", text: "#260500", edge: "#ffc0b3" },
        ended: { fill: "#3d444f", text: "#dde2e9", edge: "#7f8a99" },
        gone: { fill: "#23282f", text: "#a4adba", edge: "#5c6673" },
        plain: { fill: "#254b74", text: "#dcebff", edge: "#659fdd" },
        gap: { fill: "#2c2440", text: "#e6dcfa", edge: "#a98fdc" },
    },
};
