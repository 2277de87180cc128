// The page starts under a sub-path, without an error, and anyone can use it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, shot, violations } from "./harness.mjs";

/** The app has taken the place of the shell that is shown before it arrives. */
const started = (page) => page.waitForFunction(() => !document.querySelector("#shell"));

test("the page opens under a sub-path and starts the app", async (t) => {
  const page = await openPage(t);
  assert.match(await page.title(), /Faultline/);
  await started(page);
});

test("without an address the first page opens, with a protocol that lives", async (t) => {
  const page = await openPage(t, { keeps: true });
  await page.waitForSelector(".home .hero-picture .node");
  assert.equal(await page.locator("#lab").count(), 0);
  await page.locator('.home .dark[href="#/raft"]').click();
  await page.waitForSelector("#lab");
  await page.evaluate(() => (location.hash = ""));
  await page.waitForSelector(".home");
  assert.equal(await page.locator("#lab").count(), 0);
});

test("a browser can install the page", async (t) => {
  const page = await openPage(t);
  await started(page);
  const session = await page.context().newCDPSession(page);
  const { data, errors } = await session.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  const { name, start_url, icons } = JSON.parse(data);
  assert.deepEqual([name, start_url], ["Faultline", "./"]);
  assert.equal(await page.evaluate((src) => fetch(src).then(({ status }) => status), icons[0].src), 200);
});

test("without JavaScript the page says what it needs", async (t) => {
  const page = await openPage(t, { javaScript: false });
  assert.match(await page.locator("noscript").innerText(), /needs JavaScript/);
});

test("a search for a run shows that run on the card of its protocol", async (t) => {
  const page = await openPage(t);
  await page.waitForSelector(".entries");
  assert.equal(await page.locator(".entry .hits").count(), 0);
  await page.fill(".finder input", "figure 8 rule");
  assert.deepEqual(await page.locator(".entry .hits a").allInnerTexts(), ["Figure 8 without the rule: committed, then lost"]);
  await page.locator(".entry .hits a").click();
  await page.waitForURL(/#\/raft\/figure-8-unsafe/);
});

test("the pages without a program lead to each other, and break no accessibility rule", async (t) => {
  const page = await openPage(t, { rest: "p/" });
  for (const title of ["Raft", "Figure 8: a majority is not enough to commit"]) {
    assert.deepEqual(await violations(page), []);
    await page.getByRole("link", { name: title, exact: true }).click();
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
  }
  assert.deepEqual(await violations(page), []);
  await page.getByRole("link", { name: "Protocols" }).click();
  await page.getByRole("heading", { level: 1, name: "Protocols" }).waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  test(`the first page breaks no accessibility rule in ${colorScheme}`, async (t) => {
    const page = await openPage(t, { colorScheme });
    await page.waitForSelector(".entries");
    assert.deepEqual(await violations(page), []);
    await shot(page, `smoke-${colorScheme}`);
  });
}
