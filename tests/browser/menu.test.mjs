// The menu of a thing: by the right button and by a finger that rests, wholly on the screen, worked by keys; and what is
// there for those who have no keys.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot, violations } from "./harness.mjs";
import { SIZES, centre, finger, handOf } from "./finger.mjs";
import { openLab, openText, role, settle, state, until } from "./lab.mjs";

// Nobody speaks on the link of n1 and n2 while n5 asks for votes.
const TEXT = "faultline 2\nprotocol raft\nlatency 20ms\nat 10ms fire n5 Election\nshow 22ms\n";

const link = (page, one, other) =>
  Promise.all([one, other].map((node) => centre(page.locator(`.stage [data-node="${node}"] .disc`)))).then(
    ([[x, y], [u, v]]) => [x * 0.45 + u * 0.55, y * 0.45 + v * 0.55],
  );

const picked = (page) => page.locator("#picked").textContent();

/** Asks for the menu at a place, as a mouse or a finger does. */
async function ask(page, { touch }, place) {
  if (!touch) {
    await page.mouse.click(...place, { button: "right" });
    return;
  }
  const hand = await finger(page);
  await hand.down(place);
  await page.waitForSelector(".menu");
  await hand.up();
}

const closed = (page) => until(page, () => !document.querySelector(".menu"));

