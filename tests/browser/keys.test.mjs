// The keys: the table that the help shows is the one that acts, letters can be switched off, and a whole session needs
// nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, shot, violations } from "./harness.mjs";
import { openLab, openText, settle, state, until } from "./lab.mjs";

const gone = (page) => until(page, () => !document.querySelector("dialog"));

/** Every row of the table as the help has it: what it does, and its chords as the driver names them. */
async function table(page) {
  await page.keyboard.press("?");
  const rows = await page.locator("[data-chords]").evaluateAll((rows) =>
    rows.map((row) => [row.querySelector("dd").textContent, row.dataset.chords.split(" , ")]),
  );
  await page.keyboard.press("Escape");
  await gone(page);
  const NAMES = { ctrl: "Control", shift: "Shift", arrowright: "ArrowRight", arrowleft: "ArrowLeft", " ": "Space" };
  const part = (word) => NAMES[word] ?? (word.length > 1 ? word[0].toUpperCase() + word.slice(1) : word);
  const chord = (written) => {
    const words = written.endsWith("++") ? [...written.slice(0, -2).split("+"), "+"] : written === "+" ? ["+"] : written.split("+");
    return words.map(part).join("+");
  };
  return rows.map(([does, chords]) => [does, chords.map(chord)]);
}

/** Everything that a person could notice. */
const seen = (page) =>
  page.evaluate(() => {
    const moved = [...document.querySelectorAll(".moving")].map((it) => it.getAttribute("style"));
    return [document.querySelector("#app").innerHTML, moved, document.querySelector("#clock")?.textContent].join("\n");
  });

// Moments of which every key should change something at one at least.
const TEXT = `faultline 1
protocol raft
nodes 9
seed 3
twin truncates-always
at 800ms crash n2
at 900ms cut n1|n2,n3,n4,n5,n6,n7,n8,n9
at 1200ms restart n2
`;
const MOMENTS = {
  "in the middle": async () => {},
  "with a message picked": async (page) => page.keyboard.press("m"),
  "with a node picked": async (page) => page.keyboard.press("3"),
  "with an act picked": async (page) => page.keyboard.press("a"),
  "with something undone": async (page) => {
    await page.keyboard.press("3");
    await page.keyboard.press("x");
    await page.keyboard.press("Control+z");
  },
  "with a claim broken": async (page) => {
    await page.keyboard.press("Shift+V");
    await until(page, () => document.querySelector("[data-report=found]"));
  },
};

test("every key of the table does something that can be seen", async (t) => {
  const page = await openLab(t, { reducedMotion: "reduce" });
  const rows = await table(page);
  assert.ok(rows.length > 30);
  // By itself "0" is no node; crowd.test.mjs types one that has it in its number.
  const idle = new Set(rows.flatMap(([does, chords]) => chords.map((chord) => `${chord}: ${does}`)).filter((it) => !it.startsWith("0:")));
  for (const prepare of Object.values(MOMENTS)) {
    for (const [does, chords] of rows) {
      for (const chord of chords.filter((chord) => idle.has(`${chord}: ${does}`))) {
        await page.evaluate(() => document.activeElement.blur());
        await openText(page, TEXT);
        await gone(page);
        await page.evaluate(() => {
          const slider = document.querySelector("#slider");
          slider.value = "1100000";
          slider.dispatchEvent(new Event("input", { bubbles: true }));
        });
        await prepare(page);
        // What comes by itself after a change, the checksum, is there; then nothing else is still to be drawn.
        const still = async () => {
          await page.waitForSelector("#lab[data-checksum]");
          await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20))));
        };
        await still();
        const before = await seen(page);
        await page.keyboard.press(chord);
        await still();
        if ((await seen(page)) !== before) idle.delete(`${chord}: ${does}`);
        if (await page.locator("dialog").count()) {
          await page.keyboard.press("Escape");
          await gone(page);
        }
      }
    }
  }
  assert.deepEqual([...idle], []);
});

