/** What a cargo leaves its driver: the truck, the terms, the order by profit, what fits the truck, the rates. */
import assert from 'node:assert/strict';
import { journeys, newDriver, plain, until } from './harness.js';
import { openMarket } from './marketScreens.js';
import { testScreens } from './screenChecks.js';
import { FAILED_REQUESTS, openFilters } from './screens.js';
import { describeTruck, TO_KAZAN, TRUCK, WORTH_SCREENS } from './worthScreens.js';

const OWNER = 7_000_000_001;
const journey = journeys({ MARKET_CALLS_PER_MIN: '120', ADMIN_TELEGRAM_IDS: `${OWNER}` });

/** The first number of a text, in rubles; the minus of texts is not that of JavaScript. */
const rubles = (text) =>
  Number(/−?\d[\d ]*(,\d+)?/.exec(plain(text))[0].replaceAll(' ', '').replace('−', '-').replace(',', '.'));

/** What the card of a cargo says of its profit. */
async function onCard(driver, id) {
  const card = driver.page.locator(`[data-testid=cargo-card][data-cargo-id="${id}"] [data-testid=card-profit]`);
  return rubles(await card.innerText());
}

/** Adds a cargo that comes first in its driver's list: nobody pays more. */
async function addDearest(product) {
  const id = await product.addCargo({ ...TO_KAZAN, price_rub: 990_000 });
  await product.sweep();
  return id;
}

testScreens(journey, WORTH_SCREENS);

journey('a driver describes the truck, and cards and cargo say what is left with it', async ({ phone, product }) => {
  const id = await addDearest(product);
  const driver = await phone();
  await openMarket(driver);
  await driver.get('sort').selectOption('-price');
  await driver.sees('cargo-card', 'Москва → Казань');
  await driver.seesNo('card-profit');
  await driver.page.locator(`[data-cargo-id="${id}"]`).tap();
  const assumed = rubles(await driver.sees('worth-net', '≈'));
  assert.match(await driver.sees('worth'), /Не учли: путь до погрузки, налоги/);
  assert.match(plain(await driver.sees('worth-market')), /На \d[\d ]* % выше, чем за похожие\s+Похожих грузов \d+/);
  await driver.settled();
  await driver.tap('worth-truck', 'Считаем по типовой фуре');
  await driver.sees('truck-types');
  await driver.seesNo('main-action');
  await driver.choose('truck-types', /^тент/);
  await driver.get('truck-capacity_kg').fill('20');
  await driver.get('truck-volume_m3').fill('82,5');
  await driver.get('truck-loaded_l_per_100km').fill('29,5');
  await driver.choose('truck-platon', 'Не плачу');
  await driver.choose('truck-tax', 'Самозанятый, 6 %');
  await driver.chooseCity('home', 'Казань');
  await driver.tap('main-action');
  await driver.sees('toast', 'Сохранено');
  await driver.sees('worth-truck', 'Изменить машину');
  const own = rubles(await driver.sees('worth-net'));
  assert.notEqual(own, assumed);
  assert.match(await driver.sees('worth'), /Не учли: путь до погрузки$/m);
  await driver.settled();
  await driver.tap('back');
  await driver.sees('card-profit', 'чистыми');
  await until(async () => (await onCard(driver, id)) === own, 'the card says the same');

  await driver.tap('open-profile');
  await driver.sees('open-truck', /20\sт · 82,5\sм³ · тент/);
  await driver.tap('open-truck');
  assert.equal(await driver.get('truck-loaded_l_per_100km').inputValue(), '29,5');
  assert.equal(await driver.get('home-city').inputValue(), 'Казань');
  await driver.seesNo('main-action');
});

journey('two trucks leave something else of one cargo', async ({ phone, product }) => {
  const id = await product.addCargo(TO_KAZAN);
  await product.sweep();
  const left = [];
  for (const fixed_rub_per_day of [3000, 9000]) {
    const driver = await phone();
    await describeTruck(driver, { ...TRUCK, fixed_rub_per_day });
    await driver.openCargo(id);
    left.push(rubles(await driver.sees('worth-net')));
  }
  // 815 km or so are a day and a quarter.
  assert.ok(left[0] - left[1] > 6000 && left[0] - left[1] < 9000, `${left}`);
});

