// What each track of a subject was, from when to when: states, spans that were not seen (gaps win over states), and what
// comes after the deletion. Typed arrays, sorted by time within each row, so that drawing searches instead of scanning.

import { Seen, Type } from "../data/format";
import type { Subject, Timeline } from "./timeline";

export const GAP = -1;
export const GONE = -2;
export const ABSENT = -3;

export const Flag = {
    /** Its beginning was not seen: it was there when the watch started. */
    unseenStart: 1,
    /** It began at some time up to its start. */
    vagueStart: 2,
    /** The same state as before the gap, found again after it. */
    resumed: 4,
} as const;

export interface Row {
    subject: Subject;
    track: number;
    trail: Trail;
    /** Its segments are [lo, hi), its ticks [tickLo, tickHi). */
    lo: number;
    hi: number;
    tickLo: number;
    tickHi: number;
}

export interface Trail {
    rows: Row[];
    start: Float64Array;
    /** Infinity: to the end of the recording. */
    end: Float64Array;
    /** An index into the states, or GAP, GONE, ABSENT. */
    state: Int32Array;
    /** The entry with which it began; of a gap the gap. */
    entry: Int32Array;
    flags: Uint8Array;
    /** How many of the segments before an index are failing, and how many are gaps. */
    failing: Int32Array;
    gaps: Int32Array;
    /** Details: another reason or message of the same state. */
    tick: Float64Array;
    tickEntry: Int32Array;
}

class Builder {
    start: number[] = [];
    end: number[] = [];
    state: number[] = [];
    entry: number[] = [];
    flags: number[] = [];
    tick: number[] = [];
    tickEntry: number[] = [];

    clear(): void {
        for (const list of [this.start, this.end, this.state, this.entry, this.flags, this.tick, this.tickEntry]) list.length = 0;
    }

    push(start: number, end: number, state: number, entry: number, flags: number): void {
        this.start.push(start);
        this.end.push(end);
        this.state.push(state);
        this.entry.push(entry);
        this.flags.push(flags);
    }
}

/** One for all subjects: thousands are built when a page opens. */
const scratch = new Builder();

interface Span {
    from: number;
    to: number;
    entry: number;
    track: number;
}

export function buildTrail(timeline: Timeline, subject: Subject): Trail {
    const c = timeline.columns;
    const byTrack = new Map<number, number[]>();
    const gaps: Span[] = [];
    let deleted = -1;
    for (const entry of subject.entries) {
        const track = c.track[entry]!;
        if (c.type[entry] === Type.gap) {
            const gap = timeline.gaps.get(entry);
            if (gap) gaps.push({ from: gap.from ?? timeline.head.started, to: gap.to ?? Infinity, entry, track });
            continue;
        }
        const list = byTrack.get(track);
        if (list) list.push(entry); else byTrack.set(track, [entry]);
        const to = c.to[entry]!;
        if (track === timeline.lifecycle && to >= 0 && timeline.states[to]!.label === "Deleted") deleted = entry;
    }
    gaps.sort((a, b) => a.from - b.from || a.to - b.to);
    // A subject of which only gaps are known has a row for them.
    if (byTrack.size === 0 && gaps.length > 0) byTrack.set(timeline.lifecycle, []);

    const tracks = [...byTrack.keys()].sort((a, b) => compareTracks(timeline, a, b));
    const out = scratch;
    out.clear();
    const rows: Omit<Row, "trail">[] = [];
    for (const track of tracks) {
        const lo = out.start.length;
        const tickLo = out.tick.length;
        addRow(timeline, out, byTrack.get(track)!,
            gaps.length === 0 ? gaps : gaps.filter((gap) => gap.track < 0 || gap.track === track), deleted);
        rows.push({ subject, track, lo, hi: out.start.length, tickLo, tickHi: out.tick.length });
    }
    const size = out.start.length;
    const trail: Trail = {
        rows: [],
        start: Float64Array.from(out.start),
        end: Float64Array.from(out.end),
        state: Int32Array.from(out.state),
        entry: Int32Array.from(out.entry),
        flags: Uint8Array.from(out.flags),
        failing: new Int32Array(size + 1),
        gaps: new Int32Array(size + 1),
        tick: Float64Array.from(out.tick),
        tickEntry: Int32Array.from(out.tickEntry),
    };
    for (let i = 0; i < size; i++) {
        const state = out.state[i]!;
        trail.failing[i + 1] = trail.failing[i]! + (state >= 0 && timeline.states[state]!.tone === "failing" ? 1 : 0);
        trail.gaps[i + 1] = trail.gaps[i]! + (state === GAP ? 1 : 0);
    }
    trail.rows = rows.map((row) => ({ ...row, trail }));
    return trail;
}

