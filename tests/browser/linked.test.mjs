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

// What is hovered, in which tab and run, and what lights up with it: EVENT and NODE stand for its own.
const PAIRS = [
  ["raft/figure-8", "Log", '.link[data-link="n1-n2"]', ['.stage .node[data-is="n1"]', '.life[data-is="n2"]', '.link[data-link="n1-n2"]']],
  ["raft/figure-8", "Log", ".act-mark:nth-of-type(4)", [".log .row.act", ".stage .node", ".life"]],
  ["raft/figure-8", "Scenario", ".acts li:nth-child(4)", [".act-mark", ".stage .node", ".life"]],
  ["raft/figure-8", "Log", ".dot[data-is=EVENT]", [".log .row[data-is=EVENT]", ".stage .node", ".life"]],
  ["raft/figure-8", "Log", ".log .row[data-is=EVENT]", [".dot[data-is=EVENT]", ".stage .node", ".life"]],
  ["raft/figure-8", "Log", ".arrow.past", [".stage .node", ".life", ".arrow"]],
  ["raft/figure-8", "State", ".logs tbody tr:nth-child(3)", ['.stage .node[data-is="n3"]', '.life[data-is="n3"]', ".card"]],
  ["raft/figure-8", "State", ".logs tbody tr:nth-child(3) .entry", ['.stage .node[data-is="n3"]', ".card"]],
  ["raft/figure-8-unsafe", "Log", ".claims .violated", [".log .row.violated", ".stage .node", ".life"]],
];

test("what the pointer is on lights the same thing in all views", async (t) => {
  let page, open;
  for (const [slug, tab, hovered, lights] of PAIRS) {
    if (open !== slug) {
      await page?.close();
      page = await openLab(t, { rest: `#/${slug}`, width: 1440, height: 900 });
      await settle(page);
      open = slug;
    }
    await page.getByRole("tab", { name: "Log" }).click();
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("End");
    if (hovered.includes("violated")) await page.getByRole("button", { name: "Jump to it" }).first().click();
    // An event that the log tells of and the diagram shows.
    await page.waitForSelector(".dot");
    const event = await page.evaluate(() => {
      const dots = [...document.querySelectorAll(".dot")].map((it) => it.dataset.is);
      return [...document.querySelectorAll(".log .row")].map((it) => it.dataset.is).findLast((it) => dots.includes(it));
    });
    await page.getByRole("tab", { name: tab }).click();
    if (tab === "Scenario") await page.locator(".acts summary").click();
    const named = (selector) => selector.replaceAll("EVENT", `"${event}"`);
    await page.locator(named(hovered)).first().dispatchEvent("pointerover");
    for (const selector of lights) {
      const count = await page.locator(named(selector)).evaluateAll((all) => all.filter((it) => it.matches("[data-lit]")).length);
      assert.ok(count > 0, `${tab}: ${named(hovered)} lights ${named(selector)}`);
    }
    await page.locator(".logo").dispatchEvent("pointerover");
    assert.equal(await page.locator("[data-lit]").count(), 0);
  }
});

test("a message that is picked marks its arrow, and an act its own mark", async (t) => {
  const page = await openLab(t, { rest: "#/raft/figure-8", width: 1440, height: 900 });
  await settle(page);
  await page.locator("#slider").evaluate((slider) => {
    slider.value = "635000";
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await page.keyboard.press("m");
  const way = await page.locator(".stage .message.selected").getAttribute("data-is");
  await until(page, (way) => document.querySelector(`.arrow[data-is~="${way}"][data-picked]`), way);
  assert.equal(await page.locator(".arrow[data-picked]").count(), 1);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("[data-picked]").count(), 0);
});
