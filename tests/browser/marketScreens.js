import { openFilters } from './screens.js';

/** Opens the list of a phone once the market has it. */
export async function openMarket(driver) {
  await driver.product.sweep();
  await driver.openList();
  await driver.sees('sort-shown');
}

/**
 * The screens that look otherwise when the market answers, by name; the product has it turned on.
 * @type {Record<string, (phone: import('./harness.js').Phone) => Promise<void>>}
 */
export const MARKET_SCREENS = {
  async 'list-market'(driver) {
    await driver.product.sweep();
    const last = Date.parse((await driver.product.sandbox('GET', '/clock')).now);
    await driver.remember('visit', { before: 0, last });
    await driver.openList();
    await driver.tap('star');
    await driver.sees('sort-shown');
    await driver.sees('card-new');
  },

  async 'list-saved'(driver) {
    await MARKET_SCREENS['list-market'](driver);
    await driver.tap('quick-saved');
    await driver.sees('saved-list');
  },

  async 'list-hidden'(driver) {
    await openMarket(driver);
    await driver.tap('cargo-card');
    await driver.sees('contacts');
    await driver.settled();
    await driver.tap('hide');
    await driver.sees('cargo-list');
    await driver.page.reload();
    await driver.tap('quick-hidden');
    await driver.sees('hidden-list');
    // What was just tapped is smaller for a moment.
    await driver.page.locator('[data-testid=quick-hidden]:not(:active)').waitFor();
  },

  async 'filters-market'(driver) {
    await openMarket(driver);
    await openFilters(driver);
    await driver.sees('main-action', /Показать \d/);
    await driver.sees('truck-types', /тент\s*\d/);
  },
};
