// The keyboard: the same commands wherever the focus is, except in fields.

import type { App } from "../app";

export interface KeyActions {
    help(): void;
    search(): void;
    verdicts(): void;
    zone(): void;
    /** What is open is closed, one at a time; false: nothing was. */
    escape(): boolean;
}

const PAN = 120;
const ZOOM = 1.5;

export function listen(app: App, actions: KeyActions): void {
    document.addEventListener("keydown", (event) => {
        if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
        const target = event.target as HTMLElement;
        if (document.querySelector("dialog[open]")) return;
        if (event.key === "Escape") {
            if (actions.escape()) event.preventDefault();
            return;
        }
        if (target.matches("input, textarea, select")) return;
        const inRows = target.closest("#names") !== null || target === document.body;
        const onControl = !inRows && target.matches("button, summary, a, [role=separator], pre, .scroll");
        if (command(app, actions, event, inRows, onControl)) event.preventDefault();
    });
}

function command(app: App, actions: KeyActions, event: KeyboardEvent, inRows: boolean, onControl: boolean): boolean {
    const node = app.focusedNode;
    if (inRows) {
        switch (event.key) {
            case "ArrowDown": app.moveFocus(1); return true;
            case "ArrowUp": app.moveFocus(-1); return true;
            case "PageDown": app.moveFocus(Math.max(1, Math.floor(app.view.height / 26) - 2)); return true;
            case "PageUp": app.moveFocus(-Math.max(1, Math.floor(app.view.height / 26) - 2)); return true;
            case "Home": app.moveFocus(-1e9); return true;
            case "End": app.moveFocus(1e9); return true;
            case "ArrowRight":
                if (node?.expanded === false) app.toggle(node, true); else app.moveFocus(1);
                return true;
            case "ArrowLeft":
                if (node?.expanded) app.toggle(node, false); else if (node?.parent) app.focusNode(node.parent);
                return true;
        }
    }
    if (!onControl) {
        switch (event.key) {
            case "Enter": app.openDetails(); return true;
            case " ": if (node) app.toggleRow(node); return true;
        }
    }
    switch (event.key) {
        case "w": case "W": app.zoom(1 / ZOOM); return true;
        case "s": case "S": app.zoom(ZOOM); return true;
        case "a": case "A": app.pan(-PAN); return true;
        case "d": case "D": app.pan(PAN); return true;
        case "+": case "=": app.zoom(1 / ZOOM); return true;
        case "-": app.zoom(ZOOM); return true;
        case "f": case "F": app.fit(); return true;
        case "z": app.zoomToTarget(); return true;
        case ".": case "n": app.go.state(1); return true;
        case ",": case "N": app.go.state(-1); return true;
        case "]": app.go.stop("gap", 1); return true;
        case "[": app.go.stop("gap", -1); return true;
        case "e": app.go.stop("failure", 1); return true;
        case "E": app.go.stop("failure", -1); return true;
        case "k": app.go.event(1); return true;
        case "K": app.go.event(-1); return true;
        case "m": app.go.mark(1); return true;
        case "M": app.go.mark(-1); return true;
        case "b": case "B": app.markSpan(); return true;
        case "l": case "L": app.follow(); return true;
        case "/": actions.search(); return true;
        case "?": actions.help(); return true;
        case "v": case "V": actions.verdicts(); return true;
        case "u": case "U": actions.zone(); return true;
        default: return false;
    }
}
