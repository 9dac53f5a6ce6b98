// The panel of verdicts. Its words are those of the document, and nothing is called satisfied that the document does not.

import type { Expectation, Verdict, VerdictSubject, Verdicts } from "../data/format";
import { placeOf } from "../model/expected";
import { shortUids } from "../model/lives";
import { nearestFit, path } from "../model/steps";
import { clockAfter, type Zone } from "../model/times";
import { plural } from "../model/counts";
import { VERDICTS } from "../model/words";
import { button, el } from "./element";

export interface VerdictActions {
    close(): void;
    /** To the place where it was decided; without one, to the subject. */
    jump(expectation: Expectation): void;
    subject(subject: VerdictSubject, track: string | undefined): void;
}

const SYMBOLS: Record<Verdict, string> = { satisfied: "✓", violated: "✗", pending: "…", inconclusive: "?", skipped: "–" };

export function badge(verdict: Verdict): HTMLElement {
    return el("span", { class: `badge ${verdict}` }, el("span", { text: SYMBOLS[verdict], aria: { hidden: "true" } }), ` ${verdict}`);
}

export function renderVerdicts(root: HTMLElement, verdicts: Verdicts, started: number, zone: Zone, open: Set<string>,
    actions: VerdictActions): void {
    const counts = VERDICTS.map((verdict): [Verdict, number] => [verdict, verdicts.expectations.filter((e) => e.verdict === verdict).length]);
    const order = (verdict: Verdict): number => VERDICTS.indexOf(verdict);
    const sorted = [...verdicts.expectations].sort((a, b) => order(a.verdict) - order(b.verdict));
    root.replaceChildren(
        el("header", { class: "sheet-head" },
            el("div", { class: "over" }, el("span", { text: "Expectations" }), button("Close", () => { actions.close(); }, { class: "quiet" })),
            el("h2", {}, badge(verdicts.verdict)),
            el("p", { class: "prose", text: counts.filter(([, n]) => n > 0).map(([verdict, n]) => `${n} ${verdict}`).join(", ") || "No expectations." }),
            zone === "local" ? el("p", { class: "prose", text: "Times within sentences are UTC." }) : null),
        ...(verdicts.errors ?? []).map((error) => el("p", { class: "prose error", text: `${error.recording}: ${error.message}` })),
        el("ul", { class: "verdicts" }, ...sorted.map((e) => one(e, started, zone, open, actions))),
        ...(verdicts.sometimes?.length ? [
            el("h3", { text: "In one of the recordings" }),
            el("ul", { class: "verdicts" }, ...verdicts.sometimes.map((s) => el("li", {}, badge(s.verdict), el("b", { text: s.name }),
                el("p", { class: "prose", text: s.reason })))),
        ] : []));
}

function one(expectation: Expectation, started: number, zone: Zone, open: Set<string>, actions: VerdictActions): HTMLElement {
    const { subject } = expectation;
    const at = placeOf(expectation);
    const judged = expectation.clauses.reduce((sum, clause) =>
        sum + clause.subjects.length + Object.values(clause.more ?? {}).reduce((a, b) => a + b, 0), 0);
    const place = subject ? `${subject.kind} ${subject.namespace ? `${subject.namespace}/` : ""}${subject.name}${expectation.track
        ? ` · ${expectation.track}` : ""}${at === null ? "" : ` at ${clockAfter(at, started, zone)}`}` : "";
    const details = el("details", {});
    details.open = open.has(expectation.name);
    details.append(el("summary", { text: judged === 0 ? "More" : `${plural(judged, "track")} judged` }));
    details.addEventListener("toggle", () => {
        if (details.open) open.add(expectation.name); else open.delete(expectation.name);
    });
    for (const clause of expectation.clauses) {
        if (expectation.clauses.length > 1 || clause.statement !== expectation.name) {
            details.append(el("p", { class: "clause" }, badge(clause.verdict), el("code", { text: clause.statement })));
        }
        if (clause.reason) details.append(el("p", { class: "prose", text: clause.reason }));
        const told = clause.subjects.slice(0, 200);
        const lives = suffixes(told.map((judgement) => judgement.subject));
        details.append(el("ul", { class: "judged" }, ...told.map((judgement) => {
            const { subject: s } = judgement;
            const label = `${s ? `${s.kind} ${s.namespace ? `${s.namespace}/` : ""}${s.name}${lives.get(s.uid) ?? ""}` : "(unnamed)"}${judgement.track ? ` · ${judgement.track}` : ""}`;
            return el("li", {}, badge(judgement.verdict), s ? button(label, () => { actions.subject(s, judgement.track); }, { class: "link" })
                : el("span", { text: label }), judgement.reason ? el("p", { class: "prose", text: judgement.reason }) : null);
        })));
        if (clause.more) {
            details.append(el("p", { class: "prose", text: `and ${Object.entries(clause.more).map(([v, n]) => `${n} more ${v}`).join(", ")}` }));
        }
    }
    const explained = explanation(expectation);
    return el("li", { class: "verdict" },
        el("div", { class: "line" }, badge(expectation.verdict), el("b", { text: expectation.name })),
        el("p", { class: "prose reason", text: expectation.reason }),
        ...explained,
        place === "" ? null : button(place, () => { actions.jump(expectation); }, { class: "link jump", title: "Show this place" }),
        ...expectation.assumptions.map((text) => el("p", { class: "prose", text: `assuming ${text}` })),
        details);
}

/** What would have fitted, and what was legal. */
export function explanation(expectation: Expectation): HTMLElement[] {
    const out: HTMLElement[] = [];
    const chips = expectation.nearest ? nearestFit(expectation) : expectation.verdict === "satisfied" ? [] : path(expectation);
    if (chips.length > 0) {
        out.push(el("p", { class: "label", text: expectation.nearest ? "Nearest fit" : "Path" }),
            el("ol", { class: "path" }, ...chips.map(({ kind, text, title }) => el("li", { class: `edit ${kind}`, text, title }))));
    }
    if (expectation.legal) {
        out.push(el("p", { class: "label", text: expectation.departure === undefined ? "Legal next" : "Legal there" }),
            el("ul", { class: "path" }, ...expectation.legal.map((text) => el("li", { class: "edit insert", text }))));
    }
    if (expectation.settle) out.push(el("p", { class: "prose", text: `To settle it: ${expectation.settle}` }));
    return out;
}

/** By uid: what tells lives of one name apart. */
function suffixes(subjects: (VerdictSubject | undefined)[]): Map<string, string> {
    const byName = new Map<string, Set<string>>();
    for (const subject of subjects) {
        if (!subject) continue;
        const name = [subject.cluster, subject.kind, subject.namespace, subject.name].join("\n");
        byName.set(name, (byName.get(name) ?? new Set()).add(subject.uid));
    }
    const found = new Map<string, string>();
    for (const uids of byName.values()) {
        if (uids.size > 1) shortUids([...uids]).forEach((short, i) => found.set([...uids][i]!, ` (${short})`));
    }
    return found;
}
