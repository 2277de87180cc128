// The moment at which a claim turns out not to hold: what is said, what is marked, and the walk through what led to it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot, violations } from "./harness.mjs";
import { openLab, openText, settle, state, until, whole } from "./lab.mjs";

const SIZES = [[1440, 900, "light"], [1024, 768, "light"], [768, 1024, "dark"], [360, 740, "light"]];

/** Goes to where a claim breaks, by the button beside the claim. */
async function broken(page, claim) {
  await page.keyboard.press("End");
  await settle(page);
  if (await page.getByRole("tab", { name: "Claims" }).count()) await page.getByRole("tab", { name: "Claims" }).click();
  const named = page.locator(`[data-claim=${claim}] .claim`);
  if ((await named.getAttribute("aria-expanded")) === "false") await named.click();
  await page.locator(".said .jump").first().click();
  await page.locator("[data-tool=walk]").waitFor();
}

for (const [width, height, colorScheme] of SIZES) {
  test(`a violation is told, marked and walked through, at ${width}`, async (t) => {
    const page = await openLab(t, { rest: "#/raft/figure-8-unsafe", width, height, colorScheme, touch: width < 700 });
    await broken(page, "leader-completeness");
    assert.match(await page.locator(".moment h2").innerText(), /S5 leads term 5 without the committed entry 2\./);
    const there = await state(page);
    assert.equal(await page.locator(".contradiction path").count(), 1);
    assert.ok((await page.locator("#stage").boundingBox()).height > 150, "the stage has room");
    assert.deepEqual(await violations(page), []);
    await shot(page, `moment-${width}`);

    const told = [];
    const events = [];
    for (;;) {
      await page.locator("[data-tool=walk]").click();
      await page.waitForTimeout(50);
      if (!(await page.locator(".moment .step").count())) break;
      told.push(await page.locator(".moment h2").innerText());
      events.push((await state(page)).event);
      if (told.length === 2) await shot(page, `moment-step-${width}`);
      assert.ok(told.length <= 6);
    }
    assert.ok(told.some((sentence) => sentence.includes("Without the twin")), told.join("\n"));
    assert.deepEqual(events, [...events].sort((one, other) => one - other), "in the order of time");
    assert.deepEqual(await state(page), there, "and back to the violation");

    await page.locator("[data-tool=go-on]").click();
    await until(page, () => document.querySelector("#lab[data-playing=true]") || !document.querySelector(".moment"));
    await page.keyboard.press("Space");
  });
}

test("a wrong twin is named in the title as long as it is switched on", async (t) => {
  const page = await openLab(t, { rest: "#/raft/figure-8-unsafe", width: 1440, height: 900 });
  await whole(page);
  assert.match(await page.locator(".top .twin").innerText(), /^Wrong twin: A leader commits an entry of an earlier term/);
  await page.locator(".top .twin").click();
  await page.waitForSelector(".rules");
  await page.keyboard.press("Escape");
  const right = await openLab(t, { rest: "#/raft/figure-8" });
  assert.equal(await right.locator(".top .twin").count(), 0);
});

/** Walks to the end, and says after how many events each step was. */
async function walk(page) {
  const events = [];
  for (;;) {
    await page.locator("[data-tool=walk]").click();
    await page.waitForTimeout(50);
    if (!(await page.locator(".moment .step").count())) return events;
    events.push((await state(page)).event);
    assert.ok(events.length <= 6);
  }
}

test("a claim that is reached is walked through from the list of claims", async (t) => {
  const page = await openLab(t, { rest: "#/raft/sleeping-leader" });
  await page.keyboard.press("End");
  await settle(page);
  await page.locator("[data-claim=rival-leaders] .claim").click();
  await page.locator(".said .jump", { hasText: "How it came to this" }).click();
  await page.locator("[data-tool=walk]").waitFor();
  assert.match(await page.locator(".moment h2").innerText(), /^n2 becomes leader of term 2, with 3 of 5 votes \(n2, n3, n4\)\.$/);
  assert.deepEqual(await violations(page), []);
  await shot(page, "moment-reached");
  const there = (await state(page)).event;
  const events = await walk(page);
  assert.deepEqual(events, [...events].sort((one, other) => one - other), "in the order of time");
  assert.deepEqual([events.at(-1), (await state(page)).event], [there, there]);
  await page.locator("[data-tool=go-on]").click();
  await until(page, () => !document.querySelector(".moment"));
});

test("the line of the moment says who agreed, and leads to how it came to that", async (t) => {
  const page = await openLab(t);
  await openText(page, "faultline 2\nprotocol raft\nnodes 3\nuntil 1s\nat 10ms fire n1 Election\n");
  await settle(page);
  await page.keyboard.press("End");
  await settle(page);
  await page.locator(".caption [data-tool=how]").waitFor();
  assert.match(await page.locator(".caption .agreed").innerText(), /^It has 2 of 3 votes \(n1, n[23]\)\./);
  await shot(page, "moment-line");
  await page.locator(".caption [data-tool=how]").click();
  await page.locator("[data-tool=walk]").waitFor();
  assert.match(await page.locator(".moment h2").innerText(), /^n1 becomes leader of term 1, with 2 of 3 votes/);
  assert.equal((await walk(page)).length, 3);
});

test("what a lost messenger divides is told, although nobody promised otherwise", async (t) => {
  const page = await openLab(t, { rest: "#/two-generals/last-lost-5" });
  await page.keyboard.press("End");
  await settle(page);
  const moment = page.locator(".moment");
  await moment.waitFor();
  assert.match(await moment.locator("h2").innerText(), /A attacks in night 1 alone, and B does not\./);
  assert.match(await moment.innerText(), /Claimed: In the end both generals attack.* no longer promised/s);
  assert.equal(await page.locator("[data-claim=agreement]").getAttribute("data-standing"), "unmet");
});
