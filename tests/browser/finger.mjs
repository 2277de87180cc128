// A finger on the screen, by the browser's own protocol: the browser decides what is a tap, a scroll or a long press.

/** A finger that can be put down, moved and lifted, at places of the window. */
export async function finger(page) {
  const session = await page.context().newCDPSession(page);
  const touch = (type, points) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y]) => ({ x, y })) });
  let here;
  const hand = {
    async down(place) {
      here = place;
      await touch("touchStart", [place]);
    },
    async move(place, steps = 6) {
      const [x, y] = here;
      for (let step = 1; step <= steps; step += 1) {
        const share = step / steps;
        await touch("touchMove", [[x + (place[0] - x) * share, y + (place[1] - y) * share]]);
      }
      here = place;
    },
    up: () => touch("touchEnd", []),
    async drag(from, to, steps) {
      await hand.down(from);
      await hand.move(to, steps);
      await hand.up();
    },
  };
  return hand;
}

/** A hand for either: a mouse with the same words. */
export const mouse = (page) => {
  const hand = {
    async down(place) {
      await page.mouse.move(...place);
      await page.mouse.down();
    },
    move: (place, steps = 6) => page.mouse.move(...place, { steps }),
    up: () => page.mouse.up(),
    async drag(from, to, steps) {
      await hand.down(from);
      await hand.move(to, steps);
      await hand.up();
    },
  };
  return hand;
};

/** The large screen with a mouse, and the small one with a finger. */
export const SIZES = [
  { width: 1440, height: 900, touch: false },
  { width: 360, height: 740, touch: true },
];

/** The hand that a size of screen is worked with. */
export const handOf = (page, { touch }) => (touch ? finger(page) : mouse(page));

/** The middle of an element. */
export const centre = async (locator) => {
  const { x, y, width, height } = await locator.boundingBox();
  return [x + width / 2, y + height / 2];
};
