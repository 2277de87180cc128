// Every act that can be done to a message, a node or a link, by pointer on a large screen and by touch on a small one:
// each becomes a line of the scenario, is seen on the stage where it can be seen, and is undone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openLab, openText, settle, state, until } from "./lab.mjs";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 740, touch: true },
];

/** What is taken hold of, the act, the words of the scenario, and what is there afterwards. */
const ACTS = [
  ["message", "deliver", /deliver n\d>n\d/, null],
  ["message", "drop", /drop n\d>n\d/, null],
  ["message", "delay", /delay n\d>n\d.* by 20ms/, null],
  ["message", "duplicate", /duplicate n\d>n\d/, null],
  ["message", "hold", /hold n\d>n\d/, null],
  ["n3", "crash", /crash n3/, '[data-node="n3"][data-up="false"]'],
  ["n3", "pause", /pause n3/, '[data-node="n3"].asleep'],
  ["n3", "fire", /fire n3 Election/, null],
  ["n3", "ask", /n3 Put/, null],
  ["n3", "clock", /clock n3 jump/, null],
  ["n3", "slow", /slow n3/, null],
  ["n3", "take-over", /take over n3/, '[data-node="n3"].taken'],
  ["n3", "cut", /cut n3\|/, '[data-link*="n3"]'],
  ["n1-n2", "cut", /cut n1-n2/, '[data-link="n1-n2"]'],
  ["n1-n2", "cut-one-way", /cut n1>n2/, '[data-link="n1-n2"]'],
  ["n1-n2", "hold", /hold n1-n2/, '[data-link="n1-n2"]'],
  ["n1-n2", "latency", /link n1-n2 latency/, '[data-link="n1-n2"]'],
  ["n1-n2", "loss", /link n1-n2 loss 50%/, '[data-link="n1-n2"]'],
  ["n1-n2", "duplication", /link n1-n2 duplication 10%/, '[data-link="n1-n2"]'],
  ["n1-n2", "lose", /lose n1-n2 until 1.022s/, null],
  ["message", "lose", /lose n\d>n\d \w+ until 1.022s/, null],
  ["n3", "clock-set", /clock n3 offset \+50ms/, null],
  ["n3", "clock-rate", /clock n3 drift \+1000ppm/, null],
];

/** One after the other in one run, all at the moment that is shown. */
const BOTH_WAYS = [
  ["n3", "crash", /crash n3/],
  ["n3", "restart", /restart n3/],
  ["n3", "pause", /pause n3/],
  ["n3", "resume", /resume n3/],
  ["n1-n2", "cut", /cut n1-n2/],
  ["n1-n2", "heal", /heal n1-n2/],
  ["n1-n2", "hold", /hold n1-n2/],
  ["n1-n2", "release", /release n1-n2/],
  ["n1-n2", "loss", /link n1-n2 loss/],
  ["n1-n2", "normal", /link n1-n2 normal/],
  ["n3", "clock", /clock n3 jump/],
  ["n3", "clock", /clock n3 normal/],
  ["n5", "crash-losing-write", /crash n5 losing-write/],
  ["n5", "restart", /restart n5/],
];

/** The same with the primary of PBFT, which has a request to pass on. */
const LIES = [
  ["n1", "take-over", /take over n1/],
  ["message", "inject", /inject n1>n\d/],
  ["message", "forge", /forge n1>n\d/],
];

/** The acts of the scenario, in its own words. */
const acts = async (page) => {
  await page.getByRole("tab", { name: "Scenario" }).click();
  const text = await page.locator("#scenario-text").inputValue();
  return text.split("\n").filter((line) => line.startsWith("at "));
};

for (const size of SIZES) {
  const touch = Boolean(size.touch);
  const press = async (page, x, y) => (touch ? page.touchscreen.tap(x, y) : page.mouse.click(x, y));
  /** Where something stands, once it stands still: what arrives late may take from the stage. */
  const middle = async (locator, before) => {
    const { x, y, width, height } = await locator.boundingBox();
    const here = [x + width / 2, y + height / 2];
    if (String(here) === String(before)) return here;
    await locator.page().waitForTimeout(100);
    return middle(locator, here);
  };
  const hold = async (page, target) => {
    if (target === "message") await press(page, ...(await middle(page.locator(".stage [data-message] .disc").first())));
    else if (target.includes("-")) {
      const [one, other] = await Promise.all(
        target.split("-").map((node) => middle(page.locator(`.stage [data-node="${node}"] .disc`))),
      );
      await press(page, one[0] * 0.45 + other[0] * 0.55, one[1] * 0.45 + other[1] * 0.55);
    } else await press(page, ...(await middle(page.locator(`.stage [data-node="${target}"] .disc`))));
    await page.waitForSelector(".inspector .offers");
  };

  test(`every act has its button, its line and its way back, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    // Nobody speaks on the link of n1 and n2 while n5 asks for votes.
    await openText(page, "faultline 2\nprotocol raft\nlatency 20ms\nat 10ms fire n5 Election\nshow 22ms\n");
    const before = await settle(page);
    const lines = await acts(page);
    for (const [target, verb, words, seen] of ACTS) {
      const what = `${verb} ${target}`;
      await hold(page, target);
      const button = page.locator(`.inspector [data-verb="${verb}"]`).first();
      // What is seldom wanted is folded away.
      if (!(await button.isVisible())) await page.locator(".inspector .rare summary").click();
      await (touch ? button.tap() : button.click());
      await until(page, (before) => document.querySelector("#lab").dataset.checksum !== before, before.checksum);
      const added = (await acts(page)).filter((line) => !lines.includes(line));
      assert.equal(added.length, 1, `${what}: ${added}`);
      assert.match(added[0], words, what);
      if (seen) assert.ok(await page.locator(`.stage ${seen.split(", ").join(", .stage ")}`).count(), what);
      await page.locator("#scenario-text").press("Escape");
      await page.keyboard.press("Control+z");
      await until(page, (checksum) => document.querySelector("#lab").dataset.checksum === checksum, before.checksum);
      assert.deepEqual(await acts(page), lines, `${what} is undone`);
      await page.locator("#scenario-text").press("Escape");
      await page.keyboard.press("Escape");
      // Where the next target stands is looked up once the stage has its room again.
      await page.waitForSelector(".inspector .offers", { state: "detached" });
    }
    assert.equal((await state(page)).time, before.time);
  });

  test(`what was done is taken back by its opposite, and who is taken over lies, at ${size.width}`, async (t) => {
    const page = await openLab(t, size);
    await settle(page);
    const runs = [
      ["protocol raft\nlatency 20ms\nat 10ms fire n5 Election\nshow 22ms", BOTH_WAYS],
      ["protocol pbft\nlatency 20ms\nat 10ms n5 Put x=1\nshow 36ms", LIES],
    ];
    for (const [text, rows] of runs) {
      await openText(page, `faultline 2\n${text}\n`);
      await settle(page);
      for (const [target, verb, words] of rows) {
        await hold(page, target);
        const { checksum } = await settle(page);
        const button = page.locator(`.inspector [data-verb="${verb}"]`).first();
        await (touch ? button.tap() : button.click());
        await until(page, (before) => document.querySelector("#lab").dataset.checksum !== before, checksum);
        assert.match((await acts(page)).at(-1), words, `${verb} ${target}`);
        await page.locator("#scenario-text").press("Escape");
        await page.keyboard.press("Escape");
      }
    }
  });
}
