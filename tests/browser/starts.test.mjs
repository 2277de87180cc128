// What is seen and what can be done where the program does not start, and hosts that send half of it, or something else.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { DIST, openPage, violations } from "./harness.mjs";
import { kept, until } from "./lab.mjs";
import { serve } from "./server.mjs";

/** A host of the page that fails as `host.spoil` says, which may change. */
async function failing() {
  const host = { spoil: () => {} };
  const server = await serve(DIST, false, (...file) => host.spoil(...file));
  servers.push(server);
  return Object.assign(host, { url: server.url });
}

// They outlive the pages of their tests, which may still be asking for something.
const servers = [];
after(() => servers.forEach((server) => server.close()));

const HTML = { type: "text/html", body: "<!doctype html><title>Back soon</title><h1>Maintenance</h1>" };
const program = (name) => /^faultline-.*\.wasm$/.test(name);
const half = (body) => ({ body: body.subarray(0, body.length / 2) });

const ADDRESSES = ["#/raft/figure-8", "", "?embed#/gossip"];
const FAILURES = {
  "does not come": (name) => program(name) && { status: 404, type: "text/plain", body: "not found" },
  "is cut off": (name, body) => program(name) && half(body),
  "is a page of the host's": (name) => program(name) && HTML,
  "has no script": (name) => /^faultline-.*\.js$/.test(name) && { status: 404, type: "text/plain", body: "not found" },
};

for (const [nth, [what, spoil]] of Object.entries(FAILURES).entries()) {
  for (const rest of nth === 0 ? ADDRESSES : ADDRESSES.slice(0, 1)) {
    test(`a program that ${what} is a sentence and a button, at ${rest || "home"}`, async (t) => {
      const host = await failing();
      host.spoil = spoil;
      const page = await openPage(t, { keeps: true, base: host.url, rest });
      const lost = page.getByRole("alert");
      await lost.waitFor();
      assert.match(await lost.innerText(), /cannot start: one of its files did not come, or is damaged/);
      assert.deepEqual(await violations(page, ".no-start"), []);
      page.errors.length = 0; // What did not come stands in the console.
      host.spoil = () => {};
      await lost.getByRole("button", { name: "Reload" }).click();
      await page.waitForSelector("#app .stage-picture [data-node]");
      assert.equal(await page.locator(".no-start").isVisible(), false);
    });
  }
}

test("a browser without WebAssembly is told so", async (t) => {
  const page = await openPage(t, { rest: "#/raft", script: () => delete globalThis.WebAssembly });
  assert.match(await page.getByRole("alert").innerText(), /needs WebAssembly/);
  page.errors.length = 0;
});

test("a program that was kept and is damaged is fetched again by itself", async (t) => {
  const host = await failing();
  const page = await openPage(t, { keeps: true, base: host.url, rest: "#/gossip" });
  await kept(page);
  for (const part of ["faultline-", "gossip-"]) {
    await page.evaluate(async (part) => {
      const cache = await caches.open("faultline");
      for (const request of await cache.keys()) {
        if (!new URL(request.url).pathname.match(new RegExp(`/${part}[0-9a-f]+\\.wasm$`))) continue;
        const whole = await (await cache.match(request)).arrayBuffer();
        await cache.put(request, new Response(whole.slice(0, whole.byteLength / 2), { headers: { "content-type": "application/wasm" } }));
      }
    }, part);
    await page.reload();
    await page.waitForSelector("#app .stage-picture [data-node]");
    await kept(page);
  }
  page.errors.length = 0; // That a program did not start stands in the console.
});

test("half a deploy, a page of the host's and a host that is down are worth less than what is kept", async (t) => {
  const host = await failing();
  const page = await openPage(t, { keeps: true, base: host.url, rest: "#/gossip" });
  await kept(page);
  const opens = async () => {
    await page.reload();
    await page.waitForSelector("#app .stage-picture [data-node]", { timeout: 15_000 });
  };
  // A page of the host's in place of ours; an error; no answer.
  for (const answer of [HTML, { ...HTML, status: 503 }, {}]) {
    host.spoil = (name) => name === "index.html" && answer;
    await opens();
  }
  // A newer page, of whose files one did not come yet.
  const newer = "0123456789abcdef";
  host.spoil = (name, body) => name === "index.html" && { body: String(body).replaceAll(/(?<=-|content=")[0-9a-f]{16}(?=["{.])/g, newer) };
  await page.reload();
  await until(page, () => document.querySelector("#app .stage-picture [data-node]"));
  assert.notEqual(await page.locator("meta[name=build]").getAttribute("content"), newer);
  page.errors.length = 0;
});

test("what is cut off is not kept", async (t) => {
  const host = await failing();
  host.spoil = (name, body) => name.startsWith("pbft-") && half(body);
  const page = await openPage(t, { keeps: true, base: host.url, rest: "#/gossip" });
  await kept(page);
  await page.goto(`${host.url}#/pbft`);
  await page.locator("[data-tool=retry]").waitFor();
  host.spoil = () => {};
  page.errors.length = 0; // That the part is damaged stands in the console.
  await page.locator("[data-tool=retry]").click();
  await until(page, () => document.querySelector(".where .protocol")?.textContent.startsWith("Practical"));
});

test("every page keeps a policy without anything unsafe inline, and runs under it", async (t) => {
  const page = await openPage(t, { keeps: true, rest: "#/raft/figure-8-unsafe" });
  const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)|https?:/);
  // What stands in a link or a text as HTML would be refused twice over: it is text, and the policy allows no script of it.
  const ran = await page.evaluate(async () => {
    const script = Object.assign(document.createElement("script"), { textContent: "window.ran = true" });
    document.body.append(script);
    const image = Object.assign(new Image(), { src: "data:," });
    image.setAttribute("onerror", "window.ran = true");
    document.body.append(image);
    await new Promise((done) => setTimeout(done, 100));
    return window.ran;
  });
  assert.equal(ran, undefined);
  assert.ok(page.errors.length > 0, "the console says what was refused");
  page.errors.length = 0;
});
