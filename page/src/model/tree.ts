// The rows of the page: namespaces, kinds, objects and tracks, of which what is expanded is flattened into a list.

import type { Expectation, Tone } from "../data/format";
import { Matcher, type Filter } from "./filter";
import { Lives } from "./lives";
import type { MainTracks } from "./main";
import { ABSENT, GONE, type Row } from "./trail";
import type { Subject, Timeline } from "./timeline";

export type ToneOrGap = Tone | "gap";

interface Base {
    key: string;
    level: number;
    label: string;
    parent: Node | null;
    /** Null: it has nothing below it. */
    expanded: boolean | null;
    /** Its place among its siblings, from 1. */
    position: number;
    siblings: number;
}

export interface Group extends Base {
    type: "namespace" | "kind";
    objects: ObjectNode[];
    kinds: Group[];
    namespace: string;
    kind: string;
}

export interface ObjectNode extends Base {
    type: "object";
    subject: Subject;
    /** Built when they are asked for: a page of thousands shows a few dozen. */
    readonly rows: Row[];
    /** All its tracks are shown. */
    whole: boolean;
    tracks: TrackNode[] | null;
    expectations: Expectation[];
}

export interface TrackNode extends Base {
    type: "track";
    row: Row;
    subject: Subject;
}

/** What was expected of the track in the row above. */
export interface ExpectedNode extends Base {
    type: "expected";
    subject: Subject;
    row: Row | null;
    expectation: Expectation;
}

export type Node = Group | ObjectNode | TrackNode | ExpectedNode;

const FEW_OBJECTS = 200;

export class Tree {
    roots: Group[] = [];
    /** What is expanded, from top to bottom. */
    list: Node[] = [];
    /** Objects that pass the filter. */
    shown = 0;
    revision = 0;
    /** What the user chose; the rest is as it is by default. */
    readonly chosen = new Map<string, boolean>();
    readonly lives: Lives;
    private index = new Map<string, number>();

    constructor(private readonly timeline: Timeline) {
        this.lives = new Lives(timeline);
    }

