// The keys: each does what the table says, letters can be switched off, and a whole session needs nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { SIZES } from "./finger.mjs";
import { openPage, shot, violations } from "./harness.mjs";
import { openLab, openText, preset, settle, state, until } from "./lab.mjs";

const gone = (page) => until(page, () => !document.querySelector("dialog"));

/** Every row of the table as the help has it: its command, what it does, and its chords. */
async function table(page) {
  await page.keyboard.press("?");
  await page.waitForSelector("dialog[open] [data-chords]");
  const rows = await page.locator("[data-chords]").evaluateAll((rows) =>
    rows.map((row) => ({
      command: row.dataset.command,
      does: row.querySelector("dd").textContent,
      chords: row.dataset.chords.split(" , "),
    })),
  );
  await page.keyboard.press("Escape");
  await gone(page);
  return rows;
}

/** A chord of the table as the driver names it. */
function named(written) {
  const NAMES = {
    ctrl: "Control",
    shift: "Shift",
    arrowright: "ArrowRight",
    arrowleft: "ArrowLeft",
    contextmenu: "ContextMenu",
    " ": "Space",
  };
  const part = (word) => NAMES[word] ?? (word.length > 1 ? word[0].toUpperCase() + word.slice(1) : word);
  const words = written.endsWith("++") ? [...written.slice(0, -2).split("+"), "+"] : written === "+" ? ["+"] : written.split("+");
  // The driver presses the key of a digit together with Shift by its place.
  return words.map((word) => (words[0] === "shift" && /^\d$/.test(word) ? `Digit${word}` : part(word))).join("+");
}

/** What a person sees of the run and of the page. */
const facts = (page) =>
  page.evaluate(() => {
    const all = (selector, what) => [...document.querySelectorAll(selector)].map(what);
    const text = (selector) => document.querySelector(selector)?.textContent ?? "";
    const lab = document.querySelector("#lab").dataset;
    const ticks = all(".axis text.tick", (it) => parseFloat(it.textContent)).sort((a, b) => a - b);
    const picked = document.querySelector(".stage .message.selected");
    return {
      event: Number(lab.event),
      time: Number(lab.time),
      acts: Number(lab.acts),
      playing: lab.playing === "true",
      end: Number(document.querySelector("#slider")?.max ?? 0),
      address: decodeURIComponent(location.hash),
      picked: text("#picked"),
      cause: Number(picked?.dataset.is.match(/^m(\d+)/)[1]),
      messages: all(".stage [data-message]", (it) => it.dataset.id),
      held: all(".stage .message .bars", (it) => it.closest("[data-id]").dataset.id),
      chosen: picked?.dataset.id,
      down: all('.stage [data-up="false"]', (it) => it.dataset.node),
      asleep: all(".stage .asleep", (it) => it.dataset.node),
      seeking: all('.stage [data-role="candidate"]', (it) => it.dataset.node),
      cut: all('.stage [data-state="cut"]', (it) => it.dataset.link),
      speed: Number(document.querySelector("[aria-label=Speed]").value),
      tick: ticks[1] - ticks[0],
      dialog: text("#dialog-title"),
      menu: document.querySelector(".menu [role=menu]")?.getAttribute("aria-label") ?? "",
      tab: text(".tabs [aria-selected=true]"),
      report: document.querySelector("[data-report]")?.dataset.report ?? "",
      focus: document.activeElement.id,
      act: text(".inspector"),
      colours: document.documentElement.dataset.theme,
      full: Boolean(document.fullscreenElement),
    };
  });

// n5 asks all others for their votes, and much later n2 crashes.
const TEXT = `faultline 2
protocol raft
nodes 9
latency 20ms
at 10ms fire n5 Election
at 900ms crash n2
show 22ms
`;

// A primary that has been taken over gives a number to a request.
const LIAR = `faultline 2
protocol pbft
latency 20ms
at 1ms n5 Put x=1
at 2ms take over n1
show 30ms
`;

const opens = (title) => (_, after) => after.dialog === title;
/** The words of an address, also of one that is written shorter. */
const told = (address) => {
  const packed = address.match(/\?3z([^&]+)/);
  return packed ? inflateRawSync(Buffer.from(packed[1], "base64url")).toString() : address;
};
const adds = (words, more = () => true) => (before, after) =>
  after.acts === before.acts + 1 && words.test(told(after.address)) && more(before, after);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * What each command is bound to, what the help says, what is done before, and what must have come of it. Before that: keys,
 * times to go to, or another run.
 */
