// Where "next gap" and "next failure" go: the places of one kind, in order of time.

import { isUnpublished } from "./gaps";
import { GAP, type Row } from "./trail";
import type { Group } from "./tree";
import type { Subject, Timeline } from "./timeline";

export interface Stop {
    at: number;
    to: number;
    order: number;
    subject: Subject | null;
    row: Row | null;
    index: number;
    /** Of a gap of a whole watch. */
    entry: number;
}

export type StopKind = "gap" | "failure";

export function stops(timeline: Timeline, roots: Group[], kind: StopKind): Stop[] {
    const list: Stop[] = [];
    let order = 0;
    const seen = new Set<string>();
    for (const root of roots) {
        for (const object of root.objects) {
            const rows = kind === "failure" ? object.rows.slice(0, 1) : object.rows;
            for (const row of rows) {
                order++;
                const { trail } = row;
                const many = kind === "failure" ? trail.failing : trail.gaps;
                if (many[row.hi] === many[row.lo]) continue;
                for (let i = row.lo; i < row.hi; i++) {
                    if (many[i + 1] === many[i]) continue;
                    // A gap of the whole subject is one stop, not one on each of its tracks.
                    if (kind === "gap" && trail.state[i] === GAP) {
                        if (isUnpublished(timeline.gaps.get(trail.entry[i]!))) continue;
                        const key = `${row.subject.index} ${trail.entry[i]}`;
                        if (seen.has(key)) continue;
                        seen.add(key);
                    }
                    list.push({ at: trail.start[i]!, to: trail.end[i]!, order, subject: row.subject, row, index: i, entry: trail.entry[i]! });
                }
            }
        }
    }
    if (kind === "gap") {
        for (const entry of timeline.watchGaps) {
            const gap = timeline.gaps.get(entry);
            if (gap) list.push({ at: gap.from ?? timeline.began, to: gap.to ?? Infinity, order: -1, subject: null, row: null,
                index: -1, entry });
        }
    }
    return list.sort((a, b) => a.at - b.at || a.order - b.order);
}
