// The command palette: by keyboard alone, from any moment, to anything.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot, violations } from "./harness.mjs";
import { openLab, role, settle, state, until } from "./lab.mjs";

const gone = (page) => until(page, () => !document.querySelector("dialog"));

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
    assert.equal((await state(page)).time, 1_500_000);
    await page.keyboard.press("3");
    await command(page, "crash n3");
    assert.equal(await role(page, "n3"), "crashed");
    await command(page, "undo");
    assert.notEqual(await role(page, "n3"), "crashed");
    await command(page, "figure 8: a maj");
    await until(page, () => document.querySelector(".where .title").textContent.startsWith("Figure 8"));
  });
}
