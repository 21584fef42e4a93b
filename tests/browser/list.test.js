import assert from 'node:assert/strict';
import { journeys, plain, until } from './harness.js';
import { FAILED_REQUESTS, openCargoWithPhone, openFilters } from './screens.js';

const journey = journeys();

/** After so long the server keeps no list that it would serve instead of asking again. */
const LIST_FORGOTTEN_S = 1801;

journey('a driver signs in, filters the list, opens a cargo and comes back to the same place', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  await driver.mark();
  const status = await driver.sees('list-status', /\d груз/);
  assert.match(status, /^[\d ]+ груз\S* · только что/);

  await openFilters(driver);
  assert.match(await driver.chooseCity('start', 'моск'), /Москва/);
  await driver.choose('start-radius', /\+100 км/);
  await driver.choose('truck-types', /^тент$/i);
  await driver.tap('main-action');

  await driver.sees('filter-chips');
  assert.match(await driver.sees('chip-start'), /^Откуда: Москва \+100 км/);
  assert.match(await driver.sees('chip-truck_types'), /^тент$/i);
  await driver.sees('cargo-card');
  const query = new URLSearchParams(driver.requests.findLast((each) => each.includes('/api/cargos?')).split('?')[1]);
  assert.equal(query.get('from_radius_km'), '100');
  assert.ok(query.get('truck_types') && query.get('from_place_id'));
  assert.equal(query.get('from_place_name'), null, 'names are not for the server');
  for (const card of (await driver.texts('cargo-card')).slice(0, 10)) assert.match(card, /тент/i);

  await driver.settled();
  const card = driver.get('cargo-card').nth(15);
  await card.scrollIntoViewIfNeeded();
  const place = await driver.scroll();
  assert.ok(place > 300);
  const city = plain(await card.locator('b').first().innerText());
  await card.tap();
  assert.ok((await driver.sees('cargo-screen')).includes(city));
  await driver.sees('contacts');
  assert.equal(await driver.scroll(), 0);
  await driver.tap('back');
  await driver.sees('cargo-list');
  assert.equal(await driver.scroll(), place);
  assert.ok(await driver.isMarked(), 'nothing was loaded anew');
});

journey('a filter is taken away by its chip, and back leaves the sheet without a change', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  await openFilters(driver);
  await driver.choose('weight-volume', 'до 10 т, до 60 м³');
  await driver.get('price_min').fill('20 000');
  await driver.tap('main-action');
  assert.match(await driver.sees('chip-price'), /^от 20 000 ₽/);
  const filtered = await driver.sees('list-status', /\d груз/);

  await openFilters(driver);
  assert.equal(await driver.get('price_min').inputValue(), '20000');
  await driver.tap('reset');
  assert.equal(await driver.get('price_min').inputValue(), '');
  await driver.tap('back');
  await driver.sees('chip-price');

  await driver.tap('chip-price');
  await driver.tap('chip-weight_volume');
  await driver.seesNo('filter-chips');
  await until(async () => (await driver.sees('list-status', /\d груз/)) !== filtered, 'there are more cargos again');
});

journey('the list goes on while one scrolls, each cargo once', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  for (const enough of [40, 60, 80]) {
    await driver.page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await until(async () => (await driver.cargos()).length >= enough - 5, `there are about ${enough} cargos`);
  }
  const cargos = await driver.cargos();
  assert.equal(new Set(cargos).size, cargos.length);
  const cursors = driver.requests.map((each) => /[?&]cursor=([^&]+)/.exec(each)?.[1]).filter(Boolean);
  assert.equal(new Set(cursors).size, cursors.length, 'each page is asked for once');
  assert.ok(cursors.length >= 3);
});

journey('a next page that does not come can be asked for again', async ({ phone }) => {
  const driver = await phone();
  driver.expect(FAILED_REQUESTS);
  await driver.page.route('**/api/cargos?*cursor=*', (route) => route.abort());
  await driver.openList();
  await driver.page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await driver.sees('more-retry');
  assert.equal((await driver.cargos()).length, 20, 'what was there stays');
  await driver.page.unrouteAll();
  await driver.tap('more-retry');
  await until(async () => (await driver.cargos()).length > 20, 'the next page is there');
});

journey('a pull at the top refreshes', async ({ phone, product }) => {
  await product.pass(LIST_FORGOTTEN_S);
  const driver = await phone();
  await driver.openList();
  const before = driver.sent('GET /api/cargos?');
  const touch = await driver.context.newCDPSession(driver.page);
  const move = (type, y) =>
    touch.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x: 180, y }] });
  await move('touchStart', 150);
  for (let y = 160; y <= 400; y += 20) await move('touchMove', y);
  await driver.page.getByText('Отпустите, чтобы обновить').waitFor();
  await move('touchEnd', 400);
  await until(() => driver.sent('GET /api/cargos?') > before, 'the list is asked for again');
  await driver.sees('list-status', 'только что');
});

journey('a deep link opens its cargo, and back leads to the list', async ({ phone, product }) => {
  const id = await product.addCargo({ from: 'Казань', to: 'Пермь', price_rub: 54_321 });
  for (const back of ['button', 'phone']) {
    const driver = await phone({ launch: { start_param: `cargo_${id}` } });
    await driver.open();
    const text = await driver.sees('cargo-screen', 'Пермь');
    assert.match(text, /54 321 ₽/);
    assert.match(text, /Казань/);
    if (back === 'button') await driver.tap('back');
    else await driver.page.goBack();
    await driver.sees('cargo-list');
    await driver.sees('cargo-card');
  }
});

