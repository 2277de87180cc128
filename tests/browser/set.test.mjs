// What is set before a run: the form, its refusals, and the wrong twins.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot, violations } from "./harness.mjs";
import { openLab, openText, preset, settle, state, until } from "./lab.mjs";

/** Waits until a claim stands like this. */
const stands = (page, claim, how) => page.locator(`[data-claim="${claim}"][data-standing="${how}"]`).waitFor({ timeout: 10_000 });

/** The run as text, from the dialog that shares it. */
async function text(page) {
  await page.keyboard.press("s");
  const written = await page.locator("#share-text").inputValue();
  await page.keyboard.press("Escape");
  await until(page, () => !document.querySelector("dialog"));
  return written;
}

test("a rule is taken away from Figure 8, and a claim breaks; undo gives it back", async (t) => {
  const page = await openLab(t);
  await openText(page, await preset("figure-8"));
  await settle(page);
  await page.keyboard.press("End");
  await stands(page, "state-machine-safety", "holds");
  await page.keyboard.press("e");
  // All words beside a switch turn it.
  await page.locator("#hint-counts-old-terms label").click();
  await until(page, () => document.querySelector("#set-counts-old-terms").checked);
  await page.keyboard.press("Escape");
  await until(page, () => !document.querySelector("dialog"));
  await page.keyboard.press("End");
  await stands(page, "state-machine-safety", "violated");
  assert.match(await text(page), /^twin counts-old-terms$/m);
  await page.keyboard.press("Control+z");
  await page.keyboard.press("End");
  await stands(page, "state-machine-safety", "holds");
});

test("what cannot be set says why beside its field and changes nothing; what can is in the address", async (t) => {
  const page = await openLab(t);
  const before = await settle(page);
  await page.keyboard.press("e");
  const write = async (name, value) => {
    await page.locator(`#set-${name}`).fill(value);
    await page.keyboard.press("Tab");
    return page.locator(`#why-${name}`).innerText();
  };
  for (const [name, value, sentence] of [
    ["heartbeat", "50", /no time/],
    ["heartbeat", "2h", /no time/],
    ["batch", "0", /from 1 to 1000/],
    ["nodes", "99", /nodes, not 99/],
    ["loss", "200%", /no percentage/],
    ["least", "1s", /ends before it begins/],
  ]) {
    assert.match(await write(name, value), sentence);
    assert.equal(await page.locator(`#set-${name}`).inputValue(), value, "what was written stays to be mended");
  }
  assert.deepEqual(await violations(page), []);
  await shot(page, "set-refused");
  assert.deepEqual(await state(page), before);
  for (const [name, value] of [["heartbeat", "40ms"], ["least", "4ms"], ["greatest", "12ms"], ["loss", "2%"]]) {
    assert.equal(await write(name, value), "", name);
  }
  await page.locator("#set-fifo").check();
  await page.locator('[data-setting="seed"] .control button').click();
  await page.keyboard.press("Escape");
  await until(page, () => !document.querySelector("dialog"));
  const written = await text(page);
  for (const words of ["set heartbeat 40ms", "latency 4ms..12ms", "loss 2%", "fifo", "seed "]) {
    assert.ok(written.includes(`\n${words}`), `${words} in ${written}`);
  }
  const here = await settle(page);
  assert.notEqual(here.checksum, before.checksum);
  const fresh = await openLab(t, { rest: await page.evaluate(() => location.hash) });
  assert.equal((await settle(fresh)).checksum, here.checksum, "the address has followed");
});

test("a twin that shows only with parameters says so and sets them; then an attack finds it", async (t) => {
  const page = await openLab(t);
  await settle(page);
  await page.keyboard.press("e");
  await page.locator("#set-commits-unchecked").check();
  const others = page.locator('[data-setting="commits-unchecked"] .other');
  assert.match(await others.innerText(), /nodes 3, batch 1, shortcut on/);
  assert.deepEqual(await violations(page), []);
  await others.click();
  await until(page, () => !document.querySelector('[data-setting="commits-unchecked"] .other'));
  await page.keyboard.press("Escape");
  await until(page, () => !document.querySelector("dialog"));
  assert.match(await text(page), /nodes 3\n(.*\n)*set batch 1\nset shortcut on\ntwin commits-unchecked/);
  await page.keyboard.press("Shift+V");
  await page.waitForSelector("[data-report=found]", { timeout: 60_000 });
});

