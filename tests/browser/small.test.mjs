// Telephones, upright and lying, tablets, and a page that is zoomed to twice its size: nothing overprints, nothing is cut off,
// and the Tab key comes soon to what matters.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, shot, violations } from "./harness.mjs";
import { TITLES, openLab, shows, until, whole } from "./lab.mjs";

const SIZES = [
  { width: 360, height: 780, touch: true },
  { width: 780, height: 360, touch: true },
  { width: 640, height: 400, scale: 2 },
  { width: 768, height: 1024, touch: true },
  { width: 1024, height: 768 },
];

/** Pairs of texts that overprint, and texts that are cut off, but for what moves or scrolls by itself: messages, the diagram. */
const faults = (page) =>
  page.evaluate(() => {
    const found = [];
    const texts = [];
    const walker = document.createTreeWalker(document.querySelector(".page"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode;
      const owner = text.parentElement;
      if (!text.data.trim() || owner.closest(".message, .diagram-picture, .hidden, title, option")) continue;
      if (!owner.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const { left, top, right, bottom } of owner instanceof SVGElement ? [owner.getBoundingClientRect()] : range.getClientRects()) {
        const box = { left, top, right, bottom };
        let cut = false;
        for (let above = owner; above; above = above.parentElement) {
          const { overflowX, overflowY, textOverflow, clipPath } = getComputedStyle(above);
          const frame = above.getBoundingClientRect();
          if (clipPath !== "none") box.right = box.left;
          if (overflowX === "hidden") cut ||= textOverflow !== "ellipsis" && (box.left < frame.left - 1 || box.right > frame.right + 1);
          if (overflowY === "hidden") cut ||= box.top < frame.top - 2 || box.bottom > frame.bottom + 2;
          if (overflowX !== "visible") [box.left, box.right] = [Math.max(box.left, frame.left), Math.min(box.right, frame.right)];
          if (overflowY !== "visible") [box.top, box.bottom] = [Math.max(box.top, frame.top), Math.min(box.bottom, frame.bottom)];
        }
        // What an ellipsis shortens ends there.
        cut ||= box.left < -1 || box.right > innerWidth + 1;
        if (box.right - box.left < 2 || box.bottom - box.top < 2) continue;
        if (cut) found.push(`cut off: ${text.data}`);
        // What lies below a bar that stays while the page scrolls comes to light by scrolling.
        const bar = document.querySelector(".transport");
        const isBelow = getComputedStyle(bar).position === "sticky" && !bar.contains(owner) && box.bottom > bar.getBoundingClientRect().top;
        if (!isBelow) texts.push({ owner, box, words: text.data });
      }
    }
    texts.forEach((one, place) => {
      for (const other of texts.slice(place + 1)) {
        const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (one.owner !== other.owner && wide > 2 && high > 3) found.push(`overprint: ${one.words} × ${other.words}`);
      }
    });
    return found;
  });

/** The stage and its nodes: how much of the height it has in sight, above the bar where that covers it, and which nodes are cut off. */
const stage = (page) =>
  page.evaluate(() => {
    const frame = document.querySelector("#stage").getBoundingClientRect();
    const bar = document.querySelector(".transport").getBoundingClientRect();
    const bottom = Math.min(frame.bottom, bar.top > frame.top ? bar.top : innerHeight);
    const isCut = (disc) => {
      const box = disc.getBoundingClientRect();
      return box.top < frame.top || box.bottom > bottom + 1 || box.left < 0 || box.right > innerWidth;
    };
    const cut = [...document.querySelectorAll("#stage [data-node] .disc")].filter(isCut);
    return { share: (bottom - frame.top) / innerHeight, cut: cut.map((disc) => disc.closest("[data-node]").dataset.node) };
  });

for (const size of SIZES) {
  test(`nothing overprints and nothing is cut off at ${size.width}×${size.height}`, async (t) => {
    const page = await openPage(t, { ...size, reducedMotion: "reduce", rest: "#/raft" });
    await whole(page);
    for (const slug of Object.keys(TITLES)) {
      await page.evaluate((slug) => (location.hash = `#/${slug}`), slug);
      await shows(page, slug);
      for (let step = 0; step < 4; step += 1) await page.keyboard.press("Shift+ArrowRight");
      await page.waitForTimeout(300);
      assert.deepEqual(await faults(page), [], slug);
      const { share, cut } = await stage(page);
      assert.deepEqual(cut, [], slug);
      // What each protocol draws by itself; the rest of the page is the same for all.
      if (size.width === 768) assert.deepEqual(await violations(page, { include: [["#stage"], [".idea-panel"]] }), [], slug);
      if (size.height < 520) assert.ok(share >= 0.55, `${slug}: the stage has ${share} of the height`);
      assert.ok(await page.locator(".where .protocol").isVisible(), "the title names the protocol");
      await shot(page, `small-${size.width}-${slug}`);
    }
  });
}

test("on a telephone a caption is read whole, by a finger", async (t) => {
  const page = await openLab(t, { rest: "#/raft/figure-8", width: 360, height: 780, touch: true });
  await until(page, () => document.querySelector(".caption .more-of"));
  if (await page.locator("#lab[data-playing=true]").count()) await page.keyboard.press("Space");
  assert.equal(await page.locator(".caption p").isVisible(), false);
  await page.locator(".more-of").tap();
  assert.ok(await page.locator(".caption p").isVisible());
  await shot(page, "small-caption");
  await page.locator(".more-of").tap();
  assert.equal(await page.locator(".caption p").isVisible(), false);
});

test("the Tab key comes to play within ten presses, and once to the log", async (t) => {
  const page = await openLab(t, { rest: "#/raft/figure-8-unsafe", reducedMotion: "reduce" });
  for (let step = 0; step < 6; step += 1) await page.keyboard.press("Shift+ArrowRight");
  const label = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  let presses = 0;
  for (; presses < 20 && (await label()) !== "Play"; presses += 1) await page.keyboard.press("Tab");
  assert.ok(presses <= 10, `${presses} presses`);
  await page.locator(".which input").focus();
  await page.keyboard.press("Tab");
  const row = () => page.evaluate(() => document.activeElement.closest(".log .line")?.parentElement.dataset.event);
  const first = await row();
  assert.ok(first, "a row has the focus");
  await page.keyboard.press("ArrowUp");
  assert.ok(Number(await row()) < Number(first), "an arrow leads to the row above");
  assert.equal(await page.locator('.log ol [tabindex="0"]').count(), 1);
  await page.keyboard.press("Tab");
  assert.equal(await row(), undefined, "and Tab leaves the rows");
});

test("an address that names no run shows no picture", async (t) => {
  const page = await openPage(t, { rest: "#/raft/nonsense" });
  await page.waitForSelector(".banner");
  assert.equal(await page.locator(".poster").count(), 0);
  // The page asks for the files of the run, and the console says that there are none.
  assert.deepEqual(page.errors.filter((error) => !/404 \(Not Found\)/.test(error)), []);
  page.errors.length = 0;
});
