// What the page says when a part does not come, and that it comes when it is tried again.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DIST, openPage } from "./harness.mjs";
import { openLab, openText, settle, shows, until, whole } from "./lab.mjs";

/** The files of the parts, as the page lists them. */
const FILES = JSON.parse((await readFile(join(DIST, "index.html"), "utf8")).match(/const parts = (.*);/)[1]);
/** The file of a part that no other part is read for before. */
const part = (name) => new RegExp(`/${FILES[name].split(" ").at(-1)}-[0-9a-f]{16}\\.wasm$`);

/** A link that holds a run. */
const LINK = "#/raft?2&seed+42&k=ixgvuc8vvz";

/** Sentences about what does not come, wherever the part is missed: what fails, and how it is wished for. */
const MISSED = [
  ["gossip", "a protocol by link", (page) => page.evaluate(() => (location.hash = "#/gossip")), (page) => shows(page, "gossip")],
  ["laboratory", "the laboratory", (page) => page.goto(`${page.home}#/raft`), whole],
  ["around", "what surrounds the stage", (page) => page.goto(`${page.home}#/raft`), whole],
  ["more", "more of the stage", (page) => page.goto(`${page.home}#/quorum-kv/sloppy`), (page) => page.waitForSelector(".stage :is(.kind:not(.crowded), .hull)")],
  ["below", "what is below the first run", (page) => page.goto(page.home), (page) => page.waitForSelector(".entries")],
  ["links", "what reads links", (page) => page.goto(page.home + LINK), (page) => page.waitForSelector('#lab [name=seed]')],
  ["panels", "what the protocol is about", (page) => page.goto(`${page.home}#/raft`), (page) => page.waitForSelector(".panels")],
  ["dialogs", "a dialog", (page) => page.keyboard.press("o"), (page) => page.waitForSelector("#open-text")],
  ["raft", "the protocol of the first page", (page) => page.goto(page.home), (page) => page.waitForSelector(".hero-picture .node")],
];

for (const [name, what, wish, comes] of MISSED) {
  for (const how of ["does not come", "is not there", "is something else"]) {
    test(`${what} that ${how} is said, and comes when it is tried again`, async (t) => {
      const cold = ["laboratory", "around", "panels", "more", "below", "links", "raft"].includes(name);
      // A browser that has fetched something before may let the next request by, unseen by what stands in its way.
      const page = await openPage(t, { blank: true });
      let broken = true;
      await page.route(part(name), (route) => {
        if (!broken) return route.continue();
        if (how === "does not come") return route.abort();
        if (how === "is not there") return route.fulfill({ status: 404, body: "not found" });
        return route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Another page</title>" });
      });
      if (!cold) {
        await page.goto(`${page.home}#/raft`);
        await whole(page);
      }
      await wish(page);
      const again = page.locator("[data-tool=retry]");
      await again.waitFor();
      assert.match(await page.locator("body").innerText(), /could not be loaded\. Check your connection/);
      if (!cold) assert.equal(await page.locator("#lab").count(), 1, "what was open is open");
      page.errors = page.errors.filter((error) => !/Failed to load resource/.test(error));
      broken = false;
      await again.click();
      await comes(page);
      page.errors.splice(0, page.errors.length, ...page.errors.filter((error) => !/Failed to load resource/.test(error)));
    });
  }
}

/** The text of a run by itself, and those of all runs of its protocol. */
const ONE = /\/runs\/chord\/[\w-]+-[0-9a-f]{16}\.txt$/;
const ALL = /\/runs\/chord-[0-9a-f]{16}\.txt$/;

for (const how of ["does not come", "is not there", "is something else"]) {
  const spoil = (route) => {
    if (how === "does not come") return route.abort();
    if (how === "is not there") return route.fulfill({ status: 404, body: "not found" });
    return route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Another page</title>" });
  };
  for (const [where, rest, comes] of [
    ["the laboratory", "#/chord/join", (page) => shows(page, "chord")],
    ["an embed", "?embed#/chord/join", (page) => page.waitForSelector(".embed .node")],
  ]) {
    test(`in ${where} the text of a run that ${how} is found among all of its protocol; without those that is said`, async (t) => {
      const page = await openPage(t, { blank: true, alone: true });
      await page.route(ONE, spoil);
      await page.goto(page.home + rest);
      await comes(page);
      let broken = true;
      await page.route(ALL, (route) => (broken ? spoil(route) : route.continue()));
      await page.goto("about:blank");
      await page.goto(page.home + rest);
      const again = page.locator("[data-tool=retry]");
      await again.waitFor();
      assert.match(await page.locator("body").innerText(), /could not be loaded\. Check your connection/);
      broken = false;
      await again.click();
      await comes(page);
      page.errors.splice(0, page.errors.length, ...page.errors.filter((error) => !/Failed to load resource/.test(error)));
    });
  }
}

