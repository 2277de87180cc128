// Lectures of several runs: from run to run, what stands beside the stage, the lecturer's second window, ink, and the handout.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, shot, violations } from "./harness.mjs";
import { until } from "./lab.mjs";

const NAMES = ["raft-in-one-lecture", "commit-blocking-consensus"];

const at = (page, place) => until(page, (wanted) => document.querySelector(`#lecture[data-at="${wanted}"][data-plays=false] h1`), place);

async function lecture(t, rest, options = {}) {
  const page = await openPage(t, { rest: `#/present/${rest}`, width: 1920, height: 1080, reducedMotion: "reduce", ...options });
  return page;
}

for (const name of NAMES) {
  test(`${name} is stepped through from its beginning to its end`, async (t) => {
    const page = await lecture(t, name);
    await at(page, "1.1");
    const seen = new Set();
    for (let press = 0; press < 200; press += 1) {
      const now = await page.locator("#lecture").evaluate((it) => it.dataset.at);
      if (!seen.has(now)) {
        seen.add(now);
        await page.waitForTimeout(100);
        await shot(page, `lecture-${name}-${now}`);
        const small = await page.evaluate(() => {
          const texts = [...document.querySelectorAll("#lecture aside :is(h2, p, li), #lecture .stage text")].filter((it) => it.checkVisibility() && it.textContent.trim());
          const scale = (it) => (it instanceof SVGElement ? it.ownerSVGElement.getBoundingClientRect().width / it.ownerSVGElement.viewBox.baseVal.width : 1);
          return texts.map((it) => [it.textContent.trim(), parseFloat(getComputedStyle(it).fontSize) * scale(it)]).filter(([, size]) => size < 23.5);
        });
        assert.deepEqual(small, [], `at ${now} the last row reads all of it`);
      }
      const rolls = await page.locator("#lecture aside").evaluate((it) => it.scrollHeight > it.clientHeight + 1);
      assert.equal(rolls, false, `at ${now} all that is said is in the window`);
      const before = await page.locator("#lecture").evaluate((it) => `${it.dataset.at} ${it.dataset.done} ${it.innerText}`);
      await page.keyboard.press("PageDown");
      await page.waitForTimeout(30);
      await until(page, () => document.querySelector("#lecture[data-plays=false] aside"));
      const after = await page.locator("#lecture").evaluate((it) => `${it.dataset.at} ${it.dataset.done} ${it.innerText}`);
      if (before === after) break;
    }
    const runs = new Set([...seen].map((place) => place.split(".")[0]));
    assert.equal(runs.size, Number((await page.locator("#lecture .foot").innerText()).match(/run (\d+) of (\d+)/)[2]), "every run was shown");
    assert.equal(await page.locator("#lecture").getAttribute("data-done"), "true");
  });
}

test("a place in a lecture is a link, and back leads into the run before", async (t) => {
  const page = await lecture(t, "raft-in-one-lecture?5.5");
  await at(page, "5.5");
  assert.match(await page.locator("#lecture h2").innerText(), /Three of five servers/);
  assert.equal(await page.locator("#lecture .idea-panel .logs").count(), 1);
  assert.deepEqual(await page.locator("#lecture [data-node][data-picked]").evaluateAll((all) => all.map((it) => it.dataset.node)), ["n1", "n2", "n3"]);
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Home");
  await at(page, "5.1");
  await page.keyboard.press("PageUp");
  await until(page, () => document.querySelector('#lecture[data-at^="4."]'));
  assert.match(page.url(), /raft-in-one-lecture\?4\.\d+$/);
});

test("a caption does not tell the answer before it is asked for, and all of both is in the window", async (t) => {
  const page = await lecture(t, "commit-blocking-consensus?7.7");
  await at(page, "7.7");
  const aside = page.locator("#lecture aside");
  assert.match(await aside.innerText(), /What does it propose/);
  assert.doesNotMatch(await aside.innerText(), /P2 must propose 7/);
  await page.keyboard.press("PageDown");
  await until(page, () => document.querySelector("#lecture aside .right"));
  assert.match(await aside.innerText(), /P2 must propose 7/);
  assert.equal(await aside.evaluate((it) => it.scrollHeight <= it.clientHeight + 1), true);
});

