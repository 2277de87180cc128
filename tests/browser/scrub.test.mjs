// The diagram is the time line: a press goes to the time that is there, a drag scrubs, a mark leads to its event; what has
// to be in sight stays there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot } from "./harness.mjs";
import { SIZES, centre, finger, handOf } from "./finger.mjs";
import { openLab, openText, settle, state, until } from "./lab.mjs";

/** The times at places of the diagram, and of one pixel, by the places and the words of its axis. */
const times = (page, xs) =>
  page.evaluate((xs) => {
    const ticks = [...document.querySelectorAll(".axis text.tick")].map((it) => [
      it.getBoundingClientRect().left,
      parseFloat(it.textContent) * 1e6,
    ]);
    ticks.sort(([a], [b]) => a - b);
    const [[left, from], [right, until]] = [ticks[0], ticks.at(-1)];
    const pixel = (until - from) / (right - left);
    return { pixel, at: xs.map((x) => from + (x - left) * pixel) };
  }, xs);

/** Waits until the run is at a time, give or take two pixels of the diagram. */
const arrives = (page, time, pixel) =>
  until(page, ([time, slack]) => Math.abs(document.querySelector("#lab").dataset.time - time) <= slack, [time, 2 * pixel]);

/** A place of the diagram with nothing on it, near a share of its width. */
const empty = (page, share) =>
  page.evaluate((share) => {
    const { left, top, width, height } = document.querySelector(".lines").getBoundingClientRect();
    for (let x = Math.round(left + width * share); x < left + width; x += 1) {
      for (let y = Math.round(top + 6); y < top + height - 6; y += 3) {
        const near = [0, 3, -3].every((by) => !document.elementFromPoint(x + by, y)?.closest(".arrow, .dot, .foot, .names"));
        if (near) return [x, y];
      }
    }
    throw new Error("nothing is empty");
  }, share);

const TEXT = "faultline 2\nprotocol raft\nseed 3\nat 650ms crash n3\nshow 700ms\n";

for (const size of SIZES) {
  test(`a press goes to the time under it and a drag scrubs, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    await openText(page, TEXT);
    if (size.touch) await page.getByRole("tab", { name: "Timeline" }).click();
    await settle(page);
    const hand = await handOf(page, size);
    const { x, y, width } = await page.locator(".diagram-picture").boundingBox();
    const axis = y + 10;

    // On the axis, where the window would move if the playhead came there by itself.
    const places = [0.9, 0.25, 0.6].map((share) => x + width * share);
    for (const place of places) {
      const { at, pixel } = await times(page, [place]);
      await hand.down([place, axis]);
      await hand.up();
      await arrives(page, at[0], pixel);
    }
    // On an empty place among the lifelines.
    for (const share of [0.8, 0.4]) {
      const place = await empty(page, share);
      const { at, pixel } = await times(page, [place[0]]);
      await hand.down(place);
      await hand.up();
      await arrives(page, at[0], pixel);
    }
    // The playhead is dragged by its handle, and stays under the hand all the way; so does the axis.
    const handle = await centre(page.locator(".playhead path"));
    await hand.down(handle);
    for (const share of [0.3, 0.85, 0.5]) {
      const to = x + width * share;
      const { at, pixel } = await times(page, [to]);
      await hand.move([to, axis]);
      await arrives(page, at[0], pixel);
      const [there] = await centre(page.locator(".playhead path"));
      assert.ok(Math.abs(there - to) <= 2, `the playhead is at ${there}, the hand at ${to}`);
    }
    await hand.up();
    // Between the lifelines as well.
    const from = await empty(page, 0.35);
    const [to] = [x + width * 0.75];
    const { at, pixel } = await times(page, [to]);
    await hand.drag(from, [to, from[1]]);
    await arrives(page, at[0], pixel);
    await shot(page, `scrub-${size.width}`);

    // A mark leads to its event, and its place is no time to go to.
    const marks = page.locator('.feet .foot[data-event]');
    const mark = await marks.first().getAttribute("data-event");
    const place = await centre(marks.first().locator("path"));
    await hand.down(place);
    await hand.up();
    await until(page, (event) => Number(document.querySelector("#lab").dataset.event) === event, Number(mark) + 1);
  });

  test(`with many lifelines the axis and the foot stay in sight, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    await openText(page, TEXT.replace("seed 3", "nodes 51\nseed 3"));
    if (size.touch) await page.getByRole("tab", { name: "Timeline" }).click();
    const { time } = await settle(page);
    const seen = (selector) =>
      page.evaluate((selector) => {
        const area = document.querySelector(selector)?.getBoundingClientRect();
        if (!area?.width) return false;
        const on = document.elementFromPoint(area.left + area.width / 2, area.top + area.height / 2);
        return Boolean(on?.closest(selector));
      }, selector);
    const both = async () => {
      assert.ok(await seen(".feet .foot"), "the mark of the crash");
      assert.ok(await seen(".axis"), "the axis");
    };
    await both();
    const lines = page.locator(".lines");
    const scrolled = () => lines.evaluate((it) => it.scrollTop);
    const { x, y, width, height } = await lines.boundingBox();
    if (size.touch) {
      const hand = await finger(page);
      await hand.drag([x + width / 2, y + height - 6], [x + width / 2, y - 60], 12);
    } else {
      await page.mouse.move(x + width / 2, y + height / 2);
      await page.mouse.wheel(0, 150);
    }
    await until(page, () => document.querySelector(".lines").scrollTop > 40);
    await both();
    assert.equal((await state(page)).time, time, "to scroll is not to scrub");
    // By keys, too.
    await lines.focus();
    const before = await scrolled();
    await page.keyboard.press("PageDown");
    await until(page, (before) => document.querySelector(".lines").scrollTop > before, before);
    await both();
    await shot(page, `scrub-51-${size.width}`);
  });
}
