// Claims are always in sight, each with its sign; what happens is said aloud; and the words for all that.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, shot, violations } from "./harness.mjs";
import { inSight, openLab, openText, preset, settle, state, until } from "./lab.mjs";

const all = (list) => list.length > 0 && list.every(Boolean);

for (const [width, height] of [[1440, 900], [1366, 768], [1024, 768]]) {
  test(`all claims are in sight, whatever is picked, and one is open at a time, at ${width}×${height}`, async (t) => {
    const page = await openLab(t, { width, height });
    await settle(page);
    const claim = (name) => page.locator(`[data-claim=${name}] .claim`);
    const count = await page.locator(".claims li").count();
    assert.equal(count, 12);
    assert.ok(all(await inSight(page, ".claims li")), "nothing is picked");
    assert.equal(await page.locator(".said").count(), 0, "and nothing open");
    await page.keyboard.press("2");
    await page.waitForSelector(".inspector");
    assert.ok(all(await inSight(page, ".claims li")), "a node is picked");
    assert.match(await page.locator(".claims").innerText(), /Election Safety[^]*Log Matching[^]*State Machine Safety/);
    await shot(page, `reads-quiet-${width}`);
    for (const [name, words] of [["election-safety", /at most one leader/i], ["log-matching", /Not judged, because /]]) {
      await claim(name).click();
      assert.equal(await page.locator(".said").count(), 1);
      assert.match(await page.locator(".said").innerText(), words);
      assert.deepEqual(await page.locator(".claim[aria-expanded=true]").evaluateAll((open) => open.map((it) => it.closest("li").dataset.claim)), [name]);
    }
    await claim("log-matching").click();
    assert.equal(await page.locator(".said").count(), 0, "closed on press");
    await page.evaluate(() => document.activeElement.blur());

    await openText(page, await preset("figure-8-unsafe"));
    await settle(page);
    await page.keyboard.press("End");
    await page.keyboard.press("2");
    assert.equal(await page.locator(".claims [data-standing=violated]").count(), 2);
    await page.waitForSelector(".said");
    assert.ok(all(await inSight(page, ".claims li")), "two are violated and a node is picked");
    assert.equal(await page.locator(".said").count(), 1, "the first of them is open");
    assert.deepEqual(await page.locator(".said .jump").allInnerTexts(), ["Jump to it", "Shrink it"]);
    assert.ok(all(await inSight(page, ".said .jump")), "its acts are in sight");
    assert.ok(all(await inSight(page, ".said .who")), "and who saw what");
    assert.match(await page.locator(".said .who").innerText(), /^Violated: S\d/);
    assert.deepEqual(await violations(page), []);
    await shot(page, `reads-violated-${width}`);
    await page.locator(".said .jump").first().click();
    await page.waitForSelector(".moment");
    for (const act of [/Shrink/, /Link to it/]) assert.equal(await page.getByRole("button", { name: act }).count(), 1, `${act} is there once`);
  });
}

test("on a narrow page a violation is said on the stage and on the tab, and both lead there", async (t) => {
  const page = await openLab(t, { rest: "#/raft/figure-8-unsafe", width: 360, height: 740, touch: true });
  await settle(page);
  await page.keyboard.press("Home");
  assert.equal(await page.locator(".alarm").count(), 0);
  assert.equal(await page.locator(".badge-of").count(), 0);
  await page.keyboard.press("End");
  assert.equal(await page.locator(".badge-of").innerText(), "✕ 2");
  const alarm = page.locator(".alarm");
  assert.match(await alarm.innerText(), /✕ Violated: 2 claims/);
  assert.ok(all(await inSight(page, ".alarm")));
  const [line, table] = [await alarm.boundingBox(), await page.locator(".stage > .as-table").boundingBox()];
  assert.ok(line.height < 40 && line.x + line.width <= table.x, "one line, and nothing over it");
  await shot(page, "reads-alarm-360");
  assert.deepEqual(await violations(page), []);
  await alarm.tap();
  await until(page, () => document.querySelectorAll(".claims [data-standing=violated]").length === 2);
});

for (const size of [{ width: 1440, height: 900 }, { width: 360, height: 740, touch: true }]) {
  test(`a claim that rests on what is broken is not promised, and says since when, at ${size.width}`, async (t) => {
    const page = await openLab(t, { ...size, rest: "#/amqp/died-before-ack" });
    await settle(page);
    await page.keyboard.press("Home");
    if (size.touch) await page.getByRole("tab", { name: "Claims" }).tap();
    const standings = (which) => page.locator(`.claims [data-standing=${which}]`).count();
    assert.equal(await standings("unpromised"), 0);
    await page.keyboard.press("End");
    assert.equal(await standings("unpromised"), 1, "a lost acknowledgement breaks what Accounted For assumes");
    assert.ok((await standings("holds")) > 3, "and nothing that safety assumes");
    const sign = page.locator(".claims [data-standing=unpromised] .sign").first();
    assert.equal(await sign.getAttribute("aria-label"), "not judged, because its assumptions have not held since a message from n9 was dropped");
    assert.match(await page.locator(".claims").innerText(), /not promised since a message from n9 was dropped/);
    await page.locator(".claims [data-standing=unpromised] .claim").click();
    assert.match(await page.locator(".said").innerText(), /Not judged, because its assumptions have not held since a message from n9 was dropped\. The protocol assumes/);
    assert.deepEqual(await violations(page), []);
    await shot(page, `reads-unpromised-${size.width}`);
  });
}