const COMMANDS = {
  'Offer(["drop"])': ["d", /^Drop the message/, ["m"], adds(/drop.n5~/, (b, a) => !a.messages.includes(b.chosen) && a.event === b.event + 1)],
  'Offer(["deliver"])': ["enter", /^Deliver the message/, ["m"], adds(/deliver.n5~/, (b, a) => !a.messages.includes(b.chosen))],
  'Offer(["delay"])': ["l", /^Delay the message/, ["m"], adds(/delay.n5~/, (b, a) => a.messages.includes(b.chosen))],
  'Offer(["duplicate"])': ["2", /^Duplicate the message/, ["m"], adds(/duplicate.n5~/, (b, a) => a.messages.length === b.messages.length + 1)],
  'Offer(["crash", "restart"])': ["x", /^Crash the node.*restart it/, ["3"], adds(/crash.n3/, (_, a) => same(a.down, ["n3"]))],
  Ask: ["r", /send it a request/, ["3"], (_, after) => after.focus === "ask-field" && after.picked === "n3"],
  'Offer(["fire"])': ["t", /^Fire the node’s timer/, ["3"], adds(/fire.n3.Election/, (_, a) => a.seeking.includes("n3"))],
  'Offer(["pause", "resume"])': ["p", /^Pause the node/, ["3"], adds(/pause.n3/, (_, a) => same(a.asleep, ["n3"]))],
  'Offer(["hold", "release"])': ["g", /^Hold the message/, ["m"], adds(/hold.n5~/, (b, a) => same(a.held, [b.chosen]))],
  'Offer(["cut"])': ["c", /^Cut the node off/, ["3"], adds(/cut.n3[|~!]/, (_, a) => a.cut.length === 8)],
  'Offer(["heal"])': ["h", /^Heal/, ["3", "c"], (before, after) => before.cut.length === 8 && after.cut.length === 0 && after.acts === before.acts + 1],
  'Offer(["cut-one-way", "cut-apart"])': ["shift+c", /^Cut the link one way/, ["3", "n"], adds(/cut.n3.n1/, (_, a) => a.cut.length === 0)],
  'Offer(["slow", "latency"])': ["shift+l", /^Slow the node/, ["3"], adds(/slow.n3/)],
  'Offer(["loss", "lose"])': ["shift+d", /^Lose half/, ["3", "n"], adds(/link.n3.n1.loss/)],
  'Offer(["clock"])': ["y", /clock/, ["3"], adds(/clock.n3/)],
  'Offer(["crash-losing-write"])': ["shift+x", /^Crash the node before/, ["5"], adds(/crash.n5.losing/, (_, a) => same(a.down, ["n5"]))],
  'Offer(["take-over"])': ["shift+t", /^Take the node over/, ["3"], adds(/over.n3/)],
  'Offer(["forge"])': ["shift+f", /^Make a Byzantine node lie/, [LIAR, "m"], adds(/forge/)],
  'Offer(["inject"])': ["shift+i", /to another node, too/, [LIAR, "m"], adds(/inject/)],
  Digit: ["0 1 2 3 4 5 6 7 8 9", /^A node/, [], (before, after, digit) => after.picked === (digit === "0" ? before.picked : `n${digit}`)],
  "Link(true)": ["n", /^The next link/, ["3", "n"], (before, after) => before.picked === "link n3–n1" && after.picked === "link n3–n2"],
  "Link(false)": ["shift+n", /^The previous link/, ["3", "n", "n"], (before, after) => before.picked === "link n3–n2" && after.picked === "link n3–n1"],
  Menu: ["contextmenu shift+f10", /^Open the menu/, ["3"], (_, after) => after.menu === "n3"],
  "Message(true)": ["m", /^The next message/, ["m"], (before, after) => before.chosen === before.messages[0] && after.chosen === before.messages[1]],
  "Message(false)": ["shift+m", /^The previous message/, [], (before, after) => after.chosen === before.messages.at(-1)],
  "Act(true)": ["a", /^The next act/, [], (_, after) => /crash n2/.test(after.act) && after.time === 900_000],
  "Act(false)": ["shift+a", /^The previous act/, [], (_, after) => /fire n5/.test(after.act) && after.time === 10_000],
  TakeAct: ["delete backspace", /^Remove the act/, ["a"], (before, after) => after.acts === before.acts - 1 && /fire.n5/.test(after.address) && !/crash/.test(after.address)],
  "MoveAct(false)": ["< shift+<", /10 ms earlier/, ["a"], (_, after) => after.time === 890_000 && /890ms.crash/.test(after.address)],
  "MoveAct(true)": ["> shift+>", /10 ms later/, ["a"], (_, after) => after.time === 910_000 && /910ms.crash/.test(after.address)],
  Play: ["  k", /^Play or pause/, [], (before, after) => !before.playing && after.playing],
  "Step(true)": ["arrowright", /^Step forward one event/, [], (before, after) => after.event === before.event + 1],
  "Step(false)": ["arrowleft", /^Step back one event/, [], (before, after) => after.event === before.event - 1],
  "Interesting(true)": ["shift+arrowright ]", /^Go to the next marked event/, [850], (before, after) => before.down.length === 0 && after.time === 900_000 && same(after.down, ["n2"])],
  "Interesting(false)": ["shift+arrowleft [", /^Go to the previous marked event/, [950], (before, after) => before.time === 950_000 && after.time === 900_000 && same(after.down, ["n2"])],
  "Round(true)": [".", /all messages in flight have arrived/, [], (before, after) => before.messages.length === 8 && !before.messages.some((id) => after.messages.includes(id)) && after.time === 30_000 && after.event === before.event + 8],
  "Round(false)": [",", /^Go back by one round/, ["."], (before, after) => after.messages.length === 8 && after.event === before.event - 8 && after.time === 10_000],
  "Ten(true)": ["l", /^Step forward ten events/, [], (before, after) => after.event === before.event + 10],
  "Ten(false)": ["j", /^Step back ten events/, ["l"], (before, after) => after.event === before.event - 10],
  "Speed(true)": ["+ shift++ =", /^Play faster/, [], (before, after) => after.speed === before.speed + 1],
  "Speed(false)": ["-", /^Play slower/, [], (before, after) => after.speed === before.speed - 1],
  Home: ["home", /^Go to the start/, [], (before, after) => before.time > 0 && after.time === 0],
  End: ["end", /^Go to the end/, [], (before, after) => after.time === before.end],
  Tenth: ["shift+0 shift+1 shift+2 shift+3 shift+4 shift+5 shift+6 shift+7 shift+8 shift+9", /^Go to that tenth/, [], (before, after, digit) => Math.abs(after.time - (before.end * digit) / 10) < 10],
  Why: ["w", /^Why\? Go to the event/, ["m"], (before, after) => after.event === before.cause + 1],
  Chain: ["shift+w", /^Why\? Show everything that led/, [], (_, after) => /^Why/.test(after.dialog)],
  Search: ["v", /^Search for a violation/, [], opens("Search for a violation")],
  Attack: ["shift+v", /^Attack/, [], (before, after) => before.report === "" && after.report !== ""],
  Shrink: ["shift+s", /^Shrink/, ["figure-8-unsafe", "end"], (before, after) => before.report === "" && after.report !== ""],
  Rules: ["shift+e", /^Take a rule away/, [], opens("Take a rule away")],
  Manual: ["i", /manual mode/, [], (_, after) => after.tab === "Inbox" && /manual/.test(after.address)],
  Text: ["shift+o", /^Show the scenario as text/, [], (before, after) => before.tab !== "Scenario" && after.tab === "Scenario"],
  Branches: ["b", /^Show the branches/, [], opens("Branches")],
  "Undo(true)": ["ctrl+z", /^Undo/, ["3", "x"], (before, after) => same(before.down, ["n3"]) && after.down.length === 0 && after.acts === before.acts - 1],
  "Undo(false)": ["ctrl+shift+z ctrl+y", /^Redo/, ["3", "x", "ctrl+z"], (before, after) => before.down.length === 0 && same(after.down, ["n3"])],
  "Zoom(true)": ["z", /diagram in$/, [], (before, after) => after.tick < before.tick],
  "Zoom(false)": ["shift+z", /diagram out$/, [], (before, after) => after.tick > before.tick],
  Open: ["o", /^Open a run/, [], opens("Open a run")],
  Share: ["s", /^Share/, [], opens("Share this run")],
  Set: ["e", /^Settings/, [], opens("Settings")],
  Find: ["/ shift+/", /^Find words/, [], (_, after) => after.focus === "find-field"],
  Palette: ["ctrl+k", /^Search all commands/, [], opens("Commands")],
  Present: ["q", /^Present the run/, [], () => true],
  Full: ["f", /full screen/, [], (before, after) => before.full !== after.full],
  Theme: ["shift+u", /^Change the colours/, [], (before, after) => before.colours !== after.colours],
  About: ["shift+p", /^About the protocol/, [], opens("Raft")],
  Help: ["? shift+?", /^Show this help/, [], opens("Keys")],
  Escape: ["escape", /^Close, or clear the selection/, ["3"], (before, after) => before.picked === "n3" && after.picked === ""],
};

