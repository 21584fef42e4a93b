/** Saved searches: kept with one tap, opened with one tap, and how many cargos are new in them. */
import assert from 'node:assert/strict';
import { journeys, until } from './harness.js';
import { openMarket } from './marketScreens.js';
import { testScreens } from './screenChecks.js';
import { FAILED_REQUESTS } from './screens.js';
import { chooseRoute, SEARCH_SCREENS, saveSearch } from './searchScreens.js';

const journey = journeys({ MARKET_CALLS_PER_MIN: '120' });

/** The query of the last list, without its page. */
function lastQuery(driver) {
  const asked = driver.requests.findLast((each) => each.startsWith('GET /api/cargos?') && !each.includes('new_since'));
  const query = new URLSearchParams(asked.split('?')[1]);
  query.delete('limit');
  return query.toString();
}

testScreens(journey, SEARCH_SCREENS);

journey(
  'a saved search tells what is new in it, and opens with its filters and its order',
  async ({ phone, product }) => {
    const driver = await phone();
    await openMarket(driver);
    await driver.seesNo('save-search');
    await driver.get('sort').selectOption('-price');
    await driver.sees('sort-shown', 'Дороже');
    await chooseRoute(driver, 'Якутск', 'Чита');
    await driver.tap('save-search');
    await driver.settled();
    assert.equal(await driver.get('search-name').inputValue(), 'Якутск → Чита');
    await driver.tap('search-save');
    await driver.sees('toast', 'Поиск сохранён');
    await driver.seesNo('sheet');
    const query = lastQuery(driver);
    const label = () => driver.get('save-search').getAttribute('aria-label');
    assert.equal(await label(), 'Поиск сохранён: Якутск → Чита');

    await driver.tap('chip-finish');
    await driver.seesNo('chip-finish');
    assert.equal(await label(), 'Сохранить поиск', 'this is another search');
    await driver.get('sort').selectOption('relevance');
    await driver.sees('sort-shown', 'Подходящие');

    await product.pass(60);
    const id = await product.addCargo({ from: 'Якутск', to: 'Чита', price_rub: 90_000 });
    await product.sweep();
    await driver.tap('open-searches');
    await driver.sees('search-item', 'Откуда: Якутск · Куда: Чита');
    await driver.sees('search-new', '1 новый');
    await driver.sees('open-searches', /1$/);
    const opened = driver.page.waitForResponse((answer) => answer.url().endsWith('/opened') && answer.ok());
    await driver.settled();
    await driver.tap('search-open');
    await driver.sees('cargo-list');
    await until(() => lastQuery(driver) === query, 'the list is asked for with the filters of the search');
    await driver.sees('chip-finish', 'Чита');
    await driver.sees('sort-shown', 'Дороже');
    await until(async () => (await driver.cargos()).includes(id), 'its cargo is in the list');
    await opened;
    await driver.tap('open-searches');
    await driver.sees('search-item');
    await driver.quiet();
    await driver.seesNo('search-new');
    assert.equal((await driver.api('searches')).body.items[0].new_count, 0);
  },
);

journey('a search gets another name, and is deleted by who means it', async ({ phone }) => {
  const driver = await phone();
  await openMarket(driver);
  await chooseRoute(driver, 'Казань');
  await saveSearch(driver);
  await driver.tap('open-searches');
  await driver.settled();
  await driver.tap('search-edit');
  await driver.settled();
  await driver.get('search-name').fill(' ');
  await driver.tap('search-save');
  assert.deepEqual(await driver.errors(), ['Введите название']);
  await driver.get('search-name').fill('  Домой   из Казани ');
  await driver.tap('search-save');
  await driver.seesNo('sheet');
  await driver.sees('search-item', 'Домой из Казани');
  const [kept] = (await driver.api('searches')).body.items;
  assert.deepEqual([kept.name, kept.filters.from_place_name], ['Домой из Казани', 'Казань']);

  await driver.settled();
  await driver.tap('search-edit');
  await driver.settled();
  await driver.tap('search-delete');
  await driver.settled();
  assert.equal((await driver.api('searches')).body.items.length, 1, 'not before the question is answered');
  await driver.tap('search-delete-yes');
  await driver.sees('searches-empty');
  assert.deepEqual((await driver.api('searches')).body.items, []);
});

journey('back closes the sheet, and the screen behind it is where it was', async ({ phone }) => {
  const driver = await phone();
  await openMarket(driver);
  await chooseRoute(driver, 'Казань');
  await driver.tap('save-search');
  await driver.sees('sheet');
  await driver.page.goBack();
  await driver.seesNo('sheet');
  await driver.sees('chip-start', 'Казань');
  assert.equal(driver.sent('POST /api/searches'), 0);
});

journey('a second search needs a subscription, and says so', async ({ phone, product }) => {
  const driver = await phone({ driver: await product.driverWithoutAccess() });
  await openMarket(driver);
  await chooseRoute(driver, 'Казань');
  await saveSearch(driver);
  await driver.tap('chip-start');
  await driver.seesNo('chip-start');
  await chooseRoute(driver, 'Самара');
  driver.expect(/status of 402/);
  await driver.tap('save-search');
  await driver.settled();
  await driver.tap('search-save');
  await driver.sees('search-trouble', 'Ещё один поиск — с подпиской');
  await driver.tap('search-subscription');
  await driver.sees('plans');
  await driver.page.goBack();
  await driver.sees('chip-start', 'Самара');
  await driver.seesNo('sheet');
});

journey('a search whose answer was lost is saved once', async ({ phone }) => {
  const driver = await phone();
  await openMarket(driver);
  await chooseRoute(driver, 'Казань');
  driver.expect(FAILED_REQUESTS);
  const keys = [];
  await driver.page.route('**/api/searches', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    keys.push(route.request().headers()['idempotency-key']);
    await route.fetch();
    await route.abort();
  });
  await driver.tap('save-search');
  await driver.settled();
  await driver.tap('search-save');
  await driver.sees('search-trouble', 'Сервер не ответил');
  await driver.page.unrouteAll({ behavior: 'wait' });
  await driver.get('search-name').fill('Из Казани');
  await driver.tap('search-save');
  await driver.seesNo('sheet');
  assert.equal(new Set(keys).size, 1);
  const { items } = (await driver.api('searches')).body;
  assert.deepEqual(
    items.map(({ name }) => name),
    ['Из Казани'],
  );
});

journey('a search whose day has passed says so, and opens without it', async ({ phone }) => {
  const driver = await phone();
  await SEARCH_SCREENS['searches-passed'](driver);
  await driver.settled();
  await driver.tap('search-open');
  await driver.sees('chip-start', 'Казань');
  assert.doesNotMatch(lastQuery(driver), /date/);
  await driver.page.unrouteAll({ behavior: 'ignoreErrors' });
});

journey('without a network the searches are those of before, and say so', async ({ phone }) => {
  const driver = await phone();
  await openMarket(driver);
  await chooseRoute(driver, 'Казань');
  await saveSearch(driver);
  await driver.tap('open-searches');
  await driver.sees('search-item');
  await driver.tap('open-list');
  driver.expect(FAILED_REQUESTS);
  await driver.cutOff(true);
  await driver.tap('open-searches');
  await driver.sees('search-item', 'Казань');
  await driver.sees('banner', /^Нет сети, данные от \d/);
  await driver.cutOff(false);
  await driver.seesNo('banner');
});
