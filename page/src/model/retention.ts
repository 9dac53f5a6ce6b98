// A page that follows a recorder for days keeps its newest entries, and of the older ones only what still holds.

import { Seen, Type, type State } from "../data/format";
import { Columns } from "./columns";
import type { Timeline } from "./timeline";

/** Drops all but the newest `keep` entries, and what the tracks were in at that moment: since when is then not known. */
export function dropOldest(timeline: Timeline, keep: number): void {
    const old = timeline.columns;
    const first = old.length - keep;
    if (first <= 0) return;
    const cutoff = old.at[first]!;
    const kept = stillHolds(timeline, first, cutoff);
    const columns = new Columns();
    columns.reserve(kept.length + keep);
    const states: State[] = [];
    const stateOf = new Map<number, number>();
    const state = (index: number): number => {
        if (index < 0) return index;
        let now = stateOf.get(index);
        if (now === undefined) stateOf.set(index, now = states.push(timeline.states[index]!) - 1);
        return now;
    };
    const subjects = timeline.subjects;
    const [gaps, events, leases] = [new Map(timeline.gaps), new Map(timeline.events), new Map(timeline.leases)];
    const names = new Map(timeline.marks.map(({ entry, name }) => [entry, name]));
    for (const map of [timeline.gaps, timeline.events, timeline.leases]) map.clear();
    timeline.marks = [];
    timeline.watchGaps = [];
    timeline.subjects = [];
    for (const subject of subjects) Object.assign(subject, { entries: [], events: [], trail: null, first: null, index: -1 });
    const add = (i: number): void => {
        const n = columns.length++;
        const held = i < first && old.type[i] === Type.transition;
        columns.type[n] = old.type[i]!;
        columns.seq[n] = old.seq[i]!;
        columns.at[n] = held ? cutoff : old.at[i]!;
        columns.track[n] = old.track[i]!;
        columns.from[n] = state(old.from[i]!);
        columns.to[n] = state(old.to[i]!);
        columns.seen[n] = held && old.seen[i] !== Seen.initial ? Seen.live : old.seen[i]!;
        columns.since[n] = held ? -1 : old.since[i]!;
        columns.version.push(old.version[i]!);
        const subject = subjects[old.subject[i]!];
        if (subject) {
            if (subject.index < 0) subject.index = timeline.subjects.push(subject) - 1;
            (old.type[i] === Type.event ? subject.events : subject.entries).push(n);
        } else if (old.type[i] === Type.gap) {
            timeline.watchGaps.push(n);
        }
        columns.subject[n] = subject?.index ?? -1;
        const gap = gaps.get(i);
        if (gap) timeline.gaps.set(n, i < first ? { ...gap, from: Math.max(gap.from ?? cutoff, cutoff) } : gap);
        const event = events.get(i);
        if (event) timeline.events.set(n, event);
        const lease = leases.get(i);
        if (lease) timeline.leases.set(n, lease);
        const name = names.get(i);
        if (name !== undefined) timeline.marks.push({ entry: n, name });
    };
    for (const entry of kept) add(entry);
    for (let i = first; i < old.length; i++) add(i);
    timeline.columns = columns;
    timeline.states = states;
    timeline.renumbered(first - kept.length, cutoff);
}

/** Of the entries before an index: the last transition of each track, unless its subject was deleted, and open gaps. */
function stillHolds(timeline: Timeline, first: number, cutoff: number): number[] {
    const { columns: c, tracks } = timeline;
    const held = new Map<number, number>();
    const gaps: number[] = [];
    const many = tracks.length;
    for (let i = 0; i < first; i++) {
        if (c.type[i] === Type.gap) {
            if ((timeline.gaps.get(i)?.to ?? Infinity) > cutoff) gaps.push(i);
        } else if (timeline.isDeletion(i)) {
            for (let track = 0; track < many; track++) held.delete(c.subject[i]! * many + track);
        } else if (c.type[i] === Type.transition) {
            held.set(c.subject[i]! * many + c.track[i]!, i);
        }
    }
    return [...held.values(), ...gaps].sort((a, b) => a - b);
}
