// What is known of an entry, in words.

import { Seen, type Gap, type Verdict } from "../data/format";
import { isExact, lengthText, stay } from "./dwell";
import { clock, dateTime, duration, exactDuration, type Zone } from "./times";
import { ABSENT, Flag, GAP, GONE, UNFOLLOWED, VAGUE, type Row } from "./trail";
import type { Subject, Timeline } from "./timeline";

/** pod/web in namespace story. */
export function subjectName(subject: Subject): string {
    return `${subject.kind} ${subject.namespace === "" ? "" : `${subject.namespace}/`}${subject.name}`;
}

export function stateName(timeline: Timeline, row: Row, i: number): string {
    const code = row.trail.state[i]!;
    if (code === GAP) return "Gap";
    if (code === GONE) return "Deleted";
    if (code === ABSENT) return "(absent)";
    if (code === VAGUE) return "Not known";
    if (code === UNFOLLOWED) return "Not followed";
    return timeline.states[code]!.text;
}

export function seenText(timeline: Timeline, entry: number, zone: Zone): string {
    const c = timeline.columns;
    const since = c.since[entry]!;
    const at = c.at[entry]!;
    const between = since > 0 ? `: it began between ${clock(at - since, zone)} and ${clock(at, zone)}` : "";
    switch (c.seen[entry]) {
        case Seen.initial: return "when the watch started; it is not known since when it was so";
        case Seen.live: return since > 0 ? `live${between}` : since < 0 ? "live; it is not known since when it was so" : "live, as it happened";
        case Seen.delayed: return `delayed by an interruption of the watch${between}`;
        case Seen.late: return `late: delivered after later entries of other watches${between}`;
        case Seen.healed: return `read back from the server's history${between}`;
        case Seen.afterGap: return `found after a gap${between === "" ? "; it is not known when it began" : between}`;
        default: return "not known";
    }
}

export function stayText(timeline: Timeline, row: Row, i: number): string {
    const known = stay(timeline, row, i);
    if (!known) return timeline.head.durations === "unknown" ? "not known: no clock measured durations" : "";
    if (isExact(known)) return known.min < 60e6 ? `${duration(known.min)} (${exactDuration(known.min)})` : `${duration(known.min)} (exactly ${exactDuration(known.min)})`;
    return lengthText(known) + (known.open && row.trail.end[i] === Infinity ? ", until the end" : "");
}

/** Why the state is not known in a segment that is no gap. */
export function doubt(timeline: Timeline, row: Row, i: number, zone: Zone): string {
    const { trail } = row;
    if (trail.state[i] === UNFOLLOWED) return `Not followed since ${clock(trail.start[i]!, zone)}: any state may have come and gone since.`;
    const entry = trail.entry[i]!;
    const { at, since, to } = timeline.columns;
    const what = timeline.states[to[entry]!]?.text ?? "(absent)";
    const latest = clock(at[entry]!, zone);
    const when = since[entry]! > 0 ? `between ${clock(at[entry]! - since[entry]!, zone)} and ${latest}` : `before ${latest}`;
    return `${timeline.isDeletion(entry) ? "It was deleted" : `${what} began`} some time ${when}.`;
}

export function gapTitle(gap: Gap): string {
    return `Gap: ${gap.text}`;
}

export function gapVersions(gap: Gap): string {
    return `${gap.fromResourceVersion ?? "not known"} to ${gap.toResourceVersion ?? "not known"}`;
}

export function gapSpan(gap: Gap, zone: Zone): string {
    const from = gap.from === undefined ? "the start" : dateTime(gap.from, zone);
    if (gap.to === undefined) return `${from}, not seen again`;
    return `${from} to ${clock(gap.to, zone)}${gap.from === undefined ? "" : ` (${duration(gap.to - gap.from)})`}`;
}

/** The states of a row within a span, as a sentence for those who cannot see the canvas. */
export function rowInWords(timeline: Timeline, row: Row, from: number, to: number, zone: Zone): string {
    const { start, end } = row.trail;
    const parts: string[] = [];
    let more = 0;
    for (let i = row.lo; i < row.hi; i++) {
        if (end[i]! < from || start[i]! > to) continue;
        if (parts.length >= 40) {
            more++;
            continue;
        }
        const known = stay(timeline, row, i);
        const length = known ? ` ${lengthText(known)}` : "";
        const began = (row.trail.flags[i]! & Flag.unseenStart) !== 0 ? "since before the recording" : `from ${clock(start[i]!, zone)}`;
        parts.push(`${stateName(timeline, row, i)} ${began}${length}`);
    }
    if (parts.length === 0) return "No state in view.";
    return parts.join("; ") + (more > 0 ? `; and ${more} more.` : ".");
}

export const VERDICTS: Verdict[] = ["violated", "pending", "inconclusive", "satisfied", "skipped"];

export function plural(count: number, one: string, many = `${one}s`): string {
    return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** 12,345. Intl would take longer to load than all else here. */
export function grouped(count: number): string {
    return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
