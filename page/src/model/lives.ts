// Names of subjects, of which several may have had the same one after another: those have a part of their uid.

import { printable } from "./printable";
import type { Subject, Timeline } from "./timeline";

const SHORTEST = 8;

/** Tells uids apart: the shortest beginning that none shares, of at least eight characters. */
export function shortUids(uids: string[]): string[] {
    const longest = Math.max(0, ...uids.map((uid) => uid.length));
    let length = SHORTEST;
    while (length < longest && new Set(uids.map((uid) => uid.slice(0, length))).size < new Set(uids).size) length++;
    return uids.map((uid) => uid.slice(0, length));
}

const nameOf = (subject: Subject): string => [subject.cluster, subject.kind, subject.namespace, subject.name].join("\n");

/** What follows a subject's name to tell its lives apart: " (5a3054c3)", or nothing. */
export class Lives {
    private suffixes = new Map<Subject, string>();
    private revision = -1;

    constructor(private readonly timeline: Timeline) {}

    suffix(subject: Subject): string {
        if (this.revision !== this.timeline.revision) this.count();
        return this.suffixes.get(subject) ?? "";
    }

    private count(): void {
        this.revision = this.timeline.revision;
        this.suffixes = new Map();
        const byName = new Map<string, Subject[]>();
        for (const subject of this.timeline.subjects) {
            const name = nameOf(subject);
            const same = byName.get(name);
            if (same) same.push(subject); else byName.set(name, [subject]);
        }
        for (const same of byName.values()) {
            if (same.length < 2) continue;
            const uids = shortUids(same.map((subject) => subject.uid));
            same.forEach((subject, i) => this.suffixes.set(subject, ` (${printable(uids[i]!)})`));
        }
    }
}