test("a vetted seed is one click; an assumption is a switch, and what it breaks is said", async (t) => {
  const page = await openLab(t);
  await settle(page);
  await page.keyboard.press("e");
  await page.locator('[data-setting="seed"] .other', { hasText: "153" }).click();
  await until(page, () => document.querySelector("#set-seed").value === "153");
  await page.keyboard.press("Escape");
  const chord = await openLab(t, { rest: "#/chord" });
  await settle(chord);
  // The reason stands with the claim that is open.
  await chord.locator("[data-claim=owner] .claim").click();
  const broken = () => chord.locator(".claims").innerText();
  assert.doesNotMatch(await broken(), /assumes that links lose no messages/);
  await chord.keyboard.press("e");
  await chord.locator("#set-lossless").uncheck();
  await until(chord, () => document.querySelector("#set-loss").value === "10%");
  assert.deepEqual(await violations(chord), []);
  await shot(chord, "set-assumed");
  await chord.keyboard.press("Escape");
  await until(chord, () => !document.querySelector("dialog"));
  assert.match(await broken(), /assumes that links lose no messages/);
  await chord.keyboard.press("e");
  await chord.locator("#set-lossless").check();
  await until(chord, () => document.querySelector("#set-loss").value === "0%");
});

test("an amount is written beside its act; X does what it says, and who is no leader says so", async (t) => {
  const page = await openLab(t);
  await openText(page, "faultline 2\nprotocol raft\nshow 50ms\n");
  await settle(page);
  const acts = async () => (await text(page)).split("\n").filter((line) => line.startsWith("at "));
  assert.equal(await page.locator("[data-shortcut=ask]").count(), 0, "nobody leads, and nobody is to be asked");
  await page.keyboard.press("x");
  assert.match(await page.locator(".banner").innerText(), /no leader now/);
  assert.deepEqual(await acts(), []);
  await page.keyboard.press("2");
  await page.locator('.amount:has([data-verb="slow"]) input').fill("7x");
  await page.keyboard.press("Enter");
  assert.match((await acts()).at(-1), / slow n2 7x$/);
  await page.locator('.amount:has([data-verb="clock"]) input').fill("-20ms");
  await page.locator('.amount [data-verb="clock"]').click();
  assert.match((await acts()).at(-1), / clock n2 jump -20ms$/);
  await page.locator(".rare summary").first().click();
  await page.locator('.amount:has([data-verb="clock-rate"]) input').fill("nonsense");
  await page.keyboard.press("Enter");
  assert.match(await page.locator(".banner").innerText(), /drift/);
  await page.keyboard.press("3");
  await page.locator('.inspector [data-verb="ask"]').first().click();
  await until(page, () => /turns the client away: it knows of no leader/.test(document.querySelector(".caption, .log")?.textContent ?? document.body.textContent));
});

test("a node, a link or a group that is picked and then is gone is let go of", async (t) => {
  const page = await openLab(t);
  const count = (wanted) => until(page, (wanted) => document.querySelectorAll(".stage [data-node]").length === wanted, wanted);
  const seven = async () => {
    await page.keyboard.press("Control+k");
    await page.waitForSelector("dialog[open]");
    await page.keyboard.type("nodes 7");
    await page.keyboard.press("Enter");
    await count(7);
  };
  await seven();
  const picks = [
    () => page.keyboard.press("7"),
    () => page.locator('.stage [data-node="n6"]').click().then(() => page.locator('.stage [data-node="n7"]').click({ modifiers: ["Shift"] })),
  ];
  for (const pick of picks) {
    await pick();
    await page.keyboard.press("Control+z");
    await count(5);
    await page.keyboard.press("Control+Shift+z");
    await count(7);
  }
});
