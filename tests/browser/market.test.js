/** What drivers find with the market on: orders, quick choices, counts, and what to do when it does not answer. */
import assert from 'node:assert/strict';
import { journeys, newDriver, plain, until } from './harness.js';
import { MARKET_SCREENS, openMarket } from './marketScreens.js';
import { testScreens } from './screenChecks.js';
import { CARGO, FAILED_REQUESTS, haveAPhone, openFilters } from './screens.js';
import { setTextSize } from './textSize.js';

const OWNER = 7_000_000_001;
const journey = journeys({ MARKET_CALLS_PER_MIN: '120', ADMIN_TELEGRAM_IDS: `${OWNER}` });

/** After so long without a sweep, CargoTech answers instead of the market. */
const MARKET_TOO_OLD_S = 601;
/** After so long the server asks CargoTech for a cargo again. */
const DETAIL_OLD_S = 901;
/** A car park in Kazan. */
const KAZAN = { latitude: 55.79, longitude: 49.11 };

/** What the cards of the list say of their prices, as numbers. Those far from the screen have text that is not drawn. */
async function prices(driver) {
  const texts = await driver.page.locator('.card-price').allTextContents();
  return texts.map((text) => Number(plain(text).replace(/\D/g, '')));
}

/** The query of the last list. */
const lastQuery = (driver) =>
  new URLSearchParams(driver.requests.findLast((each) => each.startsWith('GET /api/cargos?')).split('?')[1]);

testScreens(journey, MARKET_SCREENS);

journey('the order is chosen by one tap and comes back on another phone', async ({ phone }) => {
  const id = newDriver();
  const driver = await phone({ driver: id });
  await openMarket(driver);
  const saved = driver.page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.ok());
  await driver.get('sort').selectOption('-price');
  await until(async () => {
    const all = await prices(driver);
    return all.length >= 20 && all.every((price, at) => at === 0 || price <= all[at - 1]);
  }, 'the dearest come first');
  await driver.sees('sort-shown', 'Дороже');
  await driver.page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await until(async () => (await driver.cargos()).length > 20, 'the next page goes on in that order');
  const all = await prices(driver);
  assert.deepEqual(
    all,
    all.toSorted((a, b) => b - a),
  );
  await saved;
  const second = await phone({ driver: id });
  await second.openList();
  await second.sees('sort-shown', 'Дороже');
  assert.equal(lastQuery(second).get('sort'), '-price');
});

journey('a day is chosen by one tap, and by another no more', async ({ phone }) => {
  const driver = await phone();
  await openMarket(driver);
  await driver.tap('quick-tomorrow');
  await until(() => lastQuery(driver).get('date_to') !== null, 'it is asked for');
  assert.equal(lastQuery(driver).get('date_from'), lastQuery(driver).get('date_to'));
  await driver.sees('cargo-card', /завтра/);
  for (const card of await driver.get('cargo-card').allTextContents()) assert.match(card, /завтра/);
  await driver.seesNo('chip-date');
  await driver.tap('quick-today');
  await until(async () => {
    const cards = await driver.get('cargo-card').allTextContents();
    return cards.length > 0 && cards.every((card) => /сегодня/.test(card));
  }, 'the other day');
  await driver.tap('quick-today');
  await until(() => lastQuery(driver).get('date_from') === null, 'any day again');
});

journey('what is near the driver is one tap away, the nearest first', async ({ phone }) => {
  const driver = await phone();
  await driver.context.grantPermissions(['geolocation']);
  await driver.context.setGeolocation(KAZAN);
  await openMarket(driver);
  await driver.tap('quick-near');
  await driver.sees('chip-start', 'Откуда: Казань +50 км');
  assert.equal(lastQuery(driver).get('sort'), 'deadhead');
  await driver.sees('sort-shown', 'Ближе');
  await driver.sees('cargo-card', /^Казань/);
  await driver.tap('quick-near');
  await driver.seesNo('chip-start');
  await until(() => lastQuery(driver).get('sort') === null, 'the usual order, without a place');
});

journey('who asks no more for what is near is back where their search began', async ({ phone }) => {
  const driver = await phone();
  await driver.context.grantPermissions(['geolocation']);
  await driver.context.setGeolocation(KAZAN);
  await openMarket(driver);
  await openFilters(driver);
  await driver.chooseCity('start', 'Екатеринбург');
  await driver.tap('main-action');
  await driver.sees('chip-start', /Екатеринбург/);
  await driver.get('sort').selectOption('-price');
  await driver.sees('sort-shown', 'Дороже');
  await driver.tap('quick-near');
  await driver.sees('chip-start', /Казань/);
  await driver.tap('quick-near');
  await driver.sees('chip-start', /Екатеринбург/);
  await driver.sees('sort-shown', 'Дороже');
});

