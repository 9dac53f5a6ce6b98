// Where the steps of a verdict lie in time, and what the path would have been with the fewest changes.

import type { Expectation, Step } from "../data/format";
import { parse } from "./times";

export interface Piece {
    /** kept: as it was. dropped: it was there and should not. instead: another state was there. missing: it was not there. */
    kind: "kept" | "dropped" | "instead" | "missing" | "gap" | "after";
    label: string;
    /** Microseconds; of what is missing, the place where it would have been inserted. */
    from: number;
    to: number;
}

export interface Place {
    at: number;
    notBefore: number;
}

/** When the step began; null: not known. */
export function stepAt(expectation: Expectation, index: number | undefined): number | null {
    const at = index === undefined ? undefined : expectation.path?.[index]?.at;
    return at === undefined ? null : parse(at);
}

/** The moment to jump to. */
export function placeOf(expectation: Expectation): number | null {
    const text = expectation.at ?? expectation.decided;
    const place = stepAt(expectation, expectation.departure) ?? stepAt(expectation, expectation.breach?.step) ??
        stepAt(expectation, expectation.gap);
    return place ?? (text === undefined ? null : parse(text));
}

export function stepName(step: Step): string {
    if (step.state === undefined) return step.gap === undefined ? "?" : "not seen again";
    if (step.state === null) return "absent";
    return step.state + (step.exitCode === undefined || step.exitCode === 0 ? "" : `/${step.exitCode}`);
}

export function pieces(expectation: Expectation, end: number): Piece[] {
    const path = expectation.path ?? [];
    const begin = (i: number): number => {
        for (let k = i; k < path.length; k++) {
            const at = path[k]!.at;
            if (at !== undefined) return parse(at);
        }
        return end;
    };
    const span = (i: number): { from: number; to: number } => ({ from: begin(i), to: Math.max(begin(i), begin(i + 1)) });
    const list: Piece[] = [];
    const { nearest } = expectation;
    if (!nearest) {
        path.forEach((step, i) => {
            const departed = expectation.departure !== undefined && i >= expectation.departure;
            const kind = departed ? (i === expectation.departure && expectation.breach?.kind !== "stay" ? "dropped" : "after") : "kept";
            list.push({ kind: step.gap !== undefined && step.state === undefined ? "gap" : kind, label: stepName(step), ...span(i) });
        });
        return list;
    }
    let i = 0;
    for (const edit of nearest) {
        // A gap at whose end nothing was found is no step of the trace.
        while (i < path.length && edit.edit !== "insert" && path[i]!.state === undefined) list.push({ kind: "gap", label: "gap", ...span(i++) });
        if (edit.edit === "insert") {
            const at = begin(i);
            list.push({ kind: "missing", label: edit.state, from: at, to: at });
            continue;
        }
        if (i >= path.length) break;
        const at = span(i++);
        if (edit.edit === "keep") list.push({ kind: "kept", label: edit.state, ...at });
        else if (edit.edit === "drop") list.push({ kind: "dropped", label: edit.state, ...at });
        else list.push({ kind: "instead", label: edit.with ?? "?", ...at });
    }
    return list;
}
