import assert from 'node:assert/strict';
import { journeys, newDriver, until } from './harness.js';
import { openFilters } from './screens.js';
import { setTextSize } from './textSize.js';

const journey = journeys();

/** Filters a list from Kazan within 100 km, loaded tomorrow, and waits until the server knows. */
async function filterKazan(driver) {
  await openFilters(driver);
  await driver.chooseCity('start', 'Казань');
  await driver.choose('start-radius', '+100 км');
  await driver.choose('date', 'завтра');
  await driver.choose('load-types', /^верхняя$/i);
  const saved = driver.page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.ok());
  await driver.tap('main-action');
  await driver.sees('chip-load_types');
  await saved;
}

journey(
  'the last filters come back after a reload and on a second phone, cities by their names',
  async ({ phone, product }) => {
    const id = newDriver();
    const first = await phone({ driver: id });
    await first.openList();
    await filterKazan(first);
    const chips = await first.texts('filter-chips');
    assert.match(chips[0], /Откуда: Казань \+100 км/);

    await first.page.reload();
    await first.sees('chip-load_types');
    await until(
      async () => (await first.texts('filter-chips'))[0] === chips[0],
      'the chips are the same after a reload',
    );

    await product.pass(1);
    const second = await phone({ driver: id });
    await second.open();
    await second.sees('chip-load_types');
    await until(
      async () => (await second.texts('filter-chips'))[0] === chips[0],
      'the chips are the same on another phone',
    );
    const [query] = second.requests.filter((each) => each.startsWith('GET /api/cargos?'));
    assert.match(query, /from_radius_km=100/, 'the first list is already filtered');
    await openFilters(second);
    assert.equal(await second.get('start-city').inputValue(), 'Казань');
  },
);

journey('filters that could not be saved reach the server later', async ({ phone, product }) => {
  const driver = await phone();
  await driver.openList();
  const refused = (route) => (route.request().method() === 'PUT' ? route.abort() : route.continue());
  await driver.page.route('**/api/me', refused);
  driver.expect(/ERR_FAILED/);
  await openFilters(driver);
  await driver.get('price_min').fill('70000');
  await driver.tap('main-action');
  await driver.sees('chip-price');
  // The attempt and its two repeats.
  await until(() => driver.sent('PUT /api/me') === 3, 'saving was tried');
  await driver.page.unrouteAll();
  const saved = driver.page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.ok());
  await driver.page.reload();
  await driver.sees('chip-price');
  const { preferences } = await (await saved).json();
  assert.equal(String(preferences.filters.price_min), '70000');
  assert.equal((await product.sandbox('GET', '/store')).faults.length, 0);
});

journey('a remembered date that has passed is dropped, the other filters stay', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  await filterKazan(driver);
  const isTomorrow = () => driver.get('quick-tomorrow').getAttribute('aria-pressed');
  assert.equal(await isTomorrow(), 'true');
  await driver.page.clock.setFixedTime(Date.now() + 3 * 86_400_000);
  const before = driver.requests.length;
  await driver.page.reload();
  await driver.sees('chip-start');
  await driver.seesNo('chip-date');
  assert.equal(await isTomorrow(), 'false');
  const query = await until(
    () => driver.requests.slice(before).find((each) => each.startsWith('GET /api/cargos?')),
    'the list is asked for',
  );
  assert.doesNotMatch(query, /date_from/);
  assert.match(query, /from_place_id/);
});

journey('what is wrong in the sheet is said at its field before anything is sent', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  await openFilters(driver);
  const before = driver.sent('GET /api/cargos');
  await driver.get('start-city').pressSequentially('Гдетотамск');
  await driver.page.getByText('Такого города нет').waitFor();
  await driver.get('price_min').fill('90000');
  await driver.get('price_max').fill('50000');
  await driver.get('distance_min').fill('далеко');
  await driver.tap('main-action');
  await until(async () => (await driver.errors()).length === 3, 'all three are told');
  assert.deepEqual(await driver.errors(), ['Выберите город из списка', '«От» больше, чем «до»', 'Введите число']);
  assert.equal(driver.sent('GET /api/cargos'), before);
  await driver.get('start-city').fill('');
  await driver.chooseCity('start', 'Москва');
  await driver.get('price_max').fill('95000');
  await until(async () => (await driver.errors()).length === 1, 'what is put right is told no longer');
  assert.deepEqual(await driver.errors(), ['Введите число']);
});

journey('what only the server finds wrong is said at its field, and the list stays as it was', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  const cargos = await driver.cargos();
  driver.expect(/status of 422/);
  await openFilters(driver);
  await driver.get('price_min').fill('5 000 000');
  await driver.get('distance_max').fill('100,5');
  await driver.tap('main-action');
  await until(async () => (await driver.errors()).length === 2, 'both fields are told about');
  assert.deepEqual(await driver.errors(), ['Целые рубли, не больше 999 999', 'Целые километры, не больше 9 999']);
  await driver.tap('back');
  await driver.seesNo('filter-chips');
  assert.deepEqual(await driver.cargos(), cargos);
});

