// A lecture: large type, stepped by a clicker's keys, with questions, and off the script and back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, shot, violations } from "./harness.mjs";
import { until, whole } from "./lab.mjs";

const REST = "#/present/raft/figure-8";

/** Opens the lecture, and waits until it stands at its first cue. */
async function lecture(t, options = {}) {
  const page = await openPage(t, { rest: REST, width: 1920, height: 1080, reducedMotion: "reduce", ...options });
  await at(page, 1);
  return page;
}

const at = (page, cue) => until(page, (wanted) => document.querySelector(`#lecture[data-cue="${wanted}"][data-plays=false] .stage [data-node]`), cue);
const heading = (page) => page.locator("#lecture aside h2").innerText();
const time = (page) => page.locator("#lecture").getAttribute("data-time").then(Number);

for (const { width, height, colorScheme } of [{ width: 1920, height: 1080, colorScheme: "light" }, { width: 1366, height: 768, colorScheme: "dark" }, { width: 360, height: 740, colorScheme: "light" }]) {
  test(`every cue is shown, at ${width} × ${height}`, async (t) => {
    const page = await lecture(t, { width, height, colorScheme });
    const cues = await page.locator(".track li").count();
    assert.ok(cues >= 8);
    for (let cue = 1; cue <= cues; cue += 1) {
      await at(page, cue);
      const small = await page.evaluate(() => {
        const texts = [...document.querySelectorAll("#lecture aside :is(h2, p, li), #lecture .stage text")].filter((it) => it.checkVisibility() && it.textContent.trim());
        const scale = (it) => (it instanceof SVGElement ? it.ownerSVGElement.getBoundingClientRect().width / it.ownerSVGElement.viewBox.baseVal.width : 1);
        return texts.map((it) => [it.textContent.trim(), parseFloat(getComputedStyle(it).fontSize) * scale(it)]).filter(([, size]) => size < (24 * innerWidth) / 1920 - 0.5);
      });
      if (width === 1920) assert.deepEqual(small, [], "the last row reads all of it");
      const over = await page.evaluate(() => ["#lecture aside", "#lecture .stage", "#lecture .track"].map((it) => document.querySelector(it).getBoundingClientRect().toJSON()).filter((it) => it.left < 0 || it.top < 0 || it.right > innerWidth + 1 || it.bottom > innerHeight + 1));
      assert.deepEqual(over, []);
      await shot(page, `lecture-${width}-${cue}`);
      if (cue === 1) assert.deepEqual(await violations(page), []);
      await page.keyboard.press("PageDown");
      // A question keeps its cue until its answer was told.
      if (await page.locator("#lecture aside ol").count() && Number(await page.locator("#lecture").getAttribute("data-cue")) === cue && cue < cues) {
        assert.equal(await page.locator("#lecture aside .right").count(), 1);
        await shot(page, `lecture-${width}-${cue}-answer`);
        await page.keyboard.press("PageDown");
      }
    }
  });
}

test("the run plays from cue to cue, and jumps when the clicker is pressed twice", async (t) => {
  const page = await lecture(t, { reducedMotion: "no-preference" });
  assert.equal(await heading(page), "Figure 8 of the paper");
  await page.keyboard.press("PageDown");
  await until(page, () => document.querySelector("#lecture").dataset.plays === "true");
  await page.keyboard.press("PageDown");
  await at(page, 2);
  assert.equal(await time(page), 260_000);
  await page.keyboard.press("PageUp");
  await at(page, 1);
  await page.keyboard.press("End");
  await until(page, () => document.querySelector("#lecture").dataset.cue === String(document.querySelectorAll(".track li").length));
  assert.match(page.url(), /#\/present\/raft\/figure-8\?830ms$/);
  await page.reload();
  await until(page, () => document.querySelector("#lecture")?.dataset.time === "830000");
});

test("black comes and goes, all cues are listed, and Escape leads to the laboratory", async (t) => {
  const page = await lecture(t);
  await page.keyboard.press(".");
  assert.equal(await page.locator(".dark-screen").count(), 1);
  await page.keyboard.press("b");
  assert.equal(await page.locator(".dark-screen").count(), 0);
  await page.keyboard.press("o");
  await until(page, () => document.querySelector(".overview")?.innerText.includes("S4 is cut off from S1"));
  await shot(page, "lecture-overview");
  await page.locator(".overview li button").nth(3).click();
  await at(page, 4);
  await page.keyboard.press("Escape");
  await whole(page);
  assert.equal(await page.locator("#lab").getAttribute("data-time"), "450000");
  await page.keyboard.press("q");
  await at(page, 4);
});

test("who goes off the script comes back to the cue", async (t) => {
  const page = await lecture(t);
  await page.keyboard.press("PageDown");
  await at(page, 2);
  await page.locator('#stage [data-node="n2"]').click();
  await page.keyboard.press("x");
  await until(page, () => document.querySelector('#lecture[data-strayed=true] [data-node="n2"]').dataset.role === "crashed");
  await page.keyboard.press("Home");
  await at(page, 2);
  assert.equal(await page.locator("#lecture").getAttribute("data-strayed"), "false");
  assert.notEqual(await page.locator('#stage [data-node="n2"]').getAttribute("data-role"), "crashed");
});

test("what cannot be presented is said", async (t) => {
  const page = await openPage(t, { rest: "#/present/raft/nonsense" });
  await until(page, () => document.querySelector("[role=alert]")?.innerText.startsWith("The run cannot be presented:"));
  // The page asks for the text of the run, and the console says that there is none.
  assert.deepEqual(page.errors.filter((error) => !/404 \(Not Found\).*\/runs\/raft\/nonsense-/.test(error)), []);
  page.errors.length = 0;
});
