// What arrives when it is needed: every protocol in every way, only what is shown, and what the page says when a part does
// not come.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { openLab, openText, settle, until } from "./lab.mjs";

const TITLES = {
  amqp: "AMQP",
  "causal-broadcast": "Causal",
  gossip: "gossip",
  chord: "Chord",
  "two-phase-commit": "Two-phase commit",
  raft: "Raft",
  pbft: "PBFT",
  "quorum-kv": "uorum",
};
const SLUGS = Object.keys(TITLES);
const part = (name) => new RegExp(`/${name}-[0-9a-f]{16}\\.wasm$`);

/** The parts that the page has asked for, by their names. */
function parts(page) {
  page.parts = [];
  page.on("request", (request) => {
    const name = request.url().match(/\/([\w-]+)-[0-9a-f]{16}\.wasm$/)?.[1];
    if (name && !page.parts.includes(name)) page.parts.push(name);
  });
  return page;
}

const shows = (page, slug) =>
  until(page, (title) => document.querySelector("#lab") && document.querySelector(".where .protocol")?.textContent.toLowerCase().includes(title), TITLES[slug].toLowerCase());

for (const slug of SLUGS) {
  test(`${slug} opens cold by link, by palette, by text and by file`, async (t) => {
    const linked = await openPage(t, { rest: `#/${slug}` });
    await shows(linked, slug);
    const home = slug === "raft" ? "gossip" : "raft";

    const palette = await openLab(t, { rest: `#/${home}` });
    await palette.keyboard.press("Control+k");
    await palette.locator("#palette-text").fill(`protocol ${slug}`);
    await palette.locator("[role=option]").first().click();
    await shows(palette, slug);

    const text = `faultline 2\nprotocol ${slug}\nseed 5\n`;
    const pasted = await openLab(t, { rest: `#/${home}` });
    await settle(pasted);
    await openText(pasted, text);
    await shows(pasted, slug);

    // On the first page, where there is no laboratory yet.
    const dropped = await openPage(t);
    await dropped.waitForSelector(".hero-picture .node");
    await dropped.evaluate((text) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], "run.txt"));
      window.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }, text);
    await shows(dropped, slug);
  });
}

test("a page asks for what it shows and for nothing else", async (t) => {
  const home = parts(await openPage(t, { blank: true, height: 500 }));
  await home.goto(home.home);
  await home.waitForSelector(".hero-picture .node");
  assert.deepEqual(home.parts.sort(), ["faultline", "raft"]);

  const lab = parts(await openPage(t, { blank: true }));
  await lab.goto(`${lab.home}#/gossip`);
  await shows(lab, "gossip");
  await settle(lab);
  const rooms = lab.parts.filter((name) => !name.startsWith("shared-"));
  assert.deepEqual(rooms.sort(), ["faultline", "gossip", "laboratory"]);
  await lab.getByRole("tab", { name: "State" }).click();
  await lab.waitForSelector(".panels");
  assert.ok(lab.parts.includes("panels") && !lab.parts.includes("dialogs"));
  await lab.keyboard.press("Shift+P");
  await lab.waitForSelector(".about");
  assert.ok(lab.parts.includes("dialogs") && !lab.parts.includes("work"));
});

test("a key that is meant for a dialog that has still to arrive does nothing to the run", async (t) => {
  const page = await openLab(t);
  const { acts } = await page.locator("#lab").evaluate((lab) => ({ ...lab.dataset }));
  let go;
  await page.route(part("dialogs"), async (route) => {
    await new Promise((done) => (go = done));
    await route.continue();
  });
  await page.keyboard.press("Control+k");
  await page.keyboard.type("x1x2x");
  await until(page, () => document.body.textContent.includes("Loading…"));
  go();
  await page.waitForSelector("#palette-text");
  assert.equal(await page.locator("#lab").getAttribute("data-acts"), acts);
});

/** Sentences about what does not come, wherever the part is missed: what fails, and how it is wished for. */
const MISSED = [
  ["gossip", "a protocol by link", (page) => page.evaluate(() => (location.hash = "#/gossip")), (page) => shows(page, "gossip")],
  ["laboratory", "the laboratory", (page) => page.goto(`${page.home}#/raft`), (page) => page.waitForSelector("#lab")],
  ["panels", "a panel", (page) => page.getByRole("tab", { name: "State" }).click(), (page) => page.waitForSelector(".panels")],
  ["dialogs", "a dialog", (page) => page.keyboard.press("o"), (page) => page.waitForSelector("#open-text")],
  ["raft", "the protocol of the first page", (page) => page.goto(page.home), (page) => page.waitForSelector(".hero-picture .node")],
];

for (const [name, what, wish, comes] of MISSED) {
  for (const how of ["does not come", "is not there", "is something else"]) {
    test(`${what} that ${how} is said, and comes when it is tried again`, async (t) => {
      const cold = ["laboratory", "raft"].includes(name);
      const page = cold ? await openPage(t, { blank: true }) : await openLab(t);
      let broken = true;
      await page.route(part(name), (route) => {
        if (!broken) return route.continue();
        if (how === "does not come") return route.abort();
        if (how === "is not there") return route.fulfill({ status: 404, body: "not found" });
        return route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Another page</title>" });
      });
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

test("a text whose protocol does not come is refused with a sentence, and opens when it is tried again", async (t) => {
  const page = await openLab(t);
  await settle(page);
  let broken = true;
  await page.route(part("chord"), (route) => (broken ? route.abort() : route.continue()));
  await openText(page, "faultline 2\nprotocol chord\n");
  await until(page, () => document.querySelector("dialog")?.textContent.includes("could not be loaded"));
  broken = false;
  await page.locator("dialog form button").click();
  await shows(page, "chord");
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

test("under a strict policy the page works, with its parts", async (t) => {
  const page = await openPage(t, { blank: true });
  await page.route(/\/a\/b\/$/, async (route) => {
    const answer = await route.fetch();
    const policy = "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'";
    await route.fulfill({ response: answer, headers: { ...answer.headers(), "content-security-policy": policy } });
  });
  await page.goto(`${page.home}#/chord`);
  await shows(page, "chord");
  await settle(page);
  await page.getByRole("tab", { name: "State" }).click();
  await page.waitForSelector(".panels");
});
