// What hands do on the stage, with a mouse and with a finger: haul a message, rope nodes in, double-click.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot } from "./harness.mjs";
import { SIZES, centre, handOf } from "./finger.mjs";
import { openLab, role, settle, state, until } from "./lab.mjs";

/** Stops in the middle of the first messages, and takes the last of them. */
async function midway(page) {
  await settle(page);
  await page.keyboard.press("Home");
  while (!(await page.locator(".stage .message").count())) await page.keyboard.press("ArrowRight");
  const time = (await state(page)).time + 4_000;
  await page.locator("#slider").evaluate((slider, time) => {
    slider.value = String(time);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }, time);
  return page.locator(".stage .message").last();
}

/** The acts of the run, as the address has them. */
const written = async (page) => {
  await settle(page);
  return decodeURIComponent(await page.evaluate(() => location.hash));
};

for (const size of SIZES) {
  test(`a message hauled back is late, and stays where it was let go; hauled to its receiver it is delivered, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    const hand = await handOf(page, size);
    const message = await midway(page);
    const id = await message.getAttribute("data-id");
    const mark = page.locator(`.stage [data-id="${id}"] .disc`);
    const [from, to] = (await message.getAttribute("data-is")).match(/n\d+/g);
    const sender = await centre(page.locator(`.stage [data-node="${from}"] .disc`));
    const receiver = await centre(page.locator(`.stage [data-node="${to}"] .disc`));
    const here = await centre(mark);
    const wanted = [here[0] + (sender[0] - here[0]) * 0.3, here[1] + (sender[1] - here[1]) * 0.3];
    const acts = Number(await page.locator("#lab").getAttribute("data-acts"));
    const more = (count) => until(page, (count) => Number(document.querySelector("#lab").dataset.acts) === count, acts + count);
    await hand.down(here);
    await hand.move(wanted);
    assert.match(await page.locator(`.stage [data-id="${id}"] .fate`).textContent(), /delay by \d/);
    await shot(page, `hands-haul-${size.width}`);
    await hand.up();
    await more(1);
    assert.match(await written(page), new RegExp(`delay.${from}~${to}.*by`));
    const after = await centre(mark);
    assert.ok(Math.hypot(after[0] - wanted[0], after[1] - wanted[1]) < 14, `${after} is not near ${wanted}`);

    await hand.drag(after, receiver);
    await more(2);
    assert.match(await written(page), new RegExp(`deliver.${from}~${to}`));
    await until(page, (id) => !document.querySelector(`.stage [data-id="${id}"]`), id);
  });

  test(`a lasso picks the nodes within, and they are cut off together, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    const hand = await handOf(page, size);
    const [n3, n4] = await Promise.all(["n3", "n4"].map((node) => centre(page.locator(`.stage [data-node="${node}"] .disc`))));
    // Sideways: on a touch screen that must not turn the page.
    // Beside the node, its label and its neighbour's; a finger needs more room than a mouse.
    const [left, above] = size.touch ? [70, 8] : [50, 22];
    await hand.down([n4[0] - left, n4[1] - above]);
    await hand.move([n3[0] + 42, n3[1] + 36]);
    await shot(page, `hands-lasso-${size.width}`);
    await hand.up();
    await until(page, () => document.querySelectorAll(".stage .node.selected").length === 2);
    assert.equal(await page.locator("#picked").textContent(), "n3, n4");
    await settle(page);
    // On a busy machine a tap may last so long that it is a long press; gestures.test.mjs taps this button.
    await page.locator('.inspector [data-verb="cut"]').click();
    await until(page, () => document.querySelectorAll('.stage [data-state="cut"]').length === 6);
    assert.match(await written(page), /cut.n3,n4[|~!]/);
  });
}

test("nodes are roped in, or joined with Shift, and cut off together", async (t) => {
  const page = await openLab(t);
  await settle(page);
  const one = await centre(page.locator('.stage [data-node="n3"] .disc'));
  const other = await centre(page.locator('.stage [data-node="n4"] .disc'));
  await page.mouse.move(other[0] - 60, other[1] - 45);
  await page.mouse.down();
  await page.mouse.move(one[0] + 45, one[1] + 38, { steps: 4 });
  await shot(page, "hands-rope");
  await page.mouse.up();
  assert.equal(await page.locator(".stage .node.selected").count(), 2);
  await page.locator('.stage [data-node="n5"] .disc').click({ modifiers: ["Shift"] });
  assert.match(await page.locator(".inspector").innerText(), /3 nodes\s*n3, n4, n5/);
  await shot(page, "hands-group");
  await page.keyboard.press("c");
  const cut = (wanted) => until(page, (wanted) => document.querySelectorAll('.stage [data-link][data-state="cut"]').length === wanted, wanted);
  await cut(6); // Two nodes on one side, three on the other.
  await page.locator('.inspector [data-verb="heal"]').click();
  await cut(0);
  await page.keyboard.press("Escape");
  await until(page, () => !document.querySelector(".stage .node.selected"));

  await page.locator('.stage [data-node="n2"] .disc').dblclick();
  assert.equal(await role(page, "n2"), "crashed");
  await page.locator('.stage [data-node="n2"] .disc').dblclick();
  assert.equal(await role(page, "n2"), "follower");
});
