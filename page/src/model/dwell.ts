// How long a state lasted, as far as that is known. Exact only if both ends were seen as they happened, and no gap was
// between them; otherwise bounds, never a guess: the same as `show` says. Times are on the recorder's monotonic clock, so their
// differences are lengths; or they are stamps of the writers' clocks, and no length is exact.

import { Seen, Type, type State } from "../data/format";
import { isUnpublished } from "./gaps";
import { bounds } from "./times";
import { ABSENT, Flag, GAP, GONE, UNFOLLOWED, UNHELD, VAGUE, type Row } from "./trail";
import type { Timeline } from "./timeline";

/** Microseconds. `max` is Infinity where nothing limits it. Null: the recording has no durations. */
export interface Stay {
    min: number;
    max: number;
    /** It had not ended when the recording did. */
    open: boolean;
    /** By the writers' clocks, in whole seconds. */
    stamped: boolean;
}

export function isExact(stay: Stay): boolean {
    return stay.min === stay.max && !stay.open && !stay.stamped;
}

/** "0.23s", "0.20s to 1.40s"; "~5.00s" by the writers' clocks, "?" if these are equal: they have whole seconds. */
export function lengthText({ min, max, stamped }: Pick<Stay, "min" | "max" | "stamped">): string {
    if (stamped && max === 0) return "?";
    const text = bounds(min, max);
    return stamped ? text.replace(/\d/, "~$&") : text;
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
    if ((row.trail.flags[i]! & Flag.resumed) !== 0) {
        // Whether it is the same stay as before the gap is not known: what was seen of it since then is the least.
        const { start, end } = row.trail;
        min = Math.max(0, Math.min(end[i]!, timeline.head.last) - start[i]!);
    } else if (gap >= 0) {
        // It may have ended in the gap.
        min = Math.max(0, (timeline.gaps.get(gap)?.from ?? at) - at);
    } else if (by < 0) {
        const { trail } = row;
        let seenUntil = timeline.head.last;
        for (let k = i; k < row.hi; k++) if (trail.state[k] === UNFOLLOWED) seenUntil = trail.start[k]!;
        min = Math.max(0, seenUntil - at);
    }
    const open = by < 0 || gap >= 0;
    return { min, max, open, stamped: timeline.head.durations === "stamped" };
}

/** How long a label was held within a span of time. */
export interface Held {
    label: string;
    tone: string;
    min: number;
    max: number;
    times: number;
    /** Not all was seen: it may have been entered more often. */
    orMore: boolean;
}

export interface SpanTotals {
    /** By label, longest first. */
    held: Held[];
    /** Microseconds of the span that were not seen. */
    unseen: number;
    /** And in which something happened that the server never published. */
    unpublished: number;
    length: number;
}

/** Of the span [from, to]: what the row's states add up to. Null: no durations. */
export function totals(timeline: Timeline, row: Row, from: number, to: number): SpanTotals | null {
    if (timeline.head.durations === "unknown") return null;
    const b = Math.min(to, timeline.head.last);
    const { trail } = row;
    const byLabel = new Map<string, Held>();
    let unseen = 0;
    let unpublished = 0;
    let orMore = false;
    /** In which any state may have been held. */
    let any = 0;
    /** A time in which one of a few states was held. */
    let run = 0;
    let candidates: State[] = [];
    let before: State | null = null;
    const overlap = (x: number, y: number): number => Math.max(0, Math.min(y, b) - Math.max(x, from));
    const add = (state: State, min: number, max: number, times: number): void => {
        const label = state.label ?? "";
        const held = byLabel.get(label) ?? { label, tone: state.tone, min: 0, max: 0, times: 0, orMore: false };
        held.min += min;
        held.max += max;
        held.times += times;
        byLabel.set(label, held);
    };
    const settle = (): void => {
        if (run > 0) for (const state of new Map(candidates.map((state) => [state.label, state])).values()) add(state, 0, run, 0);
        run = 0;
        candidates = [];
    };
    for (let i = row.lo; i < row.hi; i++) {
        const code = trail.state[i]!;
        const start = trail.start[i]!;
        const end = trail.end[i]!;
        if (start > to) break;
        const min = overlap(start, end);
        const inside = start >= from && start <= b;
        if (code === GAP || code === UNFOLLOWED) {
            // What was in doubt before it, or is after it, may be of any state, too.
            any += run;
            run = 0;
            candidates = [];
            before = null;
            if (code === GAP && isUnpublished(timeline.gaps.get(trail.entry[i]!))) unpublished += min; else unseen += min;
            orMore ||= min > 0 || inside;
        } else if (code === UNHELD) {
            any += min;
        } else if (code === VAGUE) {
            if (before) candidates.push(before);
            before = null;
            run += min;
        } else if (i === row.lo && (trail.flags[i]! & (Flag.unseenStart | Flag.vagueStart)) !== 0) {
            any += overlap(-Infinity, start);
        }
        if (code === ABSENT || code === GONE) {
            settle();
            before = null;
        }
        if (code < 0) continue;
        const state = timeline.states[code]!;
        if (candidates.length > 0 || run > 0) {
            candidates.push(state);
            if (start !== end || trail.state[i + 1] !== VAGUE || i + 1 >= row.hi) settle();
        }
        before = state;
        if (min > 0 || inside) {
            const known = byLabel.has(state.label ?? "");
            add(state, min, min, (trail.flags[i]! & Flag.resumed) === 0 || !known ? 1 : 0);
        }
    }
    settle();
    const length = Math.max(0, b - from);
    const held = [...byLabel.values()];
    for (const h of held) {
        h.max = Math.min(length, h.max + unseen + unpublished + any);
        h.orMore = orMore;
    }
    held.sort((x, y) => y.min - x.min || y.max - x.max);
    return { held, unseen, unpublished, length };
}
