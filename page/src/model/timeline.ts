// The timeline: tables of subjects, tracks and states, and the entries in columns. Chunks are appended; their references
// are checked, and translated into those of the tables here.

import { Type, type Chunk, type Evidence, type Gap, type Head, type State, type Watch } from "../data/format";
import { Columns } from "./columns";
import type { Segments } from "./main";
import { printable, printableWithin } from "./printable";
import { dropOldest } from "./retention";
import { buildTrail, type Trail } from "./trail";

export interface Subject {
    index: number;
    cluster: string;
    kind: string;
    namespace: string;
    name: string;
    uid: string;
    /** Transitions, details and gaps, in order. */
    entries: number[];
    /** Events about it, in order. */
    events: number[];
    trail: Trail | null;
    /** Its first row, if that was asked for and needs no trail. */
    first: Segments | null;
}

export interface Track {
    name: string;
    order: number;
}

/** How many entries a page keeps that follows a recorder: about, so that they are not dropped one by one. */
export const KEPT = 300_000;
const SLACK = 30_000;

export class Timeline {
    head: Head;
    subjects: Subject[] = [];
    tracks: Track[] = [];
    states: State[] = [];
    columns = new Columns();
    gaps = new Map<number, Gap>();
    marks: { entry: number; name: string }[] = [];
    events = new Map<number, Evidence>();
    leases = new Map<number, [number, number]>();
    /** Gaps of whole watches. */
    watchGaps: number[] = [];
    private subjectIndex = new Map<string, number>();
    private trackIndex = new Map<string, number>();
    private lifecycleTrack = -1;
    /** Counts changes, so that what is derived knows when it is old. */
    revision = 0;
    /** Counts how often the entries were numbered anew. */
    generation = 0;
    /** So many entries were dropped, so that the page does not grow for ever. */
    dropped = 0;
    /** So many entries were no longer held by the server when it was asked. */
    missed = 0;
    /** A recorder still writes it. */
    live = false;
    private cutoff = -Infinity;

    constructor(head: Head) {
        refuse(head);
        this.head = printableWithin(head);
    }

    /** From when on the page has entries: the start, unless older ones were dropped, or not held by the server. */
    get began(): number {
        return Math.max(this.head.started, this.cutoff);
    }

    /** The part that was selected, or everything. */
    get shown(): [from: number, to: number] {
        return [this.head.since ?? this.began, this.head.until ?? this.head.last];
    }

    /** Drops the oldest entries if there are too many. */
    bound(kept = KEPT, slack = SLACK): void {
        if (this.columns.length > kept + slack) dropOldest(this, kept);
    }

    /** Before the first entry there were others: what was then is not known. */
    miss(count: number): void {
        this.missed = count;
        this.cutoff = count === 0 ? -Infinity : this.columns.length > 0 ? this.columns.at[0]! : this.head.last;
        for (const subject of this.subjects) subject.trail = subject.first = null;
        this.revision++;
    }

    /** After entries were dropped, the others have other numbers. */
    renumbered(dropped: number, cutoff: number): void {
        this.dropped += dropped;
        this.cutoff = cutoff;
        this.subjectIndex = new Map(this.subjects.map((subject) => [keyOf(subject), subject.index]));
        this.generation++;
        this.revision++;
    }

    isDeletion(entry: number): boolean {
        const { track, to, type } = this.columns;
        return type[entry] === Type.transition && track[entry] === this.lifecycleTrack && to[entry]! >= 0 && this.states[to[entry]!]!.label === "Deleted";
    }

    /** Since when what happens to the subject is not followed; Infinity: it is. */
    unfollowedSince(subject: Subject): number {
        let since = Infinity;
        for (const watch of this.head.watches) {
            if (watch.outage && this.isOf(watch, subject)) since = Math.min(since, watch.outage.since);
        }
        return since;
    }

    /** A watch whose kind is not known is one of any kind that no other watch has. */
    private isOf(watch: Watch, { kind, namespace }: Subject): boolean {
        if (watch.namespace && watch.namespace !== namespace) return false;
        return watch.kind ? watch.kind === kind : !this.head.watches.some((other) => other.kind === kind);
    }

    /** After each answer of a server. */
    setHead(head: Head): void {
        refuse(head);
        const outages = (of: Head): string => JSON.stringify(of.watches.map((watch) => watch.outage?.since ?? null));
        const changed = outages(head) !== outages(this.head);
        this.head = printableWithin(head);
        if (!changed) return;
        for (const subject of this.subjects) subject.trail = subject.first = null;
        this.revision++;
    }

    get lifecycle(): number {
        return this.lifecycleTrack;
    }

    /** Forgets everything: the server began anew. */
    reset(head: Head): void {
        const { revision, generation, live } = this;
        Object.assign(this, new Timeline(head), { live, revision: revision + 1, generation: generation + 1 });
    }