test("letters can be switched off, and that is remembered; what is no letter stays", async (t) => {
  const page = await openLab(t);
  await settle(page);
  await page.keyboard.press("?");
  await page.locator("#letters").uncheck();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Escape");
  await gone(page);
  const before = await state(page);
  for (const key of ["x", "l", "Shift+M", "3", "+", "e", "?"]) await page.keyboard.press(key);
  assert.deepEqual(await state(page), before);
  assert.equal(await page.locator("dialog").count(), 0);
  assert.equal(await page.locator('[aria-keyshortcuts~="E"]').count(), 0, "nothing claims a key that does nothing");
  await page.keyboard.press("ArrowRight");
  assert.equal((await state(page)).event, before.event + 1);
  await page.reload();
  await page.waitForSelector("#lab");
  await settle(page);
  await page.keyboard.press("e");
  assert.equal(await page.locator("dialog").count(), 0);
  await page.getByRole("button", { name: "Help" }).click();
  await page.locator("#letters").check();
  await page.keyboard.press("Escape");
  await gone(page);
  await page.keyboard.press("e");
  await page.waitForSelector("dialog");
});

test("where nothing may be kept, nothing breaks", async (t) => {
  const page = await openPage(t);
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    });
  });
  await page.goto("about:blank");
  await page.goBack();
  await page.waitForSelector("#lab");
  await settle(page);
  await page.keyboard.press("?");
  await page.locator("#letters").uncheck();
  await page.keyboard.press("Escape");
  await gone(page);
  await page.keyboard.press("e");
  assert.equal(await page.locator("dialog").count(), 0);
});

test("a whole session by keyboard alone", async (t) => {
  const page = await openPage(t, { rest: "#/" });
  await page.waitForSelector(".home");
  // Choose a protocol: the link is reached by Tab.
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("href"));
  for (let tabs = 0; tabs < 80 && (await focused()) !== "#/raft"; tabs += 1) await page.keyboard.press("Tab");
  assert.equal(await focused(), "#/raft");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#lab");
  // Three nodes, and a rule less.
  await page.keyboard.press("Control+k");
  await page.keyboard.type("take a rule");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".rules");
  const twin = () => page.evaluate(() => document.activeElement?.id);
  for (let tabs = 0; tabs < 30 && (await twin()) !== "set-forgets-vote"; tabs += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Escape");
  await gone(page);
  await page.keyboard.press("e");
  await page.waitForSelector(".set");
  for (let tabs = 0; tabs < 10 && (await twin()) !== "set-nodes"; tabs += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("3");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Escape");
  await gone(page);
  // Play; drop a message; crash a node.
  if ((await state(page)).playing === "false") await page.keyboard.press("Space");
  await until(page, () => document.querySelector(".stage [data-message]"));
  await page.keyboard.press("m");
  await page.keyboard.press("d");
  await until(page, () => [...document.querySelectorAll(".log .act")].some((row) => /drop|lost/i.test(row.textContent)));
  await page.keyboard.press("2");
  await page.keyboard.press("x");
  await until(page, () => document.querySelector('.stage [data-node="n2"][data-up="false"]'));
  // Search for a violation: one crash is allowed.
  await page.keyboard.press("v");
  await page.waitForSelector(".bounds");
  for (let tabs = 0; tabs < 12 && (await twin()) !== "bound-crashes"; tabs += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("1");
  await page.keyboard.press("Enter");
  await until(page, () => document.querySelector("[data-report=found]"));
  assert.equal(await page.locator('[data-claim="election-safety"]').getAttribute("data-standing"), "violated");
  await shot(page, "keys-session");
  // Copy the link.
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.keyboard.press("s");
  await page.waitForSelector("#share-link");
  const onCopy = () => page.evaluate(() => document.activeElement?.textContent === "Copy");
  for (let tabs = 0; tabs < 8 && !(await onCopy()); tabs += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, await page.locator("#share-link").inputValue());
});