test("what stands beside the stage changes by a key", async (t) => {
  const page = await lecture(t, "raft/figure-8");
  await until(page, () => document.querySelector("#lecture .stage [data-node]"));
  await page.keyboard.press("v");
  await until(page, () => document.querySelector("#lecture .views[data-seen=panel] .logs"));
  await page.keyboard.press("v");
  await until(page, () => document.querySelector("#lecture .views[data-seen=both] .diagram svg"));
  await page.keyboard.press("v");
  await until(page, () => document.querySelector("#lecture .views[data-seen=diagram] .diagram svg") && !document.querySelector("#lecture #stage"));
  await shot(page, "lecture-diagram");
  await page.keyboard.press("v");
  await until(page, () => document.querySelector("#lecture #stage [data-node]"));
});

test("the second window reads the notes, and steps the lecture", async (t) => {
  const page = await lecture(t, "raft-in-one-lecture");
  await at(page, "1.1");
  const [desk] = await Promise.all([page.waitForEvent("popup"), page.keyboard.press("s")]);
  await desk.waitForSelector(".lectern h1");
  assert.match(await desk.locator(".lectern").innerText(), /Run 1 of 10, cue 1 of \d+[\s\S]*planned 0 of 45 min[\s\S]*Begin with the wish/);
  await desk.locator('[data-tool="on"]').click();
  await at(page, "1.2");
  await until(desk, () => document.querySelector(".lectern h1").innerText.startsWith("The timer of n5 fired first"));
  assert.match(await desk.locator(".lectern .right").innerText(), /Nothing, only chance/);
  await shot(desk, "lecture-notes");
  await desk.keyboard.press("ArrowLeft");
  await at(page, "1.1");
  await desk.close();
});

test("ink stays for a while, and a laser is a dot", async (t) => {
  const page = await lecture(t, "raft/figure-8");
  await until(page, () => document.querySelector("#lecture .stage [data-node]"));
  await page.keyboard.press("i");
  await page.waitForSelector(".glass.ink");
  await page.mouse.move(300, 300);
  await page.mouse.down();
  await page.mouse.move(500, 400, { steps: 8 });
  await page.mouse.up();
  await until(page, () => document.querySelectorAll(".glass.ink polyline").length === 1);
  assert.ok((await page.locator(".glass.ink polyline").getAttribute("points")).split(" ").length >= 8);
  await shot(page, "lecture-ink");
  await page.keyboard.press("l");
  await page.waitForSelector(".glass.laser");
  await page.mouse.move(700, 500);
  await until(page, () => /translate\(700px, ?500px\)/.test(document.querySelector(".glass.laser i")?.getAttribute("style")));
  await page.keyboard.press("Escape");
  await until(page, () => !document.querySelector(".glass"));
  assert.equal(await page.locator("#lecture").count(), 1, "the lecture goes on");
});

test("all cues have a picture, and print as a handout", async (t) => {
  const page = await lecture(t, "commit-blocking-consensus");
  await at(page, "1.1");
  await page.keyboard.press("o");
  await until(page, () => document.querySelectorAll(".overview section").length === 11);
  await until(page, () => document.querySelectorAll(".overview li .stage [data-node]").length > 100);
  await page.emulateMedia({ media: "print" });
  const shown = await page.evaluate(() => [...document.querySelectorAll("#lecture > *")].filter((it) => it.checkVisibility()).map((it) => it.className));
  assert.deepEqual(shown, ["overview"]);
  await shot(page, "lecture-handout");
  await page.emulateMedia({ media: "screen" });
  await page.locator(".overview section").nth(3).locator("li button").nth(1).click();
  await at(page, "4.2");
});

test("a lecture of one's own is pasted, and its address holds it", async (t) => {
  const page = await openPage(t, { rest: "#/raft", width: 1440, height: 900, reducedMotion: "reduce" });
  await page.waitForSelector("#lab .tabs");
  const text = "faultline lecture 1\ntitle Mine\nplay raft/figure-8 from 660ms\nat 690ms note Here & there\nplay paxos/duel to 100ms";
  await page.evaluate((text) => {
    const carried = new DataTransfer();
    carried.items.add(new File([text], "mine.txt"));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, cancelable: true }));
  }, text);
  await at(page, "1.1");
  assert.match(page.url(), /#\/present\/lecture\?3z/);
  await page.reload();
  await at(page, "1.1");
  await page.goto(page.url().replace(/.$/, (last) => (last === "a" ? "b" : "a")));
  await page.reload();
  await until(page, () => document.querySelector("[role=alert]")?.innerText.includes("this link is damaged"));
});

test("on a phone everything is there", async (t) => {
  const page = await lecture(t, "raft-in-one-lecture?5.5", { width: 360, height: 740 });
  await at(page, "5.5");
  const over = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(over, false);
  await shot(page, "lectures-phone");
});
