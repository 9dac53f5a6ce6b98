// The view in the fragment of the address, so that it can be shared. Times are microseconds since the recording's start.

import { FACETS, emptyFilter, type Filter } from "../model/filter";
import type { Zone } from "../model/times";

export interface Shared {
    from?: number;
    to?: number;
    row?: string;
    /** The start of the selected state. */
    at?: number;
    /** What is selected and is no state: an Event, a gap, a mark or a change of details, by its line: "event-12". */
    item?: string;
    span?: [number, number];
    open: Map<string, boolean>;
    all?: boolean;
    filter: Filter;
    zone?: Zone;
    theme?: "light" | "dark";
    panel?: "details" | "verdicts";
}

const LETTERS = { kind: "kind", namespace: "ns", track: "track", state: "state" } as const;

export function write(shared: Shared): string {
    const p = new URLSearchParams();
    if (shared.from !== undefined && shared.to !== undefined) p.set("t", `${Math.round(shared.from)}-${Math.round(shared.to)}`);
    if (shared.row !== undefined) p.set("row", shared.row);
    if (shared.at !== undefined) p.set("at", String(Math.round(shared.at)));
    if (shared.item !== undefined) p.set("item", shared.item);
    if (shared.span) p.set("span", shared.span.map(Math.round).join("-"));
    if (shared.all) p.set("all", "1");
    for (const [key, expanded] of shared.open) p.append(expanded ? "open" : "shut", key);
    for (const facet of FACETS) for (const value of [...shared.filter[facet]].sort()) p.append(LETTERS[facet], value);
    if (shared.filter.text !== "") p.set("q", shared.filter.text);
    if (shared.zone === "local") p.set("zone", "local");
    if (shared.theme) p.set("theme", shared.theme);
    if (shared.panel) p.set("panel", shared.panel);
    return p.toString();
}

/** Unknown and damaged parts are left out: an old link still opens. */
export function read(fragment: string): Shared {
    const p = new URLSearchParams(fragment.replace(/^#/, ""));
    const shared: Shared = { open: new Map(), filter: emptyFilter() };
    const pair = (text: string | null): [number, number] | null => {
        const match = /^(-?\d+)-(-?\d+)$/.exec(text ?? "");
        return match && Number(match[2]) > Number(match[1]) ? [Number(match[1]), Number(match[2])] : null;
    };
    const time = pair(p.get("t"));
    if (time) [shared.from, shared.to] = time;
    const row = p.get("row");
    if (row !== null) shared.row = row;
    const at = p.get("at");
    if (at !== null && /^-?\d+$/.test(at)) shared.at = Number(at);
    const item = p.get("item");
    if (item !== null && /^(mark|gap|event|tick)-\d+$/.test(item)) shared.item = item;
    const span = pair(p.get("span"));
    if (span) shared.span = span;
    if (p.get("all") === "1") shared.all = true;
    for (const key of p.getAll("open")) shared.open.set(key, true);
    for (const key of p.getAll("shut")) shared.open.set(key, false);
    for (const facet of FACETS) for (const value of p.getAll(LETTERS[facet])) shared.filter[facet].add(value);
    shared.filter.text = p.get("q") ?? "";
    if (p.get("zone") === "local") shared.zone = "local";
    const theme = p.get("theme");
    if (theme === "light" || theme === "dark") shared.theme = theme;
    const panel = p.get("panel");
    if (panel === "details" || panel === "verdicts") shared.panel = panel;
    return shared;
}

/** The token of a live page, which is taken out of the address at once. */
export function takeToken(): string {
    const p = new URLSearchParams(location.hash.replace(/^#/, ""));
    const token = p.get("token");
    if (token === null) return "";
    p.delete("token");
    const rest = p.toString();
    history.replaceState(null, "", `${location.pathname}${location.search}${rest === "" ? "" : `#${rest}`}`);
    return token;
}
