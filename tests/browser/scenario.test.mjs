// The scenario as text beside the run, its acts, its branches, and the inboxes of manual mode.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { shot, violations } from "./harness.mjs";
import { openLab, openText, role, settle, state, until } from "./lab.mjs";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 740, touch: true },
];
const ACTS = "faultline 2\nprotocol raft\nseed 3\nat 800ms crash n2\nat 900ms restart n2\n";

const tab = (page, name) => page.getByRole("tab", { name }).click();
const text = (page) => page.locator("#scenario-text").inputValue();

for (const size of SIZES) {
  test(`what is written becomes the run; what cannot be read is marked, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    const before = await settle(page);
    await tab(page, "Scenario");
    assert.match(await text(page), /^faultline 2\nprotocol raft\n/);
    const write = (words) => page.locator("#scenario-text").fill(words);
    await write("faultline 2\nprotocol raft\nseed 9\nat 1s burn n1\nat 2s crash n1\n");
    await page.keyboard.press("Control+Enter");
    assert.match(await page.locator("#scenario-wrong").innerText(), /^Line 4: .*burn/);
    assert.equal(await page.locator(".numbers .wrong").innerText(), "4");
    const selected = await page.evaluate(() => document.getSelection().toString());
    assert.equal(selected, "at 1s burn n1", "the line is marked in place");
    assert.equal((await state(page)).checksum, before.checksum, "and nothing has changed");
    await shot(page, `scenario-wrong-${size.width}`);
    await write("faultline 2\nprotocol raft\nseed 9\nat 1s crash n1\n");
    await page.locator("[data-tool=apply]").click();
    assert.equal(await page.locator("[data-tool=apply]").count(), 0);
    await page.locator("#scenario-text").press("Escape");
    const after = await settle(page);
    assert.notEqual(after.checksum, before.checksum);
    assert.match(await page.evaluate(() => location.hash), /seed\+9/);
    await page.keyboard.press("Control+z");
    assert.equal((await settle(page)).checksum, before.checksum, "undo brings the run back");
    // What is half written can be let go of.
    await write("nonsense");
    await page.locator("[data-tool=discard]").click();
    assert.match(await text(page), /^faultline 2/);
  });

  test(`what may be written next is offered, taken by keys and by hand, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    await openText(page, ACTS);
    const before = await settle(page);
    await tab(page, "Scenario");
    const field = page.locator("#scenario-text");
    const offers = () => page.locator("#scenario-offers li").allInnerTexts();
    await field.press("Control+End");
    await field.pressSequentially("at 1s cr");
    assert.deepEqual(await offers(), ["crash"]);
    assert.match(await page.locator("#scenario-help").innerText(), /^Crashes a node/);
    await shot(page, `scenario-offers-${size.width}`);
    assert.deepEqual(await violations(page), []);
    // Tab takes the first, and what must follow is offered at once.
    await field.press("Tab");
    assert.match(await text(page), /\nat 1s crash $/);
    assert.deepEqual(await offers(), ["n1", "n2", "n3", "n4", "n5"]);
    await field.press("ArrowDown");
    await field.press("ArrowDown");
    const picked = await field.getAttribute("aria-activedescendant");
    assert.equal(await page.locator(`#${picked}`).innerText(), "n2", "the picked offer is the active one");
    assert.match(await page.locator("#scenario-help").innerText(), /leader|follower|candidate|crashed/);
    await field.press("Enter");
    assert.match(await text(page), /\nat 1s crash n2$/);
    assert.equal(await page.locator("#scenario-offers").count(), 0, "the line can end here");
    // Without a choice, Enter begins a line.
    await field.press("Enter");
    await field.pressSequentially("at 730ms dr");
    await field.press("Enter");
    assert.match(await text(page), /\nat 730ms dr\n$/);
    // What cannot be read is marked while it is written, and the run stays as it is.
    await until(page, () => /^Line 7: .*dr/.test(document.querySelector("#scenario-wrong").innerText));
    assert.equal(await page.locator(".numbers .wrong").innerText(), "7");
    assert.equal(await page.evaluate(() => document.activeElement.id), "scenario-text");
    assert.equal((await state(page)).checksum, before.checksum);
    await field.press("Backspace");
    await field.pressSequentially("op ");
    // A message in flight at that time, taken by hand.
    const message = page.locator("#scenario-offers li", { hasText: / / }).first();
    const name = await message.innerText();
    await message.click();
    assert.ok((await text(page)).endsWith(`at 730ms drop ${name}`), await text(page));
    await page.waitForSelector("#scenario-text:not([aria-invalid])");
    // Escape closes the list, and then Tab leads out.
    await field.press("Enter");
    await field.pressSequentially("se");
    assert.deepEqual(await offers(), ["seed", "set"]);
    await field.press("Escape");
    assert.equal(await page.locator("#scenario-offers").count(), 0);
    await field.press("Tab");
    assert.notEqual(await page.evaluate(() => document.activeElement.id), "scenario-text");
  });

  test(`the line of the moment is lit while the run plays, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    await openText(page, ACTS);
    await settle(page);
    await page.keyboard.press("Home");
    await tab(page, "Scenario");
    assert.equal(await page.locator(".numbers .now").count(), 0, "nothing is done yet");
    await page.evaluate(() => document.activeElement.blur());
    for (let faster = 0; faster < 4; faster += 1) await page.keyboard.press("+");
    await page.keyboard.press("Space");
    await until(page, () => document.querySelector(".numbers .now")?.textContent === "4");
    await until(page, () => document.querySelector(".numbers .now")?.textContent === "5");
    await page.keyboard.press("Space");
    await shot(page, `scenario-now-${size.width}`);
  });

  test(`acts are picked, moved and taken away, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    await openText(page, ACTS);
    await settle(page);
    await page.keyboard.press("a");
    await page.waitForSelector('[data-picked-act="0"]');
    assert.equal(await role(page, "n2"), "crashed", "to pick an act is to go there");
    await shot(page, `scenario-act-${size.width}`);
    await page.locator("[data-act-tool=later]").click();
    await page.locator("[data-act-tool=later]").click();
    await page.keyboard.press("<");
    await tab(page, "Scenario");
    assert.match(await text(page), /^at 810ms crash n2$/m);
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("Delete");
    await until(page, () => !document.querySelector("#scenario-text").value.includes("crash"));
    assert.match(await text(page), /restart n2/);
    // What changes nothing any more says so.
    await page.locator(".acts summary").click();
    assert.equal(await page.locator(".acts .idle").count(), 1);
    await page.locator("[data-act]").click();
    if (size.touch) await tab(page, "Claims");
    assert.match(await page.locator("[data-picked-act]").innerText(), /changes nothing/);
    await page.locator("[data-act-tool=take]").click();
    await tab(page, "Scenario");
    assert.equal(await page.locator(".acts").count(), 0);
  });

  test(`acting in the past opens a branch; branches are named, played, closed, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    await openText(page, ACTS);
    const first = await settle(page);
    await page.keyboard.press("Home");
    for (let step = 0; step < 20; step += 1) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("1");
    await page.keyboard.press("x");
    const second = await settle(page);
    assert.notEqual(second.checksum, first.checksum);
    assert.equal(await page.locator(".branch").getAttribute("aria-label"), "2 branches");
    await page.locator(".branch").click();
    await shot(page, `scenario-branches-${size.width}`);
    await page.locator("[data-branch] input").nth(1).fill("without n1");
    await page.keyboard.press("Tab");
    await page.locator("[data-tool=switch]").click();
    assert.equal(await page.locator("[data-branch].current input").inputValue(), "as opened");
    assert.equal(await page.locator("[data-branch] input").nth(1).inputValue(), "without n1");
    await page.keyboard.press("Escape");
    await until(page, () => !document.querySelector("dialog"));
    assert.equal((await settle(page)).checksum, first.checksum);
    await page.keyboard.press("b");
    await page.locator("[data-tool=close-branch]").nth(1).click();
    assert.equal(await page.locator("[data-branch]").count(), 1);
  });

  test(`manual mode: nothing happens but what is chosen from an inbox, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    await page.keyboard.press("i");
    await page.waitForSelector('[data-inbox="n1"]');
    await page.keyboard.press("Home");
    const start = (await state(page)).event;
    await page.keyboard.press("Space");
    await page.waitForFunction(() => Number(document.querySelector("#lab").dataset.time) > 5_000);
    await page.keyboard.press("Space");
    const waits = (await state(page)).event;
    assert.ok(waits - start <= 5, "only the nodes have booted");
    await page.locator('[data-inbox="n3"]').getByRole("button", { name: "Fire Election" }).click();
    assert.equal(await role(page, "n3"), "candidate");
    await shot(page, `scenario-inbox-${size.width}`);
    for (const node of ["n1", "n2"]) {
      await page.locator(`[data-inbox="${node}"]`).getByRole("button", { name: "Deliver" }).click();
    }
    assert.equal(await role(page, "n3"), "candidate");
    for (let vote = 0; vote < 2; vote += 1) {
      await page.locator('[data-inbox="n3"]').getByRole("button", { name: "Deliver" }).first().click();
    }
    assert.equal(await role(page, "n3"), "leader");
    await page.locator('[data-inbox="n5"]').getByRole("button", { name: "Drop" }).first().click();
  });
}

