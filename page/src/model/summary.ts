// What a collapsed group shows: when any of its objects was failing, waiting or not seen, as spans in order.

import type { MainTracks } from "./main";
import { ABSENT, GAP, GONE } from "./trail";
import { kindOf, sameNamespace, type Group } from "./tree";
import type { Timeline } from "./timeline";

/** `doubt`: one of them may have changed already, or is not followed. */
export const Band = { active: 0, waiting: 1, failing: 2, gap: 3, doubt: 4 } as const;

export interface Summary {
    /** For each band, spans that do not touch, in order. */
    bands: { start: Float64Array; end: Float64Array }[];
    /** Gaps of whole watches that are about this group. */
    watchGaps: { start: number; end: number; entry: number }[];
}

export function summarize(timeline: Timeline, group: Group, main: MainTracks): Summary {
    const spans: number[][] = [[], [], [], [], []];
    for (const object of group.objects) {
        main.visit(object, (start, end, code) => {
            if (code === GONE || code === ABSENT) return;
            const tone = code >= 0 ? timeline.states[code]!.tone : null;
            const band = code === GAP ? Band.gap : tone === null ? Band.doubt : tone === "failing" ? Band.failing : tone === "waiting" ? Band.waiting : Band.active;
            spans[band]!.push(start, end);
        });
    }
    return { bands: spans.map(union), watchGaps: watchGaps(timeline, group) };
}

export function watchGaps(timeline: Timeline, group: Group): Summary["watchGaps"] {
    const list: Summary["watchGaps"] = [];
    for (const entry of timeline.watchGaps) {
        const gap = timeline.gaps.get(entry);
        if (!gap) continue;
        const kind = kindOf(timeline, gap);
        if (group.type === "kind" ? group.kind !== kind : !group.kinds.some((g) => g.kind === kind)) continue;
        if (gap.namespace !== undefined && !sameNamespace(group.namespace, gap.namespace)) continue;
        list.push({ start: gap.from ?? timeline.began, end: gap.to ?? Infinity, entry });
    }
    return list;
}

/** Starts and ends are sorted apart: a span begins where none is open, and ends where as many have ended as have begun. */
function union(pairs: number[]): { start: Float64Array; end: Float64Array } {
    const count = pairs.length / 2;
    const from = new Float64Array(count);
    const to = new Float64Array(count);
    for (let i = 0; i < count; i++) {
        from[i] = pairs[2 * i]!;
        to[i] = pairs[2 * i + 1]!;
    }
    from.sort();
    to.sort();
    const start: number[] = [];
    const end: number[] = [];
    for (let i = 0, j = 0; i < count;) {
        start.push(from[i]!);
        let open = 1;
        i++;
        while (open > 0) {
            if (i < count && from[i]! <= to[j]!) {
                open++;
                i++;
            } else {
                open--;
                j++;
            }
        }
        end.push(to[j - 1]!);
    }
    return { start: Float64Array.from(start), end: Float64Array.from(end) };
}