test("a run that its protocol does not have is refused with a sentence, though no file says so", async (t) => {
  const page = await openPage(t, { rest: "#/chord/nobody" });
  await until(page, () => /names the scenario `?nobody/.test(document.body.innerText));
  page.errors.length = 0; // That there is no such file is what the console says.
});

test("style that does not come is said, and comes when it is tried again", async (t) => {
  const page = await openPage(t, { blank: true, alone: true });
  let broken = true;
  await page.route(/\/around-[0-9a-f]{16}\.css$/, (route) => (broken ? route.abort() : route.continue()));
  await page.goto(`${page.home}#/raft`);
  const again = page.locator("[data-tool=retry]");
  await again.waitFor();
  assert.equal(await page.locator(".tabs").count(), 0, "what has no style yet is not drawn");
  broken = false;
  await again.click();
  await whole(page);
  const order = () => [...document.querySelectorAll("link[rel=stylesheet]")].map((link) => link.href.match(/(\w+)-[0-9a-f]+\.css/)[1]);
  assert.deepEqual(await page.evaluate(order), ["faultline", "around", "narrow"]);
  page.errors.splice(0, page.errors.length, ...page.errors.filter((error) => !/Failed to load resource/.test(error)));
});

test("a text whose protocol does not come is refused with a sentence, and opens when it is tried again", async (t) => {
  const page = await openPage(t, { blank: true });
  let broken = true;
  await page.route(part("chord"), (route) => (broken ? route.abort() : route.continue()));
  await page.goto(`${page.home}#/raft`);
  await whole(page);
  await settle(page);
  await openText(page, "faultline 2\nprotocol chord\n");
  await until(page, () => document.querySelector("dialog")?.textContent.includes("could not be loaded"));
  broken = false;
  await page.locator("dialog form button").click();
  await shows(page, "chord");
  page.errors.length = 0; // That the part did not come is what the console says.
});

test("what is done while what surrounds the stage does not come is done once it has come", async (t) => {
  const page = await openPage(t, { blank: true });
  let broken = true;
  await page.route(part("around"), (route) => (broken ? route.abort() : route.continue()));
  await page.goto(`${page.home}#/raft`);
  await page.locator("[data-tool=retry]").waitFor();
  await page.keyboard.press("2");
  await page.keyboard.press("x");
  await page.locator('.stage [data-node="n3"] .disc').click();
  broken = false;
  await page.locator("[data-tool=retry]").click();
  await page.locator('.stage [data-node="n2"][data-up=false]').waitFor();
  assert.match(await page.locator(".inspector h2").innerText(), /n3/);
  page.errors.length = 0; // That the part did not come is what the console says.
});

test("while a protocol does not come the page says that it is loading, and can be left", async (t) => {
  const page = await openPage(t, { blank: true });
  await page.route(part("pbft"), () => {});
  await page.goto(`${page.home}#/pbft`);
  await until(page, () => /Loading/.test(document.body.innerText));
  await page.locator(".logo").click();
  await page.waitForSelector(".hero-picture .node");
});

test("what carries out work does not come, and comes when it is tried again", async (t) => {
  const page = await openLab(t);
  await settle(page);
  let broken = true;
  await page.route(part("work"), (route) => (broken ? route.abort() : route.continue()));
  await page.locator("[data-tool=attack]").click();
  await until(page, () => document.querySelector("[data-report]")?.textContent.includes("could not be loaded"));
  broken = false;
  await page.locator("[data-tool=attack]").click();
  await until(page, () => /seeds|tried/.test(document.querySelector("[data-report] p")?.textContent));
  page.errors.length = 0; // That the part did not come is what the console says.
});

