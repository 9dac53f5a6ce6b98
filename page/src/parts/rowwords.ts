// What is said of the rows beside the bars.

import type { App } from "../app";
import type { MainTracks } from "../model/main";
import { countTones, rowOf, type Group, type Node, type ToneOrGap } from "../model/tree";
import { grouped, plural } from "../model/counts";
import { rowInWords, subjectName } from "../model/words";
import { printable } from "../model/printable";
import type { Chip, RowTexts } from "./rowlist";

const TONE_NAMES: Record<string, string> = { good: "good", waiting: "waiting", failing: "failing", ended: "ended", gone: "deleted",
    plain: "in other states", gap: "not seen" };
const TONE_ORDER = ["failing", "gap", "waiting", "good", "plain", "ended", "gone"] as const;

export class RowWords implements RowTexts {
    private readonly counted = new Map<Group, { revision: string; counts: Map<ToneOrGap, number> }>();

    constructor(private readonly app: App, private readonly main: MainTracks) {}

    chips(node: Node): Chip[] {
        if (node.type === "object") {
            if (node.expectations.length === 0) return [];
            const worst = node.expectations.some((e) => e.verdict === "violated") ? "violated"
                : node.expectations.some((e) => e.verdict === "pending") ? "pending" : "inconclusive";
            return [{ tone: `verdict ${worst}`, text: worst, title: node.expectations.map((e) => e.reason).join("\n") }];
        }
        if (node.type !== "namespace" && node.type !== "kind") return [];
        const counts = this.counts(node);
        return TONE_ORDER.filter((tone) => counts.has(tone)).map((tone) => ({ tone,
            text: grouped(counts.get(tone)!), title: `${counts.get(tone)!} ${TONE_NAMES[tone]} at the end` }));
    }

    private counts(node: Group): Map<ToneOrGap, number> {
        const { revision } = this.app;
        let kept = this.counted.get(node);
        if (kept?.revision !== revision) {
            if (this.counted.size > 500) this.counted.clear();
            this.counted.set(node, kept = { revision, counts: countTones(this.app.timeline, node, this.main) });
        }
        return kept.counts;
    }

    /** Which track a closed object shows, unless that is evident. */
    sub(node: Node): string {
        const row = node.type === "object" && !node.expanded ? rowOf(node) : null;
        const name = row ? this.app.timeline.tracks[row.track]!.name : "";
        return name === "status" || name === "phase" ? "" : name;
    }

    title(node: Node): string {
        if (node.type === "object") return `${subjectName(node.subject)}\nuid ${printable(node.subject.uid)}`;
        if (node.type === "track") return `${node.label} of ${subjectName(node.subject)}`;
        if (node.type === "expected") return `${node.expectation.name}\n${node.expectation.verdict}: ${node.expectation.reason}`;
        return `${node.label}: ${plural(node.objects.length, "object")}`;
    }

    states(node: Node): string {
        const { app } = this;
        const { timeline } = app;
        if (node.type === "expected") return `Expectation ${node.expectation.name}: ${node.expectation.verdict}. ${node.expectation.reason}`;
        const row = rowOf(node);
        if (row) {
            const events = node.type === "object" && node.subject.events.length > 0 ? ` ${plural(node.subject.events.length, "Event")}.` : "";
            return `${timeline.tracks[row.track]!.name}: ${rowInWords(timeline, row, app.view.from, app.view.to, app.zone)}${events}`;
        }
        if (node.type === "namespace" || node.type === "kind") {
            const counts = this.counts(node);
            return `${plural(node.objects.length, "object")}: ${[...counts].map(([tone, n]) => `${n} ${TONE_NAMES[tone]}`).join(", ")}.`;
        }
        return "";
    }
}
