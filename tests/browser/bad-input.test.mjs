// Whatever is wrong with what somebody opens: a line number, a sentence, and nothing lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, shot } from "./harness.mjs";
import { openText, preset, settle, state, openLab } from "./lab.mjs";

const BAD = {
  "an unknown verb": ["faultline 2\nprotocol raft\nat 1s burn n1", /^Line 3: .*burn/s],
  "a node that does not exist": ["faultline 2\nprotocol raft\nseed 4\nat 1s crash n9", /^Line 4: .*n9/s],
  "another version": ["faultline 3\nprotocol raft", /^Line 1: .*version/s],
  "an unknown protocol": ["faultline 2\nprotocol rift", /^Line 2: .*rift/s],
  "no scenario at all": ["lorem ipsum", /^Line 1: .*faultline 2/s],
  "nothing": ["", /^Line 1: ./s],
  "a damaged link": ["https://example.org/#/raft?2&seed+42&k=aaaaa", /^Line 1: .*damaged/s],
  "a link that lost its end": ["#/raft?2&seed+42&k", /^Line 1: .*checksum/s],
};

test("what cannot be opened says why, and the open run is untouched", async (t) => {
  const page = await openLab(t);
  const before = await settle(page);
  for (const [what, [text, sentence]] of Object.entries(BAD)) {
    await openText(page, text);
    assert.match(await page.locator("#open-refused").innerText(), sentence, what);
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
    assert.deepEqual(await state(page), before, what);
  }
  const noise = "at 1s crash n1 ".repeat(70_000);
  await page.keyboard.press("o");
  await page.locator("#open-text").evaluate((field, noise) => (field.value = noise), noise);
  await page.locator("dialog form button").click();
  assert.match(await page.locator("#open-refused").innerText(), /^Line 1: .*256 kB/s);
  await shot(page, "bad-noise");
  await page.keyboard.press("Escape");
  assert.deepEqual(await state(page), before);
});

test("a damaged address says so, offers the default run, and leaves an open run alone", async (t) => {
  const page = await openPage(t, { rest: "#/raft?2&seed+42&k=aaaaa" });
  assert.match(await page.locator(".banner").innerText(), /Line 1: .*damaged/s);
  await shot(page, "bad-address");
  await page.getByRole("button", { name: "Open the default run" }).click();
  await page.waitForSelector("#lab");
  const before = await settle(page);

  await page.evaluate(() => (location.hash = "#/raft?2&seed+4&"));
  await page.waitForSelector(".banner");
  assert.match(await page.locator(".banner").innerText(), /Line 1: .*checksum/s);
  assert.deepEqual(await state(page), before);
  await page.getByRole("button", { name: "Dismiss", exact: true }).click();
  assert.equal(await page.locator(".banner").count(), 0);
});

test("one flipped character of a link is noticed", async (t) => {
  const page = await openLab(t);
  await settle(page);
  await openText(page, await preset("figure-8-unsafe"));
  await settle(page);
  // At its beginning an address names no moment.
  await page.locator("#slider").fill("200000");
  await settle(page);
  const link = await page.evaluate(() => location.hash);
  // The first digit of the moment: another moment would be there, too.
  const place = link.indexOf("?") + 1;
  const flipped = link.slice(0, place) + (link[place] === "1" ? "2" : "1") + link.slice(place + 1);
  await openText(page, flipped);
  assert.match(await page.locator("#open-refused").innerText(), /^Line 1: .*damaged/s);
});
