import { openMarket } from './marketScreens.js';
import { FAILED_REQUESTS, openFilters } from './screens.js';

/** Chooses where the cargos of the list start, and where they go if that is given. */
export async function chooseRoute(driver, from, to) {
  await openFilters(driver);
  await driver.chooseCity('start', from);
  await driver.choose('start-radius', 'только город');
  if (to) {
    await driver.chooseCity('finish', to);
    await driver.choose('finish-radius', 'только город');
  }
  await driver.tap('main-action');
  await driver.sees('chip-start', from);
}

/** Saves the filters of the list under the name that is suggested. */
export async function saveSearch(driver) {
  await driver.tap('save-search');
  await driver.settled();
  await driver.tap('search-save');
  await driver.seesNo('sheet');
  await driver.settled();
}

/**
 * The screens of saved searches, by name; the product has the market turned on.
 * @type {Record<string, (phone: import('./harness.js').Phone) => Promise<void>>}
 */
export const SEARCH_SCREENS = {
  async searches(driver) {
    await openMarket(driver);
    await chooseRoute(driver, 'Якутск', 'Чита');
    await saveSearch(driver);
    await driver.product.pass(60);
    await driver.product.addCargo({ from: 'Якутск', to: 'Чита', price_rub: 90_000 });
    await driver.product.sweep();
    await driver.tap('open-searches');
    await driver.sees('search-new');
  },

  async 'searches-empty'(driver) {
    await driver.openList();
    await driver.tap('open-searches');
    await driver.sees('searches-empty');
  },

  async 'searches-passed'(driver) {
    await openMarket(driver);
    await chooseRoute(driver, 'Казань');
    await saveSearch(driver);
    // A session does not live until its search's day has passed.
    await driver.page.route('**/api/searches', async (route) => {
      const answer = await route.fetch();
      const { items } = await answer.json();
      const old = { ...items[0].filters, date_from: '2020-01-01', date_to: '2020-01-01' };
      await route.fulfill({ response: answer, json: { items: [{ ...items[0], filters: old, is_current: false }] } });
    });
    await driver.tap('open-searches');
    await driver.sees('search-passed');
  },

  async 'search-save'(driver) {
    await openMarket(driver);
    await chooseRoute(driver, 'Казань');
    await driver.tap('save-search');
    await driver.sees('sheet');
  },

  async 'search-edit'(driver) {
    await openMarket(driver);
    await chooseRoute(driver, 'Казань');
    await saveSearch(driver);
    await driver.tap('save-search');
    await driver.settled();
    await driver.tap('search-delete');
    await driver.sees('search-delete-yes');
  },

  async 'searches-failed'(driver) {
    await driver.openList();
    driver.expect(FAILED_REQUESTS);
    await driver.page.route('**/api/searches', (route) => route.abort());
    await driver.tap('open-searches');
    await driver.sees('error');
  },
};
