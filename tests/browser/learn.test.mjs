// A lesson: its words beside a living stage, a step at a time, by mouse, by key and by its address; and a challenge, refereed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, shot, violations } from "./harness.mjs";
import { until, whole } from "./lab.mjs";

const REST = "#/learn/two-phase-commit";

/** Opens a step of the lesson, and waits until its run stands at the moment. */
async function learn(t, step = 1, options = {}) {
  const page = await openPage(t, { rest: `${REST}/${step}`, reducedMotion: "reduce", ...options });
  await arrived(page, step);
  return page;
}

const arrived = (page, step) =>
  until(page, (wanted) => document.querySelector(`#learn[data-step="${wanted}"][data-arrived=true] .stage [data-node]`), step);

/** The time of the run on the stage, in microseconds. */
const time = (page) => page.locator("#learn").getAttribute("data-time").then(Number);

const role = (page, node) => page.locator(`#stage [data-node="${node}"]`).getAttribute("data-role");

/** Opens the palette, writes, and takes what is chosen. */
async function command(page, text) {
  await page.keyboard.press("Control+k");
  await page.waitForSelector("dialog[open] [role=combobox]");
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
  await until(page, () => !document.querySelector("dialog"));
}

const SIZES = [
  { width: 1440, height: 900, colorScheme: "light" },
  { width: 1440, height: 900, colorScheme: "dark" },
  { width: 1920, height: 1080, colorScheme: "light" },
  { width: 360, height: 740, colorScheme: "light", touch: true },
  { width: 740, height: 360, colorScheme: "dark", touch: true },
];