test("a scenario is downloaded, and a file opens by choice and by being dropped", async (t) => {
  const page = await openLab(t);
  await settle(page);
  await openText(page, ACTS);
  const here = await settle(page);
  await page.keyboard.press("Shift+O");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator("[data-tool=download]").click(),
  ]);
  assert.equal(download.suggestedFilename(), "raft-3.txt");
  assert.equal(await readFile(await download.path(), "utf8"), ACTS);

  await page.keyboard.press("o");
  const file = (name, text) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
  await page.locator("#open-file").setInputFiles(file("bad.txt", "faultline 2\nprotocol raft\nat 1s burn n1\n"));
  await until(page, () => /^Line 3: .*burn/.test(document.querySelector("#open-refused").textContent));
  await page.locator("#open-file").setInputFiles(file("seven.txt", "faultline 2\nprotocol raft\nseed 7\n"));
  await until(page, () => !document.querySelector("dialog"));
  await page.evaluate(() => document.activeElement.blur());
  assert.notEqual((await settle(page)).checksum, here.checksum);

  const drop = (text) =>
    page.evaluate((text) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([new Uint8Array(text)], "run.txt", { type: "text/plain" }));
      for (const type of ["dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
      }
    }, [...Buffer.from(text)]);
  await drop(ACTS);
  await until(page, () => location.hash.includes("crash"));
  await page.evaluate(() => document.activeElement.blur());
  assert.equal((await settle(page)).checksum, here.checksum);
  await drop(Buffer.from([0x66, 0x0a, 0xff, 0xfe]));
  await until(page, () => /Line 2: .*UTF-8/.test(document.querySelector(".banner")?.textContent));
});

