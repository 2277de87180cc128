// What every browser test needs: the optimised page under a sub-path, a real browser, and fresh pages.
//
// A file of tests imports `test` from "node:test" and `openPage` from here; the server and the browser start
// with the file and end with it. `cargo xtask test` builds dist/, finds the browser and runs all files;
// `cargo xtask test --only browser WORD` runs the files whose names hold the word, over dist/ as it is.

import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "./server.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const DIST = join(ROOT, process.env.FAULTLINE_DIST ?? "dist");
const SCREENS = join(ROOT, "target", "screens");
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

// No sandbox, since a build machine often is root; and nothing that would reach for the network.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let server;
let browser;

before(async () => {
  const executablePath = process.env.FAULTLINE_CHROME;
  assert.ok(executablePath, "Start the browser tests with `cargo xtask test --only browser`.");
  server = await serve(DIST);
  // The driver gives each browser an empty profile of its own, and each context within it starts empty.
  browser = await chromium.launch({ executablePath, args: FLAGS });
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** The address of the page, with an optional rest such as "#/raft". */
export const address = (rest = "") => server.url + rest;

/**
 * Opens the page in a fresh browser context and returns Playwright's `page`.
 *
 * `t` is the context that node:test hands to a test: at its end the page is closed, and the test fails if
 * the page wrote an error to the console, threw one, or asked another server for anything. A test that
 * provokes an error on purpose looks into `page.errors` and empties it.
 *
 * Options: `width`, `height`, `scale` (2 for a page that is zoomed to 200 %), `touch`, `colorScheme` ("light", "dark"), `reducedMotion` ("reduce",
 * "no-preference"), `javaScript` (false for none), `script` (a function that the page runs before its own), `base` (the
 * address of another server of the page), `rest`, what follows the address, such as "#/raft", `blank` (true for a page
 * that is not opened yet) and `keeps` (true for a page that keeps what it has used, as every reader's does: its service worker
 * takes half as long again to open a page, and a test cannot catch its requests).
 */
export async function openPage(t, options = {}) {
  const { width = 1280, height = 800, scale = 1, touch = false, javaScript = true } = options;
  const { colorScheme = "light", reducedMotion = "no-preference", script, base = server.url, rest = "", blank, keeps } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: scale,
    hasTouch: touch,
    isMobile: touch,
    colorScheme,
    reducedMotion,
    javaScriptEnabled: javaScript,
    serviceWorkers: keeps ? "allow" : "block",
    locale: "en-GB",
    timezoneId: "UTC",
  });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  page.errors = watch(page, base);
  page.home = base;
  if (script) await page.addInitScript(script);
  t.after(async () => {
    await context.close();
    assert.deepEqual(page.errors, [], "the page must make no errors");
  });
  if (!blank) await page.goto(base + rest);
  return page;
}

/** Collects what must not happen on a page. */
function watch(page, base) {
  const errors = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => errors.push(`thrown: ${error.stack ?? error}`));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    const elsewhere = protocol.startsWith("http") && origin !== new URL(base).origin;
    if (elsewhere) errors.push(`asked another server: ${request.url()}`);
  });
  return errors;
}

/** Saves what the page looks like to target/screens/NAME.png. */
export async function shot(page, name) {
  await mkdir(SCREENS, { recursive: true });
  await page.screenshot({ path: join(SCREENS, `${name}.png`) });
}

/** The violations of the accessibility rules that a program can check, one line each: the page's, or those within something. */
export async function violations(page, within) {
  // The page's policy allows no script of somebody else's, but what the driver says itself.
  if (!(await page.evaluate(() => !!window.axe))) await page.evaluate(await readFile(AXE, "utf8"));
  const found = await page.evaluate((within) => window.axe.run(within), within);
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")}`),
  );
}
