// The stored objects behind transitions: from the element `objects` of the file, or from the server. Nothing is parsed
// before someone asks.

import { gunzip } from "./embedded";

export interface Stored {
    seq: number;
    json: unknown;
}

/** The object of a line of the recording, and the one before it; null: not kept. */
export interface Versions {
    now: Stored | null;
    before: Stored | null;
}

export interface Objects {
    /** `previous`: the line before `seq` that has this subject, or -1. */
    versions(subject: number, uid: string, seq: number, previous: number): Promise<Versions>;
}

/** Of the lines "SEQ\tJSON": the last one up to `seq`, and the one before. */
export function pick(lines: string, seq: number): Versions {
    let now: string | null = null;
    let before: string | null = null;
    for (const line of lines.split("\n")) {
        if (line === "") continue;
        if (Number(line.slice(0, line.indexOf("\t"))) > seq) break;
        before = now;
        now = line;
    }
    const stored = (line: string | null): Stored | null => {
        if (line === null) return null;
        const tab = line.indexOf("\t");
        return { seq: Number(line.slice(0, tab)), json: JSON.parse(line.slice(tab + 1)) as unknown };
    };
    return { now: stored(now), before: stored(before) };
}

export class EmbeddedObjects implements Objects {
    private list: (string | null)[] | undefined;
    private readonly texts = new Map<number, string>();

    async versions(subject: number, _uid: string, seq: number): Promise<Versions> {
        this.list ??= JSON.parse(document.getElementById("objects")?.textContent ?? "[]") as (string | null)[];
        const packed = this.list[subject];
        if (!packed) return { now: null, before: null };
        let text = this.texts.get(subject);
        if (text === undefined) {
            text = await gunzip(packed);
            if (this.texts.size > 20) this.texts.clear();
            this.texts.set(subject, text);
        }
        return pick(text, seq);
    }
}

export class ServedObjects implements Objects {
    constructor(private readonly get: (path: string) => Promise<Response>) {}

    async versions(_subject: number, uid: string, seq: number, previous: number): Promise<Versions> {
        const one = async (n: number): Promise<Stored | null> => {
            if (n < 0) return null;
            const response = await this.get(`page/object?seq=${n}&uid=${encodeURIComponent(uid)}`);
            if (response.status === 404) return null;
            if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`);
            return { seq: n, json: await response.json() as unknown };
        };
        const [now, before] = await Promise.all([one(seq), one(previous)]);
        return { now, before };
    }
}