    rebuild(filter: Filter, expectations: Expectation[]): void {
        const { timeline } = this;
        const matcher = new Matcher(timeline, filter);
        const byNamespace = new Map<string, Map<string, ObjectNode[]>>();
        const bySubject = new Map<string, Expectation[]>();
        for (const expectation of expectations) {
            if (!expectation.subject) continue;
            const list = bySubject.get(expectation.subject.uid) ?? [];
            list.push(expectation);
            bySubject.set(expectation.subject.uid, list);
        }
        const several = new Set(timeline.subjects.map((s) => s.cluster)).size > 1;
        const prefix = (subject: Subject): string => several ? `${subject.cluster.slice(0, 8)} ` : "";
        const whole = filter.track.size === 0;
        this.shown = 0;
        const kindsOf = (namespace: string): Map<string, ObjectNode[]> => {
            let kinds = byNamespace.get(namespace);
            if (!kinds) byNamespace.set(namespace, kinds = new Map<string, ObjectNode[]>());
            return kinds;
        };
        for (const subject of timeline.subjects) {
            if (!matcher.matches(subject)) continue;
            this.shown++;
            const kinds = kindsOf(prefix(subject) + subject.namespace);
            let list = kinds.get(subject.kind);
            if (!list) kinds.set(subject.kind, list = []);
            let kept: Row[] | null = null;
            list.push({ type: "object", key: `o/${subject.uid || subject.kind + subject.name}`, level: 3, label: subject.name,
                parent: null, expanded: null, position: 0, siblings: 0, subject, whole, tracks: null,
                get rows(): Row[] { return kept ??= matcher.rows(subject); },
                expectations: bySubject.get(subject.uid) ?? [] });
        }
        // A watch that lost its stream is shown even if no object of its kind was ever seen.
        if (filter.text === "" && filter.track.size === 0 && filter.state.size === 0) {
            for (const entry of timeline.watchGaps) {
                const gap = timeline.gaps.get(entry);
                const kind = gap ? kindOf(timeline, gap) : "";
                if (!gap || (filter.kind.size > 0 && !filter.kind.has(kind))) continue;
                if ([...byNamespace].some(([namespace, kinds]) => kinds.has(kind) &&
                    (gap.namespace === undefined || sameNamespace(namespace, gap.namespace)))) continue;
                const namespace = gap.namespace ?? "*";
                if (filter.namespace.size > 0 && !filter.namespace.has(namespace)) continue;
                kindsOf(namespace).set(kind, []);
            }
        }
        const order = new Map(timeline.head.watches.map((watch, i) => [watch.kind ?? watch.resource, i]));
        const collator = new Intl.Collator("en", { numeric: true });
        this.roots = [...byNamespace].sort((a, b) => collator.compare(a[0], b[0])).map(([namespace, kinds]) => {
            const label = namespace === "*" ? "all namespaces" : namespace.trim() === "" ? `${namespace}cluster-scoped` : namespace;
            const root: Group = { type: "namespace", key: `n/${namespace}`, level: 1, label, parent: null, expanded: true,
                position: 0, siblings: 0, objects: [], kinds: [], namespace, kind: "" };
            root.kinds = [...kinds].sort((a, b) =>
                (order.get(a[0]) ?? 1e9) - (order.get(b[0]) ?? 1e9) || collator.compare(a[0], b[0]),
            ).map(([kind, objects]) => {
                const group: Group = { type: "kind", key: `k/${namespace}/${kind}`, level: 2, label: kind, parent: root,
                    expanded: true, position: 0, siblings: 0, objects, kinds: [], namespace, kind };
                sortObjects(objects, collator, timeline, this.lives);
                for (const object of objects) object.parent = group;
                return group;
            });
            root.objects = root.kinds.flatMap((group) => group.objects);
            return root;
        });
        this.flatten();
    }

    /** By default small recordings are open down to the objects. */
    isExpanded(node: Node): boolean {
        const chosen = this.chosen.get(node.key);
        if (chosen !== undefined) return chosen;
        if (node.type === "namespace") return true;
        if (node.type === "kind") return this.shown <= FEW_OBJECTS || node.objects.length <= 20;
        if (node.type === "object") return this.shown === 1 || node.expectations.length > 0;
        return false;
    }

    setExpanded(node: Node, expanded: boolean): void {
        if (node.expanded === null || node.expanded === expanded) return;
        this.chosen.set(node.key, expanded);
        this.flatten();
    }

    /** `objects`: their tracks, too. */
    setAll(expanded: boolean): void {
        const visit = (group: Group): void => {
            this.chosen.set(group.key, expanded);
            group.kinds.forEach(visit);
        };
        if (!expanded) for (const node of this.list) if (node.type === "object" && node.expanded) this.chosen.set(node.key, false);
        this.roots.forEach(visit);
        if (!expanded) for (const root of this.roots) this.chosen.set(root.key, true);
        this.flatten();
    }

    indexOf(key: string): number {
        return this.index.get(key) ?? -1;
    }

    /** Makes the row of a subject, or of its track, visible; null: it is filtered away. */
    reveal(subject: Subject, track: string | null): Node | null {
        for (const root of this.roots) {
            const object = root.objects.find((o) => o.subject === subject);
            if (!object) continue;
            const main = object.rows[0];
            const deeper = track !== null && main !== undefined && this.timeline.tracks[main.track]!.name !== track;
            for (let node: Node | null = deeper ? object : object.parent; node; node = node.parent) this.chosen.set(node.key, true);
            this.flatten();
            const tracks = object.expanded ? object.tracks : null;
            const found = track === null ? null : tracks?.find((node) => this.timeline.tracks[node.row.track]!.name === track);
            return found ?? object;
        }
        return null;
    }