for (const size of SIZES) {
  test(`every step stands beside its stage, at ${size.width} × ${size.height}, ${size.colorScheme}`, async (t) => {
    const page = await learn(t, 1, size);
    const count = Number((await page.locator(".count").innerText()).split(" of ")[1]);
    for (let step = 1; step <= count; step += 1) {
      await arrived(page, step);
      assert.equal(new URL(page.url()).hash, step > 1 ? `${REST}/${step}` : page.url().match(/#.*/)[0]);
      // The words and the stage are in the window, whole, beside each other.
      const boxes = await page.evaluate(() => ["#learn .words", "#learn .stage", "#learn .pages"].map((it) => document.querySelector(it).getBoundingClientRect().toJSON()));
      for (const { left, right, top, bottom, width, height } of boxes) {
        assert.ok(left >= 0 && top >= 0 && right <= size.width + 0.5 && bottom <= size.height + 0.5, `step ${step}`);
        assert.ok(width >= 300 && height >= 40, `step ${step}`);
      }
      const shown = await page.evaluate(() => {
        const stage = document.querySelector("#learn .stage").getBoundingClientRect();
        const within = (it) => it.left >= stage.left - 1 && it.right <= stage.right + 1 && it.top >= stage.top - 1 && it.bottom <= stage.bottom + 1;
        return [...document.querySelectorAll("#stage [data-node]")].map((node) => within(node.querySelector(".disc").getBoundingClientRect()));
      });
      assert.deepEqual([...new Set(shown)], [true], `all nodes of step ${step} are in sight`);
      if ([1, 4, count].includes(step)) assert.deepEqual(await violations(page), [], `step ${step}`);
      await shot(page, `learn-${size.width}-${size.colorScheme}-${step}`);
      await page.locator("[data-tool=next]").click();
    }
    await until(page, () => document.querySelector("#lab"));
  });
}

test("a question is answered, and answered again", async (t) => {
  const page = await learn(t, 4);
  const answers = page.locator(".question button");
  assert.equal(await answers.count(), 3);
  assert.equal(await page.locator(".reply").count(), 0);
  await answers.nth(0).click();
  assert.match(await page.locator(".reply").innerText(), /^No\. .*n2 has committed/s);
  await answers.nth(2).click();
  assert.match(await page.locator(".reply").innerText(), /^Right\./);
  assert.equal(await page.locator(".reply").count(), 1);
  // It is still there after a look at another step.
  await page.keyboard.press("ArrowRight");
  await arrived(page, 5);
  await page.keyboard.press("ArrowLeft");
  await arrived(page, 4);
  assert.match(await page.locator(".reply").innerText(), /^Right\./);
});

test("a name in the words is lit on the stage", async (t) => {
  const page = await learn(t, 2);
  const lit = () => page.locator("#stage [data-lit]").evaluateAll((all) => all.map((it) => it.dataset.is));
  assert.deepEqual(await lit(), []);
  await page.locator(".words .name", { hasText: "n3" }).hover();
  assert.deepEqual(await lit(), ["n3"]);
  await page.locator(".words .name", { hasText: "uncertain" }).focus();
  assert.deepEqual((await lit()).sort(), ["n2", "n3", "n4"]);
});

test("the stage plays to the moment, from where the last step left it", async (t) => {
  const page = await learn(t, 1, { reducedMotion: "no-preference" });
  assert.equal(await time(page), 15_000);
  await page.keyboard.press("PageDown");
  await until(page, () => Number(document.querySelector("#learn").dataset.time) > 15_000);
  await arrived(page, 2);
  assert.equal(await time(page), 20_000);
  // Another run is opened at the step that needs it, and a step back comes back to the first.
  await page.locator(".dots button").nth(7).click();
  await arrived(page, 8);
  assert.equal(await role(page, "n3"), "aborted");
  await page.keyboard.press("PageUp");
  await arrived(page, 7);
  assert.equal(await role(page, "n3"), "committed");
});

test("who acts leaves the lesson's run, and comes back", async (t) => {
  const page = await learn(t, 1, { reducedMotion: "no-preference" });
  const { x, y, width, height } = await page.locator('#stage [data-message="n1>n4 Prepare"] .disc').boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + 30, y - 60, { steps: 4 });
  await page.mouse.move(x + 60, y - 120, { steps: 4 });
  await page.mouse.up();
  const again = page.locator("[data-tool=again]");
  await until(page, () => document.querySelector("[data-tool=again]").innerText === "Back to the step");
  await again.click();
  await arrived(page, 1);
  assert.equal(await again.innerText(), "Play again");
  await page.getByRole("link", { name: "Try it yourself" }).click();
  await whole(page);
  assert.equal(await page.locator("#lab").getAttribute("data-time"), "15000");
  await page.goBack();
  await arrived(page, 1);
});

test("a lesson is found by the palette and remembered, and where there is none, the first page shows which there are", async (t) => {
  const page = await openPage(t, { rest: "#/raft", reducedMotion: "reduce" });
  await whole(page);
  await command(page, "lesson who must wait");
  await arrived(page, 1);
  await page.keyboard.press("ArrowRight");
  await arrived(page, 2);
  await page.reload();
  await arrived(page, 2);
  assert.equal(await page.locator(".dots .seen").count(), 2);
  await page.evaluate(() => { location.hash = "#/raft"; });
  await whole(page);
  await page.evaluate(() => { location.hash = "#/learn/nonsense"; });
  await page.waitForSelector(".map");
});

for (const width of [1440, 360]) {
  test(`a challenge is refereed, at ${width}`, async (t) => {
    const page = await openPage(t, { rest: "#/two-phase-commit/block-everybody?20ms", width, height: 860 });
    await whole(page);
    const strip = page.locator(".challenge");
    assert.match(await strip.innerText(), /Challenge\s+Goal: Blocking is reached\s+0 of 1 act used: crash/);
    assert.deepEqual(await violations(page), []);
    for (let hint = 1; hint <= 3; hint += 1) {
      await page.locator("[data-tool=hint]").click();
      assert.equal(await strip.locator("li").count(), hint);
    }
    await shot(page, `challenge-${width}`);
    // What is not allowed is refused with a sentence, and nothing changes.
    await command(page, "cut n1-n2");
    await until(page, () => document.body.innerText.includes("this challenge allows only crash"));
    assert.match(await strip.innerText(), /0 of 1/);
    await command(page, "crash n1");
    await until(page, () => document.querySelector(".challenge.solved"));
    assert.match(await strip.innerText(), /✓ Solved.*1 of 1 act used: crash.*Par is 1\./s);
    await shot(page, `challenge-solved-${width}`);
    // The solution is a link, once the address has been written.
    await page.waitForURL(/crash\+n1/);
    const link = page.url();
    const other = await page.context().newPage();
    await other.goto(link);
    await until(other, () => document.querySelector(".challenge.solved"));
    await other.close();
    await page.locator("[data-tool=undo]").click();
    await until(page, () => !document.querySelector(".challenge.solved"));
  });
}
