import assert from 'node:assert/strict';
import { seriousViolations } from './accessibility.js';
import { THEMES } from './harness.js';
import { misfits, setTextSize, TEXT_SIZES } from './textSize.js';

/** A finger's width, in CSS pixels. */
const TARGET = 44;
/** Screens that only say something. */
const NOTHING_TO_TAP = ['loading', 'session-outside', 'shipper-expired', 'shipper-invalid'];

/** Makes a test of each screen: for fingers, for everybody, with larger text, and as wide as a desk has it. */
export function testScreens(journey, screens, tableWidths = []) {
  for (const [name, reach] of Object.entries(screens)) {
    journey(`the screen "${name}" is for fingers and for everybody, and holds larger text`, async ({ phone }) => {
      const driver = await phone();
      await reach(driver);
      // What was just pressed is smaller for a moment.
      await driver.page.evaluate(atRest);
      const { measured, small } = await driver.page.evaluate(measureTargets, TARGET);
      assert.deepEqual(small, []);
      if (!NOTHING_TO_TAP.includes(name)) assert.ok(measured > 0, 'something was measured');
      for (const theme of THEMES) {
        await driver.page.emulateMedia({ colorScheme: theme });
        assert.deepEqual(await seriousViolations(driver.page), [], theme);
      }
      for (const size of TEXT_SIZES) {
        await setTextSize(driver, size);
        const { measured, found } = await misfits(driver);
        if (name !== 'loading') assert.ok(measured > 0, 'some text was measured');
        assert.deepEqual(found, [], `text of ${size} %`);
      }
      if (tableWidths.length > 0) await setTextSize(driver, 100);
      for (const width of tableWidths) {
        await driver.page.setViewportSize({ width, height: 1024 });
        assert.deepEqual((await misfits(driver)).found, [], `${width} px wide`);
      }
    });
  }
}

/** Waits for the movements that end. Runs in the page. */
async function atRest() {
  const ending = document.getAnimations().filter((each) => each.effect?.getComputedTiming().iterations !== Infinity);
  await Promise.allSettled(ending.map((each) => each.finished));
}

/** What can be tapped and is smaller than a finger. Runs in the page. */
function measureTargets(least) {
  // Far cards have no size until they are scrolled to; here they get it at once.
  for (const item of document.querySelectorAll('.cards > li')) item.style.contentVisibility = 'visible';
  const targets = [...document.querySelectorAll('a[href], button, input, select, textarea, [role=option]')].filter(
    (element) => element.checkVisibility() && !element.closest('.visually-hidden'),
  );
  const small = targets
    .map((element) => ({ element, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width < least || box.height < least)
    .map(({ element, box }) => `${box.width.toFixed(1)}x${box.height.toFixed(1)} ${element.outerHTML.slice(0, 120)}`);
  return { measured: targets.length, small };
}
