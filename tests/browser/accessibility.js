import assert from 'node:assert/strict';
import AxeBuilder from '@axe-core/playwright';

/** What keeps somebody from using the page as it is now, a line each; small matters left out. */
export async function seriousViolations(page) {
  // What a finger has just left is pale for a moment.
  await page.waitForFunction(() => !document.querySelector('button:active, a:active'));
  // What fades in is pale on its way.
  await page.evaluate(() => {
    const ending = document.getAnimations().filter((each) => each.effect.getTiming().iterations !== Infinity);
    return Promise.all(ending.map((each) => each.finished));
  });
  const { violations, passes } = await new AxeBuilder({ page }).analyze();
  assert.ok(passes.length > 5, 'something was checked');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`);
}
