// Runs within somebody else's page: by the element and by a plain frame, from another origin.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { address, openPage, shot, violations } from "./harness.mjs";
import { openLab, settle, until } from "./lab.mjs";

/** A page on another origin than the program's. */
async function host(t, body, { headers, ...options } = {}) {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers });
    response.end(`<!doctype html><html lang="en"><title>A post</title><link rel="icon" href="data:,"><body>${body}</body></html>`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => (server.close(), server.closeAllConnections()));
  const page = await openPage(t, { blank: true, width: 900, height: 700, ...options });
  await page.goto(`http://localhost:${server.address().port}/`);
  // That this page itself is of another origin is the point.
  page.errors.length = 0;
  return page;
}

const element = (words) => `<script src="${address("fault-line.js")}" async></script><fault-line ${words}></fault-line>`;
const frame = (words, link, size = 'width="640" height="400"') => `<iframe title="A run" ${size} src="${address(`?embed${words}`)}#/${link}"></iframe>`;

/** The frame of an embed, once a run is in it. */
async function within(page, selector) {
  const found = await (await page.waitForSelector(selector)).contentFrame();
  await found.waitForSelector("#embed");
  return found;
}

const facts = (embed) => embed.locator("#embed").evaluate(({ dataset }) => ({ time: Number(dataset.time), playing: dataset.playing === "true" }));
const plays = (embed) => until(embed, () => document.querySelector("#embed")?.dataset.playing === "true");
const stops = (embed) => until(embed, () => document.querySelector("#embed")?.dataset.playing === "false");

test("an element and a frame on another origin play, with their poster before", async (t) => {
  const page = await host(t, element('src="raft/figure-8" title="Figure 8"') + frame("", "gossip"));
  await until(page, () => document.querySelector("fault-line").shadowRoot.querySelector("img")?.naturalWidth > 0);
  for (const selector of ["fault-line iframe", "body > iframe"]) {
    const embed = await within(page, selector);
    await plays(embed);
    const { time } = await facts(embed);
    await until(embed, (time) => Number(document.querySelector("#embed").dataset.time) > time + 1_000, time);
    assert.deepEqual(await violations(embed), []);
  }
  assert.equal(await page.locator("fault-line iframe").getAttribute("title"), "Figure 8");
  await shot(page, "embed-host");
});

test("an embed out of sight has not loaded, and one that leaves it stands still", async (t) => {
  const page = await host(t, `${element('src="raft/figure-8" loop id="near"')}<div style="height: 4000px"></div><fault-line src="gossip" id="far"></fault-line>`);
  const near = await within(page, "#near iframe");
  await plays(near);
  assert.equal(await page.locator("#far iframe").count(), 0);
  await page.evaluate(() => scrollTo(0, 2_000));
  // A frame may be under way.
  await page.waitForTimeout(300);
  const { time } = await facts(near);
  await page.waitForTimeout(600);
  assert.deepEqual(await facts(near), { time, playing: true }, "no frame of it is drawn");
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  const far = await within(page, "#far iframe");
  await plays(far);
  await page.evaluate(() => scrollTo(0, 0));
  await until(near, (time) => Number(document.querySelector("#embed").dataset.time) > time, time);
});

test("keys and the wheel are the page's until somebody clicks, and again after Escape", async (t) => {
  const page = await host(t, `${frame("", "raft/figure-8")}<div style="height: 3000px"></div><script>var keys = []; addEventListener("keydown", ({ key }) => keys.push(key));</script>`);
  const embed = await within(page, "iframe");
  await plays(embed);
  await page.mouse.move(300, 150);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("k");
  assert.deepEqual(await page.evaluate(() => window.keys), ["ArrowRight", "k"]);
  assert.equal((await facts(embed)).playing, true);
  await page.mouse.wheel(0, 120);
  await until(page, () => scrollY > 0);
  await page.evaluate(() => scrollTo(0, 0));

  await embed.locator("#stage").click({ position: { x: 20, y: 200 } });
  await page.keyboard.press("k");
  await stops(embed);
  const { time } = await facts(embed);
  await page.keyboard.press("ArrowRight");
  await until(embed, (time) => Number(document.querySelector("#embed").dataset.time) > time, time);
  await page.mouse.wheel(0, 120);
  await until(page, () => scrollY > 0);
  assert.deepEqual(await page.evaluate(() => window.keys), ["ArrowRight", "k"]);
  await page.keyboard.press("Escape");
  await until(page, () => document.hasFocus() && document.activeElement === document.body);
  await page.keyboard.press("k");
  assert.deepEqual(await page.evaluate(() => window.keys), ["ArrowRight", "k", "k"]);
  await stops(embed);
});

