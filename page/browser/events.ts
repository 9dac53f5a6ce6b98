// Events, marks and gaps of whole watches: by the keyboard, and by an address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { document as made, START, type Entry } from "../fixtures/document";
import { file } from "../fixtures/file";
import { accessibility, browser, openFile } from "../fixtures/opened";

const S = 1e6;
const WEB = "Pod/a/web";
const entries: Entry[] = [
    { subject: WEB, at: START, from: null, to: "Running" },
    { subject: WEB, at: START + 5 * S, event: { reason: "Pulled" } },
    { subject: "Pod/a/ghost", at: START + 10 * S, event: { type: "Warning", reason: "Evicted" } },
    { subject: "Pod/a/ghost", at: START + 20 * S, event: { type: "Warning", reason: "Killed" } },
    { at: START + 30 * S, mark: "half" },
    { at: START + 50 * S, gap: { from: START + 40 * S, to: START + 50 * S } },
];
const html = file(made(entries, { last: START + 60 * S }));

test("an object with only Events, and each of its Events, is opened by the keyboard", async (t) => {
    const page = await openFile(t, await browser(t), html);
    const title = page.locator("#side h2");
    await page.locator(".row.object", { hasText: "ghost" }).click();
    await page.keyboard.press("Enter");
    assert.equal(await title.innerText(), "Evicted");
    await page.keyboard.press("k");
    assert.equal(await title.innerText(), "Killed");
    await page.keyboard.press("k");
    assert.equal(await page.locator("#status").textContent(), "That was the last Event.");
    await page.keyboard.press("Shift+K");
    assert.equal(await title.innerText(), "Evicted");
    assert.deepEqual(await accessibility(page), []);
});

test("without a chosen object, the keys go through all Events", async (t) => {
    const page = await openFile(t, await browser(t), html);
    const reasons: string[] = [];
    for (let i = 0; i < 3; i++) {
        await page.keyboard.press("k");
        reasons.push((await page.locator("#status").textContent()) ?? "");
    }
    assert.deepEqual(reasons, ["Event 1 of 3: Pulled, web", "Event 2 of 3: Evicted, ghost", "Event 3 of 3: Killed, ghost"]);
});

for (const [what, keys, title] of [["an Event", ["k", "k"], "Evicted"], ["a mark", ["m"], "half"],
    ["a gap of a watch", ["]"], "Gap: history expired"]] as const) {
    test(`the address of ${what} opens it`, async (t) => {
        const open = await browser(t);
        const page = await openFile(t, open, html);
        for (const key of keys) await page.keyboard.press(key);
        assert.equal(await page.locator("#side h2").innerText(), title);
        await page.waitForFunction(() => location.hash.includes("item=") && location.hash.includes("panel=details"));
        const again = await openFile(t, open, html, { hash: await page.evaluate(() => location.hash) });
        assert.equal(await again.locator("#side h2").innerText(), title);
    });
}
