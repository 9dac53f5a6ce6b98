// What the page holds for true of every scenario is what the program says: how long states lasted at least and at most, and
// what was known at every moment. A state where the program says unknown, or none where it knows one, is a failure.

import assert from "node:assert/strict";
import { test } from "node:test";
import { delayedFiles } from "../fixtures/delayed";
import { dataOf, scenario, scenarios, show, showAt } from "../fixtures/recorded";
import { boundsOf, boundsText } from "../fixtures/spans";
import { stampedFile } from "../fixtures/stamped";
import { Type } from "../src/data/format";
import { isExact, stay } from "../src/model/dwell";
import { ABSENT, Flag, GAP, GONE, UNFOLLOWED, VAGUE, type Row } from "../src/model/trail";
import { parse } from "../src/model/times";
import { Timeline } from "../src/model/timeline";

/** Of each scenario at most so many moments, spread over all of them: each is a run of the program. */
const MOMENTS = Number(process.env.MOMENTS ?? 12);

function open(recording: string): Timeline {
    const data = dataOf(show(recording, "html"));
    const made = new Timeline(data.head);
    for (const chunk of data.chunks) made.append(chunk);
    return made;
}

const rows = (timeline: Timeline): Row[] => timeline.subjects.flatMap((subject) => timeline.trail(subject).rows);

function csv(text: string): Record<string, string>[] {
    const lines: string[][] = [[]];
    for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r?\n|$)/g)) {
        lines.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
        if (end !== ",") lines.push([]);
    }
    const [header, ...rest] = lines.filter((line) => line.length > 1);
    return rest.map((line) => Object.fromEntries(header!.map((name, i) => [name, line[i] ?? ""])));
}

/** Of an entry, its place in the timeline: the program prints its lines in the same order. */
function exactStays(timeline: Timeline): Map<number, number> {
    const found = new Map<number, number>();
    for (const row of rows(timeline)) {
        for (let i = row.lo; i < row.hi; i++) {
            const known = stay(timeline, row, i);
            if (known && isExact(known)) found.set(row.trail.entry[i]!, known.min);
        }
    }
    return found;
}

function rfc3339(at: number): string {
    const micros = ((at % 1e6) + 1e6) % 1e6;
    return `${new Date(Math.floor(at / 1e6) * 1000).toISOString().slice(0, 19)}.${String(micros).padStart(6, "0")}Z`;
}

/** At most so many of them, spread over all, with the last. */
function spread(moments: Iterable<number>, most: number): number[] {
    const sorted = [...new Set(moments)].sort((a, b) => a - b);
    const step = Math.max(1, sorted.length / most);
    const chosen = sorted.slice(-1);
    for (let i = 0; i < sorted.length; i += step) chosen.push(sorted[Math.floor(i)]!);
    return chosen;
}

/** Entries, just before them, and in between; and the same of what the data says was not seen, or may be older. */
function moments(timeline: Timeline): number[] {
    const c = timeline.columns;
    const { started, last } = timeline.head;
    const edges = [...new Set(c.at.subarray(0, c.length))].sort((a, b) => a - b);
    const all = edges.flatMap((moment, i) => [moment - 1, moment, Math.floor((moment + (edges[i + 1] ?? moment)) / 2)]);
    const doubtful: number[] = [];
    const doubt = (from: number, to: number): void => {
        doubtful.push(from - 1, from, Math.floor((from + to) / 2), to - 1, to);
    };
    for (const gap of timeline.gaps.values()) doubt(gap.from ?? started, gap.to ?? last);
    for (let i = 0; i < c.length; i++) if (c.since[i]! > 0) doubt(c.at[i]! - c.since[i]!, c.at[i]!);
    const inside = (moment: number): boolean => moment >= started && moment <= last;
    return [...new Set([...spread(all.filter(inside), MOMENTS), ...spread(doubtful.filter(inside), MOMENTS)])].sort((a, b) => a - b);
}

/** What the page shows of a track at a moment: a state's text, "unknown", or null for nothing. A gap has its end, too. */
function shown(timeline: Timeline, row: Row, at: number): string | null {
    const { start, end, state } = row.trail;
    let found: string | null = null;
    for (let i = row.lo; i < row.hi && start[i]! <= at; i++) {
        const code = state[i]!;
        if (code === GAP && at <= end[i]!) return "unknown";
        if (at >= end[i]!) continue;
        found = code === VAGUE || code === UNFOLLOWED ? "unknown" : code === ABSENT || code === GONE ? null : timeline.states[code]!.label;
    }
    return found;
}