    flatten(): void {
        const list: Node[] = [];
        this.roots.forEach((root, i) => {
            root.position = i + 1;
            root.siblings = this.roots.length;
            root.expanded = this.isExpanded(root);
            list.push(root);
            if (!root.expanded) return;
            root.kinds.forEach((group, j) => {
                group.position = j + 1;
                group.siblings = root.kinds.length;
                group.expanded = group.objects.length > 0 ? this.isExpanded(group) : null;
                list.push(group);
                if (group.expanded) group.objects.forEach((object, n) => {
                    object.position = n + 1;
                    object.siblings = group.objects.length;
                    this.addObject(list, object);
                });
            });
        });
        this.list = list;
        this.index = new Map(list.map((node, i) => [node.key, i]));
        this.revision++;
    }

    private addObject(list: Node[], object: ObjectNode): void {
        object.expanded = object.subject.entries.length > 0 ? this.isExpanded(object) : null;
        list.push(object);
        if (!object.expanded) return;
        object.tracks ??= object.rows.map((row) => ({ type: "track", key: `${object.key}/${this.timeline.tracks[row.track]!.name}`,
            level: 4, label: this.timeline.tracks[row.track]!.name, parent: object, expanded: null, position: 0, siblings: 0,
            row, subject: object.subject }));
        const children: Node[] = [];
        for (const node of object.tracks) {
            children.push(node);
            for (const [i, expectation] of object.expectations.entries()) {
                if (expectation.track === node.label) children.push(this.expected(object, node.row, expectation, i));
            }
        }
        object.expectations.forEach((expectation, i) => {
            if (!object.tracks!.some((node) => node.label === expectation.track)) {
                children.push(this.expected(object, null, expectation, i));
            }
        });
        children.forEach((node, i) => {
            node.position = i + 1;
            node.siblings = children.length;
            list.push(node);
        });
    }

    private expected(object: ObjectNode, row: Row | null, expectation: Expectation, i: number): ExpectedNode {
        return { type: "expected", key: `${object.key}/expected/${i}`, level: 4, label: expectation.name, parent: object,
            expanded: null, position: 0, siblings: 0, subject: object.subject, row, expectation };
    }
}

/** By name; lives of one name in the order in which they were first seen, told apart by their uid. */
function sortObjects(objects: ObjectNode[], collator: Intl.Collator, timeline: Timeline, lives: Lives): void {
    const first = (node: ObjectNode): number => {
        const entry = node.subject.entries[0] ?? node.subject.events[0];
        return entry === undefined ? 0 : timeline.columns.at[entry]!;
    };
    objects.sort((a, b) => collator.compare(a.subject.name, b.subject.name) || first(a) - first(b));
    for (const object of objects) object.label = object.subject.name + lives.suffix(object.subject);
}

export function kindOf(timeline: Timeline, gap: { resource: string; kind?: string }): string {
    return gap.kind ?? timeline.head.watches.find((watch) => watch.resource === gap.resource)?.kind ?? gap.resource;
}

/** A group's namespace has the cluster before it where there are several. */
export function sameNamespace(group: string, namespace: string): boolean {
    return group === "*" || group === namespace || group.endsWith(` ${namespace}`);
}

/** The row whose states a node shows: its own, or of an object the main one. */
export function rowOf(node: Node): Row | null {
    return node.type === "track" ? node.row : node.type === "object" ? node.rows[0] ?? null : null;
}

/** How many of the objects are in states of each tone at the end. */
export function countTones(timeline: Timeline, group: Group, main: MainTracks): Map<ToneOrGap, number> {
    const counts = new Map<ToneOrGap, number>();
    const [, until] = timeline.shown;
    for (const object of group.objects) {
        let last = ABSENT;
        main.visit(object, (start, _end, code) => { if (start <= until) last = code; });
        const tone = last === GONE ? "gone" : last >= 0 ? timeline.states[last]!.tone : last === ABSENT ? null : "gap";
        if (tone) counts.set(tone, (counts.get(tone) ?? 0) + 1);
    }
    return counts;
}
