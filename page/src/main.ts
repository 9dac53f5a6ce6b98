// Opens the page: with the data in the file, or with what its server says.

import { embedded } from "./data/embedded";
import { Live, type Connection } from "./data/live";
import { EmbeddedObjects, ServedObjects } from "./data/objects";
import type { Page } from "./data/format";
import { printableWithin } from "./model/printable";
import { Timeline } from "./model/timeline";
import { button, byId, el } from "./parts/element";
import { Screen } from "./screen";
import { takeToken } from "./state/fragment";

function fail(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    const root = byId("empty");
    root.hidden = false;
    root.replaceChildren(el("h2", { text: "The page cannot be shown" }), el("p", { text: `${why}.` }));
}

async function open(): Promise<void> {
    const token = takeToken();
    const document_ = await embedded();
    if (document_) {
        const timeline = new Timeline(document_.head);
        for (const chunk of document_.chunks) timeline.append(chunk);
        const screen = new Screen(timeline, new EmbeddedObjects());
        screen.app.verdicts = printableWithin(document_.verdicts);
        screen.restore();
        document.documentElement.dataset.ready = "true";
        return;
    }
    follow(token);
}

/** The first answer makes the screen; a reset makes another timeline, and so a new page. */
function follow(token: string): void {
    let screen: Screen | null = null;
    let timeline: Timeline | null = null;
    const waiting: Connection[] = [];
    const tell = (connection: Connection): void => {
        if (connection.kind === "token") {
            askToken(connection.refused, (text) => { live.useToken(text); });
            return;
        }
        byId<HTMLDialogElement>("token").close();
        if (screen) screen.connection(connection);
        else if (connection.kind === "lost") fail(new Error(`${connection.why}; next attempt in ${connection.seconds} s`));
        else waiting.push(connection);
    };
    const live = new Live(token, (page: Page) => {
        if (screen && timeline && !page.reset && page.missed === 0) {
            timeline.append(page.chunk);
            timeline.setHead(page.head);
        } else {
            if (screen && timeline) {
                // Between what is shown and what is held now, something is missing: what is shown is not continued.
                const known = page.reset ? 0 : timeline.missed + timeline.dropped + timeline.columns.length;
                timeline.reset(page.head);
                timeline.append(page.chunk);
                timeline.miss(page.missed === 0 ? 0 : known + page.missed);
            } else {
                byId("empty").hidden = true;
                timeline = new Timeline(page.head);
                timeline.live = true;
                timeline.append(page.chunk);
                timeline.miss(page.missed);
                screen = new Screen(timeline, new ServedObjects(live.get));
                screen.app.live = true;
                screen.app.following = true;
                screen.restore();
            }
        }
        screen.app.appended();
        screen.updated();
        document.documentElement.dataset.ready = "true";
        for (const connection of waiting.splice(0)) screen.connection(connection);
    }, (verdicts) => { screen?.judged(verdicts); }, tell);
    addEventListener("online", () => { live.retry(); });
    void live.follow();
}

function askToken(refused: boolean, use: (token: string) => void): void {
    const dialog = byId<HTMLDialogElement>("token");
    const field = el("input", { type: "password", id: "token-field" });
    field.autocomplete = "off";
    const form = el("form", {},
        el("h2", { text: "Token" }),
        el("p", { text: refused ? "The server refused this token." : "The server asks for a token. It is kept in memory only." }),
        el("label", {}, el("span", { text: "Token" }), field),
        el("div", { class: "nav" }, button("Connect", () => undefined, { type: "submit" })));
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        use(field.value.trim());
    });
    dialog.replaceChildren(form);
    if (!dialog.open) dialog.showModal();
    field.focus();
}

document.addEventListener("DOMContentLoaded", () => { open().catch(fail); });
