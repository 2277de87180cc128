// The command palette: by keyboard alone, from any moment, to anything.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot, violations } from "./harness.mjs";
import { openLab, settle, until } from "./lab.mjs";

const gone = (page) => until(page, () => !document.querySelector("dialog"));

/** The run as text, from the dialog that shares it. */
async function text(page) {
  await page.keyboard.press("s");
  const written = await page.locator("#share-text").inputValue();
  await page.keyboard.press("Escape");
  await gone(page);
  return written;
}

/** Opens the palette, writes, and takes what is chosen. */
async function command(page, text) {
  await page.keyboard.press("Control+k");
  await page.waitForSelector("dialog[open] [role=combobox]");
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
  await gone(page);
}

for (const colorScheme of ["light", "dark"]) {
  test(`commands, acts, runs and times by their names, in ${colorScheme}`, async (t) => {
    const page = await openLab(t, { colorScheme });
    await settle(page);
    await page.keyboard.press("Control+k");
    await page.waitForSelector("dialog[open] [role=combobox]");
    assert.deepEqual(await violations(page), []);
    const chosen = () => page.locator("[role=option][aria-selected=true]").innerText();
    const first = await chosen();
    await page.keyboard.press("ArrowDown");
    assert.notEqual(await chosen(), first);
    await page.keyboard.press("ArrowUp");
    assert.equal(await chosen(), first);
    await shot(page, `palette-${colorScheme}`);
    await page.keyboard.type("no such thing");
    assert.equal(await page.locator("[role=option]").count(), 0);
    await page.keyboard.press("Escape");
    await gone(page);

    await command(page, "1.5s");
    await until(page, () => document.querySelector("#lab").dataset.time === "1500000");
    await page.keyboard.press("3");
    await command(page, "crash n3");
    await until(page, () => document.querySelector('.stage [data-node="n3"]').dataset.role === "crashed");
    await command(page, "undo");
    await until(page, () => document.querySelector('.stage [data-node="n3"]').dataset.role !== "crashed");
    // With nothing picked: nodes, links both ways and one way, messages, by their names, with any amount.
    await page.keyboard.press("Escape");
    const acts = async () => (await text(page)).split("\n").filter((line) => line.startsWith("at ")).map((line) => line.split(" ").slice(2).join(" "));
    const before = await acts();
    const done = ["crash n4", "cut n1-n2", "cut n3>n1", "slow n1 5x", "loss n1-n2 20", "clock n2 +1s", "lose append until 9s", "n1,n2 pause"];
    for (const typed of done) await command(page, typed);
    assert.deepEqual((await acts()).slice(before.length), [
      "crash n4", "cut n1-n2", "cut n3>n1", "slow n1 5x", "link n1-n2 loss 20%", "clock n2 jump +1s", "lose Append until 9s", "pause n1", "pause n2",
    ]);
    await command(page, "undo");
    assert.equal((await acts()).length, before.length + done.length - 1, "what is done to several is one step");
    const flying = page.locator(".stage [data-message]");
    for (let steps = 0; steps < 40 && !(await flying.count()); steps += 1) await page.keyboard.press("ArrowRight");
    assert.ok(await flying.count(), "something is under way");
    await command(page, "delay 35");
    assert.match((await acts()).at(-1), /^delay n\d>n\d \w+(#\d)? by 35ms$/);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("cut");
    assert.match(await page.locator(".palette .legend").innerText(), /^\d+ more/);
    await page.keyboard.press("Escape");
    await gone(page);
    await command(page, "seed 153");
    assert.match(await text(page), /^seed 153$/m);
    await command(page, "figure 8: a maj");
    await until(page, () => document.querySelector(".where .title").textContent.startsWith("Figure 8"));
    await command(page, "2pc");
    await until(page, () => document.querySelector(".where .protocol").textContent.startsWith("Two-phase commit"));
    await command(page, "pbft liar");
    await until(page, () => document.querySelector(".where .protocol").textContent.startsWith("Practical Byzantine"));
  });
}
