// The laboratory on every size of screen, in both schemes: nothing overflows, anyone can use it, and it can be
// looked at (target/screens/).

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot, violations } from "./harness.mjs";
import { openText, preset, settle, state, openLab } from "./lab.mjs";

const SIZES = [
  [1440, 900],
  [1024, 768],
  [768, 1024],
  [360, 740],
];

const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** Steps to the first leader, and a few events on: messages are in flight. */
async function election(page) {
  await settle(page);
  await page.keyboard.press("Home");
  for (let tries = 0; tries < 20; tries += 1) {
    await page.keyboard.press("Shift+ArrowRight");
    if (await page.locator('.stage [data-role="leader"]').count()) break;
  }
  for (let step = 0; step < 3; step += 1) await page.keyboard.press("ArrowRight");
}

for (const colorScheme of ["light", "dark"]) {
  for (const [width, height] of SIZES) {
    test(`${width}×${height} in ${colorScheme}`, async (t) => {
      const page = await openLab(t, { width, height, colorScheme, touch: width < 800 });
      const name = (what) => `lab-${width}-${colorScheme}-${what}`;
      await election(page);
      await shot(page, name("election"));
      assert.ok((await overflow(page)) <= 0);
      await page.keyboard.press("x");
      await page.keyboard.press("Shift+ArrowRight");
      await shot(page, name("crashed"));
      await openText(page, await preset("figure-8-unsafe"));
      await settle(page);
      await page.keyboard.press("End");
      if (width < 861) await page.getByRole("tab", { name: "Claims" }).click();
      await page.getByRole("button", { name: "Jump to it" }).first().click();
      await shot(page, name("violated"));
      assert.equal(await page.locator('[data-claim="leader-completeness"]').getAttribute("data-standing"), "violated");
      await page.getByRole("tab", { name: "State" }).click();
      await page.waitForSelector(".tab-panel .panels");
      await shot(page, name("state"));
      assert.ok((await overflow(page)) <= 0);
    });
  }

  test(`no accessibility rule is broken in ${colorScheme}`, async (t) => {
    const page = await openLab(t, { colorScheme });
    await election(page);
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("m");
    assert.deepEqual(await violations(page), [], "with a message selected");
    await page.getByRole("tab", { name: "State" }).click();
    await page.waitForSelector(".tab-panel .panels");
    assert.deepEqual(await violations(page), [], "with the state in sight");
    for (const key of ["o", "s", "?"]) {
      await page.keyboard.press(key);
      await page.waitForSelector("dialog[open]");
      assert.deepEqual(await violations(page), [], `the dialog of ${key}`);
      await page.keyboard.press("Escape");
      await page.waitForSelector("dialog", { state: "detached" });
    }
  });
}

test("with a finger on a small screen: tap a node, crash it, play", async (t) => {
  const page = await openLab(t, { width: 360, height: 740, touch: true });
  await page.getByRole("button", { name: "Pause" }).tap();
  const box = await page.locator('.stage [data-node="n2"] .disc').boundingBox();
  await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForSelector(".stage .node.selected");
  await shot(page, "lab-360-selected");
  await page.locator('.inspector [data-verb="crash"]').tap();
  assert.equal(await page.locator('.stage [data-node="n2"]').getAttribute("data-up"), "false");
  for (const name of ["Timeline", "Claims", "Log", "State"]) {
    await page.getByRole("tab", { name }).tap();
    assert.ok((await overflow(page)) <= 0, name);
  }
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, select, input, a")]
      .filter((it) => it.getClientRects().length && !it.closest(".switch"))
      .filter((it) => it.getBoundingClientRect().height < 24 || it.getBoundingClientRect().width < 24)
      .map((it) => it.outerHTML.slice(0, 80)),
  );
  assert.deepEqual(small, []);
});

test("nine nodes, three, seven and fifty-one: labels stay apart", async (t) => {
  const page = await openLab(t, { width: 1440, height: 900 });
  await settle(page);
  for (const count of [3, 5, 7, 9, 51]) {
    await page.locator("[name=nodes]").fill(String(count));
    await page.keyboard.press("Enter");
    await page.evaluate(() => document.activeElement.blur());
    await election(page);
    assert.equal(await page.locator(".stage [data-node]").count(), count);
    const overlaps = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll(".stage .node .role, .stage .node .disc")].map((it) => [
        it.closest("[data-node]").dataset.node,
        it.getBoundingClientRect(),
      ]);
      const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      return boxes.flatMap(([a, one], place) =>
        boxes.slice(place + 1).flatMap(([b, other]) => (a !== b && meet(one, other) ? [`${a} ${b}`] : [])),
      );
    });
    assert.deepEqual(overlaps, [], `${count} nodes`);
    await shot(page, `lab-nodes-${count}`);
  }
});

test("reduced motion: nothing plays by itself, and playing steps", async (t) => {
  const page = await openLab(t, { reducedMotion: "reduce" });
  assert.equal((await state(page)).playing, "false");
  const before = (await state(page)).event;
  await page.keyboard.press("Space");
  await page.waitForFunction((before) => Number(document.querySelector("#lab").dataset.event) > before, before);
});
