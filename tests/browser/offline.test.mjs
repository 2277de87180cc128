// Offline after the first visit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DIST, openPage, violations } from "./harness.mjs";
import { kept, openLab, settle, state, until, whole } from "./lab.mjs";
import { serve } from "./server.mjs";

test("a page that was visited once opens without its server", async (t) => {
  const server = await serve(DIST);
  const page = await openLab(t, { keeps: true, base: server.url, rest: "#/raft/figure-8-unsafe" });
  await kept(page);
  server.close();
  assert.equal(await page.evaluate(() => fetch("./nowhere.txt").then(() => "there", () => "gone")), "gone");
  page.errors.length = 0; // That this fetch fails is what the console says.

  await page.reload();
  await page.waitForSelector("#lab");
  await page.keyboard.press("End");
  await until(page, () => document.querySelector("[data-standing=violated]"));
  assert.equal(await page.locator(".where .title").innerText(), "Figure 8 without the rule: committed, then lost");
});

test("the run in the address opens without the server", async (t) => {
  const server = await serve(DIST);
  const page = await openLab(t, { keeps: true, base: server.url, rest: "#/gossip" });
  await settle(page);
  assert.match(page.url(), /#\/gossip\?[\d.]+m?s$/);
  await kept(page);
  const before = await state(page);
  server.close();
  await page.reload();
  await whole(page);
  assert.deepEqual(await settle(page), before);
});

test("a protocol that was used opens without the server, and one that was not says that it cannot be loaded", async (t) => {
  const server = await serve(DIST);
  const page = await openLab(t, { keeps: true, base: server.url, rest: "#/gossip" });
  await kept(page);
  server.close();
  await page.goto(`${server.url}#/pbft`);
  await page.locator("[data-tool=retry]").waitFor();
  page.errors.length = 0; // That the part cannot be had is what the console says.
  await page.goto(`${server.url}#/gossip`);
  await page.waitForSelector("#lab");
  await until(page, () => document.querySelector(".where .protocol").textContent.toLowerCase().includes("gossip"));
});

test("everything that is kept on request opens without the server", async (t) => {
  const server = await serve(DIST);
  const page = await openPage(t, { keeps: true, base: server.url });
  await page.locator("[data-tool=keep]").click();
  await until(page, () => document.querySelector(".keep").innerText.includes("Everything works without a network"));
  assert.deepEqual(await violations(page), []);
  server.close();
  for (const slug of ["pbft", "amqp", "quorum-kv"]) {
    await page.goto(`${server.url}#/${slug}`);
    await page.waitForSelector("#lab");
    await until(page, (slug) => document.querySelector("[data-tool=keep]") === null && document.querySelector(".node"), slug);
  }
  await page.keyboard.press("Control+k");
  await page.waitForSelector("dialog[open]");
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "State" }).click();
  await page.waitForSelector(".tab-panel .panels");
});

test("what cannot be fetched to be kept is said, and fetched when it is tried again", async (t) => {
  const page = await openPage(t);
  let broken = true;
  await page.route(/\/pbft-.*\.wasm$/, (route) => (broken ? route.abort() : route.continue()));
  await page.locator("[data-tool=keep]").click();
  await until(page, () => document.querySelector(".keep").innerText.includes("Not everything could be fetched"));
  broken = false;
  await page.locator("[data-tool=keep]").click();
  await until(page, () => document.querySelector(".keep").innerText.includes("Everything works without a network"));
  page.errors.length = 0; // That the part did not come is what the console says.
});