for (const size of SIZES) {
  test(`a fact leads to what brought it about, back to what nobody caused, at ${size.width}`, async (t) => {
    const page = await openLab(t, { ...size, rest: "#/raft/figure-8" });
    await settle(page);
    await page.keyboard.press("End");
    const end = (await state(page)).event;
    await tab(page, "State");
    const chain = async () => {
      await page.waitForSelector(".chain");
      return page.locator("[data-step]").evaluateAll((steps) => steps.map((step) => Number(step.dataset.step)));
    };
    await page.locator(".logs tbody tr:nth-child(2) .entry").first().click();
    const events = await chain();
    assert.ok(events.length > 1 && events.every((event, place) => place === 0 || event < events[place - 1]), events.join());
    assert.match(await page.locator(".chain").innerText(), /§/, "the rule of the paper with its section");
    await shot(page, `scenario-why-${size.width}`);
    await page.locator("[data-step] .line").first().click();
    await until(page, () => !document.querySelector("dialog"));
    assert.deepEqual([(await state(page)).event, events[0] < end], [events[0] + 1, true]);
    // So does a fact of a card, a line of the log, and the latest event.
    await page.locator(".card .fact").first().click();
    await page.locator("dialog .body > *").first().waitFor();
    await page.keyboard.press("Escape");
    await tab(page, "Log");
    await page.locator("[data-why]").click();
    assert.equal((await chain())[0], events[0]);
    await page.keyboard.press("Escape");
    await until(page, () => !document.querySelector("dialog"));
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("Shift+W");
    assert.equal((await chain())[0], events[0]);
    assert.deepEqual(await violations(page), []);
  });

  test(`two branches stand side by side, and where they part is marked, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    await openText(page, ACTS);
    await settle(page);
    await page.keyboard.press("Home");
    for (let step = 0; step < 20; step += 1) await page.keyboard.press("ArrowRight");
    const here = (await settle(page)).event;
    await page.keyboard.press("1");
    await page.keyboard.press("x");
    await page.keyboard.press("b");
    await page.locator("[data-tool=compare]").click();
    await page.waitForSelector(".compare");
    assert.equal(await page.locator(".compare").getAttribute("data-parts"), String(here));
    assert.equal(await page.locator(".compare li.parts").count(), 2);
    assert.match(await page.locator(".compare li.parts").first().innerText(), /n1 crashes/);
    assert.deepEqual(await violations(page), []);
    await shot(page, `scenario-compare-${size.width}`);
    await page.getByRole("button", { name: "Go there" }).click();
    await until(page, () => !document.querySelector("dialog"));
    assert.equal((await state(page)).event, here + 1);
  });
}