    append(chunk: Chunk): void {
        check(chunk);
        const raw = (i: number): string => i < 0 ? "" : chunk.strings[i] ?? "";
        const text = (i: number): string => printable(raw(i));
        // Objects are asked for by their uid, as it is.
        const subjects = chunk.subjects.map(([cluster, kind, namespace, name, uid]) =>
            this.subject(text(cluster), text(kind), text(namespace), text(name), raw(uid)));
        const tracks = chunk.tracks.map((track) => this.track({ ...track, name: printable(track.name) }));
        const firstState = this.states.length;
        for (const state of chunk.states) this.states.push(shown(state));

        const c = this.columns;
        const e = chunk.entries;
        const first = c.length;
        const count = e.type.length;
        c.reserve(count);
        let seq = 0;
        let at = 0;
        for (let i = 0; i < count; i++) {
            seq += e.seq[i]!;
            at += e.at[i]!;
            const n = first + i;
            const subject = e.subject[i]! < 0 ? -1 : subjects[e.subject[i]!]!;
            c.type[n] = e.type[i]!;
            c.seq[n] = seq;
            c.at[n] = at;
            c.subject[n] = subject;
            c.track[n] = e.track[i]! < 0 ? -1 : tracks[e.track[i]!]!;
            c.from[n] = e.from[i]! < 0 ? -1 : firstState + e.from[i]!;
            c.to[n] = e.to[i]! < 0 ? -1 : firstState + e.to[i]!;
            c.seen[n] = e.seen[i]!;
            c.since[n] = e.since[i]!;
            c.version.push(e.version[i]!);
            if (subject >= 0) {
                const s = this.subjects[subject]!;
                if (e.type[i] === Type.event) {
                    s.events.push(n);
                } else {
                    s.entries.push(n);
                    s.trail = s.first = null;
                }
            } else if (e.type[i] === Type.gap) {
                this.watchGaps.push(n);
            }
        }
        c.length = first + count;
        for (const [entry, gap] of chunk.gaps) this.gaps.set(first + entry, printableWithin(gap));
        for (const [entry, name] of chunk.marks) this.marks.push({ entry: first + entry, name: printable(name) });
        for (const [entry, event] of chunk.events) this.events.set(first + entry, { ...printableWithin(event), reason: printable(event.reason) });
        for (const [entry, lease] of chunk.leases) this.leases.set(first + entry, lease);
        this.revision++;
    }

    trail(subject: Subject): Trail {
        subject.trail ??= buildTrail(this, subject);
        return subject.trail;
    }

    private subject(cluster: string, kind: string, namespace: string, name: string, uid: string): number {
        const key = keyOf({ cluster, kind, namespace, name, uid });
        let index = this.subjectIndex.get(key);
        if (index === undefined) {
            index = this.subjects.length;
            this.subjects.push({ index, cluster, kind, namespace, name, uid, entries: [], events: [], trail: null, first: null });
            this.subjectIndex.set(key, index);
        }
        return index;
    }

    private track(track: Track): number {
        let index = this.trackIndex.get(track.name);
        if (index === undefined) {
            index = this.tracks.length;
            this.tracks.push(track);
            this.trackIndex.set(track.name, index);
            if (track.name === "lifecycle") this.lifecycleTrack = index;
        }
        return index;
    }
}

/** A state's name is one line; its message may have more. */
function shown(state: State): State {
    return { ...printableWithin(state), text: printable(state.text), label: state.label === null ? null : printable(state.label) };
}

function keyOf({ cluster, kind, namespace, name, uid }: Pick<Subject, "cluster" | "kind" | "namespace" | "name" | "uid">): string {
    return [cluster, kind, namespace, name, uid].join("\n");
}

function refuse(head: Head): void {
    if (head.format !== "statetrail-page/1") {
        throw new Error(`this page reads statetrail-page/1, and its data is ${head.format}`);
    }
}

const COLUMNS = ["type", "seq", "at", "subject", "track", "from", "to", "version", "seen", "since"] as const;

/** A chunk that would lead outside of its tables is refused here, once, and read without checks afterwards. */
function check(chunk: Chunk): void {
    const e = chunk.entries;
    const count = e.type.length;
    for (const name of COLUMNS) {
        const column: unknown[] = e[name];
        if (column.length !== count) throw new Error(`the data is damaged: column ${name} has ${column.length} of ${count} entries`);
    }
    const within = (name: "subject" | "track" | "from" | "to", size: number): void => {
        const column = e[name];
        for (let i = 0; i < count; i++) {
            const value = column[i]!;
            if (!(value >= -1 && value < size)) throw new Error(`the data is damaged: entry ${i} names ${name} ${value} of ${size}`);
        }
    };
    within("subject", chunk.subjects.length);
    within("track", chunk.tracks.length);
    within("from", chunk.states.length);
    within("to", chunk.states.length);
    for (let i = 0; i < count; i++) {
        const type = e.type[i]!;
        if ((type === Type.transition || type === Type.detail) && (e.subject[i]! < 0 || e.track[i]! < 0)) {
            throw new Error(`the data is damaged: entry ${i} has no subject or no track`);
        }
    }
}
