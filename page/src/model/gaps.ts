// Gaps in numbers, counted as `show`, `verify` and /v1/status count them: what a watch lost is one, however many subjects it
// hid; what the server never published is no gap of a watch, and is counted apart.

import type { Gap } from "../data/format";
import { plural } from "./counts";
import type { Timeline } from "./timeline";

export interface GapCount {
    lost: number;
    /** Subjects that the gap of a watch hid. */
    hidden: number;
    unpublished: number;
}

/** Nothing was lost: the object's own history shows what the server never served. */
export function isUnpublished(gap: Gap | undefined): boolean {
    return gap?.reason === "never-published";
}

export function countGaps(timeline: Timeline): GapCount {
    const { gaps, columns } = timeline;
    const keyOf = (gap: Gap): string => `${gap.reason} ${gap.resource}`;
    const began = new Map<string, number>();
    for (const entry of timeline.watchGaps) {
        const gap = gaps.get(entry);
        if (gap) began.set(keyOf(gap), Math.min(gap.from ?? -Infinity, began.get(keyOf(gap)) ?? Infinity));
    }
    const counted = { lost: 0, hidden: 0, unpublished: 0 };
    const hidden = new Set<number>();
    const [from, to] = timeline.shown;
    for (const [entry, gap] of gaps) {
        if ((gap.from ?? -Infinity) > to || (gap.to ?? Infinity) < from) continue;
        const subject = columns.subject[entry]!;
        if (isUnpublished(gap)) counted.unpublished++;
        else if (subject >= 0 && (began.get(keyOf(gap)) ?? Infinity) <= (gap.from ?? -Infinity)) hidden.add(subject);
        else counted.lost++;
    }
    counted.hidden = hidden.size;
    return counted;
}

/** "no gap", "3 gaps (4 subjects hidden), 1 never published". */
export function gapsText({ lost, hidden, unpublished }: GapCount): string {
    const gaps = lost === 0 ? "no gap" : plural(lost, "gap");
    return gaps + (hidden > 0 ? ` (${plural(hidden, "subject")} hidden)` : "") +
        (unpublished > 0 ? `, ${unpublished} never published` : "");
}