journey('how far the loading is from the city stands on the cards that are loaded elsewhere', async ({ phone }) => {
  const driver = await phone();
  await openMarket(driver);
  await openFilters(driver);
  await driver.chooseCity('start', 'Москва');
  await driver.choose('start-radius', /\+300/);
  await driver.tap('main-action');
  await driver.sees('chip-start');
  await driver.sees('cargo-card', /подача\s≈\d+\sкм/);
  const found = await driver.page.$$eval('.card', (cards) =>
    cards.map((card) => [card.querySelector('.card-route').textContent, card.textContent]),
  );
  const fromMoscow = found.filter(([route]) => route.startsWith('Москва →'));
  assert.ok(fromMoscow.length > 0 && fromMoscow.length < found.length);
  for (const [, card] of fromMoscow) assert.doesNotMatch(card, /подача/);
  for (const size of [100, 130]) {
    await setTextSize(driver, size);
    assert.deepEqual(await driver.page.evaluate(danglingDots), [], `a dot at the end of a line, text of ${size} %`);
  }
});

/** The lines of cards that end with the dot between two facts. Runs in the page. */
function danglingDots() {
  const found = [];
  for (const item of document.querySelectorAll('.cards > li')) item.style.contentVisibility = 'visible';
  for (const part of document.querySelectorAll('.card span')) {
    for (const node of part.childNodes) {
      for (const { index } of (node.data ?? '').matchAll(/·/g)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + 1);
        const { top } = range.getBoundingClientRect();
        range.setStart(node, index + 2);
        range.setEnd(node, index + 3);
        if (range.getBoundingClientRect().top > top + 1) found.push(node.data);
      }
    }
  }
  return found;
}

journey('who does not say where they are is told what to do', async ({ phone }) => {
  const driver = await phone();
  await openMarket(driver);
  await driver.tap('quick-near');
  await driver.sees('toast', 'Нет доступа к местоположению');
  await driver.seesNo('chip-start');
});

journey('in Telegram the place comes from Telegram, and a refusal leads to its settings', async ({ phone }) => {
  const driver = await phone({ telegram: true });
  await openMarket(driver);
  const checked = async (access_granted) => {
    await until(() => driver.posted('web_app_check_location'), 'Telegram is asked');
    await driver.emit('location_checked', { available: true, access_requested: true, access_granted });
  };
  await driver.tap('quick-near');
  await checked(false);
  await driver.sees('toast', 'Нет доступа');
  await driver.tap('toast-action', 'Настройки');
  assert.ok(await driver.posted('web_app_open_location_settings'));
  await driver.tap('quick-near');
  await checked(true);
  await until(() => driver.posted('web_app_request_location'), 'Telegram is asked for the place');
  await driver.emit('location_requested', { available: true, ...KAZAN });
  await driver.sees('chip-start', 'Откуда: Казань +50 км');
});

journey('the sheet counts while one chooses, and finds as many', async ({ phone }) => {
  const driver = await phone();
  await openMarket(driver);
  await openFilters(driver);
  const count = async () => Number(plain(await driver.get('main-action').innerText()).replace(/\D/g, ''));
  await driver.sees('main-action', /Показать \d/);
  const all = await count();
  await driver.choose('truck-types', /^рефрижератор/i);
  await until(async () => (await count()) < all, 'fewer');
  const [, beside] = /рефрижератор\s*([\d ]+)/.exec((await driver.texts('truck-types'))[0]);
  assert.equal(Number(beside.replaceAll(' ', '')), await count());
  const before = await count();
  await driver.choose('terms-price', 'С ценой');
  await until(async () => (await count()) < before, 'fewer still');
  const chosen = await count();
  await driver.tap('main-action');
  await driver.sees('chip-has_price', 'С ценой');
  const found = await driver.sees('list-status', /\d груз/);
  assert.equal(Number(found.split('груз')[0].replace(/\D/g, '')), chosen);
});

journey('a weight is a range, and what fits into a usual truck fills it in', async ({ phone, product }) => {
  for (const weight_kg of [4_000, 7_000, 12_000]) await product.addCargo({ ...CARGO, from: 'Тында', weight_kg });
  const driver = await phone();
  await openMarket(driver);
  await openFilters(driver);
  await driver.chooseCity('start', 'Тында');
  await driver.choose('weight-volume', 'до 10 т, до 60 м³');
  assert.equal(await driver.get('tonnes_max').inputValue(), '10');
  assert.equal(await driver.get('cubic_metres_max').inputValue(), '60');
  await driver.get('tonnes_min').fill('5');
  assert.equal(await driver.get('weight-volume').locator('[aria-pressed=true]').count(), 0);
  await driver.get('cubic_metres_max').fill('');
  const saved = driver.page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.ok());
  await driver.tap('main-action');
  await driver.sees('chip-weight_volume', 'от 5 т до 10 т');
  const cards = await until(async () => {
    const texts = await driver.texts('cargo-card');
    return texts.every((text) => text.includes('Тында')) && texts;
  }, 'the cargos are of the town');
  assert.deepEqual(
    cards.map((text) => /[\d,]+ т(?= )/.exec(text)[0]),
    ['7 т'],
  );
  assert.equal((await (await saved).json()).preferences.filters.weight_min_kg, '5000');
});