/** Brings the page to where a command can be tried. */
async function prepare(page, steps) {
  const run = steps.find((step) => step === LIAR || typeof step === "string" && step.includes("-8-"));
  // What is opened after an act is a branch, and there cannot be any number of those.
  const branches = page.locator(".branch");
  if ((await branches.count()) && parseInt(await branches.getAttribute("aria-label"), 10) > 60) {
    await page.reload();
    await page.waitForSelector("#lab");
  }
  await openText(page, run === LIAR ? run : run ? await preset(run) : TEXT);
  await gone(page);
  if ((await page.evaluate(() => innerWidth)) < 861) await page.getByRole("tab", { name: "Timeline" }).click();
  await page.evaluate(() => document.activeElement.blur());
  for (const step of steps.filter((step) => step !== run)) {
    if (typeof step === "string") await page.keyboard.press(named(step));
    else {
      await page.locator("#slider").evaluate((slider, time) => {
        slider.value = String(time);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      }, step * 1_000);
    }
  }
  // What comes by itself after a change, the checksum, is there.
  await page.waitForSelector("#lab[data-checksum]");
}

for (const size of SIZES) {
  test(`every key of the table does what the table says, at ${size.width}`, async (t) => {
    // Without motion nothing happens that no key has asked for.
    const page = await openLab(t, { ...size, reducedMotion: "reduce" });
    const rows = await table(page);
    const bound = Object.fromEntries(Object.entries(COMMANDS).map(([command, [chords]]) => [command, chords]));
    assert.deepEqual(Object.fromEntries(rows.map((row) => [row.command, row.chords.join(" ")])), bound);
    for (const row of rows) {
      const [, words, steps, expected] = COMMANDS[row.command];
      assert.match(row.does, words);
      // The keyboard of the driver makes no slash with Shift; the test below does.
      for (const chord of row.chords.filter((chord) => chord !== "shift+/")) {
        await prepare(page, steps);
        const before = await facts(page);
        await page.keyboard.press(named(chord));
        if (row.command === "Present") {
          // It leaves the laboratory, and the back button returns to it.
          await page.waitForSelector("#lecture .stage [data-node]");
          await page.goBack();
          await page.waitForSelector("#lab .tabs");
          continue;
        }
        const end = Date.now() + 8_000;
        let after = await facts(page);
        while (!expected(before, after, chord.at(-1)) && Date.now() < end) {
          await page.waitForTimeout(30);
          after = await facts(page);
        }
        if (!expected(before, after, chord.at(-1))) assert.fail(`${chord} does not: ${row.does}\n${JSON.stringify({ before, after }, null, 1)}`);
        if (after.playing) await page.keyboard.press("k");
        for (const open of ["dialog", ".menu"]) {
          if (await page.locator(open).count()) await page.keyboard.press("Escape");
          await until(page, (open) => !document.querySelector(open), open);
        }
        if (row.command === "Manual") await page.keyboard.press(chord);
        if (row.command === "Full" && after.full) await page.keyboard.press(chord);
        await page.keyboard.press("Escape");
      }
    }
  });
}

