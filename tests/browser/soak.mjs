// Random acts on the page: `cargo xtask soak [ACTS]`, so many on each protocol. Whatever can be pressed is pressed, by pointer and by
// key, fields are filled with sense and nonsense, messages are dragged, time is turned back and on, and things are done before the
// last ones have been drawn. Nothing may be written to the console as an error, the page may not break, and it may not grow without
// end. The acts follow from the seed, so what fails is tried again by its protocol and its seed; the last acts are printed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { TITLES, whole } from "./lab.mjs";

const ACTS = Number(process.env.FAULTLINE_ACTS ?? 1_000);
const SEED = Number(process.env.FAULTLINE_SEED ?? 1);
const ONLY = process.env.FAULTLINE_SLUG?.split(",");
/** A fresh page after so many acts: a run of ten thousand acts is nobody's. */
const ROUND = 2_000;
/** The page may hold so many bytes more at the end of a round than after its first quarter; undo holds up to a thousand runs. */
const GROWTH = 64 * 1024 * 1024;

/** Runs in the page: acts from the seed, a few between two frames. What was done comes back, and whether the page is whole. */
async function soak({ acts, seed }) {
  let state = BigInt(seed) * 0x9e3779b97f4a7c15n + 1n;
  const draw = (below) => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number((state >> 33n) % BigInt(below));
  };
  const any = (list) => (list.length ? list[draw(list.length)] : undefined);
  // What leaves the page, saves a file, asks the device, or fills the screen is no act on a run.
  const OUT = '[data-tool^="save"], [download], a[href], [data-tool=retry], [data-tool=keep], [data-tool=copy]';
  const KEYS = [..." kjhlzxdcmnpriweyt1234567890[]+-.,/?", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Tab", "Enter", "Escape", "Delete"];
  const TEXTS = ["", "1", "0", "-1", "7", "1us", "31 years", "x=1", "50%", "faultline 2\nprotocol raft\nnodes 3\n", "<b>", "n1", "9".repeat(40), "\u202e"];
  const seen = (it) => it.getClientRects().length > 0 && !it.closest("[inert]") && !it.matches(OUT) && !it.closest(OUT);
  const all = (selector) => {
    const root = document.querySelector("dialog[open]") ?? document.querySelector(".page") ?? document.body;
    return [...root.querySelectorAll(selector)].filter(seen);
  };
  const pointer = (it, type, x, y) =>
    it.dispatchEvent(new PointerEvent(type, { bubbles: true, cancelable: true, clientX: x, clientY: y, pointerId: 1, isPrimary: true, button: 0, buttons: type === "pointerup" ? 0 : 1 }));
  const middle = (it) => {
    const { left, top, width, height } = it.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  };
  const named = (it) => it.getAttribute("aria-label") ?? it.dataset?.tool ?? it.dataset?.node ?? it.textContent?.trim().slice(0, 24);
  const click = (it, options = {}) => it.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ...options }));
  const DO = {
    press() {
      const key = any(KEYS);
      const options = { key, code: `Key${key.toUpperCase()}`, bubbles: true, cancelable: true, ctrlKey: draw(12) === 0 && "zyk".includes(key), shiftKey: draw(10) === 0 };
      (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", options));
      return key;
    },
    click() {
      const it = any(all("button, summary, [role=button], [role=tab], .entry, .jump, .row, input[type=checkbox]"));
      if (it) click(it, { shiftKey: draw(8) === 0 });
      return it && named(it);
    },
    touch() {
      const it = any(all(".stage-picture [data-node], .stage-picture .message, .stage-picture .link, .diagram-picture .arrow, .diagram-picture circle"));
      if (!it) return undefined;
      const [x, y] = middle(it);
      if (draw(4) === 0) it.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, clientX: x, clientY: y }));
      else if (draw(4) === 0) it.dispatchEvent(new MouseEvent("dblclick", { bubbles: true, cancelable: true, clientX: x, clientY: y }));
      else click(it, { shiftKey: draw(4) === 0, clientX: x, clientY: y });
      return named(it);
    },
    drag() {
      const it = any(all(".stage-picture .message, .stage-picture [data-node], .diagram-picture, .stage-picture"));
      if (!it) return undefined;
      const [x, y] = middle(it);
      pointer(it, "pointerdown", x, y);
      for (let step = 1; step <= 3; step += 1) pointer(it, "pointermove", x + draw(200) - 100, y + draw(120) - 60);
      pointer(it, draw(6) === 0 ? "pointercancel" : "pointerup", x + draw(200) - 100, y);
      return named(it);
    },
    fill() {
      const it = any(all("input:not([type=checkbox]):not([type=range]):not([type=file]), textarea, select"));
      if (!it) return undefined;
      if (it instanceof HTMLSelectElement) it.selectedIndex = draw(it.options.length);
      else it.value = any(TEXTS);
      for (const type of ["input", "change"]) it.dispatchEvent(new Event(type, { bubbles: true }));
      // As Enter does in a field.
      if (draw(2) === 0) it.form?.querySelector("button:not([type=button])")?.click();
      return `${named(it)} = ${it.value}`;
    },
    scrub() {
      const it = any(all("input[type=range]"));
      if (!it) return undefined;
      it.value = String(Number(it.min || 0) + draw(1_000) * ((Number(it.max || 1) - Number(it.min || 0)) / 1_000));
      it.dispatchEvent(new Event("input", { bubbles: true }));
      return it.value;
    },
  };
  const WAYS = ["press", "press", "press", "click", "click", "click", "touch", "touch", "touch", "drag", "fill", "scrub"];
  const done = [];
  let shut = 0;
  for (let act = 0; act < acts; act += 1) {
    const way = any(WAYS);
    done.push(`${way} ${DO[way]() ?? "nothing"}`);
    if (done.length > 40) done.shift();
    // Nobody stays in a dialog for ever, or leaves the laboratory for good.
    shut = document.querySelector("dialog[open]") ? shut + 1 : 0;
    if (shut > 12) document.querySelector("dialog[open]").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", code: "Escape", bubbles: true, cancelable: true }));
    if (shut > 24) document.querySelector("dialog[open]").close();
    if (draw(3) === 0) await new Promise(requestAnimationFrame);
    if (document.querySelector(".broken")) return { done, broken: document.querySelector(".broken").innerText };
    if (!document.querySelector("#lab")) return { done, left: act };
  }
  return { done };
}

