// Acts as marks on the time line: they are dragged through time, by pointer, finger and key, and let go of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot, violations } from "./harness.mjs";
import { openLab, openText, settle, until } from "./lab.mjs";

const ACTS = "faultline 2\nprotocol raft\nseed 3\nuntil 3s\nat 800ms crash n2\nat 1200ms restart n2\n";

/** When each act happens, in the order of the scenario. */
const acts = (page) =>
  page.evaluate(() => [...document.querySelectorAll("[data-mark]")].map((mark) => [mark.ariaLabel, Number(mark.ariaValueNow)]));
const rest = async (page, wanted) => {
  await until(page, (wanted) => [...document.querySelectorAll("[data-mark]")].map((mark) => mark.ariaLabel).join() === wanted, wanted);
  await settle(page);
};

async function opened(t, size) {
  const page = await openLab(t, size);
  await settle(page);
  await openText(page, ACTS);
  await page.waitForSelector("[data-mark]");
  await settle(page);
  return page;
}

/** The middle of the first mark, and how many pixels a millisecond is. */
const place = (page) =>
  page.evaluate(() => {
    document.querySelector("#slider").scrollIntoView();
    const { x, y, width, height } = document.querySelector('[data-mark="0"]').getBoundingClientRect();
    const row = document.querySelector(".act-marks").getBoundingClientRect().width;
    return { x: x + width / 2, y: y + height / 2, scale: (row / Number(document.querySelector("#slider").max)) * 1_000 };
  });

/** Drags by pointer or by finger, stops half-way to look, and lets go or changes its mind. */
async function drag(page, touch, by, look) {
  const { x, y, scale } = await place(page);
  const client = touch && (await page.context().newCDPSession(page));
  const send = (type, x) => client.send("Input.dispatchTouchEvent", { type, touchPoints: x === undefined ? [] : [{ x, y }] });
  if (touch) await send("touchStart", x);
  else await page.mouse.move(x, y), await page.mouse.down();
  for (const share of [0.25, 0.5, 1]) {
    if (touch) await send("touchMove", x + by * scale * share);
    else await page.mouse.move(x + by * scale * share, y);
  }
  // The last of the moves has come.
  const near = (time) => Math.abs(parseFloat(document.querySelector(".act-time")?.textContent) - time) < 0.03;
  await until(page, near, (800 + by) / 1_000);
  await look(page);
  if (touch) await send("touchEnd");
  else await page.mouse.up();
}

for (const size of [
  { width: 1440, height: 900 },
  { width: 360, height: 740, touch: true },
]) {
  test(`an act is dragged in time, says when, and can be let go of, at ${size.width}`, async (t) => {
    const page = await opened(t, size);
    const before = await settle(page);
    let said;
    await drag(page, size.touch, 600, async () => {
      said = await page.locator(".act-time").innerText();
      await shot(page, `marks-dragged-${size.width}`);
    });
    await rest(page, "restart n2,crash n2");
    const [, [, time]] = await acts(page);
    assert.ok(Math.abs(time - 1_400_000) < 25_000, `${time}`);
    assert.equal(`${(time / 1e6).toFixed(3)} s`, said, "it gets the time that was said");
    const after = await settle(page);
    assert.notEqual(after.checksum, before.checksum);
    assert.equal(await page.locator(".act-mark.picked").getAttribute("aria-label"), "crash n2");

    await page.keyboard.press("Control+z");
    await rest(page, "crash n2,restart n2");
    assert.equal((await settle(page)).checksum, before.checksum, "one step back undoes it");

    if (!size.touch) {
      await drag(page, false, 300, () => page.keyboard.press("Escape"));
      assert.equal(await page.locator(".act-time").count(), 0);
      assert.deepEqual(await acts(page), [["crash n2", 800_000], ["restart n2", 1_200_000]]);
      assert.equal((await settle(page)).checksum, before.checksum, "Escape lets go");
    }

    // What is only touched is picked.
    const { x, y } = await place(page);
    if (size.touch) await page.touchscreen.tap(x, y);
    else await page.mouse.click(x, y);
    await page.waitForSelector('[data-picked-act="0"]');
  });
}

test("a mark is moved by arrows and taken away by a key, and keeps the focus", async (t) => {
  const page = await opened(t, { width: 1440, height: 900 });
  await page.keyboard.press("a");
  await page.waitForSelector('[data-picked-act="0"]');
  await page.locator('[data-mark="0"]').focus();
  for (let times = 0; times < 41; times += 1) {
    await page.keyboard.press("ArrowRight");
    await until(page, (time) => document.activeElement.ariaValueNow === String(time), 800_000 + 10_000 * (times + 1));
  }
  assert.deepEqual(await acts(page), [["restart n2", 1_200_000], ["crash n2", 1_210_000]]);
  await page.keyboard.press("ArrowLeft");
  await until(page, () => document.activeElement.ariaValueNow === "1200000");
  assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), "crash n2");
  assert.equal(await page.locator("[data-mark][tabindex='0']").count(), 1, "one stop for Tab");
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Delete");
  await rest(page, "restart n2");
});