journey('a city is found by typing, by keys and among those chosen last', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  await openFilters(driver);
  const field = driver.get('finish-city');
  await field.pressSequentially('нижн');
  const options = driver.page.getByRole('option').filter({ visible: true });
  await options.filter({ hasText: 'Нижний Новгород' }).waitFor();
  const names = await options.allInnerTexts();
  for (let at = 0; at <= names.indexOf('Нижний Новгород'); at += 1) await field.press('ArrowDown');
  await field.press('Enter');
  assert.equal(await field.inputValue(), 'Нижний Новгород');
  await driver.tap('main-action');
  assert.match(await driver.sees('chip-finish'), /^Куда: Нижний Новгород/);

  await openFilters(driver);
  await driver.get('start-city').tap();
  await options.filter({ hasText: 'Нижний Новгород' }).tap();
  assert.equal(await driver.get('start-city').inputValue(), 'Нижний Новгород');
});

journey('what an older version saved of the cargos of the shared login hides nothing', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  const saved = { mode: 'my', weight_volume: '15_20' };
  assert.equal((await driver.api('me', { method: 'PUT', body: { preferences: { filters: saved } } })).status, 200);
  const other = await phone({ driver: driver.driver });
  await other.openList();
  assert.match(await other.sees('chip-weight_volume'), /^до 15 т, до 65 м³/);
  await other.seesNo('chip-mode');
  await openFilters(other);
  await other.seesNo('mode');
});

journey('the days of a range have their names, and room for a date in large text', async ({ phone }) => {
  const driver = await phone({ size: { width: 360, height: 696 } });
  await driver.openList();
  await openFilters(driver);
  await driver.page.getByText('Не раньше').waitFor();
  await setTextSize(driver, 130);
  const { width } = await driver.page.getByLabel('Не раньше').boundingBox();
  assert.ok(width >= 200, `${width} px`);
});

journey('all filters together find the cargo that they describe', async ({ phone, product }) => {
  const id = await product.addCargo({ from: 'Уфа', to: 'Самара', price_rub: 77_777, weight_kg: 7_500, volume_m3: 40 });
  const driver = await phone();
  await driver.openList();
  await openFilters(driver);
  await driver.chooseCity('start', 'Уфа');
  await driver.choose('start-radius', 'только город');
  await driver.chooseCity('finish', 'Самара');
  await driver.choose('finish-radius', 'только город');
  await driver.get('tonnes_max').fill('7,5');
  await driver.get('cubic_metres_max').fill('40');
  await driver.get('price_min').fill('77777');
  await driver.get('price_max').fill('77 777');
  await driver.get('distance_min').fill('100');
  await driver.tap('main-action');
  await driver.sees('chip-distance');
  await until(async () => (await driver.cargos()).includes(id), 'it is found');
  for (const card of await driver.texts('cargo-card')) assert.match(card, /Уфа[\s\S]*Самара[\s\S]*77 777 ₽/);
});

journey('a city that an older version saved goes on working until another is chosen', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  const [city] = (await driver.api(`dictionaries/cities?q=${encodeURIComponent('Казань')}`)).body.items;
  const saved = {
    start_point_id: city.id,
    start_point_type: city.type,
    start_point_name: city.name,
    start_point_radius: 100,
  };
  assert.equal((await driver.api('me', { method: 'PUT', body: { preferences: { filters: saved } } })).status, 200);
  const other = await phone({ driver: driver.driver });
  await other.openList();
  await other.sees('chip-start', 'Казань +100 км');
  assert.ok(other.sent(`GET /api/cargos?start_point_id=${city.id}`) > 0);
  await other.tap('renew-city', 'Обновите город');
  await other.page.getByText('Город из прошлой версии').waitFor();
  await other.choose('start-radius', '+200 км');
  await other.tap('main-action');
  await other.sees('chip-start', 'Казань +200 км');
  await openFilters(other);
  await other.get('start-city').fill('');
  await other.chooseCity('start', 'Казань');
  await other.tap('main-action');
  await until(
    () => other.requests.at(-1)?.includes('from_place_id') || other.sent('GET /api/cargos?from_place_id'),
    'ours',
  );
  await other.seesNo('renew-city');
});

journey('places of one name are told apart, and are found by nicknames and in English', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  await openFilters(driver);
  const options = driver.page.getByRole('option').filter({ visible: true });
  await driver.get('start-city').pressSequentially('кировск');
  await options
    .filter({ hasText: /Кировск.*рядом /s })
    .first()
    .waitFor();
  await driver.get('start-city').fill('питер');
  await options.filter({ hasText: 'Санкт-Петербург' }).first().waitFor();
  const english = await phone({ locale: 'en-US', launch: { language_code: 'en' } });
  await english.openList();
  await openFilters(english);
  await english.get('start-city').pressSequentially('Kirovsk');
  const namesakes = english.page.getByRole('option').filter({ visible: true, hasText: /Kirovsk.*near [A-Z]/s });
  await namesakes.first().waitFor();
  await english.get('start-city').fill('');
  assert.match(await english.chooseCity('start', 'Moscow'), /^Moscow/);
  await english.tap('main-action');
  await english.sees('chip-start', 'From: Moscow');
});