journey('a cargo that is gone says so and leaves the list', async ({ phone, product }) => {
  const driver = await phone();
  await driver.openList();
  const [id] = await driver.cargos();
  await product.sandbox('POST', `/cargotech/cargos/${id}/remove`);
  driver.expect(/status of 404/);
  await driver.tap('cargo-card');
  await driver.sees('cargo-gone', 'Этого груза больше нет');
  await driver.tap('to-list');
  await driver.sees('cargo-list');
  assert.ok(!(await driver.cargos()).includes(id));
});

journey('a link to a cargo that never was ends at the list as well', async ({ phone }) => {
  const driver = await phone({ launch: { start_param: 'cargo_999999999999' } });
  driver.expect(/status of 404/);
  await driver.open();
  await driver.sees('cargo-gone');
  await driver.tap('to-list');
  await driver.sees('cargo-card');
});

journey('where nothing is found, a wider radius and no filters at all are one tap away', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  await openFilters(driver);
  await driver.chooseCity('start', 'Чита');
  await driver.choose('start-radius', 'только город');
  await driver.get('distance_max').fill('1');
  await driver.tap('main-action');
  await driver.sees('empty', 'Грузов не нашлось');
  await driver.tap('widen');
  assert.match(await driver.sees('chip-start', '+25 км'), /Чита/);
  await driver.tap('clear-filters');
  await driver.sees('cargo-card');
  await driver.seesNo('filter-chips');
});

journey('a phone number is called and copied', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  await openCargoWithPhone(driver);
  const href = await driver.get('call').first().getAttribute('href');
  assert.match(href, /^tel:\+?\d{10,}(,\d+)?$/);
  await driver.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await driver.tap('copy');
  await driver.sees('toast', 'Номер скопирован');
  const copied = await driver.page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied.replace(/\D/g, ''), href.replace(/\D/g, ''));
});

journey('two numbers in one field are two calls, and an extension is named', async ({ phone, product }) => {
  const id = await product.addCargo({ price_rub: 60_000 });
  await product.sandbox('PUT', `/cargotech/cargos/${id}/sent`, {
    contacts: [
      { name: 'Сергей &quot;Рейс&quot;', phone: '8 916 123-45-67, 8 495 765-43-21 доб. 12' },
      { phone: '12-34-56' },
    ],
    extra: { note: 'ООО &laquo;Ромашка&raquo;<br>8 029 123-45-67' },
  });
  const driver = await phone({ launch: { start_param: `cargo_${id}` } });
  await driver.open();
  const text = (await driver.sees('contacts', 'Сергей "Рейс"')).replace(/\s+/g, ' ');
  assert.match(text, /\+7 916 123-45-67/);
  assert.match(text, /\+7 495 765-43-21, доб\. 12/);
  assert.match(text, /12-34-56/);
  const hrefs = await driver.get('call').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  assert.deepEqual(hrefs, ['tel:+79161234567', 'tel:+74957654321,12'], 'a piece of a number is not dialled');
  assert.match(await driver.get('call').nth(1).getAttribute('aria-label'), /доб\. 12/);
  assert.match(await driver.sees('note', '«Ромашка»'), /8 029 123-45-67/);
  assert.equal(await driver.get('note').locator('a').getAttribute('href'), 'tel:+375291234567');
});

journey('the age of the list goes on while one looks at it', async ({ phone, product }) => {
  await product.pass(LIST_FORGOTTEN_S);
  const driver = await phone();
  await driver.page.clock.install();
  await driver.openList();
  await driver.sees('list-status', 'только что');
  await driver.page.clock.fastForward(61_000);
  await driver.sees('list-status', '1 мин назад');
});

for (const [name, hash, launch] of [
  ['cut off', '#/cargo/', {}],
  ['badly encoded', '#/cargo/%E0%A4%A', {}],
  ['with something behind it', '#/cargo/123456%D0%B8', {}],
  ['from the bot, changed on its way', '', { start_param: 'cargo_12x34' }],
]) {
  journey(`a link to a cargo that is damaged says so: ${name}`, async ({ phone, product }) => {
    const driver = await phone({ launch });
    if (hash) {
      await driver.openList();
      await driver.page.goto(`${product.url}/app/${hash}`);
    } else {
      await driver.open();
    }
    await driver.sees('link-damaged', 'Ссылка повреждена');
    await driver.tap('to-list');
    await driver.sees('cargo-card');
    assert.equal(driver.requests.filter((each) => /^GET \/api\/cargos\/[^?]/.test(each)).length, 0, 'nobody is asked');
  });
}

journey('a cargo is asked for while the code of its screen is on its way', async ({ phone }) => {
  const driver = await phone();
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await driver.page.route('**/assets/CargoScreen*.js', async (route) => {
    await held;
    await route.continue();
  });
  await driver.openList();
  const [id] = await driver.cargos();
  await driver.tap('cargo-card');
  // What it leaves is asked for behind it.
  const asked = () => driver.sent(`GET /api/cargos/${id}`) - driver.sent(`GET /api/cargos/${id}/worth`);
  await until(() => asked() === 1, 'the cargo is asked for');
  release();
  await driver.sees('contacts');
  assert.equal(asked(), 1, 'and once');
});
