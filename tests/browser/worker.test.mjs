// Attack, search and shrink have a core of their own in a worker, and find the same without one: where there is none, where
// none starts, and where it dies on the way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { address, openPage } from "./harness.mjs";
import { openLab, openText, settle, state, until } from "./lab.mjs";

const TWIN = "faultline 2\nprotocol raft\nnodes 3\ntwin truncates-always\n";
const RAFT = "faultline 2\nprotocol raft\n";

/** What takes the browser's workers away, or makes them fail. */
const NONE = () => delete window.Worker;
const NOT_STARTING = () => {
  window.Worker = class extends Worker {
    constructor() {
      super(URL.createObjectURL(new Blob(["throw new Error('this worker does not start')"])));
    }
  };
};
const BREAKING = () => {
  const begin = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (order) {
    const [address, module, task] = order;
    begin.call(this, [address, module, task, "no scenario"]);
  };
};
/** Ends every worker once it has said something; nothing tells the page of that. */
const DYING = () => {
  window.ended = 0;
  window.Worker = class extends Worker {
    constructor(...rest) {
      super(...rest);
      this.addEventListener("message", () => {
        this.terminate();
        window.ended += 1;
      });
    }
  };
};

/** A laboratory with a run; workers are counted. */
async function lab(t, text, script) {
  const page = await openLab(t, { script });
  page.begun = 0;
  page.on("worker", () => (page.begun += 1));
  await settle(page);
  await openText(page, text);
  await until(page, () => !document.querySelector("dialog"));
  await settle(page);
  return page;
}

/** What is reported once something is over, and the run that is open then. */
async function outcome(page, title) {
  await until(page, (title) => document.querySelector("[data-report] h3")?.textContent.match(title), title);
  const words = await page.locator("[data-report] p").innerText();
  await until(page, () => document.querySelector("#lab[data-playing=false][data-checksum]"));
  const { acts, event, checksum } = await page.locator("#lab").evaluate((lab) => ({ ...lab.dataset }));
  return { words, acts, event, checksum };
}

async function search(page, bounds) {
  await page.locator("[data-tool=search]").click();
  for (const [name, value] of Object.entries(bounds)) await page.locator(`#bound-${name}`).fill(String(value));
  await page.locator("dialog .dark").click();
}

/** Attacks, shrinks what is found, and searches; all that came of it. */
async function everything(page) {
  await page.locator("[data-tool=attack]").click();
  const attacked = await outcome(page, "breaks$");
  await page.locator("[data-tool=shrink-it]").click();
  const shrunk = await outcome(page, "^Shrunk$");
  assert.ok(Number(shrunk.acts) < Number(attacked.acts));
  await search(page, { states: 3_000 });
  return [attacked, shrunk, await outcome(page, "^No violation found$|breaks$")];
}

test("what a worker finds is found without one, too", async (t) => {
  const page = await lab(t, TWIN);
  const found = await everything(page);
  assert.equal(page.begun, 3, "a worker each");
  assert.equal(page.workers().length, 0, "which ended with it");
  for (const [name, script] of Object.entries({ NONE, NOT_STARTING, BREAKING })) {
    const other = await lab(t, TWIN, script);
    assert.deepEqual(await everything(other), found, name);
    assert.equal(other.begun, name === "NONE" ? 0 : 3, name);
  }
});

test("a worker that dies loses nothing but time", async (t) => {
  const bounds = { states: 150_000 };
  const page = await lab(t, RAFT);
  await search(page, bounds);
  const found = await outcome(page, "^No violation found$");
  const other = await lab(t, RAFT, DYING);
  await search(other, bounds);
  assert.deepEqual(await outcome(other, "^No violation found$"), found);
  assert.equal(await other.evaluate(() => window.ended), 1);
});

test("a worker asks the network for nothing that the page has had", async (t) => {
  const page = await lab(t, RAFT);
  await search(page, { states: 1_000 });
  await outcome(page, "^No violation found$");
  await page.context().setOffline(true);
  await search(page, { states: 150_000 });
  await until(page, () => /states/.test(document.querySelector("[data-report=under-way] p")?.textContent));
  assert.equal(page.workers().length, 1, "it is at work");
  await outcome(page, "^No violation found$");
});

for (const script of [undefined, NONE]) {
  test(`cancelled is cancelled ${script ? "without a worker" : "with a worker"}`, async (t) => {
    const page = await lab(t, RAFT, script);
    const before = await state(page);
    await page.locator("[data-tool=attack]").click();
    await until(page, () => /seeds/.test(document.querySelector("[data-report] p").textContent));
    assert.equal(page.workers().length, script ? 0 : 1);
    await page.locator("[data-tool=cancel]").click();
    assert.equal(await page.locator("[data-report]").count(), 0);
    await until(page, () => !document.querySelector("[data-report]"));
    await Promise.all(page.workers().map((worker) => worker.waitForEvent("close")));
    assert.deepEqual(await settle(page), before);
  });
}

test("a sandboxed frame finds the same", async (t) => {
  const page = await lab(t, TWIN);
  const link = await page.evaluate(() => location.hash);
  const found = await everything(page);
  const host = await openPage(t);
  await host.route("**/host", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<!doctype html><link rel="icon" href="data:,"><iframe sandbox="allow-scripts" src="${address(link)}" width="1200" height="700"></iframe>`,
    }),
  );
  await host.goto(address("host"));
  const frame = await (await host.waitForSelector("iframe")).contentFrame();
  await frame.waitForSelector("#lab");
  assert.equal(await frame.evaluate(() => window.origin), "null");
  await until(frame, () => document.querySelector("#lab[data-playing=false][data-checksum]"));
  assert.deepEqual(await everything(frame), found);
});