/** How many bytes the page holds after a collection: JavaScript's, the elements', and the program's memory. */
async function bytes(session) {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = await session.send("Runtime.getHeapUsage");
  return usedSize + embedderHeapUsedSize + backingStorageSize;
}

for (const slug of Object.keys(TITLES).filter((slug) => !ONLY || ONLY.includes(slug))) {
  test(`${slug}: ${ACTS} acts`, async (t) => {
    let left = ACTS;
    for (let seed = SEED; left > 0; seed += 1) {
      const page = await openPage(t, { rest: `#/${slug}` });
      await whole(page);
      const session = await page.context().newCDPSession(page);
      let held;
      for (let quarter = 0; quarter < 4 && left > 0; quarter += 1) {
        const acts = Math.min(left, ROUND / 4);
        const { done, broken, left: gone } = await page.evaluate(soak, { acts, seed: seed * 4 + quarter });
        const where = `${slug}, seed ${seed}, quarter ${quarter}:\n  ${done.join("\n  ")}`;
        assert.equal(broken, undefined, `${where}\n${broken}`);
        assert.deepEqual(page.errors, [], where);
        left -= gone ?? acts;
        // An act may have led to another page, which is no fault.
        if (gone !== undefined) break;
        const now = await bytes(session);
        held ??= now;
        assert.ok(now < held + GROWTH, `${where}\ngrew from ${held} to ${now} bytes`);
      }
      await page.context().close();
    }
  });
}
