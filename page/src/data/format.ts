// What Rust puts into the page: "statetrail-page/1". Times are microseconds since the Unix epoch, on the recorder's
// monotonic clock from its start on; references are indexes into the tables of the same chunk, and -1 is none.

export type Tone = "good" | "waiting" | "failing" | "ended" | "gone" | "plain";

export interface State {
    text: string;
    label: string | null;
    tone: Tone;
    kind?: string;
    reason?: string;
    message?: string;
    exitCode?: number;
    signal?: number;
    restartCount?: number;
    startedAt?: string | number;
    finishedAt?: string | number;
    serverTime?: string | number;
    instance?: string;
}

export interface Gap {
    resource: string;
    kind?: string;
    namespace?: string;
    from?: number;
    to?: number;
    fromResourceVersion?: string | number;
    toResourceVersion?: string | number;
    reason: string;
    text: string;
    evidence?: string;
}

/** A core Event about an object. */
export interface Evidence {
    type: string;
    reason: string;
    message: string;
    count: number;
    source: string;
}

export type Version = number | string | null;

export interface Columns {
    type: number[];
    seq: number[];
    at: number[];
    subject: number[];
    track: number[];
    from: number[];
    to: number[];
    version: Version[];
    seen: number[];
    since: number[];
}

export interface Chunk {
    strings: string[];
    subjects: [cluster: number, kind: number, namespace: number, name: number, uid: number][];
    tracks: { name: string; order: number }[];
    states: State[];
    entries: Columns;
    gaps: [number, Gap][];
    marks: [number, string][];
    events: [number, Evidence][];
    leases: [number, [number, number]][];
}

export interface Watch {
    resource: string;
    kind?: string;
    namespace?: string;
    /** Of a server: it is not followed since then. */
    outage?: { since: number; why: string };
}

export interface Head {
    format: string;
    version: string;
    recording?: string;
    cluster?: string;
    kubernetes?: string;
    kubevirt?: string;
    started: number;
    last: number;
    /** The part that was selected: the rest is there, since what came next says how long states were held. */
    since?: number;
    until?: number;
    open: boolean;
    durations: "measured" | "stamped" | "unknown";
    stepped: boolean;
    /** Lines of it are missing. */
    incomplete: boolean;
    /** What must be known of it, in sentences: instead of the page's own about its end and its missing lines. */
    notices?: string[];
    watches: Watch[];
    selection?: string;
    objects?: { kept: number; of: number };
}

/** The content of the element `timeline`. */
export interface Document {
    head: Head;
    chunks: Chunk[];
    verdicts: Verdicts | null;
}

/** An answer of page/timeline. */
export interface Page {
    head: Head;
    reset: boolean;
    missed: number;
    chunk: Chunk;
    next: string;
    outages?: string;
    more: boolean;
    ended: boolean;
    /** The final ones, of the last answer. */
    verdicts?: Verdicts;
}

export const Type = { transition: 0, detail: 1, gap: 2, mark: 3, event: 4 } as const;
export const Seen = { initial: 0, live: 1, delayed: 2, late: 3, healed: 4, afterGap: 5 } as const;

// The document of docs/schema/verdicts-v1.schema.json, as far as the page shows it.

export type Verdict = "satisfied" | "violated" | "pending" | "inconclusive" | "skipped";

export interface VerdictSubject {
    cluster?: string;
    kind: string;
    namespace?: string;
    name: string;
    uid: string;
}

export interface Step {
    gap?: "beginning" | "lost" | "neverPublished";
    state?: string | null;
    restartCount?: number;
    exitCode?: number;
    details?: string[];
    at?: string;
    notBefore?: string;
    dwell?: { atLeast: number; atMost?: number; ended: boolean };
}

export interface Edit {
    edit: "keep" | "insert" | "drop" | "replace";
    state: string;
    with?: string;
}

export interface Clause {
    statement: string;
    verdict: Verdict;
    passLost: boolean;
    reason?: string;
    subjects: { subject?: VerdictSubject; track?: string; verdict: Verdict; passLost: boolean; reason?: string }[];
    more?: Partial<Record<Verdict, number>>;
}

export interface Expectation {
    recording?: string;
    name: string;
    sometimes?: true;
    verdict: Verdict;
    passLost: boolean;
    reason: string;
    statement?: string;
    subject?: VerdictSubject;
    track?: string;
    at?: string;
    notBefore?: string;
    path?: Step[];
    departure?: number;
    decided?: string;
    legal?: string[];
    breach?: { kind: string; step?: number; toStep?: number; states?: string };
    settle?: string;
    nearest?: Edit[];
    gap?: number;
    passing?: { state: string; hidden: boolean }[];
    failing?: { state: string; hidden: boolean }[];
    assumptions: string[];
    clauses: Clause[];
}

export interface Verdicts {
    verdict: Verdict;
    errors?: { recording: string; kind: string; message: string }[];
    expectations: Expectation[];
    sometimes?: { name: string; verdict: Verdict; passLost: boolean; reason: string }[];
}
