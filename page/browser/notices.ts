// What is said of a recording as a whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import { document as made, START, type Entry } from "../fixtures/document";
import { file } from "../fixtures/file";
import { browser, openFile } from "../fixtures/opened";

const S = 1e6;
const WEB: Entry = { subject: "Pod/a/web", at: START, from: null, to: "Running" };

test("missing lines are said to be missing, and no gap is no news then", async (t) => {
    const page = await openFile(t, await browser(t), file(made([WEB], { incomplete: true, open: true })));
    assert.deepEqual(await page.locator(".notice").allInnerTexts(), ["Lines of the recording are missing: that no gap is shown means nothing.",
        "The recorder was still running, or was killed: this recording has no end."]);
    assert.match(await page.locator("#facts").innerText(), /no gap, lines of the recording are missing/);
    assert.equal(await page.locator("#facts .gaps").count(), 1);
});

test("notices of the data are shown as they are, instead of the page's own", async (t) => {
    const notices = ["Line 24 was cut off: <b>everything</b> before it is shown.", "And another."];
    const page = await openFile(t, await browser(t), file(made([WEB], { incomplete: true, open: true, durations: "unknown", notices })));
    assert.deepEqual(await page.locator(".notice").allInnerTexts(), [...notices, "No clock measured durations in this recording."]);
    assert.match(await page.locator("#facts").innerText(), /18:09:20\s*\(\?\)/);
});

test("a recording of marks alone says so", async (t) => {
    const page = await openFile(t, await browser(t), file(made([{ at: START + S, mark: "x" }, { at: START + 2 * S, mark: "y" }])));
    await page.getByRole("heading", { name: "The recording has only 2 marks" }).waitFor();
});

test("the title is the recording, and of one from a pipe only the program", async (t) => {
    const open = await browser(t);
    assert.equal(await (await openFile(t, open, file(made([WEB])))).title(), "test.jsonl · statetrail");
    const piped = made([WEB]);
    delete piped.head.recording;
    assert.equal(await (await openFile(t, open, file(piped))).title(), "statetrail");
});