test("at most one sentence a second is said, the newest that matters first, and the last one always", async (t) => {
  const page = await openPage(t, { blank: true, reducedMotion: "reduce" });
  await page.clock.install();
  await page.goto(`${page.home}#/raft/first-steps`);
  await page.waitForSelector("#lab");
  await page.keyboard.press("Home");
  await page.waitForTimeout(1_200);
  await page.clock.pauseAt(Date.now() + 10_000);
  await page.clock.runFor(3_000);
  await page.evaluate(() => {
    const region = document.querySelector("[aria-live=polite]");
    window.said = [];
    new MutationObserver(() => window.said.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
  });
  const said = () => page.evaluate(() => [...new Set(window.said)]);
  const sentence = () => page.evaluate(() => document.querySelector("#slider").getAttribute("aria-valuetext").split(": ")[1]);
  const steps = [];
  for (let step = 0; step < 10; step += 1) {
    await page.keyboard.press("ArrowRight");
    steps.push(await sentence());
  }
  assert.deepEqual(await said(), [steps[0]], "one at once, and no more within a second");
  const weighty = steps.findLast((it) => /stands for election|votes for|becomes leader/.test(it));
  assert.ok(weighty, steps.join("; "));
  await page.clock.runFor(1_010);
  assert.deepEqual((await said()).slice(1, 2), [weighty], "the newest that matters");
  await page.clock.runFor(1_010);
  assert.equal((await said()).at(-1), steps.at(-1), "and what came last");
  const count = (await said()).length;
  await page.clock.runFor(5_000);
  assert.equal((await said()).length, count);
});

test("what breaks an assumption or a claim is said with the event", async (t) => {
  const page = await openLab(t, { reducedMotion: "reduce" });
  await settle(page);
  await page.keyboard.press("2");
  await page.locator(".inspector [data-verb=take-over]").click();
  await until(page, () => /The protocol assumes .*no longer promised\./.test(document.querySelector("[aria-live=polite]").textContent));
  await openText(page, await preset("figure-8-unsafe"));
  await settle(page);
  await page.keyboard.press("End");
  await page.getByRole("button", { name: "Jump to it" }).first().click();
  await until(page, () => /is violated: /.test(document.querySelector("[aria-live=polite]").textContent));
});

test("words: several values are several, a client is a client, and a verdict does not contradict the claims", async (t) => {
  const page = await openLab(t, { rest: "#/quorum-kv/siblings", width: 1440, height: 900 });
  await settle(page);
  await page.keyboard.press("End");
  const verdict = await page.locator(".verdict").innerText();
  assert.match(verdict, /Not linearizable: client \d/);
  assert.match(verdict, /returned the siblings \S+ and \S+/);
  assert.doesNotMatch(verdict, /process|from \d+ to \d+/);
  const violated = (await state(page)).claims.filter(([, standing]) => standing === "violated").length;
  assert.equal(/contradicts no claim/.test(verdict), violated === 0);
  const pbft = await openLab(t, { rest: "#/pbft", width: 1440, height: 900 });
  await settle(pbft);
  await pbft.keyboard.press("End");
  await pbft.waitForSelector("section[aria-label=Logs]");
  const logs = pbft.locator("section[aria-label=Logs]");
  assert.deepEqual(await logs.locator("th[scope=row]").allInnerTexts(), ["n1", "n2", "n3", "n4"], "clients keep no log");
  // Where there are many entries their words have no room, and are there for readers of the screen.
  assert.match(await logs.textContent(), /checkpoint/);
});

test("who searches by what a protocol is also called, or by one of its runs, finds it", async (t) => {
  const page = await openPage(t, { rest: "#/" });
  await page.waitForSelector(".finder");
  for (const [words, title] of [["2pc", "Two-phase commit"], ["dht", "Chord"], ["figure-8", "Raft"], ["dynamo", "Quorums without a leader"], ["committed, then lost", "Raft"]]) {
    await page.locator(".finder input").fill(words);
    await until(page, (title) => [...document.querySelectorAll(".entry h3")].some((it) => it.textContent === title), title);
    assert.ok((await page.locator(".entry").count()) <= 2, words);
  }
});
