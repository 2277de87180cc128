// The page in Firefox, through WebDriver BiDi: `cargo xtask test --only firefox`. The suite of the browser tests runs in Chromium; here
// is what another engine could do differently: that it starts and draws, that wasm gives the same runs to the byte, workers, pointers
// and keys, frames, and what is said where the program does not start.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import puppeteer from "puppeteer-core";
import { serve } from "./server.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DIST = join(ROOT, process.env.FAULTLINE_DIST ?? "dist");

let server;
/** Two of them: motion is a matter of the whole browser. */
let moving;
let still;

before(async () => {
  const executablePath = process.env.FAULTLINE_FIREFOX;
  assert.ok(executablePath, "Start these tests with `cargo xtask test --only firefox`.");
  server = await serve(DIST);
  const launch = (reduced) =>
    puppeteer.launch({ browser: "firefox", executablePath, extraPrefsFirefox: { "ui.prefersReducedMotion": reduced } });
  [moving, still] = await Promise.all([launch(0), launch(1)]);
});

after(async () => {
  await Promise.all([moving?.close(), still?.close()]);
  server?.close();
});

/** Opens a page. At the end of the test it is closed, and none of its errors may be left. */
async function open(t, rest, { browser = moving, base = server.url, width = 1280, height = 800 } = {}) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
  t.after(async () => {
    await context.close();
    assert.deepEqual(page.errors, []);
  });
  await page.setViewport({ width, height });
  await page.goto(base + rest);
  return page;
}

/** Opens a run in the laboratory. */
async function lab(t, rest = "#/raft", options = {}) {
  const page = await open(t, rest, options);
  await page.waitForSelector("#lab .tabs");
  return page;
}

const until = (page, wanted, ...words) => page.waitForFunction(wanted, {}, ...words);
const text = (page, selector) => page.$eval(selector, (it) => it.innerText);

test("the first page lives, and leads into the laboratory", async (t) => {
  const page = await open(t, "");
  await page.waitForSelector(".home .hero-picture .message");
  await page.waitForSelector(".home .entry");
  await page.click('.home .dark[href="#/raft"]');
  await page.waitForSelector("#lab .tabs");
});

test("every link that was ever given away opens to the run that it has natively", async (t) => {
  const links = (await readFile(join(ROOT, "tests/links.tsv"), "utf8")).split("\n").filter((line) => line.startsWith("#/"));
  assert.ok(links.length > 100);
  // Without motion a run stands still once it is opened, and its checksum is worked out.
  const page = await lab(t, "#/raft", { browser: still });
  for (const [rest, checksum] of links.map((line) => line.split("\t"))) {
    await page.evaluate((rest) => (location.hash = rest), rest);
    await page.waitForSelector(`#lab[data-checksum="${checksum}"]`, { timeout: 20_000 }).catch(() => assert.fail(rest));
  }
});

test("a node is picked, crashed and brought back, by mouse and by key", async (t) => {
  const page = await lab(t);
  await page.keyboard.press("k");
  await page.click('.stage [data-node="n2"] .disc');
  await until(page, () => document.querySelector("#picked").textContent === "n2");
  const up = (wanted) => until(page, (wanted) => document.querySelector('.stage [data-node="n2"]').dataset.up === wanted, wanted);
  await page.keyboard.press("x");
  await up("false");
  await page.click("[data-verb=restart]");
  await up("true");
  await page.keyboard.down("Control");
  await page.keyboard.press("z");
  await page.keyboard.press("z");
  await page.keyboard.up("Control");
  await until(page, () => document.querySelector("#lab").dataset.acts === "0");
});

test("a violation is told over the stage, and how it came to it", async (t) => {
  const page = await lab(t, "#/raft/figure-8-unsafe", { browser: still });
  await page.keyboard.press("End");
  await page.waitForSelector("[data-claim=leader-completeness][data-standing=violated]");
  if (!(await page.$(".said .jump"))) await page.click("[data-claim=leader-completeness] .claim");
  await page.click(".said .jump");
  await page.waitForSelector("[data-tool=walk]");
  assert.match(await text(page, ".moment h2"), /S5 leads term 5 without the committed entry 2\./);
  await page.click("[data-tool=walk]");
  await page.waitForSelector(".moment .step");
});

test("a worker attacks a wrong twin, and shrinks what it finds", async (t) => {
  const page = await lab(t, "#/raft?3&twin+forgets-vote", { browser: still });
  await page.click("[data-tool=attack]");
  await page.waitForSelector("[data-report=found]");
});

test("a text with a mistake is refused in one sentence with its place", async (t) => {
  const page = await lab(t);
  await page.keyboard.press("o");
  await page.waitForSelector("#open-text");
  await page.type("#open-text", "faultline 2\nprotocol raft\nat 10ms crahs n1\n");
  await page.click("dialog form button");
  await until(page, () => /Line 3/.test(document.querySelector("dialog").innerText));
});

test("a lesson, a lecture and an embed open, and go on", async (t) => {
  const lesson = await open(t, "#/learn/two-phase-commit");
  await lesson.waitForSelector('#learn[data-step="1"][data-arrived=true] .stage [data-node]');
  await lesson.keyboard.press("ArrowRight");
  await lesson.waitForSelector('#learn[data-step="2"][data-arrived=true] .stage [data-node]');
  const lecture = await open(t, "#/present/raft/figure-8");
  await lecture.waitForSelector("#lecture .stage [data-node]");
  await lecture.keyboard.press("PageDown");
  await lecture.waitForSelector('#lecture[data-cue="2"]');
  const embed = await open(t, "?embed&loop#/gossip", { width: 640, height: 400 });
  await until(embed, () => Number(document.querySelector("#embed")?.dataset.time) > 1_000);
});

test("on a telephone's width nothing is wider than the page", async (t) => {
  const page = await lab(t, "#/pbft", { width: 360, height: 740 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
});

for (const [what, spoil] of Object.entries({
  "does not come": (name) => name.endsWith(".wasm") && { status: 404, type: "text/plain", body: "not found" },
  "is cut off": (name, body) => /^faultline-.*\.wasm$/.test(name) && { body: body.subarray(0, body.length / 2) },
})) {
  test(`a program that ${what} is a sentence and a button`, async (t) => {
    const host = { spoil };
    const failing = await serve(DIST, false, (...file) => host.spoil(...file));
    t.after(() => failing.close());
    const page = await open(t, "#/raft/figure-8", { base: failing.url });
    await page.waitForSelector(".no-start button");
    assert.match(await text(page, ".no-start"), /cannot start: one of its files did not come, or is damaged/);
    page.errors.length = 0; // What did not come stands in the console.
    host.spoil = () => {};
    await page.click(".no-start button");
    await page.waitForSelector("#app .stage-picture [data-node]");
    page.errors.length = 0;
  });
}
