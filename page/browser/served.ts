// The page of a real server: it follows a cluster, pauses, and shows objects.

import assert from "node:assert/strict";
import { test } from "node:test";
import { browser, visit } from "../fixtures/opened";
import { serve } from "../fixtures/served";

const PATIENCE = { timeout: 20_000 };

test("it follows a recorder, pauses, and shows its objects", async (t) => {
    const served = await serve(t);
    const page = await visit(t, await browser(t), served.url);
    page.setDefaultTimeout(PATIENCE.timeout);
    await page.waitForSelector("html[data-ready]", PATIENCE);
    await page.locator(".row.object", { hasText: "pull-then-fixed" }).first().waitFor(PATIENCE);
    const live = page.locator("button.live");
    assert.equal(await live.innerText(), "Live");
    assert.equal(await page.locator(".notice", { hasText: "still running" }).count(), 0);
    await page.locator(".row.object", { hasText: "pull-then-fixed" }).first().click();
    await page.keyboard.press("w");
    await page.keyboard.press("a");
    assert.equal(await live.innerText(), "Resume");
    await page.keyboard.press("f");
    await page.keyboard.press(".");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Object", exact: true }).click();
    await page.locator("#side pre", { hasText: "name: pull-then-fixed" }).waitFor(PATIENCE);
});

test("it says that the recording has ended when its recorder does", async (t) => {
    const served = await serve(t);
    const page = await visit(t, await browser(t), served.url);
    page.setDefaultTimeout(PATIENCE.timeout);
    await page.locator(".row.object", { hasText: "pull-then-fixed" }).first().waitFor(PATIENCE);
    const asked = await fetch(`${served.url}v1/expectations`, { method: "POST", body: "pod status: never Unheard", headers: { "Content-Type": "text/plain" } });
    assert.equal(asked.status, 200);
    await page.locator("button.verdict-button", { hasText: "pending" }).waitFor(PATIENCE);
    served.interrupt();
    await page.locator(".notice", { hasText: "The recording has ended" }).waitFor({ timeout: 60_000 });
    assert.equal(await page.locator("button.live").isVisible(), false);
    await page.locator("button.verdict-button", { hasText: "satisfied" }).waitFor(PATIENCE);
});
