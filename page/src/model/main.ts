// What an object's first track was, without building the trail of all its tracks: groups and the overview ask it of thousands.

import { Seen, Type } from "../data/format";
import { ABSENT, compareTracks, GONE } from "./trail";
import type { ObjectNode } from "./tree";
import type { Subject, Timeline } from "./timeline";

export type Visit = (start: number, end: number, code: number) => void;

/** What a row shows from its start to its end: a state, or one of the codes of a trail. */
export interface Segments {
    start: number[];
    end: number[];
    code: number[];
}

/** The tracks in reading order: the rank of each. */
function ranks(timeline: Timeline): Int32Array {
    const order = timeline.tracks.map((_, i) => i).sort((a, b) => compareTracks(timeline, a, b));
    const rank = new Int32Array(order.length);
    order.forEach((track, i) => { rank[track] = i; });
    return rank;
}

export class MainTracks {
    private rank: Int32Array = new Int32Array(0);

    constructor(private readonly timeline: Timeline) {}

    /** The segments of the first row, as its trail has them. */
    visit(object: ObjectNode, visit: Visit): void {
        const { subject } = object;
        if (object.whole && subject.trail === null && (subject.first ??= this.simple(subject))) {
            const { start, end, code } = subject.first;
            for (let i = 0; i < code.length; i++) visit(start[i]!, end[i]!, code[i]!);
            return;
        }
        const [row] = object.rows;
        if (!row) return;
        const { start, end, state } = row.trail;
        for (let i = row.lo; i < row.hi; i++) visit(start[i]!, end[i]!, state[i]!);
    }

    /** Null: a gap, a late delivery or a return after the deletion needs the trail. */
    private simple(subject: Subject): Segments | null {
        const { timeline } = this;
        const c = timeline.columns;
        if (this.rank.length !== timeline.tracks.length) this.rank = ranks(timeline);
        const { rank } = this;
        if (timeline.missed > 0 || timeline.unfollowedSince(subject) < Infinity) return null;
        let main = -1;
        let deleted = -1;
        const list: number[] = [];
        for (const entry of subject.entries) {
            const type = c.type[entry]!;
            if (type === Type.gap || c.since[entry] !== 0 || deleted >= 0) return null;
            const track = c.track[entry]!;
            if (main < 0 || rank[track]! < rank[main]!) {
                main = track;
                list.length = 0;
            }
            if (track === timeline.lifecycle && timeline.isDeletion(entry)) deleted = entry;
            if (track !== main || type !== Type.transition) continue;
            const before = list.at(-1);
            if (before !== undefined && (c.seen[entry] === Seen.initial || c.at[entry]! < c.at[before]!)) return null;
            list.push(entry);
        }
        const last = list.at(-1);
        if (last === undefined || (deleted >= 0 && c.at[deleted]! < c.at[last]!)) return null;
        if (deleted >= 0 && last !== deleted) list.push(deleted);
        const code = (entry: number): number => {
            const state = c.to[entry]!;
            return entry === deleted ? GONE : state < 0 || timeline.states[state]!.label === null ? ABSENT : state;
        };
        const start = list.map((entry) => c.at[entry]!);
        return { start, end: [...start.slice(1), Infinity], code: list.map(code) };
    }
}
