// What each track of a subject was, from when to when: states, spans that were not seen (gaps win over states), and what
// comes after the deletion. Typed arrays, sorted by time within each row, so that drawing searches instead of scanning.

import { Seen, Type } from "../data/format";
import type { Subject, Timeline } from "./timeline";

export const GAP = -1;
export const GONE = -2;
export const ABSENT = -3;
/** A change was seen later than it happened: whether it had happened by then is not known. */
export const VAGUE = -4;
/** Its watch is not followed at the moment. */
export const UNFOLLOWED = -5;
/** Its server no longer holds since when it was so. */
export const UNHELD = -6;

export const Flag = {
    /** Its beginning was not seen: it was there when the watch started. */
    unseenStart: 1,
    /** When it began is not known exactly. */
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
    /** An index into the states, or GAP, GONE, ABSENT, VAGUE, UNFOLLOWED, UNHELD. */
    state: Int32Array;
    /** The entry with which it began; of a gap the gap, of VAGUE and UNHELD what was entered, of UNFOLLOWED -1. */
    entry: Int32Array;
    flags: Uint8Array;
    /** How many of the segments before an index are failing, and how many were not seen. */
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
    const deletions: number[] = [];
    let lastAt = -Infinity;
    for (const entry of subject.entries) {
        const track = c.track[entry]!;
        if (c.type[entry] === Type.gap) {
            const gap = timeline.gaps.get(entry);
            if (gap) gaps.push({ from: gap.from ?? timeline.began, to: gap.to ?? Infinity, entry, track });
            continue;
        }
        const list = byTrack.get(track);
        if (list) list.push(entry); else byTrack.set(track, [entry]);
        if (timeline.isDeletion(entry)) deletions.push(entry);
        lastAt = Math.max(lastAt, c.at[entry]!);
    }
    gaps.sort((a, b) => a.from - b.from || a.to - b.to);
    // A subject of which only gaps are known has a row for them.
    if (byTrack.size === 0 && gaps.length > 0) byTrack.set(timeline.lifecycle, []);

    const tracks = [...byTrack.keys()].sort((a, b) => compareTracks(timeline, a, b));
    const out = scratch;
    out.clear();
    // What was delivered after the trouble began, a reconnected stream delivered: until then everything was seen.
    const unfollowed = Math.max(timeline.unfollowedSince(subject), lastAt);
    const rows: Omit<Row, "trail">[] = [];
    for (const track of tracks) {
        const lo = out.start.length;
        const tickLo = out.tick.length;
        addRow(timeline, out, byTrack.get(track)!,
            gaps.length === 0 ? gaps : gaps.filter((gap) => gap.track < 0 || gap.track === track), deletions, unfollowed);
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
        trail.gaps[i + 1] = trail.gaps[i]! + (state === GAP || state === UNFOLLOWED ? 1 : 0);
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

/** The states of one track, up to the deletion, cut by what was not seen. The same as `show --at` says of each moment. */
function addRow(timeline: Timeline, out: Builder, entries: number[], gaps: Span[], deletions: number[], unfollowed: number): void {
    const c = timeline.columns;
    const begins: number[] = [];
    const codes: number[] = [];
    const first: number[] = [];
    /** Spans in which an entry may have happened already, or not. */
    const vague: Span[] = [];
    let clock = -Infinity;
    let earliest = Infinity;
    let nextDeletion = 0;
    const begin = (entry: number, code: number): void => {
        clock = Math.max(clock, c.at[entry]!);
        const since = c.since[entry]!;
        if (since !== 0 || c.seen[entry] === Seen.initial) {
            const from = since > 0 ? c.at[entry]! - since : -Infinity;
            if (begins.length === 0) earliest = from;
            if ((begins.length > 0 || since > 0) && from < clock) vague.push({ from, to: clock, entry, track: c.track[entry]! });
        }
        begins.push(clock);
        codes.push(code);
        first.push(entry);
    };
    for (const entry of entries) {
        for (; nextDeletion < deletions.length && deletions[nextDeletion]! <= entry; nextDeletion++) {
            if (begins.length > 0) begin(deletions[nextDeletion]!, GONE);
        }
        if (c.type[entry] === Type.detail) {
            clock = Math.max(clock, c.at[entry]!);
            out.tick.push(clock);
            out.tickEntry.push(entry);
        } else if (entry !== deletions[nextDeletion - 1]) {
            begin(entry, codeOf(timeline, entry));
        } else if (begins.length === 0) {
            begin(entry, GONE);
        }
    }
    for (; nextDeletion < deletions.length; nextDeletion++) if (begins.length > 0) begin(deletions[nextDeletion]!, GONE);

    const count = begins.length;
    // What it was before came with an entry that is no longer held.
    if (count > 0 && timeline.missed > 0 && c.from[first[0]!]! >= 0 && timeline.began < Math.min(begins[0]!, earliest)) {
        out.push(timeline.began, Math.min(begins[0]!, earliest), UNHELD, first[0]!, 0);
    }
    if (gaps.length === 0 && vague.length === 0 && unfollowed === Infinity) {
        for (let i = 0; i < count; i++) {
            out.push(begins[i]!, begins[i + 1] ?? Infinity, codes[i]!, first[i]!, codes[i] === GONE ? 0 : flagsOf(timeline, first[i]!));
        }
        return;
    }
    const cover = covers(gaps, vague, unfollowed);
    if (count === 0) {
        for (const piece of cover) out.push(piece.from, piece.to, piece.code, piece.entry, 0);
        return;
    }
    for (const piece of cover) {
        const from = Math.max(piece.from, earliest);
        const to = Math.min(piece.to, begins[0]!);
        if (from < to) out.push(from, to, piece.code, piece.entry, 0);
    }
    let next = 0;
    for (let i = 0; i < count; i++) {
        const start = begins[i]!;
        const end = begins[i + 1] ?? Infinity;
        const entry = first[i]!;
        const code = codes[i]!;
        const flags = code === GONE ? 0 : flagsOf(timeline, entry);
        let position = start;
        let shown = 0;
        const show = (to: number): void => {
            out.push(position, to, code, entry, shown > 0 ? Flag.resumed : flags);
            shown++;
        };
        while (next < cover.length && cover[next]!.to <= start && cover[next]!.from < start) next++;
        for (let k = next; k < cover.length; k++) {
            const piece = cover[k]!;
            if (piece.from > end || (piece.from === end && i + 1 < count)) break;
            // What was deleted stays so. A gap that ended before the track was first seen is not about it.
            if (code === GONE || (piece.code === GAP && piece.entry < first[0]!)) continue;
            const from = Math.max(piece.from, position);
            const to = Math.min(piece.to, end);
            if (to < from || (to === from && piece.from !== piece.to)) continue;
            // It was entered within what was not seen: no time is claimed for it.
            if (from > position || shown === 0) show(from);
            out.push(from, to, piece.code, piece.entry, 0);
            position = to;
        }
        if (position < end || shown === 0) show(end);
    }
}

interface Piece {
    from: number;
    to: number;
    code: number;
    entry: number;
}

/** What hides states: gaps, then what is vague, then what is not followed now; in order, without overlaps. */
function covers(gaps: Span[], vague: Span[], unfollowed: number): Piece[] {
    const list: Piece[] = [];
    let covered = -Infinity;
    for (const { from, to, entry } of gaps) {
        const begin = Math.max(from, covered);
        if (to < begin || (to === begin && from !== to)) continue;
        list.push({ from: begin, to, code: GAP, entry });
        covered = to;
    }
    if (covered < Infinity && unfollowed < Infinity) list.push({ from: Math.max(unfollowed, covered), to: Infinity, code: UNFOLLOWED, entry: -1 });
    const hidden = list.length;
    covered = -Infinity;
    for (const span of vague.sort((a, b) => a.from - b.from || a.to - b.to)) {
        let from = Math.max(span.from, covered);
        covered = Math.max(covered, span.to);
        for (let i = 0; i < hidden && from < span.to; i++) {
            const piece = list[i]!;
            if (piece.to <= from) continue;
            if (piece.from >= span.to) break;
            if (piece.from > from) list.push({ from, to: piece.from, code: VAGUE, entry: span.entry });
            from = Math.max(from, piece.to);
        }
        if (from < span.to) list.push({ from, to: span.to, code: VAGUE, entry: span.entry });
    }
    return hidden === list.length ? list : list.sort((a, b) => a.from - b.from || a.to - b.to);
}

/** The first index in [lo, hi) whose value is at least, or with `above` greater than, `value`. */
export function lowerBound(values: Float64Array, lo: number, hi: number, value: number, above = false): number {
    while (lo < hi) {
        const middle = (lo + hi) >> 1;
        if (above ? values[middle]! <= value : values[middle]! < value) lo = middle + 1; else hi = middle;
    }
    return lo;
}
