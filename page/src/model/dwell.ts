// How long a state lasted, as far as that is known. Exact only if both ends were seen as they happened; otherwise bounds,
// never a guess. Times are on the recorder's monotonic clock, so their differences are lengths.

import { Seen } from "../data/format";
import { ABSENT, GAP, GONE, type Row } from "./trail";
import type { Timeline } from "./timeline";

/** Microseconds. `max` is Infinity where nothing limits it. Null: the recording has no durations. */
export interface Stay {
    min: number;
    max: number;
    /** It had not ended when the recording did. */
    open: boolean;
}

/** A moment that lies in [min, max], in microseconds. */
interface Moment {
    min: number;
    max: number;
}

const SECOND = 1e6;

export function isExact(stay: Stay): boolean {
    return stay.min === stay.max && !stay.open;
}

/** When the segment at `i` of the row began. */
function beginning(timeline: Timeline, row: Row, i: number): Moment {
    const { trail } = row;
    const c = timeline.columns;
    const entry = trail.entry[i]!;
    const before = i > row.lo ? i - 1 : -1;
    const floor = before < 0 ? -Infinity : trail.start[before]!;
    if (before >= 0 && trail.state[before] === GAP) {
        // At some time within the gap, or before it, if the state is the one from before.
        return { min: floor, max: trail.start[i]! };
    }
    const elapsed = c.at[entry]!;
    const since = c.since[entry]!;
    const seen = c.seen[entry]!;
    if (seen === Seen.initial || since < 0) return { min: before < 0 ? -Infinity : floor, max: elapsed };
    return { min: elapsed - since, max: elapsed };
}

/** When the segment at `i` ended, and whether that is known. */
function ending(timeline: Timeline, row: Row, i: number): Moment & { open: boolean } {
    const { trail } = row;
    const c = timeline.columns;
    const after = i + 1;
    if (after >= row.hi) return { min: timeline.head.last, max: Infinity, open: true };
    if (trail.state[after] === GAP) {
        const to = trail.end[after]!;
        const resumes = after + 1 < row.hi && trail.entry[after + 1] === trail.entry[i];
        return {
            min: trail.start[after]!,
            // Found again after the gap: it may have been held all the time, and longer.
            max: resumes || to === Infinity ? Infinity : to,
            open: resumes || to === Infinity,
        };
    }
    const entry = trail.entry[after]!;
    const elapsed = c.at[entry]!;
    const since = c.since[entry]!;
    return { min: since < 0 ? trail.start[i]! : elapsed - since, max: elapsed, open: false };
}

/** Null for recordings without durations, and for segments that are no states. */
export function stay(timeline: Timeline, row: Row, i: number): Stay | null {
    const state = row.trail.state[i]!;
    if (timeline.head.durations === "unknown" || state === GONE || state === GAP || state === ABSENT) return null;
    const from = beginning(timeline, row, i);
    const to = ending(timeline, row, i);
    let min = Math.max(0, to.min - from.max);
    let max = Math.max(min, to.max - from.min);
    if (timeline.head.durations === "stamped") {
        min = Math.max(0, min - SECOND);
        max += SECOND;
    }
    return { min, max, open: to.open };
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

/** Of the span [from, to] on the wall clock: what the row's states add up to. Null: no durations. */
export function totals(timeline: Timeline, row: Row, from: number, to: number): SpanTotals | null {
    if (timeline.head.durations === "unknown") return null;
    const a = from;
    const b = Math.min(to, timeline.head.last);
    const { trail } = row;
    const byLabel = new Map<string, Held>();
    let unseen = 0;
    const overlap = (x: number, y: number): number => Math.max(0, Math.min(y, b) - Math.max(x, a));
    for (let i = row.lo; i < row.hi; i++) {
        const code = trail.state[i]!;
        if (trail.start[i]! > to) break;
        if (code === GAP) {
            const end = trail.end[i]!;
            unseen += overlap(trail.start[i]!, end === Infinity ? b : end);
        }
        if (code < 0) continue;
        const begin = beginning(timeline, row, i);
        const end = ending(timeline, row, i);
        // What may have happened in a gap is added below, for every label alike.
        const inGap = i > row.lo && trail.state[i - 1] === GAP;
        const beforeGap = i + 1 < row.hi && trail.state[i + 1] === GAP;
        const last = i + 1 >= row.hi;
        const earliest = inGap ? begin.max : begin.min === -Infinity ? begin.max : begin.min;
        const latest = beforeGap || last ? end.min : end.max;
        const min = overlap(begin.max, end.min);
        let max = Math.max(min, overlap(earliest, latest));
        if (begin.min === -Infinity) max = Math.max(max, overlap(-Infinity, latest));
        if (max === 0 && !(begin.max >= a && begin.max <= b)) continue;
        const { label, tone } = timeline.states[code]!;
        const held = byLabel.get(label ?? "") ?? { label: label ?? "", tone, min: 0, max: 0, times: 0 };
        const slack = timeline.head.durations === "stamped" ? SECOND : 0;
        held.min += Math.max(0, min - slack);
        held.max += max + slack;
        held.times++;
        byLabel.set(held.label, held);
    }
    const length = Math.max(0, b - a);
    const held = [...byLabel.values()];
    for (const h of held) h.max = Math.min(length, h.max + unseen);
    held.sort((x, y) => y.min - x.min || y.max - x.max);
    return { held, unseen, length };
}
