// About the protocol, the transport bar, what goes beyond the assumptions, the legend, and the page on paper.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot, violations } from "./harness.mjs";
import { openLab, openText, settle, state, until } from "./lab.mjs";

const gone = (page) => until(page, () => !document.querySelector("dialog"));
const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 740, touch: true },
];

for (const size of SIZES) {
  test(`what there is to say about a protocol is one click, one key or one command away, at ${size.width}`, async (t) => {
    for (const colorScheme of ["light", "dark"]) {
      const page = await openLab(t, { ...size, colorScheme });
      await settle(page);
      await page.locator(".where")[size.touch ? "tap" : "click"]();
      const said = await page.locator(".about").innerText();
      for (const word of ["Ongaro", "Left out", "Assumptions", "Claims", "Runs", "Wrong twins"]) assert.ok(said.includes(word), word);
      assert.deepEqual(await violations(page), [], colorScheme);
      await shot(page, `parts-about-${size.width}-${colorScheme}`);
      await page.keyboard.press("Escape");
      await gone(page);
      await page.evaluate(() => document.activeElement.blur());
      await page.keyboard.press("Shift+P");
      await page.waitForSelector(".about");
      await page.locator('.about a[href="#/raft/figure-8"]').click();
      await gone(page);
      await until(page, () => document.querySelector(".where .title").textContent.includes("Figure 8"));
    }
  });
}

test("the bar never overflows, however long the words of an input are", async (t) => {
  for (const [width, height, scale] of [[1440, 900, 1], [1024, 768, 1], [900, 700, 1], [768, 1024, 1], [720, 450, 2], [360, 740, 1]]) {
    const page = await openLab(t, { rest: "#/amqp/headers", width, height, scale, touch: width < 700 });
    await settle(page);
    await page.keyboard.press("1");
    const { over, out } = await page.evaluate(() => {
      const bar = document.querySelector(".transport");
      const { left, right, bottom } = bar.getBoundingClientRect();
      const shown = [...bar.querySelectorAll("button, input, label, p")].filter((it) => it.getClientRects().length);
      const isOut = (it) => it.left < left || it.right > right + 0.5 || it.bottom > bottom + 0.5;
      const out = shown.filter((it) => isOut(it.getBoundingClientRect())).map((it) => it.outerHTML.slice(0, 80));
      return { over: document.documentElement.scrollWidth - innerWidth, out };
    });
    assert.deepEqual([over, out], [0, []], `${width}`);
    await shot(page, `parts-bar-${width}`);
    if (width === 1440) {
      const ask = page.locator("[data-shortcut=ask]");
      assert.equal(await ask.getAttribute("title"), await ask.innerText(), "what is cut short says itself whole");
    }
  }
});

test("speed is a scale, by pointer and by key, and moves nothing else", async (t) => {
  const page = await openLab(t, { width: 1440, height: 900 });
  await settle(page);
  const places = () => page.locator(".transport > *").evaluateAll((parts) => parts.map((it) => it.getBoundingClientRect().x));
  const speed = page.getByRole("slider", { name: "Speed" });
  const says = () => speed.getAttribute("aria-valuetext");
  assert.equal(await says(), "1/100×");
  const before = await places();
  await page.keyboard.press("+");
  assert.equal(await says(), "1/50×");
  await speed.focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await says(), "1/200×");
  await page.keyboard.press("-");
  assert.equal(await says(), "1/500×", "a sign means the same everywhere");
  const box = await speed.boundingBox();
  await page.mouse.click(box.x + box.width - 2, box.y + box.height / 2);
  assert.equal(await says(), "50×");
  assert.deepEqual(await places(), before);
});