journey('the terms on the screen sum up to the result, and say what they are made of', async ({ phone, product }) => {
  const id = await product.addCargo(TO_KAZAN);
  const driver = await phone();
  await describeTruck(driver);
  await openMarket(driver);
  await openFilters(driver);
  await driver.chooseCity('start', 'Тула');
  await driver.choose('start-radius', /\+300/);
  await driver.tap('main-action');
  await driver.sees('chip-start');
  await driver.page.evaluate((id) => (location.hash = `#/cargo/${id}`), id);
  await driver.sees('worth-net');
  await driver.tap('worth-details');
  const sums = await driver.page.$$eval('[data-testid=worth-terms] dt + dd', (cells) =>
    cells.map((cell) => cell.innerText),
  );
  assert.equal(sums.length, 10);
  const kopecks = sums.map((sum) => Math.round(rubles(sum) * 100));
  assert.equal(
    kopecks.slice(0, -1).reduce((sum, term) => sum + term, 0),
    kopecks.at(-1),
  );
  const terms = await driver.sees('worth-terms');
  assert.match(terms, /Топливо с грузом\s+−[\d ,]+ ₽\s+\d+ км × 31,5 л на 100 км × 70 ₽\s+ваша машина/);
  assert.match(terms, /Топливо до погрузки\s+−[\d ,]+ ₽\s+\d{3} км × 24 л на 100 км × 70 ₽/);
  assert.match(terms, /Платон\s+−[\d ,]+ ₽\s+[\d ]+ км × 5,15 ₽\/км\s+[^\n]+, с 1 мар 2026 · оценка/);
  assert.match(terms, /Налог\s+−[\d ,]+ ₽\s+УСН «доходы», 6 %/);
});

journey('what to ask is one tap from being offered', async ({ phone, product }) => {
  const driver = await phone({ driver: await product.driverWithPhone() });
  await describeTruck(driver, { ...TRUCK, goal_rub_per_day: 60_000 });
  const id = await product.addCargo(TO_KAZAN);
  await driver.openCargo(id);
  const ask = rubles(await driver.sees('worth-ask', /^Сколько просить: от/));
  assert.ok(ask > TO_KAZAN.price_rub && ask % 100 === 0, `${ask}`);
  await driver.settled();
  await driver.tap('worth-offer');
  await driver.sees('respond-screen');
  assert.equal(await driver.get('offer-price').inputValue(), String(ask));
  await driver.page.goBack();
  await driver.api('me', { method: 'PUT', body: { truck: { ...TRUCK, goal_rub_per_day: 1000 } } });
  await driver.openCargo(id);
  await driver.sees('worth-ask', 'Для вашей цели в день хватит');
  await driver.seesNo('worth-offer');
});

journey('nonsense is refused beside its field, by the app and by the server', async ({ phone }) => {
  const driver = await phone();
  await WORTH_SCREENS.truck(driver);
  await driver.get('truck-loaded_l_per_100km').fill('3');
  await driver.get('truck-km_per_day').fill('много');
  await driver.get('home-city').pressSequentially('Гдетотамск');
  await driver.tap('main-action');
  await until(async () => (await driver.errors()).length === 3, 'all are told');
  assert.deepEqual(await driver.errors(), ['От 5 до 100', 'Введите число', 'Выберите город из списка']);
  assert.equal(driver.sent('PUT /api/me'), 0);

  driver.expect(/status of 422/);
  await driver.get('truck-loaded_l_per_100km').fill('');
  await driver.get('truck-km_per_day').fill('');
  await driver.get('home-city').fill('');
  await driver.tap('truck-types-all');
  const chips = driver.get('truck-types').getByRole('button');
  for (let at = 0; at < 11; at += 1) await chips.nth(at).tap();
  await driver.tap('main-action');
  await until(async () => (await driver.errors()).length === 1, 'the server is heard');
  assert.deepEqual(await driver.errors(), ['Не больше 10 типов']);
  await chips.nth(0).tap();
  await driver.tap('main-action');
  await driver.sees('toast', 'Сохранено');
});

