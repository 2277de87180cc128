// What is known of a run is read: the log and what filters it, what the run cost, the tables behind the pictures, the
// page in the colours of the system and where there is little room, and what is left of a page that breaks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot, violations } from "./harness.mjs";
import { inSight, openLab, settle, until } from "./lab.mjs";

const all = (list) => list.length > 0 && list.every(Boolean);

test("the log is filtered by node, by sort and by words, and a key leads to the field", async (t) => {
  const page = await openLab(t, { rest: "#/raft/figure-8", width: 1440, height: 900 });
  await settle(page);
  await page.keyboard.press("End");
  const rows = () => page.locator(".log .row .line").allInnerTexts();
  await page.keyboard.press("/");
  await until(page, () => document.activeElement?.id === "find-field");
  await page.keyboard.type("VOTES for");
  await until(page, () => !document.querySelector(".log [role=status]"));
  const found = await rows();
  assert.ok(found.length > 3);
  assert.ok(found.every((row) => /votes for/.test(row)), found.join("; "));
  assert.deepEqual(await violations(page), []);
  await shot(page, "reads-find");
  await page.keyboard.press("Escape");
  await until(page, (count) => document.querySelectorAll(".log .row").length > count, found.length);
  const whose = page.getByLabel("Filter by node");
  await whose.selectOption("n3");
  const of3 = await page.locator(".log .row").evaluateAll((all) => all.map((row) => row.dataset.lights));
  assert.ok(of3.length > 3 && of3.every((names) => /\bn3\b/.test(names)), of3.join("; "));
  await whose.selectOption("the selected node");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("5");
  await until(page, () => [...document.querySelectorAll(".log .row")].every((row) => /\bn5\b/.test(row.dataset.lights)));
  await whose.selectOption("all nodes");
  await page.locator(".log .switch input").check();
  const sort = page.getByLabel("Filter by kind");
  for (const [name, words] of [["acts", /./], ["timers", /timer|stands for election|sends heartbeats|times out/], ["messages", /./], ["milestones", /./], ["faults", /crash|cut|heal|restart/]]) {
    await sort.selectOption(name);
    const shown = await rows();
    assert.ok(shown.length > 0, name);
    if (name === "acts") assert.equal(await page.locator(".log .row:not(.act)").count(), 0);
    if (name === "milestones") assert.equal(await page.locator(".log .row:not(.told)").count(), 0);
    assert.ok(shown.every((row) => words.test(row)), `${name}: ${shown.join("; ")}`);
  }
  await page.locator(".sieve").click();
  assert.equal(await page.locator("#find-field").count(), 0);
  assert.equal(await page.locator(".sieve").innerText(), "Filter", "what is put away filters nothing");
});

test("what a run cost is counted by kind, up to the moment that is shown, and compared", async (t) => {
  const page = await openLab(t, { rest: "#/raft/first-steps", width: 1440, height: 900 });
  await settle(page);
  await page.keyboard.press("End");
  await page.getByRole("tab", { name: "State" }).click();
  const counts = async () => {
    await until(page, () => document.querySelector(".cost .counts"));
    const rows = await page.locator(".cost .counts").first().locator("tbody tr").allInnerTexts();
    return Object.fromEntries(rows.map((row) => row.split("\t")).map(([name, ...cells]) => [name, cells.map((it) => it.replaceAll("\u2009", ""))]));
  };
  const end = await counts();
  const numbers = Object.entries(end).filter(([name]) => !["all", "timers", "requests", "starts"].includes(name)).map(([, cells]) => cells.map(Number));
  const sum = (place) => numbers.reduce((sum, cells) => sum + cells[place], 0);
  for (const place of [0, 1, 2]) assert.equal(Number(end.all[place]), sum(place));
  assert.ok(Number(end.all[3]) >= sum(3), "writes happen at timers and requests, too");
  assert.ok(Number(end.Append[1]) > 5);
  assert.match(await page.locator(".cost").innerText(), /answered in\s+\d+/);
  await shot(page, "reads-cost");
  await page.locator(".tab-panel .panels").focus();
  await page.keyboard.press("Home");
  await until(page, () => document.querySelector(".cost .all td")?.textContent === "0");
  await page.keyboard.press("End");
  await until(page, (all) => document.querySelector(".cost .all td")?.textContent.replaceAll("\u2009", "") === all, end.all[0]);
  assert.deepEqual(await counts(), end, "forwards and backwards the same");
});

