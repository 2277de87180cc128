// What belongs together is seen together: causes on the diagram, and one thing in all views.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot } from "./harness.mjs";
import { openLab, openText, preset, settle, state, until } from "./lab.mjs";

test("while time stands still the past and the future of the latest event are washed, and their arrows stand out", async (t) => {
  const page = await openLab(t);
  await page.waitForFunction(() => document.querySelector("#lab").dataset.event > 8);
  await page.keyboard.press("Space");
  const past = () => page.locator(".wash.past").getAttribute("d");
  await until(page, () => document.querySelector(".wash.past"));
  assert.ok((await page.locator(".arrow.past").count()) > 0);
  assert.ok((await page.locator(".arrow.future").count()) > 0);
  const before = await past();
  for (let step = 0; step < 4; step += 1) await page.keyboard.press("ArrowRight");
  assert.notEqual(await past(), before);
  await page.keyboard.press("Space");
  await until(page, () => !document.querySelector(".wash"));
});

test("why is a message under way? Because of the event that sent it", async (t) => {
  const page = await openLab(t, { rest: "#/raft/figure-8" });
  await settle(page);
  await page.locator("#slider").evaluate((slider) => {
    slider.value = "635000";
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await page.keyboard.press("m");
  const message = () => page.locator(".stage .message.selected").getAttribute("data-is");
  const selected = await message();
  const cause = Number(selected.match(/^m(\d+):/)[1]);
  assert.notEqual((await state(page)).event, cause + 1);
  await page.locator('.inspector [data-verb="why"]').click();
  assert.equal((await state(page)).event, cause + 1);
  assert.equal(await message(), selected, "it is still the one that is selected");
});

test("the words on the diagram stay apart, and what the pointer is on is lit everywhere", async (t) => {
  const page = await openLab(t);
  await settle(page);
  await openText(page, await preset("figure-8"));
  await settle(page);
  await page.keyboard.press("End");
  const overlaps = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll(".dot .word")].map((word) => word.getBoundingClientRect());
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return boxes.flatMap((a, place) => boxes.slice(place + 1).filter((b) => meet(a, b))).length;
  });
  assert.ok((await page.locator(".dot .word").count()) > 3);
  assert.equal(overlaps, 0);

  const lit = (selector) => page.locator(`${selector}[data-lit]`).count();
  await page.locator('.stage [data-node="n3"] .disc').hover();
  assert.equal(await lit('.life[data-is="n3"]'), 1);
  assert.ok((await lit('.log b[data-is="n3"]')) > 0);
  assert.equal(await lit('.stage [data-node="n2"]'), 0);
  await shot(page, "linked-node");
  await page.locator(".log .line").nth(3).focus();
  const event = await page.locator(".log li").nth(3).getAttribute("data-event");
  assert.equal(await lit(`.log [data-is="e${event}"]`), 1);

  await page.locator("#slider").evaluate((slider) => {
    slider.value = "635000";
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await page.locator(".stage .message .disc").first().hover();
  const way = await page.locator(".stage .message").first().getAttribute("data-is");
  assert.equal(await page.locator(`.arrow[data-is~="${way}"][data-lit]`).count(), 1);
  await page.locator(".top .logo").hover();
  await page.locator(".top .logo").focus();
  assert.equal(await page.locator("[data-lit]").count(), 0);
});