journey('without a network the truck is not saved, and what was typed stays', async ({ phone }) => {
  const driver = await phone();
  await WORTH_SCREENS.truck(driver);
  await driver.get('truck-wear_rub_per_km').fill('7,5');
  driver.expect(FAILED_REQUESTS);
  await driver.cutOff(true);
  await driver.tap('main-action');
  await driver.sees('toast', 'Нет сети');
  assert.equal(await driver.get('truck-wear_rub_per_km').inputValue(), '7,5');
  await driver.cutOff(false);
  await driver.tap('main-action');
  await driver.sees('toast', 'Сохранено');
});

journey('the most profitable come first when the driver asks for that', async ({ phone }) => {
  const driver = await phone();
  await describeTruck(driver);
  await openMarket(driver);
  await driver.get('sort').selectOption('-profit');
  await driver.sees('sort-shown', 'Прибыль');
  const profits = async () => (await driver.page.getByTestId('card-profit').allTextContents()).map(rubles);
  await until(async () => {
    const all = await profits();
    return all.length >= 20 && all.every((profit, at) => at === 0 || profit <= all[at - 1]);
  }, 'each leaves at most as much as the one above it');
});

journey('«Моя машина» asks for what fits it, in the list and in the sheet', async ({ phone }) => {
  const id = newDriver();
  const driver = await phone({ driver: id });
  await openMarket(driver);
  await driver.tap('quick-truck', 'Моя машина');
  await driver.sees('truck-screen');

  const other = await phone();
  await describeTruck(other, TRUCK, 'рефрижератор');
  await openMarket(other);
  await other.tap('quick-truck');
  await other.sees('chip-truck_types', 'рефрижератор');
  await other.sees('chip-weight_volume', 'до 20 т');
  assert.equal(await other.get('quick-truck').getAttribute('aria-pressed'), 'true');
  await other.tap('quick-truck');
  await other.seesNo('chip-truck_types');
  await other.seesNo('chip-weight_volume');

  await openFilters(other);
  await other.tap('quick-truck');
  await other.tap('main-action');
  await other.sees('chip-truck_types', 'рефрижератор');
  await other.sees('chip-weight_volume', 'до 20 т');
});

journey('a cargo whose worth cannot be had is whole without it, and it is asked for again', async ({ phone }) => {
  const driver = await phone();
  await WORTH_SCREENS['cargo-worth-failed'](driver);
  await driver.sees('contacts');
  await driver.page.unroute('**/worth*');
  await driver.get('worth').getByRole('button', { name: 'Повторить' }).tap();
  await driver.sees('worth-net');
});

journey('a rate that an admin changes changes what drivers are left', async ({ phone, product }) => {
  const id = await product.addCargo(TO_KAZAN);
  await product.sweep();
  const driver = await phone();
  await driver.openCargo(id);
  const before = rubles(await driver.sees('worth-net'));

  const owner = await phone({ driver: OWNER, desktop: true, size: { width: 1280, height: 800 } });
  await owner.openAdmin('settings');
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  await owner.page.getByTestId('tariff-add-diesel').click();
  const at = (await owner.page.locator('[data-testid^=tariff-from-]').count()) - 1;
  await owner.get(`tariff-from-${at}`).fill(yesterday);
  await owner.get(`tariff-value-${at}`).fill('1001');
  await owner.page.getByTestId('settings-review').click();
  assert.deepEqual(await owner.errors(), [
    'Где это опубликовано',
    'Число от 0 до 1000, не больше двух знаков после запятой',
  ]);
  await owner.get(`tariff-value-${at}`).fill('105,21');
  await owner.get(`tariff-source-${at}`).fill('Росстат');
  await owner.page.getByTestId('settings-review').click();
  assert.match(await owner.sees('changes'), /Дизель с \d[^\n]+\s+нет → 105,21, Росстат/);
  await owner.settled();
  await owner.page.getByTestId('dialog-submit').click();
  await owner.sees('toast', 'Настройки сохранены');

  // The server keeps settings for some seconds.
  await product.pass(60);
  await driver.openCargo(id);
  const after = rubles(await driver.sees('worth-net'));
  // 30 rubles more for each of 34 litres a hundred kilometres, on 815 km or so.
  assert.ok(before - after > 7000 && before - after < 9500, `${before} ${after}`);
  await driver.tap('worth-details');
  await driver.sees('worth-terms', /Росстат, с \d+\s\S+ \d{4}\s+· оценка/);

  await product.set({});
});
