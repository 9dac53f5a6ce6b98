// The steps of a verdict's path as the panel shows them: those around the decisive one, with the gaps in their places.

import type { Edit, Expectation, Step } from "../data/format";
import { plural } from "./counts";
import { stepName } from "./expected";

const MOST = 6;

export interface Chip {
    /** more: so many steps are left out here. */
    kind: Edit["edit"] | "gap" | "more";
    text: string;
    title: string;
}

const TITLES: Record<Edit["edit"], string> = { keep: "as it was", insert: "was missing", drop: "should not have been",
    replace: "another state was expected" };

/** What was not seen before a step, or at its place; null: nothing. */
function gapBefore(step: Step, first: boolean): Chip | null {
    const chip = (text: string, title: string): Chip => ({ kind: "gap", text, title });
    if (step.gap === undefined) return null;
    if (step.gap === "neverPublished") return chip("never published", "the server never served what was here");
    const isBeginning = step.gap === "beginning" || (first && step.state !== undefined && step.at === undefined);
    if (isBeginning) return chip("beginning not seen", "it was already so when the watch started");
    return step.state === undefined ? chip("not seen again", "nothing is known after this")
        : chip("not seen", "any state may have come and gone");
}

function more(many: number, side: "before" | "after"): Chip[] {
    return many > 0 ? [{ kind: "more", text: `… ${plural(many, "step")} ${side}`, title: "" }] : [];
}

/** More of those before the decisive step than after it, as `check` prints them. */
export function path(expectation: Expectation): Chip[] {
    const steps = expectation.path ?? [];
    const broke = expectation.departure ?? expectation.breach?.step;
    const to = Math.min(Math.max((broke ?? expectation.gap ?? steps.length) + 2, MOST), steps.length);
    const from = Math.max(0, to - MOST);
    const chips = more(from, "before");
    steps.slice(from, to).forEach((step, i) => {
        const gap = gapBefore(step, from + i === 0);
        if (gap) chips.push(gap);
        if (step.state === undefined) return;
        chips.push({ kind: from + i === broke ? "drop" : "keep", text: stepName(step), title: "" });
    });
    return [...chips, ...more(steps.length - to, "after")];
}

/** The path as it would have fitted with the fewest changes. */
export function nearestFit(expectation: Expectation): Chip[] {
    const steps = expectation.path ?? [];
    const chips: Chip[] = [];
    let i = 0;
    const pass = (): void => {
        const step = steps[i];
        const gap = step && gapBefore(step, i === 0);
        if (gap) chips.push(gap);
        i++;
    };
    for (const { edit, state, with: other } of expectation.nearest ?? []) {
        if (edit !== "insert") {
            // A gap at whose end nothing was found is no step of the trace.
            while (i < steps.length && steps[i]!.state === undefined) pass();
            pass();
        }
        const text = edit === "insert" ? `+ ${state}` : edit === "drop" ? `- ${state}` : edit === "replace" ? `${state} ⇒ ${other ?? "?"}` : state;
        chips.push({ kind: edit, text, title: TITLES[edit] });
    }
    while (i < steps.length) pass();
    return chips;
}

/** "4 expectations: " and "1 violated"; "1 expectation: " and "violated"; "4 expectations: " and "all satisfied". */
export function badgeText(verdict: string, verdicts: string[]): [string, string] {
    const many = verdicts.length;
    const count = verdicts.filter((other) => other === verdict).length;
    // With several recordings, one of `sometimes`, or one that could not be read, may decide.
    const text = many < 2 || count === 0 ? verdict : count === many ? `all ${verdict}` : `${count} ${verdict}`;
    return [`${plural(many, "expectation")}: `, text];
}
