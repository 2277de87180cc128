// Logs as runs: dropped and pasted, drawn, stepped through, and left as they are.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openPage, shot, violations } from "./harness.mjs";
import { openLab, openText, settle, state, until, whole } from "./lab.mjs";

const log = (name) => readFile(fileURLToPath(new URL(`../logs/shiviz/${name}.log`, import.meta.url)), "utf8");

/** Drops a file on the page; returns after how many milliseconds its first event can be stepped to. */
const drop = (page, name, text) =>
  page.evaluate(
    async ([name, text]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], name));
      const start = performance.now();
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
      const is = () => document.querySelector(".where .title")?.textContent === name && document.querySelector("#lab .tabs");
      while (!is()) await new Promise(requestAnimationFrame);
      return performance.now() - start;
    },
    [name, text],
  );

/** A log of so many kilobytes: hosts in a ring, each of which hears from the one before. */
function ring(kilobytes) {
  const hosts = 8;
  const clocks = Array.from({ length: hosts }, () => Array(hosts).fill(0));
  const lines = [];
  for (let length = 0, event = 0; length < kilobytes * 1024; event++) {
    const [from, to] = [event % hosts, (event + 1) % hosts];
    clocks[to] = clocks[to].map((count, host) => Math.max(count, clocks[from][host]));
    clocks[to][to]++;
    const clock = Object.fromEntries(clocks[to].map((count, host) => [`host${host}`, count]).filter(([, count]) => count));
    lines.push(`passes token ${event} on\nhost${to} ${JSON.stringify(clock)}\n`);
    length += lines.at(-1).length;
  }
  return { text: lines.join(""), events: lines.length };
}

const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 740, touch: true },
];

for (const size of SIZES) {
  test(`a log is dropped, drawn, stepped through both ways, and left as it is, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    // What reads logs has to arrive first, once.
    await drop(page, "simple.log", await log("simple-reliable-broadcast"));
    const took = await drop(page, "simpledb.log", await log("simpledb"));
    t.diagnostic(`simpledb.log, 58 kB, is there after ${Math.round(took)} ms`);
    await settle(page);
    const caption = await page.locator(".caption p").first().textContent();
    assert.match(caption, /509 events of \d+ hosts\./);
    await page.keyboard.press("End");
    const end = await state(page);
    await page.keyboard.press("ArrowLeft");
    const before = await state(page);
    assert.equal(before.event, end.event - 1);
    await page.keyboard.press("ArrowRight");
    assert.equal((await state(page)).event, end.event);
    await page.locator("[data-tool=log]").waitFor();
    assert.equal(await page.locator("[name=seed], [name=nodes], .tools").count(), 0);
    await page.keyboard.press("1");
    await page.keyboard.press("x");
    await until(page, () => document.querySelector(".banner")?.textContent.includes("it can be looked at, not changed"));
    await page.keyboard.press("Escape");
    assert.equal((await state(page)).event, end.event);
    await page.keyboard.press("Home");
    for (let step = 0; step < 60; step++) await page.keyboard.press("ArrowRight");
    const here = await settle(page);
    assert.equal(await page.evaluate(() => location.hash), "#/recorded");
    assert.deepEqual(await violations(page), []);
    await shot(page, `recorded-${size.width}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));

    // Its log is no part of the address, and the page says so.
    await page.reload();
    await until(page, () => document.querySelector(".banner")?.textContent.includes("its log is not part of the address"));
    assert.equal(here.playing, "false");
  });
}

test("past and future are marked in the diagram of a log", async (t) => {
  const page = await openLab(t, { width: 1440, height: 900 });
  await settle(page);
  await drop(page, "facebook.log", await log("facebook"));
  await settle(page);
  for (let step = 0; step < 20; step++) await page.keyboard.press("ArrowRight");
  await until(page, () => document.querySelector(".wash.past")?.getAttribute("d") && document.querySelector(".wash.future"));
  await shot(page, "recorded-past");
});

test("a megabyte is there within five seconds", async (t) => {
  const page = await openLab(t, { width: 1440, height: 900 });
  await settle(page);
  const { text, events } = ring(1024);
  const took = await drop(page, "ring.log", text);
  t.diagnostic(`${Math.round(text.length / 1024)} kB, ${events} events, are there after ${Math.round(took)} ms`);
  await page.keyboard.press("End");
  await until(page, (events) => Number(document.querySelector("#lab").dataset.event) >= events, events);
});

test("a log is dropped on the first page, where nothing is open", async (t) => {
  const page = await openPage(t);
  await page.waitForSelector(".hero-picture .node");
  await drop(page, "facebook.log", await log("facebook"));
  await whole(page);
});

test("where no expression fits, one is asked for and counted as it is written", async (t) => {
  const page = await openLab(t);
  await settle(page);
  const text = 'one|{"one": 1}|starts\ntwo|{"two": 1, "one": 1}|hears\nnoise\n';
  await page.evaluate((text) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], "bars.log"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, text);
  await page.waitForSelector("#log-expression");
  await page.fill("#log-expression", "(?<host>.*)\\|(?<clock>{.*})");
  await until(page, () => document.querySelector("#log-matches").textContent.includes("no group named `event`"));
  await page.fill("#log-expression", "(?<host>.*)\\|(?<clock>{.*})\\|(?<event>.*)");
  await until(page, () => document.querySelector("#log-matches").textContent.startsWith("2 events. 1 line"));
  await shot(page, "recorded-asked");
  assert.deepEqual(await violations(page, "dialog"), []);
  await page.locator("dialog form button").click();
  await until(page, () => document.querySelector(".where .title")?.textContent === "bars.log");
  assert.match(await page.locator(".caption p").first().textContent(), /2 events of 2 hosts\. 1 line is no part/);
});

test("a log is pasted, and another of its executions is chosen", async (t) => {
  const page = await openLab(t);
  await settle(page);
  await openText(page, await log("multiple-comparison"));
  await until(page, () => document.querySelector(".where .title")?.textContent.startsWith("pasted log: "));
  const first = await page.locator(".where .title").textContent();
  await page.locator("[data-tool=log]").click();
  await page.selectOption("#log-execution", "2");
  await page.locator("dialog form button").click();
  await until(page, (first) => document.querySelector(".where .title")?.textContent !== first, first);
});
