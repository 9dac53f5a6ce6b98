// What an object's first track was, without building the trail of all its tracks: groups and the overview ask it of thousands.

import { Seen, Type } from "../data/format";
import { ABSENT, compareTracks, GONE } from "./trail";
import type { ObjectNode } from "./tree";
import type { Timeline } from "./timeline";

export type Visit = (start: number, end: number, code: number) => void;

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
        if (object.whole && object.subject.trail === null && this.simple(object, visit)) return;
        const [row] = object.rows;
        if (!row) return;
        const { start, end, state } = row.trail;
        for (let i = row.lo; i < row.hi; i++) visit(start[i]!, end[i]!, state[i]!);
    }

    /** False, and nothing visited: a gap, a late delivery or a return after the deletion needs the trail. */
    private simple({ subject: { entries }, subject }: ObjectNode, visit: Visit): boolean {
        const { timeline } = this;
        const c = timeline.columns;
        if (this.rank.length !== timeline.tracks.length) this.rank = ranks(timeline);
        const { rank } = this;
        if (timeline.unfollowedSince(subject) < Infinity) return false;
        let main = -1;
        let deleted = -1;
        for (const entry of entries) {
            const type = c.type[entry]!;
            if (type === Type.gap || c.since[entry] !== 0 || deleted >= 0) return false;
            const track = c.track[entry]!;
            if (main < 0 || rank[track]! < rank[main]!) main = track;
            if (track === timeline.lifecycle && timeline.isDeletion(entry)) deleted = entry;
        }
        let before = -1;
        for (const entry of entries) {
            if (c.track[entry] !== main || c.type[entry] !== Type.transition) continue;
            if (before >= 0 && (c.seen[entry] === Seen.initial || c.at[entry]! < c.at[before]!)) return false;
            before = entry;
        }
        if (before < 0 || (deleted >= 0 && c.at[deleted]! < c.at[before]!)) return false;
        before = -1;
        const show = (until: number): void => {
            const state = c.to[before]!;
            visit(c.at[before]!, until, before === deleted ? GONE : state < 0 || timeline.states[state]!.label === null ? ABSENT : state);
        };
        for (const entry of entries) {
            if (c.track[entry] !== main || c.type[entry] !== Type.transition) continue;
            if (before >= 0) show(c.at[entry]!);
            before = entry;
        }
        show(deleted >= 0 && before !== deleted ? c.at[deleted]! : Infinity);
        if (deleted >= 0 && before !== deleted) visit(c.at[deleted]!, Infinity, GONE);
        return true;
    }
}