journey('six usual bodies come first, and all others by a tap', async ({ phone }) => {
  const driver = await phone();
  await openMarket(driver);
  await openFilters(driver);
  const bodies = () => driver.get('truck-types').getByRole('button').allInnerTexts();
  const names = async () => (await bodies()).map((text) => text.split('\n')[0].replace(/\s+[\d\s]+$/, ''));
  const usual = ['тент', 'рефрижератор', 'изотерм', 'фургон', 'бортовой', 'контейнеровоз'];
  assert.deepEqual(await names(), [...usual, 'Все']);
  await driver.tap('truck-types-all');
  const all = await names();
  assert.deepEqual(all.slice(0, usual.length), usual);
  assert.ok(all.length > 12 && new Set(all).size === all.length, `${all}`);
  await driver.choose('truck-types', /^тонар/);
  await driver.tap('main-action');
  await driver.sees('chip-truck_types', 'тонар');
  await openFilters(driver);
  assert.deepEqual(await names(), [...usual, 'тонар', 'Все']);
});

journey(
  'while a city is typed the counts of before stay in their places, and come anew for the city',
  async ({ phone }) => {
    const driver = await phone();
    await openMarket(driver);
    await openFilters(driver);
    await driver.sees('truck-types', /рефрижератор\s*\d/);
    const places = () =>
      driver.page.$$eval('[data-testid=truck-types] > .chip', (chips) =>
        chips.map((chip) => [chip.innerText, chip.offsetLeft, chip.offsetWidth]),
      );
    const before = await places();
    await driver.get('start-city').pressSequentially('Каз');
    await driver.page.getByRole('option').filter({ visible: true, hasText: 'Казань' }).first().waitFor();
    await driver.sees('main-action', /^Показать$/);
    assert.deepEqual(await places(), before);
    assert.equal(await driver.page.locator('.counts-old').count(), 1);
    await driver.page.getByRole('option').filter({ visible: true, hasText: 'Казань' }).first().tap();
    await driver.sees('main-action', /Показать \d/);
    await until(async () => JSON.stringify(await places()) !== JSON.stringify(before), 'they are of the city');
    assert.equal(await driver.page.locator('.counts-old').count(), 0);
  },
);

/** Two cargos of one way, and one of its ends and another. */
async function addAlike(product) {
  const way = { from: 'Якутск', to: 'Чита' };
  const [id, alike] = [await product.addCargo({ ...CARGO, ...way }), await product.addCargo({ ...CARGO, ...way })];
  await product.addCargo({ ...CARGO, ...way, to: 'Казань' });
  return { id, alike };
}

journey('a cargo that is gone leads to others of its way', async ({ phone, product }) => {
  const { id, alike } = await addAlike(product);
  const driver = await phone();
  await openMarket(driver);
  await driver.openCargo(id);
  await driver.tap('star');
  await product.sandbox('POST', `/cargotech/cargos/${id}/remove`);
  await product.pass(DETAIL_OLD_S);
  await product.sweep();
  await driver.tap('back');
  driver.expect(/status of 404/);
  await driver.tap('quick-saved');
  await driver.tap('cargo-card');
  await driver.sees('cargo-gone');
  const similar = driver.get('similar').getByTestId('cargo-card');
  await similar.first().waitFor();
  assert.deepEqual(await similar.evaluateAll((cards) => cards.map((card) => card.dataset.cargoId)), [alike]);
  await driver.settled();
  await similar.tap();
  await driver.sees('cargo-screen', 'Чита');
  await driver.sees('contacts');
});

journey('so does a response that was rejected', async ({ phone, product }) => {
  const { id, alike } = await addAlike(product);
  const driver = await phone();
  await haveAPhone(driver);
  await openMarket(driver);
  await driver.openCargo(id);
  await driver.respond();
  await driver.sees('response-panel');
  await driver.seesNo('similar');
  await product.card(id);
  await product.press(id, 'Отклонить');
  await driver.sees('response-state', 'Отказ');
  await driver.get('similar').locator(`[data-cargo-id="${alike}"]`).waitFor();
});