test("behind every picture there is a table, made only when it is opened", async (t) => {
  const page = await openLab(t, { rest: "#/raft/figure-8", width: 1440, height: 900 });
  await settle(page);
  await page.locator("#slider").evaluate((slider) => {
    slider.value = "635000";
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
  assert.equal(await page.locator(".as-table table").count(), 0);
  for (const [name, words] of [
    ["The stage as a table", [/Nodes[^]*n1[^]*leader[^]*term 4/, /Messages in flight[^]*n1\tn/]],
    ["The diagram as a table", [/Visible events/, /n1 to n/, /arrives at/]],
  ]) {
    const summary = page.getByLabel(name);
    await summary.focus();
    await page.keyboard.press("Enter");
    const table = page.locator(".as-table[open] .rows");
    await table.waitFor();
    const text = await table.innerText();
    for (const word of words) assert.match(text, word);
    assert.deepEqual(await violations(page), [], name);
    await shot(page, `reads-${name.replaceAll(" ", "-")}`);
    await summary.focus();
    await page.keyboard.press("Enter");
    await until(page, () => !document.querySelector(".as-table table"));
  }
  for (const [slug, name, words] of [
    ["amqp/head-of-line", "Queues as a table", /n\d+\t.+\t1\t/],
    ["quorum-kv/siblings", "Client requests and answers as a table", /\d\tget/],
    ["chord/first-steps", "Request paths as a table", /n\d+ to n\d+/],
  ]) {
    const other = await openLab(t, { rest: `#/${slug}`, width: 1440, height: 900 });
    await settle(other);
    await other.keyboard.press("End");
    // At the end queues are empty.
    if (slug.startsWith("amqp")) {
      await other.evaluate(() => document.activeElement.blur());
      await other.keyboard.press("Home");
      for (let step = 0; step < 40 && !(await other.locator(".lane .item").count()); step += 1) await other.keyboard.press("ArrowRight");
    }
    await other.getByLabel(name).click();
    // The stage has one, too; this one is a panel's.
    const rows = other.locator(".panels .as-table[open] .rows");
    await rows.waitFor();
    assert.match(await rows.innerText(), words, slug);
    await other.close();
  }
});

test("in the colours of the system everything can still be told apart", async (t) => {
  const page = await openLab(t, { rest: "#/raft/figure-8", width: 1440, height: 900 });
  await page.emulateMedia({ forcedColors: "active" });
  await settle(page);
  await page.keyboard.press("End");
  const style = (selector, property, pseudo) =>
    page.locator(selector).first().evaluate((it, [property, pseudo]) => getComputedStyle(it, pseudo)[property], [property, pseudo]);
  const paper = await style("body", "backgroundColor");
  assert.notEqual(await style(".act-mark", "backgroundColor"), paper, "act marks");
  assert.notEqual(await style(".tabs [aria-selected=true]", "borderBottomColor"), await style(".tabs [aria-selected=false]", "borderBottomColor"));
  assert.equal(await style(".stage .node .disc", "fill"), paper, "the stage is in the system's colours");
  assert.notEqual(await style(".stage .node .disc", "stroke"), paper);
  assert.equal(await style(".names", "backgroundColor"), paper, "the gutter");
  await shot(page, "reads-forced");
});

for (const [width, height, touch] of [[720, 450, false], [740, 360, true]]) {
  test(`at ${width}×${height} the page scrolls, and nothing lies on each other`, async (t) => {
    const page = await openLab(t, { width, height, touch });
    await settle(page);
    const boxes = await page.locator(".stage .node .disc").evaluateAll((all) => all.map((it) => it.getBoundingClientRect().toJSON()));
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const pairs = boxes.flatMap((a, place) => boxes.slice(place + 1).filter((b) => meet(a, b)));
    assert.equal(pairs.length, 0);
    const { over, room } = await page.evaluate(() => ({
      over: document.documentElement.scrollWidth - innerWidth,
      room: document.querySelector(".stage").getBoundingClientRect().height,
    }));
    assert.ok(over <= 0);
    // A low page gives the stage what lies between its bars.
    assert.ok(room >= Math.min(300, 0.55 * height), `${room}`);
    await shot(page, `reads-short-${width}`);
    await page.locator(".tabs").scrollIntoViewIfNeeded();
    assert.ok(all(await inSight(page, ".tabs button")));
  });
}

test("a page that breaks shows the run to copy, and a button that copies it", async (t) => {
  const page = await openLab(t);
  await settle(page);
  // Something outside of the page, an extension say, takes away what the page is drawn on.
  await page.evaluate(() => {
    const insert = Node.prototype.insertBefore;
    Node.prototype.insertBefore = function broken() {
      Node.prototype.insertBefore = insert;
      throw new Error("taken away");
    };
  });
  for (let tries = 0; tries < 8 && !(await page.locator(".broken").count()); tries += 1) {
    await page.keyboard.press("2");
    await page.keyboard.press("s");
  }
  await page.waitForSelector(".broken");
  assert.match(await page.locator(".broken pre").first().innerText(), /^faultline 2\nprotocol raft/);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.locator(".broken").getByRole("button", { name: "Copy the run" }).click();
  await page.waitForFunction(() => document.querySelector(".broken button").textContent === "Copied");
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^faultline 2\nprotocol raft/);
  await shot(page, "reads-broken");
  assert.ok(page.errors.length > 0);
  page.errors.length = 0;
});


test("a dotted word says what it means", async (t) => {
  const page = await openLab(t, { rest: "#/raft", width: 1440, height: 900 });
  await settle(page);
  await page.locator("[data-claim=leader-completeness] .claim").click();
  const word = page.locator(".claims .term", { hasText: "leader" }).first();
  await word.hover();
  const means = await word.evaluate((it) => getComputedStyle(it, "::after").content);
  assert.match(means, /The node that orders the commands of the others/);
  assert.equal(await page.locator(".claims .term", { hasText: /^leaders?$/i }).count(), 1, "only where it first stands");
  await shot(page, "reads-term");
});
