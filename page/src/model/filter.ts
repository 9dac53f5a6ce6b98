// Which subjects and tracks are shown.

import { isUnpublished } from "./gaps";
import { GAP, UNFOLLOWED, type Row, type Trail } from "./trail";
import type { Subject, Timeline } from "./timeline";

export type Facet = "kind" | "namespace" | "track" | "state";

/** An empty set restricts nothing. */
export interface Filter {
    kind: Set<string>;
    namespace: Set<string>;
    track: Set<string>;
    state: Set<string>;
    text: string;
}

export const FACETS: Facet[] = ["kind", "namespace", "track", "state"];
/** In the list of states: spans that were not seen. */
export const GAP_LABEL = "(gap)";
export const UNPUBLISHED_LABEL = "(never published)";

export function emptyFilter(): Filter {
    return { kind: new Set(), namespace: new Set(), track: new Set(), state: new Set(), text: "" };
}

export function isEmpty(filter: Filter): boolean {
    return filter.text === "" && FACETS.every((facet) => filter[facet].size === 0);
}

/** Answers for one filter; asked for each subject, so what can be looked up is prepared. */
export class Matcher {
    private readonly stateWanted: Uint8Array | null;
    private readonly stateHasText: Uint8Array | null;
    private readonly words: string[];

    constructor(private readonly timeline: Timeline, private readonly filter: Filter) {
        this.words = filter.text.toLowerCase().split(/\s+/).filter((word) => word !== "");
        const mark = (test: (label: string) => boolean): Uint8Array =>
            Uint8Array.from(timeline.states, (state) => state.label !== null && test(state.label) ? 1 : 0);
        this.stateWanted = filter.state.size > 0 ? mark((label) => filter.state.has(label)) : null;
        const [word] = this.words;
        this.stateHasText = this.words.length === 1 && word !== undefined
            ? mark((label) => label.toLowerCase().includes(word)) : null;
    }

    track(row: Row): boolean {
        return this.filter.track.size === 0 || this.filter.track.has(this.timeline.tracks[row.track]!.name);
    }

    /** The rows of the subject that are shown. */
    rows(subject: Subject): Row[] {
        const { rows } = this.timeline.trail(subject);
        return this.filter.track.size === 0 ? rows : rows.filter((row) => this.track(row));
    }

    /** Trails are built only where a filter asks for what is in them. */
    matches(subject: Subject): boolean {
        const { filter } = this;
        if (filter.kind.size > 0 && !filter.kind.has(subject.kind)) return false;
        if (filter.namespace.size > 0 && !filter.namespace.has(subject.namespace)) return false;
        if (filter.track.size > 0 && this.rows(subject).length === 0) return false;
        if (this.stateWanted && !this.rows(subject).some((row) => this.held(row, this.stateWanted!, true))) return false;
        return this.hasText(subject);
    }

    private held(row: Row, wanted: Uint8Array, gaps: boolean): boolean {
        const { state } = row.trail;
        for (let i = row.lo; i < row.hi; i++) {
            const code = state[i]!;
            if (code >= 0 ? wanted[code] === 1 : gaps && this.filter.state.has(gapLabel(this.timeline, row.trail, i))) return true;
        }
        return false;
    }

    private hasText(subject: Subject): boolean {
        if (this.words.length === 0) return true;
        const name = `${subject.kind}/${subject.name} ${subject.namespace}/${subject.name} ${subject.uid}`.toLowerCase();
        if (this.words.every((word) => name.includes(word))) return true;
        if (!this.stateHasText) return false;
        const word = this.words[0]!;
        const rows = this.rows(subject);
        return rows.some((row) => this.held(row, this.stateHasText!, false)) ||
            rows.some((row) => this.timeline.tracks[row.track]!.name.toLowerCase().includes(word)) ||
            subject.events.some((entry) => this.timeline.events.get(entry)?.reason.toLowerCase().includes(word) ?? false);
    }
}

/** Of a segment that is no state; empty if it is no gap. */
function gapLabel(timeline: Timeline, { state, entry }: Trail, i: number): string {
    if (state[i] === GAP && isUnpublished(timeline.gaps.get(entry[i]!))) return UNPUBLISHED_LABEL;
    return state[i] === GAP || state[i] === UNFOLLOWED ? GAP_LABEL : "";
}

/** What can be chosen for each facet, with how many subjects have it. */
export function choices(timeline: Timeline): Record<Facet, Map<string, number>> {
    const out = { kind: new Map<string, number>(), namespace: new Map<string, number>(), track: new Map<string, number>(),
        state: new Map<string, number>() };
    const add = (map: Map<string, number>, key: string): void => {
        map.set(key, (map.get(key) ?? 0) + 1);
    };
    const stateCounts = new Int32Array(timeline.states.length);
    const gaps = new Map<string, number>();
    const lastSubject = new Int32Array(timeline.states.length).fill(-1);
    for (const subject of timeline.subjects) {
        add(out.kind, subject.kind);
        add(out.namespace, subject.namespace);
        const trail = timeline.trail(subject);
        for (const row of trail.rows) add(out.track, timeline.tracks[row.track]!.name);
        for (let i = 0; i < trail.state.length; i++) {
            const code = trail.state[i]!;
            if (code < 0 || lastSubject[code] === subject.index) continue;
            lastSubject[code] = subject.index;
            stateCounts[code] = stateCounts[code]! + 1;
        }
        if ((trail.gaps.at(-1) ?? 0) === 0) continue;
        const labels = new Set(Array.from(trail.state, (_, i) => gapLabel(timeline, trail, i)));
        for (const label of labels) if (label !== "") gaps.set(label, (gaps.get(label) ?? 0) + 1);
    }
    timeline.states.forEach(({ label }, i) => {
        if (label !== null && stateCounts[i]! > 0) out.state.set(label, (out.state.get(label) ?? 0) + stateCounts[i]!);
    });
    for (const [label, count] of gaps) out.state.set(label, count);
    return out;
}
