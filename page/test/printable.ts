import assert from "node:assert/strict";
import { test } from "node:test";
import { document, START } from "../fixtures/document";
import { lines } from "../src/model/diff";
import { printable, printableLines, printableWithin } from "../src/model/printable";
import { Timeline } from "../src/model/timeline";

test("what is invisible or changes the direction of writing is a code point, as on a terminal", () => {
    assert.equal(printable("r\u00f4le \u{1f980} a\\b \u05e0\u05ea\u05d9\u05d1"), "r\u00f4le \u{1f980} a\\b \u05e0\u05ea\u05d9\u05d1");
    assert.equal(printable("\x1b[2K\u009b31m\r\n\t\0\x7f"), "\\u{1b}[2K\\u{9b}31m\\u{d}\\u{a}\\u{9}\\u{0}\\u{7f}");
    const hidden = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\u3164\ufe0f" +
        "\uffa0\ufff9\uffff\u{1bca0}\u{1d173}\u{1fffe}\u{10ffff}\u{e0001}\u{e0020}\u{e007f}\u{e01ef}";
    for (const character of hidden) assert.equal(printable(character), `\\u{${character.codePointAt(0)!.toString(16)}}`);
    assert.equal(printableLines("one\n\ttwo\u202e"), "one\n\ttwo\\u{202e}");
    assert.deepEqual(printableWithin({ a: ["\u200b", 1, null] }), { a: ["\\u{200b}", 1, null] });
});

test("names, states, reasons, messages, marks and objects are shown with such code points", () => {
    const evil = "x\u202ey";
    const data = document([{ subject: `Pod/a/${evil}`, at: START, from: null, to: evil, details: { reason: evil, message: `${evil}\nnext` } },
        { subject: `Pod/a/${evil}`, at: START, event: { reason: evil, message: evil } }, { at: START, mark: evil },
        { subject: `Pod/a/${evil}`, at: START, gap: { evidence: evil } }], { recording: evil });
    const timeline = new Timeline(data.head);
    for (const part of data.chunks) timeline.append(part);
    const [, state] = timeline.states;
    const shown = "x\\u{202e}y";
    assert.deepEqual([timeline.subjects[0]!.name, state!.text, state!.label, state!.reason, state!.message, timeline.events.get(1)!.reason,
        timeline.events.get(1)!.message, timeline.marks[0]!.name, timeline.gaps.get(3)!.evidence, timeline.head.recording],
    [shown, shown, shown, shown, `${shown}\nnext`, shown, shown, shown, shown, shown]);
    assert.deepEqual(lines({ [evil]: evil }), [`${shown}: "${shown}"`]);
});