test("in a page without a column an element stays within the window", async (t) => {
  const page = await host(t, element('src="gossip" load="click"'), { width: 1600, height: 700 });
  await page.waitForFunction(() => document.querySelector("fault-line").shadowRoot);
  assert.equal(await page.evaluate(() => document.querySelector("fault-line").offsetHeight), 600);
});

test("a page plays, stops, moves and changes a run, and hears how it stands", async (t) => {
  const page = await host(t, element('src="raft/figure-8?0s" start="100ms" end="700ms"'));
  const heard = () => page.evaluate(() => window.heard.at(-1));
  await page.evaluate(() => {
    const element = document.querySelector("fault-line");
    window.heard = [];
    for (const is of ["state", "refused", "left"]) element.addEventListener(is, ({ detail }) => window.heard.push(detail));
  });
  await page.evaluate(() => document.querySelector("fault-line").pause());
  const embed = await within(page, "fault-line iframe");
  await stops(embed);
  await page.evaluate(() => document.querySelector("fault-line").seek("660ms"));
  await until(page, () => window.heard.at(-1)?.time === 660_000);
  const state = await heard();
  assert.deepEqual([state.faultline, state.is, state.playing, state.ended, state.start, state.end], [1, "state", false, false, 100_000, 700_000]);
  assert.equal(typeof state.event, "number");
  assert.match(state.caption, /S1 leads/);
  await page.evaluate(() => document.querySelector("fault-line").act("crash n1"));
  await until(embed, () => document.querySelector('[data-node="n1"][data-up="false"]'));
  await page.evaluate(() => document.querySelector("fault-line").act("dance"));
  await until(page, () => window.heard.some(({ is }) => is === "refused"));
  assert.match((await page.evaluate(() => window.heard.find(({ is }) => is === "refused"))).sentence, /dance/);
  await page.evaluate(() => document.querySelector("fault-line").play());
  await until(page, () => window.heard.at(-1).ended);
  assert.equal((await heard()).time >= 700_000, true);

  // Another window than the page that holds it is not listened to.
  const before = await facts(embed);
  await embed.evaluate(() => window.postMessage({ faultline: 1, do: "seek", time: 0 }, "*"));
  await embed.waitForTimeout(200);
  assert.deepEqual(await facts(embed), before);
});

test("an embed listens to the origin that its address names, and to no other", async (t) => {
  const page = await host(t, frame("&origin=https://example.org&start=200ms&caption=off", "raft/figure-8?0s"));
  const embed = await within(page, "iframe");
  await page.evaluate(() => {
    window.heard = [];
    addEventListener("message", ({ data }) => window.heard.push(data));
    document.querySelector("iframe").contentWindow.postMessage({ faultline: 1, do: "seek", time: 0 }, "*");
  });
  await page.waitForTimeout(400);
  assert.ok((await facts(embed)).time >= 200_000);
  assert.deepEqual(await page.evaluate(() => window.heard), []);
  await page.goto("about:blank");
  page.errors.length = 0; // The browser says that a message was for another origin.
});

test("in a sandbox and under a strict policy an embed plays", async (t) => {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src ${new URL(address()).origin}; frame-src ${new URL(address()).origin}; img-src ${new URL(address()).origin} data:`;
  const page = await host(t, `${element('src="raft/figure-8" sandbox="allow-scripts"')}<iframe sandbox="allow-scripts" title="A run" width="640" height="400" src="${address("?embed&loop#/gossip")}"></iframe>`, {
    headers: { "content-security-policy": policy },
  });
  for (const selector of ["fault-line iframe", "body > iframe"]) {
    const embed = await within(page, selector);
    assert.equal(await embed.evaluate(() => window.origin), "null");
    await plays(embed);
  }
  await page.evaluate(() => document.querySelector("fault-line").pause());
  await stops(await within(page, "fault-line iframe"));
});

