// How long a state lasted, as far as that is known. Exact only if both ends were seen as they happened, and no gap was
// between them; otherwise bounds, never a guess: the same as `show -o csv` says. Times are on the recorder's monotonic clock, so their differences are lengths.

import { Seen, Type } from "../data/format";
import { ABSENT, Flag, GAP, UNFOLLOWED, VAGUE, type Row } from "./trail";
import type { Timeline } from "./timeline";

/** Microseconds. `max` is Infinity where nothing limits it. Null: the recording has no durations. */
export interface Stay {
    min: number;
    max: number;
    /** It had not ended when the recording did. */
    open: boolean;
}

const SECOND = 1e6;

export function isExact(stay: Stay): boolean {
    return stay.min === stay.max && !stay.open;
}

/** What ended the state that an entry began: the next transition or the deletion, and the first gap before that. */
function ended(timeline: Timeline, row: Row, entry: number): { by: number; gap: number } {
    const { entries } = row.subject;
    const c = timeline.columns;
    let gap = -1;
    for (let k = placeOf(entries, entry) + 1; k < entries.length; k++) {
        const other = entries[k]!;
        const track = c.track[other]!;
        if (c.type[other] === Type.gap) {
            if (gap < 0 && (track < 0 || track === row.track)) gap = other;
        } else if (c.type[other] === Type.transition && (track === row.track || timeline.isDeletion(other))) {
            return { by: other, gap };
        }
    }
    return { by: -1, gap };
}

function placeOf(sorted: number[], value: number): number {
    let lo = 0;
    let hi = sorted.length;
    while (lo < hi) {
        const middle = (lo + hi) >> 1;
        if (sorted[middle]! < value) lo = middle + 1; else hi = middle;
    }
    return lo;
}

/** How long the state was held that the segment at `i` is part of. Null: it is no state, or the recording has no durations. */
export function stay(timeline: Timeline, row: Row, i: number): Stay | null {
    const state = row.trail.state[i]!;
    if (timeline.head.durations === "unknown" || (state < 0 && state !== ABSENT)) return null;
    const c = timeline.columns;
    const entry = row.trail.entry[i]!;
    const at = c.at[entry]!;
    const since = c.since[entry]!;
    const { by, gap } = ended(timeline, row, entry);
    const seen = c.seen[entry]!;
    const unseenBegin = since < 0 || seen === Seen.initial || (seen === Seen.afterGap && since === 0);
    const earliest = unseenBegin ? -Infinity : at - since;
    let min = 0;
    let max = Infinity;
    if (by >= 0) {
        const left = c.at[by]!;
        const leftSince = c.since[by]!;
        min = Math.max(0, (leftSince < 0 ? -Infinity : left - leftSince) - at);
        max = Math.max(min, left - earliest);
    }
    if (gap >= 0) {
        // It may have ended in the gap.
        min = Math.max(0, (timeline.gaps.get(gap)?.from ?? at) - at);
    } else if (by < 0) {
        const { trail } = row;
        let seenUntil = timeline.head.last;
        for (let k = i; k < row.hi; k++) if (trail.state[k] === UNFOLLOWED) seenUntil = trail.start[k]!;
        min = Math.max(0, seenUntil - at);
    }
    const open = by < 0 || gap >= 0;
    if (timeline.head.durations === "stamped") {
        min = Math.max(0, min - SECOND);
        max += SECOND;
    }
    return { min, max, open };
}

/** How long a label was held within a span of time. */
export interface Held {
    label: string;
    tone: string;
    min: number;
    max: number;
    times: number;
}

export interface SpanTotals {
    /** By label, longest first. */
    held: Held[];
    /** Microseconds of the span that were not seen. */
    unseen: number;
    length: number;
}

/** Of the span [from, to]: what the row's states add up to. Null: no durations. */
export function totals(timeline: Timeline, row: Row, from: number, to: number): SpanTotals | null {
    if (timeline.head.durations === "unknown") return null;
    const a = from;
    const b = Math.min(to, timeline.head.last);
    const { trail } = row;
    const byLabel = new Map<string, Held>();
    let unseen = 0;
    /** In which one of two states, or of several, was held. */
    let vague = 0;
    const overlap = (x: number, y: number): number => Math.max(0, Math.min(y, b) - Math.max(x, a));
    for (let i = row.lo; i < row.hi; i++) {
        const code = trail.state[i]!;
        const start = trail.start[i]!;
        const end = trail.end[i]!;
        if (start > to) break;
        if (code === GAP || code === UNFOLLOWED) unseen += overlap(start, end);
        if (code === VAGUE) vague += overlap(start, end);
        if (i === row.lo && (trail.flags[i]! & (Flag.unseenStart | Flag.vagueStart)) !== 0) vague += overlap(-Infinity, start);
        if (code < 0) continue;
        const min = overlap(start, end);
        const inside = start >= a && start <= b;
        if (min === 0 && !inside) continue;
        const { label, tone } = timeline.states[code]!;
        const held = byLabel.get(label ?? "") ?? { label: label ?? "", tone, min: 0, max: 0, times: 0 };
        const slack = timeline.head.durations === "stamped" ? SECOND : 0;
        held.min += Math.max(0, min - slack);
        held.max += min + slack;
        if ((trail.flags[i]! & Flag.resumed) === 0 || held.times === 0) held.times++;
        byLabel.set(held.label, held);
    }
    const length = Math.max(0, b - a);
    const held = [...byLabel.values()];
    for (const h of held) h.max = Math.min(length, h.max + unseen + vague);
    held.sort((x, y) => y.min - x.min || y.max - x.max);
    return { held, unseen, length };
}
