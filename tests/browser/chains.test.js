/** What a driver can take after a cargo. */
import assert from 'node:assert/strict';
import { journeys } from './harness.js';
import { openMarket } from './marketScreens.js';
import { testScreens } from './screenChecks.js';
import { chooseRoute } from './searchScreens.js';

const journey = journeys({ MARKET_CALLS_PER_MIN: '120' });

/** Opens a cargo from Moscow to Kazan, from where others go, and what to take after it. */
async function openChains(driver) {
  await openMarket(driver);
  await chooseRoute(driver, 'Москва', 'Казань');
  await driver.get('sort').selectOption('date');
  await driver.sees('sort-shown', 'Раньше');
  await driver.settled();
  await driver.tap('cargo-card');
  await driver.sees('contacts');
  await driver.settled();
  await driver.tap('chains-open');
  await driver.sees('chain');
}

testScreens(journey, { 'cargo-chains': openChains });

journey('what to take after a cargo is there at a tap, and each of it opens', async ({ phone }) => {
  const driver = await phone();
  await openChains(driver);
  const text = await driver.sees('chain');
  assert.match(text, /^≈ -?[\d ]+ ₽ чистыми\s+-?[\d ]+ ₽ в день · пустых \d+ км/);
  const next = driver.get('chain-cargo').first();
  const id = await next.getAttribute('data-cargo-id');
  await next.tap();
  await driver.page.waitForURL((url) => url.hash === `#/cargo/${id}`);
  await driver.sees('contacts');
  await driver.sees('chains-open');
  await driver.seesNo('chain');
});

journey('where nothing follows the search goes further, and then says that there is nothing', async ({ phone }) => {
  const driver = await phone();
  const radii = [];
  await driver.page.route('**/chains?*', (route) => {
    radii.push(new URL(route.request().url()).searchParams.get('radius_km'));
    return route.fulfill({ json: { empty_at: '2026-11-25T08:30:00', leads_home: false, items: [] } });
  });
  await driver.openList();
  await driver.tap('cargo-card');
  await driver.sees('contacts');
  await driver.settled();
  await driver.tap('chains-open');
  await driver.sees('chains-none', 'В 150 км');
  await driver.tap('chains-wider');
  await driver.sees('chains-none', 'В 500 км');
  await driver.seesNo('chains-wider');
  assert.deepEqual(radii, ['150', '500']);
});

journey('without a day of loading nothing can be planned, and the app says so', async ({ phone }) => {
  const driver = await phone();
  await driver.page.route('**/chains?*', (route) =>
    route.fulfill({ json: { empty_at: null, leads_home: false, items: [] } }),
  );
  await driver.openList();
  await driver.tap('cargo-card');
  await driver.sees('contacts');
  await driver.settled();
  await driver.tap('chains-open');
  await driver.sees('chains-unplanned', 'нет дня погрузки');
});
