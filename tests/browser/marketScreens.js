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
    // Of the first sweep's cargos nobody knows when they came.
    await driver.product.addCargo({ price_rub: 90_000 });
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

  async 'list-old-city'(driver) {
    await openMarket(driver);
    const [city] = (await driver.api(`dictionaries/cities?q=${encodeURIComponent('Казань')}`)).body.items;
    const start = { start_point_id: city.id, start_point_type: city.type, start_point_name: city.name };
    const date_to = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
    const filters = { ...start, date_to, sort: '-price' };
    await driver.remember('filters', { filters, unsaved: true });
    driver.expect(/status of 422/);
    await driver.openList();
    await driver.sees('renew-city');
    await driver.sees('banner', 'С другими фильтрами не применить');
  },

  async 'filters-market'(driver) {
    await openMarket(driver);
    await openFilters(driver);
    await driver.sees('main-action', /Показать \d/);
    await driver.sees('truck-types', /тент\s*\d/);
  },
};