export function compareTracks(timeline: Timeline, a: number, b: number): number {
    const x = timeline.tracks[a];
    const y = timeline.tracks[b];
    if (!x || !y) return a - b;
    return x.order - y.order || (x.name < y.name ? -1 : x.name > y.name ? 1 : 0);
}

function codeOf(timeline: Timeline, entry: number): number {
    const state = timeline.columns.to[entry]!;
    return state < 0 || timeline.states[state]!.label === null ? ABSENT : state;
}

function flagsOf({ columns }: Timeline, entry: number): number {
    return (columns.seen[entry] === Seen.initial ? Flag.unseenStart : 0) |
        (columns.since[entry] !== 0 || columns.seen[entry] === Seen.afterGap ? Flag.vagueStart : 0);
}

/** The states of one track, cut by the gaps, up to the deletion. */
function addRow(timeline: Timeline, out: Builder, entries: number[], gaps: Span[], deleted: number): void {
    const c = timeline.columns;
    const deletedAt = deleted < 0 ? Infinity : c.at[deleted]!;
    const begins: number[] = [];
    const first: number[] = [];
    let clock = -Infinity;
    for (const entry of entries) {
        clock = Math.max(clock, c.at[entry]!);
        if (c.type[entry] === Type.detail) {
            out.tick.push(clock);
            out.tickEntry.push(entry);
        } else if (clock < deletedAt || (entry !== deleted && clock === deletedAt)) {
            begins.push(clock);
            first.push(entry);
        }
    }

    if (gaps.length === 0) {
        for (let i = 0; i < begins.length; i++) {
            const entry = first[i]!;
            out.push(begins[i]!, Math.min(begins[i + 1] ?? Infinity, deletedAt), codeOf(timeline, entry), entry, flagsOf(timeline, entry));
        }
        if (deleted >= 0) out.push(deletedAt, Infinity, GONE, deleted, 0);
        return;
    }
    let covered = -Infinity;
    let next = 0;
    const known = begins[0] ?? Infinity;
    const firstSeen = first.length > 0 ? c.seen[first[0]!]! : -1;
    const addGap = (gap: Span, until: number): void => {
        const from = Math.max(gap.from, covered);
        const to = Math.min(gap.to, until);
        // A gap from before the track was first seen is not about it, unless it was found at the gap's end.
        if (gap.to < known || (gap.to === known && firstSeen !== Seen.afterGap && gap.from < known)) return;
        if (to < from) return;
        out.push(from, to, GAP, gap.entry, 0);
        covered = to;
    };

    for (let i = 0; i < begins.length; i++) {
        const entry = first[i]!;
        const begin = begins[i]!;
        const end = Math.min(begins[i + 1] ?? Infinity, deletedAt);
        let position = Math.max(begin, covered);
        let resumed = false;
        let swallowed = position >= end && covered > begin;
        const code = codeOf(timeline, entry);
        const flags = flagsOf(timeline, entry);
        const addState = (to: number): void => {
            out.push(position, to, code, entry, resumed ? Flag.resumed : flags);
        };
        while (next < gaps.length && !swallowed) {
            const gap = gaps[next]!;
            if (gap.from > end || (gap.from === end && i + 1 < begins.length)) break;
            next++;
            // Where a transition follows an endless gap, the track was seen again then.
            const until = gap.to === Infinity ? Math.min(begins.find((t) => t > gap.from) ?? Infinity, deletedAt) : deletedAt;
            if (gap.from > position) {
                addState(gap.from);
                resumed = true;
            }
            addGap(gap, until);
            if (covered > begin) resumed = true;
            position = Math.max(position, covered);
            swallowed = position >= end && position > begin;
        }
        if (!swallowed) addState(end);
    }
    for (; next < gaps.length; next++) addGap(gaps[next]!, deletedAt);
    if (deleted >= 0) out.push(Math.max(deletedAt, covered), Infinity, GONE, deleted, 0);
}

/** The first index in [lo, hi) whose value is at least, or with `above` greater than, `value`. */
export function lowerBound(values: Float64Array, lo: number, hi: number, value: number, above = false): number {
    while (lo < hi) {
        const middle = (lo + hi) >> 1;
        if (above ? values[middle]! <= value : values[middle]! < value) lo = middle + 1; else hi = middle;
    }
    return lo;
}
