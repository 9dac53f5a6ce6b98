// What the keys and the pointer do, and what the colors mean.

import { button, el } from "./element";

export const KEYS: [string, string][] = [
    ["W S", "zoom in, zoom out"],
    ["A D", "move left, move right"],
    ["F", "fit the whole recording"],
    ["Z", "zoom to the selected state"],
    ["Up Down", "previous, next row"],
    ["Left Right", "close, open a row"],
    ["Enter", "details of the selected state"],
    [". ,", "next, previous transition of the track"],
    ["K Shift+K", "next, previous Event"],
    ["] [", "next, previous gap"],
    ["E Shift+E", "next, previous failure"],
    ["M Shift+M", "next, previous mark"],
    ["Space", "select the row, to add up how long its states were held"],
    ["B", "begin a span at the selected state; again: end it"],
    ["/", "search"],
    ["V", "expectations"],
    ["U", "UTC, or local time"],
    ["L", "follow a live recording"],
    ["?", "this help"],
    ["Esc", "close what is open"],
];

const POINTER: [string, string][] = [
    ["Wheel", "scroll the rows; sideways: move in time"],
    ["Ctrl+wheel, or wheel on the time axis", "zoom at the pointer"],
    ["Drag", "move"],
    ["Drag on the time axis, or Shift+drag", "choose a span, and read how long states were held"],
    ["Click", "details"],
    ["Double click", "zoom to a state"],
    ["Ctrl+click on a name", "select several rows"],
];

export const LEGEND: [string, string][] = [
    ["good", "good"],
    ["waiting", "waiting"],
    ["failing", "failing"],
    ["ended", "ended"],
    ["plain", "other"],
    ["gap", "gap: not seen"],
    ["doubt", "not known"],
    ["gone", "deleted"],
];

export function fillHelp(dialog: HTMLDialogElement): void {
    const table = (rows: [string, string][], keys: boolean): HTMLElement => el("dl", { class: keys ? "keys" : "keys wide" },
        ...rows.flatMap(([key, text]) => [el("dt", {}, ...(keys ? key.split(" ").map((k) => el("kbd", { text: k })) : [key])), el("dd", { text })]));
    dialog.replaceChildren(
        el("header", {}, el("h2", { text: "Help" }), button("Close", () => { dialog.close(); }, { class: "quiet" })),
        el("div", { class: "columns" },
            el("section", {}, el("h3", { text: "Keys" }), table(KEYS, true)),
            el("section", {},
                el("h3", { text: "Mouse" }), table(POINTER, false),
                el("h3", { text: "What is drawn" }),
                el("ul", { class: "legend-list" },
                    ...LEGEND.map(([tone, text]) => el("li", {}, el("span", { class: `sample ${tone}`, aria: { hidden: "true" } }), text)),
                    el("li", { text: "◆ Event that warns; ◇ other Event" }),
                    el("li", { text: "A vertical line is a mark that a test wrote." }),
                    el("li", { text: "A bar that fades in: its beginning was not seen." }),
                    el("li", { text: "A small line inside a bar: the same state with another reason or message." }),
                    el("li", { text: "Stripes: nothing is known of this span; any state may have come and gone." }),
                    el("li", { text: "Light stripes: it may have changed already, its watch is not followed, or the server no longer holds it." })))));
}
