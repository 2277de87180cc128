// Two branches watched side by side: two stages and two diagrams at one moment.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot } from "./harness.mjs";
import { openLab, openText, settle, state, until } from "./lab.mjs";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 740, touch: true },
];

/** The number of the event that each side shows, the branch that is played first. */
const events = (page) =>
  page.evaluate(() => [
    Number(document.querySelector("#lab").dataset.event),
    Number(document.querySelector("[data-beside]").dataset.event),
  ]);

/** Opens a branch without n1 and watches it beside the run as it was opened. */
async function watchBoth(page) {
  for (const key of ["Home", "Shift+ArrowRight", "1", "x", "Escape", "b"]) await page.keyboard.press(key);
  await page.waitForSelector("[data-branch]");
  await page.locator("[data-tool=beside]").click();
  await until(page, () => document.querySelector("[data-beside]"));
}

for (const size of SIZES) {
  test(`two branches are watched side by side, ${size.width} wide`, async (t) => {
    const page = await openLab(t, { rest: "#/raft/first-steps", ...size });
    await watchBoth(page);
    const stages = page.locator(".stage");
    assert.equal(await stages.count(), 2);
    const [one, other] = [await stages.nth(0).boundingBox(), await stages.nth(1).boundingBox()];
    assert.ok(Math.abs(one.width - other.width) < 2 && Math.abs(one.height - other.height) < 40);
    assert.equal(await stages.nth(0).locator('[data-node="n1"].down').count(), 1, "n1 crashed in the one");
    assert.equal(await stages.nth(1).locator('[data-node="n1"].down').count(), 0, "and not in the other");
    await shot(page, `beside-${size.width}`);

    const before = await events(page);
    for (let step = 0; step < 4; step += 1) await page.keyboard.press("Shift+ArrowRight");
    await settle(page);
    const after = await events(page);
    assert.ok(after[0] > before[0] && after[1] > before[1], `both go on: ${before} to ${after}`);
    if (size.width > 860) {
      const heads = await page.evaluate(() => [...document.querySelectorAll(".playhead")].map((it) => it.style.transform));
      assert.equal(heads.length, 2);
      assert.equal(heads[0], heads[1], "the playheads stand at the same moment");
    }

    // Back to before they part, both show the same event.
    for (let step = 0; step < 6; step += 1) await page.keyboard.press("Shift+ArrowLeft");
    await until(page, () => document.querySelector("#lab").dataset.event === document.querySelector("[data-beside]").dataset.event);

    for (let step = 0; step < 4; step += 1) await page.keyboard.press("Shift+ArrowRight");
    const { time } = await settle(page);
    await page.locator("[data-tool=swap]").click();
    await until(page, () => document.querySelector(".of-branch b").textContent === "as opened");
    assert.equal((await state(page)).time, time, "the moment stays");
    assert.equal(await stages.nth(1).locator('[data-node="n1"].down').count(), 1, "they have changed places");

    await page.getByRole("button", { name: "Close this side" }).click();
    await until(page, () => document.querySelectorAll(".stage").length === 1);
  });
}

test("the same is done to another protocol, and both are watched", async (t) => {
  const page = await openLab(t, { rest: "#/raft/first-steps", width: 1440, height: 900 });
  for (const key of ["Home", "Shift+ArrowRight", "1", "x", "Escape", "b"]) await page.keyboard.press(key);
  await page.waitForSelector("[data-branch]");
  await page.selectOption("#under", "pbft");
  await page.locator(".under button").click();
  await until(page, () => document.querySelector("[data-beside]"));
  assert.equal(await page.locator("[data-beside] .of-branch b").innerText(), "Practical Byzantine fault tolerance");
  await page.keyboard.press("End");
  await until(page, () => document.querySelectorAll('.stage [data-node="n1"].down').length === 2);
  await shot(page, "beside-protocols");
  await page.locator("[data-tool=swap]").click();
  await until(page, () => document.querySelector("[data-beside] .of-branch b").textContent.includes("crash n1"));
  assert.ok((await page.evaluate(() => location.hash)).startsWith("#/") && (await page.locator(".where .protocol").innerText()).startsWith("Practical"));
});

test("what is opened after an act is a branch, and nothing is lost", async (t) => {
  const page = await openLab(t, { rest: "#/raft/first-steps" });
  const COMMIT = "faultline 2\nprotocol two-phase-commit\nseed 7\nshow 20ms";
  const title = () => page.locator(".where").innerText();
  // An untouched run gives way.
  await openText(page, COMMIT);
  await until(page, () => document.querySelector(".where .protocol")?.textContent.startsWith("Two-phase"));
  assert.equal(await page.locator(".branch").count(), 0);

  for (const key of ["Home", "1", "x", "Escape"]) await page.keyboard.press(key);
  await openText(page, "faultline 2\nprotocol raft\nseed 3\nshow 250ms");
  await until(page, () => document.querySelector(".where .protocol")?.textContent === "Raft");
  assert.equal((await state(page)).time, 250_000);
  assert.equal(await page.locator(".branch").getAttribute("aria-label"), "2 branches");
  await page.keyboard.press("b");
  const names = await page.locator("[data-branch] input").evaluateAll((fields) => fields.map((field) => field.value));
  assert.deepEqual(names, ["as opened", "Raft: 5 nodes, seed 3"]);
  await page.keyboard.press("Escape");
  await until(page, () => !document.querySelector("dialog"));
  await page.keyboard.press("Control+z");
  await until(page, () => document.querySelector(".where .protocol")?.textContent.startsWith("Two-phase"));
  assert.equal(await page.locator('.stage [data-node="n1"].down').count(), 1, `n1 is still crashed in ${await title()}`);
});