test("options decide what is seen, and one that cannot be read says so", async (t) => {
  const page = await host(t, "");
  const show = async (words, link, size) => {
    await page.evaluate((html) => (document.body.innerHTML = html), frame(words, link, size));
    return within(page, "iframe");
  };
  const minimal = await show("&controls=minimal&theme=dark", "gossip", 'width="360" height="240"');
  assert.equal(await minimal.locator("#clock, .step").count(), 0);
  assert.equal(await minimal.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(20, 21, 24)");
  const bare = await show("&controls=none&locked&view=both", "two-phase-commit/blocking", 'width="280" height="180"');
  assert.equal(await bare.locator(".controls").count(), 0);
  await bare.waitForSelector(".diagram-picture");
  const panel = await show("&view=panel&start=700ms", "raft/figure-8");
  await panel.waitForSelector(".idea-panel .panels");
  const twice = await show("&start=200ms&end=260ms&loop&speed=1/10", "raft");
  await until(twice, () => Number(document.querySelector("#embed").dataset.time) >= 255_000);
  await until(twice, () => Number(document.querySelector("#embed").dataset.time) < 240_000);
  await page.evaluate((html) => (document.body.innerHTML = html), frame("&speed=fast", "raft"));
  const refused = await (await page.waitForSelector("iframe")).contentFrame();
  await refused.waitForSelector(".embed-refused");
  assert.match(await refused.locator(".embed-refused").innerText(), /`?speed`? is one of .*not `?fast/);
});

test("a reader who wants no motion gets none unasked", async (t) => {
  const page = await host(t, frame("&loop", "raft/figure-8"), { reducedMotion: "reduce", colorScheme: "dark" });
  const embed = await within(page, "iframe");
  await embed.waitForTimeout(500);
  assert.deepEqual(await facts(embed), { time: 0, playing: false });
  assert.equal(await embed.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(20, 21, 24)");
});

test("what the dialog gives away opens: the link, the element and the frame", async (t) => {
  const lab = await openLab(t, { rest: "#/raft/figure-8?660ms" });
  const before = await settle(lab);
  await lab.keyboard.press("s");
  const link = await lab.locator("#share-link").inputValue();
  assert.match(link, /#\/raft\/figure-8\?660ms&k=[a-z2-9]{10}$/);
  await lab.locator(".code summary").click();
  await lab.waitForSelector(".code svg path");
  assert.deepEqual(await violations(lab), []);
  await shot(lab, "embed-code");
  await lab.locator(".code summary").click();
  await lab.locator(".embedding summary").click();
  // What is to be copied is seen without scrolling.
  await until(lab, () => document.querySelector("#share-element ~ button")?.getBoundingClientRect().bottom < document.querySelector("dialog").getBoundingClientRect().bottom);
  await lab.selectOption("[name=loop]", "on");
  await lab.selectOption("[name=controls]", "minimal");
  const preview = await within(lab, ".preview");
  await preview.waitForSelector(".controls");
  // With a frame in it the rules do not see that the dialog covers the page, and count that page's header, too; the page's
  // landmarks have just been asked for.
  const found = await lab.evaluate(() => window.axe.run("dialog", { rules: { "landmark-no-duplicate-banner": { enabled: false } } }));
  assert.deepEqual(found.violations.map(({ id }) => id), []);
  await shot(lab, "embed-dialog");
  const [one, other] = await Promise.all(["#share-element", "#share-frame"].map((field) => lab.locator(field).inputValue()));
  assert.match(one, /<fault-line src="raft\/figure-8" title="[^"]+" loop controls="minimal">/);
  const page = await host(t, one + other);
  for (const selector of ["fault-line iframe", "body > iframe"]) await plays(await within(page, selector));
  const fresh = await openLab(t, { rest: new URL(link).hash });
  assert.deepEqual(await settle(fresh), before);
});