test("what Shift makes of a digit depends on the country, and does not matter", async (t) => {
  const page = await openLab(t);
  await settle(page);
  const press = (init) =>
    page.evaluate((init) => window.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init })), init);
  const end = Number(await page.locator("#slider").getAttribute("max"));
  const at = (share) => until(page, (time) => Math.abs(document.querySelector("#lab").dataset.time - time) < 10, end * share);
  await press({ key: "/", code: "Digit7", shiftKey: true });
  await until(page, () => document.activeElement.id === "find-field");
  await page.keyboard.press("Escape");
  await page.evaluate(() => document.activeElement.blur());
  await press({ key: "(", code: "Digit8", shiftKey: true });
  await at(0.8);
  // Where digits need Shift, the bare key is the digit, too.
  await press({ key: "é", code: "Digit2" });
  await until(page, () => document.querySelector("#picked").textContent === "n2");
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
  const page = await openPage(t, { rest: "#/raft" });
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
  await page.waitForSelector("dialog input");
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
  // Search for a violation: one crash is allowed, and nothing else.
  await page.keyboard.press("v");
  await page.waitForSelector(".bounds");
  for (const [bound, value] of [["inputs", "0"], ["crashes", "1"], ["drops", "0"], ["copies", "0"]]) {
    for (let tabs = 0; tabs < 12 && (await twin()) !== `bound-${bound}`; tabs += 1) await page.keyboard.press("Tab");
    await page.keyboard.press("Control+a");
    await page.keyboard.type(value);
  }
  await page.keyboard.press("Enter");
  await until(page, () => document.querySelector("[data-report] [data-found]"));
  await until(page, () => document.querySelector(`[data-claim="election-safety"]`)?.dataset.standing === "violated");
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