for (const size of SIZES) {
  test(`what goes beyond the assumptions says so before and after, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    await page.keyboard.press("2");
    const over = page.locator(".inspector [data-verb=take-over]");
    assert.match(await over.getAttribute("title"), /^The protocol assumes that every node follows it/);
    assert.match(await page.locator(".inspector").innerText(), /† Breaks an assumption of the protocol/);
    assert.equal(await page.locator(".inspector [data-verb=crash] sup").count(), 0, "Raft's nodes may crash");
    await shot(page, `parts-beyond-${size.width}`);
    await over.click();
    await until(page, () => /not promised since n2 was taken over/.test(document.querySelector(".claims")?.innerText));
    assert.match(await page.locator(".inspector").innerText(), /Taken over/);
    assert.deepEqual(await violations(page), []);
    await shot(page, `parts-broken-${size.width}`);
  });
}

test("the legend shows what the protocol can show, in its own words", async (t) => {
  const words = {
    "raft/first-steps": [/a reply/, /leader/, /its timer/, /not yet known to be committed/],
    "gossip/first-steps": [/infective/, /removed/],
    "causal-broadcast/question-and-answer": [/holding back/],
  };
  for (const slug of Object.keys(words)) {
    const page = await openLab(t, { rest: `#/${slug}`, width: 1440, height: 900 });
    await settle(page);
    for (const key of ["Home", "]", "]", "]", "]", "]", "]", "End"]) await page.keyboard.press(key);
    await page.locator(".legend-box summary").click();
    await page.waitForSelector(".legend-box li");
    const said = await page.locator(".legend-box").innerText();
    for (const word of words[slug]) assert.match(said, word, slug);
    if (!slug.startsWith("raft")) assert.doesNotMatch(said, /leader|committed/, slug);
  }
});

test("on paper there are the run and what is known of it, and nothing to press", async (t) => {
  const page = await openLab(t, { rest: "#/raft/figure-8-unsafe", width: 1440, height: 900, colorScheme: "dark" });
  await settle(page);
  await page.keyboard.press("End");
  await page.emulateMedia({ media: "print" });
  const shown = (selector) => page.locator(selector).evaluateAll((all) => all.filter((it) => it.getClientRects().length).length);
  for (const selector of [".where", ".stage .node", ".diagram-picture", ".claims li", ".log .row"]) assert.ok(await shown(selector), selector);
  for (const selector of [".transport", ".tools", ".slide", ".tabs", "button.plain", "button.dark", ".hint"]) {
    assert.equal(await shown(selector), 0, selector);
  }
  const pages = (await page.pdf({ format: "A4" })).toString("latin1").match(/\/Type \/Page\b/g).length;
  assert.ok(pages >= 2 && pages <= 4, `${pages} pages`);
});

test("a candidate shows the votes that it has, and the logs where their leader believes them to be", async (t) => {
  const page = await openLab(t, { width: 1440, height: 900 });
  await settle(page);
  await openText(page, "faultline 2\nprotocol raft\nlatency 10ms\nset election-min 10s\nset election-max 20s\nuntil 1s\nat 10ms fire n1 Election\nat 90ms cut n1-n5\nat 100ms n1 Put x=1\nshow 15ms\n");
  const pips = page.locator('.stage [data-node="n1"] .pips');
  await until(page, () => document.querySelector(".stage .pips"));
  assert.equal(await pips.getAttribute("data-poll"), "1 of 5");
  const given = () => pips.locator(".given").getAttribute("d");
  const before = await given();
  assert.match(await page.locator('.stage [data-node="n1"] [role=button]').getAttribute("aria-label"), /1 of 5 votes, needs 3/);
  for (let here = await state(page); here.time < 30_000; here = await state(page)) {
    await page.keyboard.press("ArrowRight");
    // A step that has not been taken yet must not be taken twice.
    await until(page, (event) => Number(document.querySelector("#lab").dataset.event) > event, here.event);
  }
  await until(page, () => document.querySelector('.stage .pips[data-poll="2 of 5"]'));
  assert.ok((await given()).length > before.length, "one more is filled");
  await page.getByRole("tab", { name: "State" }).click();
  assert.match(await page.locator(".card .poll").innerText(), /2 of 5 votes, needs 3/);
  assert.equal(await page.locator(".card .poll .given").count(), 2);
  // On a tab the arrows choose another tab.
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("ArrowRight");
  await until(page, () => document.querySelector('.stage [data-node="n1"][data-role="leader"]:not(:has(.pips))'));
  await page.keyboard.press("End");
  await page.waitForSelector(".logs .entry");
  const marks = await page.locator(".logs .marks [role=img]").evaluateAll((all) => all.map((it) => it.ariaLabel));
  assert.ok(marks.includes("next index 2 for n2, according to n1"), marks.join());
  assert.ok(marks.includes("match index 1 for n2, according to n1"), marks.join());
  assert.ok(marks.includes("match index 0 for n5, according to n1"), "n5 has heard of nothing");
  assert.deepEqual(await violations(page), []);
  await shot(page, "parts-marks");
});
