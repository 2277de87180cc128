// What is done about claims: attack, search, shrink, take a rule away; and nothing of the run is lost over it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot, violations } from "./harness.mjs";
import { openLab, openText, settle, state, until } from "./lab.mjs";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 740, touch: true },
];

const gone = (page) => until(page, () => !document.querySelector("dialog"));
const report = (page, wanted) =>
  until(page, (wanted) => document.querySelector("[data-report]")?.dataset.report === wanted, wanted);
const press = (page, selector) => page.locator(selector).first().click();

/** Takes a rule away through its dialog. */
async function takeAway(page, twin) {
  await page.keyboard.press("Shift+E");
  await page.locator(`#set-${twin}`).check();
}

for (const size of SIZES) {
  test(`a rule is taken away, attacked, and what is found is shrunk, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    const before = await settle(page);
    await takeAway(page, "truncates-always");
    await page.locator("dialog .dark").click();
    await gone(page);
    await report(page, "found");
    assert.ok((await page.locator("[data-standing=violated]").count()) > 0);
    assert.match(await page.locator(".moment h2").innerText(), /n\d/, "who saw what");
    const event = (await state(page)).event;
    assert.ok(event > 0);
    await shot(page, `tools-found-${size.width}`);
    const long = await page.locator("#lab").getAttribute("data-acts");

    await page.keyboard.press("End");
    await press(page, ".said .jump");
    assert.equal((await state(page)).event, event, "jumps to the violation");

    // In a wide page over the stage, in a narrow one with the claim.
    await page.getByRole("button", { name: /^Shrink/ }).click();
    await until(page, () => document.querySelector("[data-report=found] h3")?.textContent === "Shrunk");
    const short = await page.locator("#lab").getAttribute("data-acts");
    assert.ok(Number(short) < Number(long), `${short} acts of ${long}`);
    assert.ok((await page.locator("[data-standing=violated]").count()) > 0, "it still breaks");
    assert.match(await page.locator("[data-report] p").innerText(), /acts?, \d of 5 nodes, and .* remain after \d+ replays\. The captions tell what happens/);
    assert.match(await page.locator(".caption h2").innerText(), / breaks$/, "it tells itself");
    await shot(page, `tools-shrunk-${size.width}`);

    // The link opens the same run in a fresh browser.
    await page.locator(".top [aria-label=Share]").click();
    const link = await page.locator("#share-link").inputValue();
    await page.keyboard.press("Escape");
    await gone(page);
    const here = await settle(page);
    const fresh = await openLab(t, { rest: new URL(link).hash });
    assert.equal((await settle(fresh)).checksum, here.checksum);

    // Nothing is lost: three steps back there is the run that was open.
    for (let step = 0; step < 3; step += 1) await page.keyboard.press("Control+z");
    assert.equal((await settle(page)).checksum, before.checksum);
  });

  test(`a search finds a shortest run, and says what it left out, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    await openText(page, "faultline 2\nprotocol raft\nnodes 3\ntwin forgets-vote\n");
    await settle(page);
    const search = async (bounds) => {
      await page.keyboard.press("v");
      for (const [name, value] of Object.entries(bounds)) await page.locator(`#bound-${name}`).fill(String(value));
      await shot(page, `tools-bounds-${size.width}`);
      await page.locator("dialog .dark").click();
      await gone(page);
    };
    const told = () => page.locator("[data-report] p").innerText();
    await search({ depth: 3, crashes: 0, inputs: 0 });
    await report(page, "nothing");
    assert.match(await told(), /^Every order of up to 3 events: no claim breaks\. The search visited \d+ states and left out longer runs/);
    await search({ depth: 30, states: 500 });
    await report(page, "nothing");
    assert.match(await told(), /^Every order of up to \d events?(, \d+ with \d+( fault)?)*: no claim breaks\. The search ended at its bound on memory, 500 states/);
    await search({ depth: "", states: 300000, crashes: 1, inputs: 0, drops: 0, copies: 0 });
    await until(page, () => document.querySelector("[data-report=under-way] [data-found]"));
    assert.match(await page.locator("[data-found]").innerText(), /^Election Safety: 8 acts$/, "it is shown, and the search goes on");
    await until(page, () => document.querySelector('[data-claim="election-safety"]').dataset.standing === "violated");
    await report(page, "found");
    assert.match(await told(), /^Every order of up to \d+ events, \d+ with 1 fault: one claim breaks\. The search ended at its bound on memory/);
    assert.equal(await page.locator('[data-claim="election-safety"]').getAttribute("data-standing"), "violated");
    await shot(page, `tools-search-${size.width}`);
  });

  test(`what takes long is cancelled and leaves the run alone, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    await press(page, size.touch ? "#tab-Claims" : "#tab-Log");
    const before = await state(page);
    await press(page, "[data-tool=attack]");
    await report(page, "under-way");
    await until(page, () => /seeds/.test(document.querySelector("[data-report] p").textContent));
    await shot(page, `tools-attack-${size.width}`);
    await press(page, "[data-tool=cancel]");
    await until(page, () => !document.querySelector("[data-report]"));
    assert.deepEqual(await settle(page), before);
  });
}

test("while it plays, a run stops where a claim breaks", async (t) => {
  const page = await openLab(t, { rest: "#/raft/figure-8-unsafe" });
  await settle(page);
  await page.keyboard.press("End");
  const end = (await settle(page)).event;
  await press(page, ".said .jump");
  await until(page, (end) => Number(document.querySelector("#lab").dataset.event) < end, end);
  const broken = (await settle(page)).event;
  for (let step = 0; step < 3; step += 1) await page.keyboard.press("ArrowLeft");
  await until(page, (before) => Number(document.querySelector("#lab").dataset.event) < before, broken - 2);
  for (let faster = 0; faster < 6; faster += 1) await page.keyboard.press("+");
  await page.keyboard.press("Space");
  await until(page, () => document.querySelector("[data-standing=violated]"));
  const { event, playing } = await state(page);
  assert.deepEqual([event, playing], [broken, "false"]);
});

test("no accessibility rule is broken by reports and by what asks for bounds and rules", async (t) => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await openLab(t, { colorScheme });
    await settle(page);
    for (const key of ["v", "Shift+E", "b", "e"]) {
      await page.keyboard.press(key);
      await page.waitForSelector("dialog[open]");
      assert.deepEqual(await violations(page), [], `the dialog of ${key} in ${colorScheme}`);
      await shot(page, `tools-dialog-${key}-${colorScheme}`);
      await page.keyboard.press("Escape");
      await gone(page);
    }
    await takeAway(page, "truncates-always");
    await page.locator("dialog .dark").click();
    await gone(page);
    await report(page, "found");
    assert.deepEqual(await violations(page), [], `a report in ${colorScheme}`);
    await page.keyboard.press("Shift+O");
    await page.locator(".acts summary").click();
    assert.deepEqual(await violations(page), [], `the text in ${colorScheme}`);
    await page.keyboard.press("i");
    await page.waitForSelector(".inbox");
    assert.deepEqual(await violations(page), [], `the inboxes in ${colorScheme}`);
    await shot(page, `tools-inbox-${colorScheme}`);
  }
});

test("a search goes on behind what breaks; each run it found can be shown, and what is complete when it is stopped is said", async (t) => {
  const page = await openLab(t);
  await settle(page);
  await openText(page, "faultline 2\nprotocol two-phase-commit\nnodes 3\ntwin aborts-uncertain\n");
  await gone(page);
  await settle(page);
  await page.keyboard.press("v");
  // As they are at first: without an end, and with the faults that the claims must survive.
  assert.equal(await page.locator("#bound-depth").inputValue(), "");
  assert.equal(await page.locator("#bound-crashes").inputValue(), "1");
  assert.match(await page.locator("dialog .legend").nth(1).innerText(), /one request, and one of each fault .* about \d+ MB/);
  await page.locator("dialog .dark").click();
  await until(page, () => document.querySelectorAll("[data-report=under-way] [data-found]").length >= 2);
  assert.match(await page.locator("[data-report] p").innerText(), /^Every order of up to \d+ events?(, \d+ with \d+( fault)?)*: \d claims break\. [^.]+ states of at most/);
  await page.locator('[data-found="1"]').click();
  await until(page, () => document.querySelector('[data-claim="agreement"]')?.dataset.standing === "violated");
  await press(page, "[data-tool=cancel]");
  await until(page, () => document.querySelector("[data-report] h3").textContent === "Stopped");
  assert.match(await page.locator("[data-report] p").innerText(), /^Every order of up to \d+ events?(, \d+ with \d+( fault)?)*: \d claims break\. The search was stopped; it is not complete\.$/);
  assert.deepEqual(await violations(page), []);
  await shot(page, "tools-stopped");
});
