// What is known of an entry, in words.

import { Seen, type Gap, type Verdict } from "../data/format";
import { isExact, lengthText, stay } from "./dwell";
import { isUnpublished } from "./gaps";
import { clockAfter, dateTime, duration, exactDuration, type Zone } from "./times";
import { ABSENT, Flag, GAP, GONE, UNFOLLOWED, UNHELD, VAGUE, type Row } from "./trail";
import type { Subject, Timeline } from "./timeline";

/** pod/web in namespace story. */
export function subjectName(subject: Subject): string {
    return `${subject.kind} ${subject.namespace === "" ? "" : `${subject.namespace}/`}${subject.name}`;
}

export function stateName(timeline: Timeline, row: Row, i: number): string {
    const code = row.trail.state[i]!;
    if (code === GAP) return isUnpublished(timeline.gaps.get(row.trail.entry[i]!)) ? "Never published" : "Gap";
    if (code === GONE) return "Deleted";
    if (code === ABSENT) return "(absent)";
    if (code === VAGUE || code === UNHELD) return "Not known";
    if (code === UNFOLLOWED) return "Not followed";
    return timeline.states[code]!.text;
}

export function seenText(timeline: Timeline, entry: number, zone: Zone): string {
    const c = timeline.columns;
    const since = c.since[entry]!;
    const at = c.at[entry]!;
    const between = since > 0 ? `: it began ${betweenText(at - since, at, at, zone)}` : "";
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

/** A time of a row, with the date if the recording started on another day. */
export function moment(timeline: Timeline, at: number, zone: Zone, decimals = 3): string {
    return clockAfter(at, timeline.head.started, zone, decimals);
}

/** The first has its date if it is of another day than `day`, the second if it is of another day than the first. */
function betweenText(from: number, to: number, day: number, zone: Zone): string {
    return `between ${clockAfter(from, day, zone)} and ${clockAfter(to, from, zone)}`;
}

export function stayText(timeline: Timeline, row: Row, i: number): string {
    const known = stay(timeline, row, i);
    if (!known) return timeline.head.durations === "unknown" ? "not known: no clock measured durations" : "";
    if (isExact(known)) return known.min < 60e6 ? `${duration(known.min)} (${exactDuration(known.min)})` : `${duration(known.min)} (exactly ${exactDuration(known.min)})`;
    return lengthText(known) + (known.open && row.trail.end[i] === Infinity ? timeline.live ? " so far" : ", until the end" : "");
}

/** Why the state is not known in a segment that is no gap. */
export function doubt(timeline: Timeline, row: Row, i: number, zone: Zone): string {
    const { trail } = row;
    if (trail.state[i] === UNFOLLOWED) return `Not followed since ${moment(timeline, trail.start[i]!, zone)}: any state may have come and gone since.`;
    const entry = trail.entry[i]!;
    const { at, from, since, to } = timeline.columns;
    if (trail.state[i] === UNHELD) {
        const before = timeline.states[from[entry]!]?.text ?? "(absent)";
        return `It was ${before} until ${moment(timeline, at[entry]!, zone)}; since when is no longer held by the server.`;
    }
    const what = timeline.states[to[entry]!]?.text ?? "(absent)";
    const when = since[entry]! > 0 ? betweenText(at[entry]! - since[entry]!, at[entry]!, timeline.head.started, zone)
        : `before ${moment(timeline, at[entry]!, zone)}`;
    return `${timeline.isDeletion(entry) ? "It was deleted" : `${what} began`} some time ${when}.`;
}

export function gapTitle(gap: Gap): string {
    return isUnpublished(gap) ? "Never published" : `Gap: ${gap.text}`;
}

/** What a gap of a subject, or else of a watch, means. */
export function gapMeaning(gap: Gap, ofSubject: boolean): string {
    if (isUnpublished(gap)) {
        return "Nothing was lost: the API server never served what happened here, but the object's own history shows it.";
    }
    return ofSubject ? "Nothing is known of this span: any state may have come and gone."
        : "Objects of this watch that nobody knows of may have come and gone in this span.";
}

export function gapVersions(gap: Gap): string {
    return `${gap.fromResourceVersion ?? "not known"} to ${gap.toResourceVersion ?? "not known"}`;
}

export function gapSpan(timeline: Timeline, gap: Gap, zone: Zone): string {
    const from = gap.from === undefined ? "the start" : dateTime(gap.from, zone);
    if (gap.to === undefined) return `${from}, not seen again`;
    const length = gap.from === undefined || timeline.head.durations !== "measured" ? "" : ` (${duration(gap.to - gap.from)})`;
    return `${from} to ${clockAfter(gap.to, gap.from ?? timeline.head.started, zone)}${length}`;
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
        const began = (row.trail.flags[i]! & Flag.unseenStart) !== 0 ? "since before the recording" : `from ${moment(timeline, start[i]!, zone)}`;
        parts.push(`${stateName(timeline, row, i)} ${began}${length}`);
    }
    if (parts.length === 0) return "No state in view.";
    return parts.join("; ") + (more > 0 ? `; and ${more} more.` : ".");
}

export const VERDICTS: Verdict[] = ["violated", "pending", "inconclusive", "satisfied", "skipped"];
