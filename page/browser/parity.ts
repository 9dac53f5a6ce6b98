// What the page holds for true of every scenario is what the program says: how long states lasted, and what was known at
// every moment. A state where the program says unknown, or none where it knows one, is a failure.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dataOf, scenarios, show, showAt } from "../fixtures/recorded";
import { Type } from "../src/data/format";
import { isExact, stay } from "../src/model/dwell";
import { ABSENT, GAP, GONE, UNFOLLOWED, VAGUE, type Row } from "../src/model/trail";
import { parse } from "../src/model/times";
import { Timeline } from "../src/model/timeline";

/** Of each scenario at most so many moments, spread over all of them: each is a run of the program. */
const MOMENTS = Number(process.env.MOMENTS ?? 24);

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

/** Every entry, just before it, and in between; fewer if there are many, with the first and the last. */
function moments(timeline: Timeline): number[] {
    const c = timeline.columns;
    const at = [...c.at.subarray(0, c.length)];
    for (const gap of timeline.gaps.values()) at.push(...[gap.from, gap.to].filter((edge) => edge !== undefined));
    for (let i = 0; i < c.length; i++) if (c.since[i]! > 0) at.push(c.at[i]! - c.since[i]!);
    const sorted = [...new Set(at)].sort((a, b) => a - b);
    const all = new Set<number>();
    sorted.forEach((moment, i) => {
        all.add(moment - 1).add(moment).add(Math.floor((moment + (sorted[i + 1] ?? moment)) / 2));
    });
    const { started, last } = timeline.head;
    const inside = [...all].filter((moment) => moment >= started && moment <= last).sort((a, b) => a - b);
    // Around what was not seen, all of them.
    const doubtful = (moment: number): boolean => rows(timeline).some((row) => {
        for (let i = row.lo; i < row.hi; i++) {
            const code = row.trail.state[i]!;
            if (code !== GAP && code !== VAGUE) continue;
            if (Math.abs(moment - row.trail.start[i]!) <= 1 || Math.abs(moment - row.trail.end[i]!) <= 1) return true;
        }
        return false;
    });
    const chosen = inside.filter(doubtful).slice(0, MOMENTS);
    const step = Math.max(1, inside.length / MOMENTS);
    for (let i = 0; i < inside.length; i += step) chosen.push(inside[Math.floor(i)]!);
    return [...new Set([...chosen, ...inside.slice(-1)])].sort((a, b) => a - b);
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

for (const [name, recording] of scenarios()) {
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