journey('without a network there is no count, and the sheet works', async ({ phone }) => {
  const driver = await phone();
  await openMarket(driver);
  await openFilters(driver);
  await driver.sees('main-action', /Показать \d/);
  driver.expect(FAILED_REQUESTS);
  await driver.cutOff(true);
  await driver.sees('main-action', /^Показать$/);
});

journey('what only the market knows is left out while it does not answer, and said', async ({ phone, product }) => {
  const id = newDriver();
  const driver = await phone({ driver: id });
  await openMarket(driver);
  const saved = driver.page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.ok());
  await driver.tap('quick-tomorrow');
  await saved;
  await product.pass(MARKET_TOO_OLD_S);
  const later = await phone({ driver: id });
  later.expect(/status of (422|503)/);
  await later.openList();
  await later.sees('banner', /^Пока не применено: Погрузка по\s\d+\s\S+\. Показаны и другие грузы$/);
  assert.notEqual(lastQuery(later).get('date_from'), null, 'what CargoTech knows is still asked for');
  await later.seesNo('sort');
  await product.sweep();
  await later.tap('refresh');
  await later.seesNo('banner');
  await later.sees('sort-shown');
});

journey(
  'an order that CargoTech does not know is said to be lost, and comes back by itself',
  async ({ phone, product }) => {
    const driver = await phone();
    await driver.page.clock.install();
    await openMarket(driver);
    await driver.get('sort').selectOption('-price');
    await driver.sees('sort-shown', 'Дороже');
    await product.pass(MARKET_TOO_OLD_S);
    await driver.tap('refresh');
    await driver.sees('banner', /^Пока не применено: порядок «Сначала дороже»$/);
    await product.sweep();
    await driver.page.clock.fastForward(61_000);
    await driver.seesNo('banner');
    await driver.sees('sort-shown', 'Дороже');
  },
);

/** Takes a part of all cargos away from CargoTech. */
async function removeCargos(product, part) {
  const token = await product.signIn(newDriver());
  let left = 1;
  for (let cursor = ''; left > 0; ) {
    const { body } = await product.api(token, `cargos?limit=100${cursor}`);
    if (!cursor) left = Math.ceil((body.total * part) / 100);
    await Promise.all(
      body.items.map(({ id }) => product.sandbox('POST', `/cargotech/cargos/${id}/remove`).catch(() => undefined)),
    );
    cursor = `&cursor=${body.cursor}`;
    left -= 1;
  }
}

journey('an owner sees how the market is, and accepts that it has become smaller', async ({ phone, product }) => {
  await product.sweep();
  const owner = await phone({ driver: OWNER, desktop: true, size: { width: 1280, height: 800 } });
  await owner.openAdmin('health');
  await owner.sees('market-state', 'свежий');
  assert.match(await owner.sees('health-market'), /Грузов\s+\d[\s\S]*Обход нашёл\s+новых \d/);
  await owner.seesNo('market-accept');
  await removeCargos(product, 0.34);
  for (let at = 0; at < 3; at += 1) await product.sweep();
  await owner.page.getByTestId('health-refresh').click();
  await owner.sees('market-refused', 'нашёл слишком мало');
  await owner.sees('health-market', 'обход не принят');
  await owner.page.getByTestId('market-accept').click();
  await owner.settled();
  await owner.page.getByTestId('dialog-submit').click();
  await owner.sees('toast', 'Следующий обход примут');
  await owner.sees('market-refused', 'Следующий обход такого размера примут');
  await product.sweep();
  await owner.page.getByTestId('health-refresh').click();
  await owner.seesNo('market-refused');
});

journey('an owner accepts the size that the dialog names, whatever is found behind it', async ({ phone }) => {
  const owner = await phone({ driver: OWNER, desktop: true, size: { width: 1280, height: 800 } });
  let refused = 1234;
  let held = null;
  await owner.page.route('**/api/admin/health', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    body.market = { ...body.market, state: 'fresh', refused_size: refused, accepted: null };
    await held;
    await route.fulfill({ response: answer, json: body });
  });
  let sent = null;
  await owner.page.route('**/api/admin/market/accept', (route) => {
    sent = route.request().postDataJSON();
    return route.fulfill({ json: {} });
  });
  await owner.openAdmin('health');
  await owner.sees('market-refused', '1 234');

  refused = 987;
  let release;
  held = new Promise((resolve) => (release = resolve));
  await owner.page.getByTestId('health-refresh').click();
  await owner.page.getByTestId('market-accept').click();
  release();
  await owner.sees('market-refused', '987');
  await owner.settled();
  assert.match(await owner.sees('dialog'), /1 234/);
  await owner.page.getByTestId('dialog-submit').click();
  await until(() => sent, 'it is sent');
  assert.equal(sent.size, 1234);
  await owner.sees('toast', 'Следующий обход примут');
  await owner.page.unrouteAll({ behavior: 'ignoreErrors' });
});