interface Line {
    at: string;
    kind?: string;
    namespace?: string;
    name?: string;
    uid?: string;
    track?: string;
    to?: string | null;
    held?: boolean;
    gap?: { subject?: { uid: string }; track?: string };
    detail?: unknown;
    evidence?: unknown;
    mark?: string;
}

/** What the program says of each track: docs/OUTPUT.md, "Windows and moments". */
async function said(recording: string, at: number): Promise<{ held: Map<string, string | null>; doubt: Set<string>; gaps: Set<string> }> {
    const held = new Map<string, string | null>();
    const doubt = new Set<string>();
    const gaps = new Set<string>();
    for (const text of (await showAt(recording, rfc3339(at))).split("\n")) {
        if (text === "") continue;
        const line = JSON.parse(text) as Line;
        if (line.gap) {
            if (line.gap.subject) (line.gap.track ? doubt : gaps).add(line.gap.track ? `${line.gap.subject.uid} ${line.gap.track}` : line.gap.subject.uid);
        } else if (line.track !== undefined && line.to !== undefined) {
            const key = `${line.uid} ${line.track}`;
            const isDeletion = line.track === "lifecycle" && line.to === "Deleted";
            // An entry of this very moment has happened; one that was delivered later may have.
            const isOver = line.held ?? parse(line.at) === at;
            if (isDeletion && isOver) {
                for (const of of held.keys()) if (of.startsWith(`${line.uid} `)) held.delete(of);
            } else if (isOver) held.set(key, line.to);
            else if (isDeletion) gaps.add(line.uid ?? "");
            else doubt.add(key);
        }
    }
    return { held, doubt, gaps };
}

const DELAYED = new Map(["old-kernel", "vm-clone", "crash-loop", "node-drained"].map((name) => [name, scenario(name)]));

for (const [name, recording] of [...scenarios(), ...delayedFiles(DELAYED), ["stamped import", stampedFile()] as const]) {
    test(`${name}: exact stays are those of csv`, () => {
        const timeline = open(recording);
        const mine = exactStays(timeline);
        const c = timeline.columns;
        const lines = csv(show(recording, "csv"));
        assert.equal(lines.length, c.length);
        let exact = 0;
        lines.forEach((line, i) => {
            assert.equal(Number(line.seq), c.seq[i]);
            if (c.type[i] !== Type.transition) return;
            const theirs = line.dwellSeconds === "" ? undefined : Math.round(Number(line.dwellSeconds) * 1e6);
            assert.equal(mine.get(i), theirs, `${line.kind}/${line.name} ${line.track} ${line.to} at ${line.at}`);
            if (theirs !== undefined) exact++;
        });
        assert.equal(mine.size, exact);
    });

    test(`${name}: bounds of stays are those of otlp`, () => {
        const timeline = open(recording);
        const c = timeline.columns;
        const theirs = boundsOf(show(recording, "otlp"));
        let compared = 0;
        for (const row of rows(timeline)) {
            for (let i = row.lo; i < row.hi; i++) {
                const known = stay(timeline, row, i);
                // How long a state was seen after a gap, no entry says.
                if (!known || row.trail.state[i]! < 0 || (row.trail.flags[i]! & Flag.resumed) !== 0) continue;
                const entry = row.trail.entry[i]!;
                const { label } = timeline.states[c.to[entry]!]!;
                const key = `${row.subject.uid} ${timeline.tracks[row.track]!.name} ${c.seq[entry]} ${label}`;
                const said = theirs.get(key);
                assert.equal(said === "open" && known.open && known.max === Infinity ? said : boundsText(known), said, key);
                compared++;
            }
        }
        const isEmpty = [...rows(timeline)].length === 0;
        assert.ok(compared > 0 || isEmpty || timeline.head.durations === "unknown");
    });

    test(`${name}: what is known at a moment is what show --at says`, async () => {
        const timeline = open(recording);
        const all = rows(timeline);
        for (const at of moments(timeline)) {
            const { held, doubt, gaps } = await said(recording, at);
            for (const row of all) {
                const track = timeline.tracks[row.track]!.name;
                const key = `${row.subject.uid} ${track}`;
                const mine = shown(timeline, row, at);
                const isUnknown = doubt.has(key) || gaps.has(row.subject.uid);
                const where = `${row.subject.kind}/${row.subject.name} ${track} at ${rfc3339(at)}`;
                if (isUnknown) {
                    assert.ok(mine === null || mine === "unknown", `${where}: the page has ${mine}, and the program does not know it`);
                } else if (mine === "unknown") {
                    assert.ok(!held.has(key), `${where}: the page does not know it, and the program has ${held.get(key)}`);
                } else {
                    assert.equal(mine, held.get(key) ?? null, where);
                }
            }
        }
    });
}