for (const size of SIZES) {
  test(`a node, a link and a message have their menu, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    await openText(page, TEXT);
    await settle(page);
    const message = page.locator(".stage [data-message]").last();
    const things = [
      [await centre(page.locator('.stage [data-node="n3"] .disc')), "n3", "crash"],
      [await link(page, "n1", "n2"), "link n1–n2", "cut-one-way"],
      [await centre(message.locator(".disc")), await message.getAttribute("data-message"), "drop"],
    ];
    for (const [place, name, verb] of things) {
      await ask(page, size, place);
      await page.waitForSelector(".menu");
      assert.equal(await page.locator(".menu [role=menu]").getAttribute("aria-label"), name);
      assert.equal(await picked(page), name);
      const acts = Number(await page.locator("#lab").getAttribute("data-acts"));
      const item = page.locator(`.menu [role=menuitem][data-verb="${verb}"]`).first();
      await (size.touch ? item.tap() : item.click());
      await closed(page);
      assert.equal(Number(await page.locator("#lab").getAttribute("data-acts")), acts + 1, `${verb} ${name}`);
      await page.getByRole("button", { name: "Undo" }).click();
      assert.equal(Number(await page.locator("#lab").getAttribute("data-acts")), acts);
      await page.keyboard.press("Escape");
    }
  });

  test(`several nodes are picked from the menu of one, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    const press = (place) => (size.touch ? page.touchscreen.tap(...place) : page.mouse.click(...place));
    const disc = (node) => centre(page.locator(`.stage [data-node="${node}"] .disc`));
    await ask(page, size, await disc("n3"));
    const item = page.locator('.menu [data-verb="several"]');
    await (size.touch ? item.tap() : item.click());
    for (const node of ["n4", "n5", "n1", "n1"]) await press(await disc(node));
    assert.equal(await picked(page), "n3, n4, n5");
    await shot(page, `menu-several-${size.width}`);
    const cut = page.locator('.inspector [data-verb="cut"]');
    await (size.touch ? cut.tap() : cut.click());
    assert.equal(await page.locator('.stage [data-link][data-state="cut"]').count(), 6);
    // What is touched next is picked alone again.
    await press(await disc("n2"));
    assert.equal(await picked(page), "n2");
  });

  test(`undo, redo and all commands have their buttons, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    const press = (locator) => (size.touch ? locator.tap() : locator.click());
    const [undo, redo] = ["Undo", "Redo"].map((name) => page.getByRole("button", { name }));
    const works = async () => [await undo.isEnabled(), await redo.isEnabled()];
    assert.deepEqual(await works(), [false, false]);
    const bar = (await page.locator(".transport").boundingBox()).height;
    assert.ok(bar <= (size.touch ? 100 : 56), `the bar is ${bar} high`);
    const node = page.locator('.stage [data-node="n3"] .disc');
    await (size.touch ? page.touchscreen.tap(...(await centre(node))) : node.click());
    await press(page.locator('.inspector [data-verb="crash"]'));
    assert.equal(await role(page, "n3"), "crashed");
    assert.deepEqual(await works(), [true, false]);
    await press(undo);
    assert.equal(await role(page, "n3"), "follower");
    assert.deepEqual(await works(), [false, true]);
    await press(redo);
    assert.equal(await role(page, "n3"), "crashed");
    assert.deepEqual(await works(), [true, false]);
    // What has no button of its own is in the list of all commands: a round of messages, ten events.
    const { event } = await state(page);
    await press(page.getByRole("button", { name: "Commands" }));
    await page.locator("#palette-text").fill("forward ten events");
    await press(page.locator("[role=option]").first());
    await until(page, (event) => Number(document.querySelector("#lab").dataset.event) === event, event + 10);
    for (const words of ["round of messages", "in flight have arrived"]) {
      await press(page.getByRole("button", { name: "Commands" }));
      await page.locator("#palette-text").fill(words);
      assert.ok(await page.locator("[role=option]").count(), words);
      await page.keyboard.press("Escape");
      await until(page, () => !document.querySelector("dialog"));
    }
  });
}

test("the menu is all on the screen, wherever it is asked for", async (t) => {
  for (const [width, height, touch] of [[1024, 768, false], [1440, 900, false], [360, 740, true], [900, 420, false]]) {
    const page = await openLab(t, { width, height, touch });
    await settle(page);
    await openText(page, "faultline 2\nprotocol pbft\nlatency 20ms\nat 10ms n1 Put x=1\nat 12ms take over n1\nshow 26ms\n");
    await settle(page);
    for (const thing of await page.locator(".stage .message .disc, .stage .node .disc").all()) {
      const place = await centre(thing);
      await page.mouse.click(...place, { button: "right" });
      await page.waitForSelector(".menu");
      const { x, y, width: wide, height: high } = await page.locator(".menu").boundingBox();
      assert.ok(x >= 0 && y >= 0 && x + wide <= width && y + high <= height, `${width}: ${[x, y, wide, high]} at ${place}`);
      await page.keyboard.press("End");
      const last = await page.locator(".menu [role=menuitem]").last().boundingBox();
      assert.ok(last.y + last.height <= height, "the last of it is scrolled to");
      await page.keyboard.press("Escape");
      await closed(page);
    }
  }
});

test("the menu is worked by keys, and Escape closes nothing but it", async (t) => {
  const page = await openLab(t);
  await settle(page);
  const node = page.locator('.stage [data-node="n3"] [role=button]');
  await node.focus();
  await page.mouse.click(...(await centre(page.locator('.stage [data-node="n3"] .disc'))), { button: "right" });
  await page.waitForSelector(".menu");
  assert.deepEqual(await violations(page), []);
  const focused = () => page.evaluate(() => document.activeElement.dataset.verb);
  const verbs = await page.locator(".menu [role=menuitem]").evaluateAll((items) => items.map((it) => it.dataset.verb));
  assert.equal(await focused(), verbs[0]);
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), verbs[1]);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(), verbs.at(-1));
  await page.keyboard.press("Home");
  assert.equal(await focused(), verbs[0]);
  await page.keyboard.press("End");
  assert.equal(await focused(), verbs.at(-1));
  const { event } = await state(page);
  await page.keyboard.press("ArrowRight");
  assert.equal((await state(page)).event, event, "the run stays where it is");
  await page.keyboard.press("Escape");
  await closed(page);
  assert.equal(await picked(page), "n3", "what was picked still is");
  assert.ok(await node.evaluate((it) => it === document.activeElement), "the focus is back");
  await page.keyboard.press("Escape");
  assert.equal(await picked(page), "");
  // By key alone: a link, its menu, and the key that stands in it.
  await page.keyboard.press("3");
  await page.keyboard.press("n");
  await page.keyboard.press("Shift+F10");
  await page.waitForSelector(".menu");
  assert.equal(await page.locator(".menu [role=menu]").getAttribute("aria-label"), "link n3–n1");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await closed(page);
  assert.equal(await page.locator('[data-link="n1-n3"]').getAttribute("data-state"), "cut-one-way");
});

test("links are picked by keys one after the other, said, and acted on", async (t) => {
  const page = await openLab(t);
  await settle(page);
  await page.keyboard.press("3");
  const said = [];
  for (let nth = 0; nth < 5; nth += 1) {
    await page.keyboard.press("n");
    said.push(await picked(page));
    assert.equal(await page.locator(".stage .link.selected").count(), 1);
  }
  assert.deepEqual(said, ["link n3–n1", "link n3–n2", "link n3–n4", "link n3–n5", "link n3–n1"]);
  await page.keyboard.press("Shift+N");
  assert.equal(await picked(page), "link n3–n5");
  await page.keyboard.press("c");
  assert.equal(await picked(page), "link n3–n5, cut");
  assert.equal(await page.locator('[data-link="n3-n5"]').getAttribute("data-state"), "cut");
  await page.keyboard.press("g");
  assert.equal(await picked(page), "link n3–n5, cut, held");
  await page.keyboard.press("h");
  assert.equal(await picked(page), "link n3–n5, held");
  assert.equal(await page.locator("#picked").getAttribute("aria-live"), "polite");
  // Where no links are drawn, the picked one is.
  await openText(page, "faultline 2\nprotocol raft\nnodes 51\nseed 3\nshow 700ms\n");
  await settle(page);
  await page.keyboard.press("7");
  await page.keyboard.press("Shift+N");
  assert.equal(await picked(page), "link n7–n51");
  assert.equal(await page.locator(".stage .link.selected").count(), 1);
});

test("what the pointer is on lights a link and its nodes", async (t) => {
  const page = await openLab(t);
  await settle(page);
  await page.mouse.move(...(await link(page, "n1", "n3")));
  for (const selector of ['[data-link="n1-n3"]', '.stage [data-node="n1"]', '.stage [data-node="n3"]', '.life[data-is="n3"]']) {
    assert.equal(await page.locator(`${selector}[data-lit]`).count(), 1, selector);
  }
  assert.equal(await page.locator('.stage [data-node="n2"][data-lit]').count(), 0);
});

test("the buttons of time are one stop, and the arrows are theirs only for who came by key", async (t) => {
  const page = await openLab(t, { width: 1440, height: 900 });
  await settle(page);
  // What may be done to a node stands there once one is picked, or leads.
  await page.keyboard.press("1");
  for (const name of ["Time", "Acts"]) {
    const stops = page.getByRole("toolbar", { name }).locator('button[tabindex="0"]');
    assert.equal(await stops.count(), 1, name);
  }
  const label = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  for (let tabs = 0; tabs < 60 && (await label()) !== "Play"; tabs += 1) await page.keyboard.press("Tab");
  const before = await state(page);
  await page.keyboard.press("ArrowRight");
  assert.equal(await label(), "Next event");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assert.equal(await label(), "Previous marked event");
  assert.equal((await state(page)).event, before.event);
  await page.keyboard.press("Tab");
  assert.equal(await label(), "Speed");
  await page.getByRole("button", { name: "Next event" }).click();
  await page.keyboard.press("ArrowRight");
  assert.equal((await state(page)).event, before.event + 2);
});
