/** What a driver marks, and what is marked for them: saved, hidden, opened, new, cheaper than before. */
import assert from 'node:assert/strict';
import { journeys, until } from './harness.js';
import { CARGO, openFilters } from './screens.js';

/** Who was away for so long begins another visit. */
const AWAY_S = 31 * 60;
/** After so long the server asks CargoTech for a cargo again. */
const DETAIL_OLD_S = 901;

const journey = journeys({ MARKET_CALLS_PER_MIN: '120' });

const cardOf = (driver, id) => driver.page.locator(`[data-testid=cargo-card][data-cargo-id="${id}"]`);

/** Pushes a card so far to the right, or to the left below zero; where it is then, before it is let go. */
async function push(driver, card, by, down = 0) {
  const { x, y, width, height } = await card.boundingBox();
  const touch = await driver.context.newCDPSession(driver.page);
  const [from, across] = [x + width / 2, y + height / 2];
  const move = (type, part) => {
    const touchPoints = type === 'touchEnd' ? [] : [{ x: from + by * part, y: across + down * part }];
    return touch.send('Input.dispatchTouchEvent', { type, touchPoints });
  };
  await move('touchStart', 0);
  for (let part = 1; part <= 8; part += 1) await move('touchMove', part / 8);
  // A hand that stops lets go; from a flying one the browser takes the next tap for the end of the flight.
  await driver.page.waitForTimeout(200);
  await move('touchMove', 1);
  const at = await card.boundingBox();
  await move('touchEnd', 1);
  return at.x - x;
}

/** Opens the list once all that stands above the cards is there. */
async function openList(driver) {
  await driver.openList();
  await driver.sees('quick-near');
}

journey('a cargo that is hidden leaves the list, also after a reload, and comes back by a tap', async ({ phone }) => {
  const driver = await phone();
  await openList(driver);
  const [first, second] = await driver.cargos();
  await driver.settled();
  await push(driver, cardOf(driver, first), -150);
  await driver.sees('toast', 'Груз скрыт');
  await until(async () => !(await driver.cargos()).includes(first), 'it is gone');
  await driver.tap('toast-action', 'Вернуть');
  await until(async () => (await driver.cargos())[0] === first, 'it is back where it was');

  await driver.tap('cargo-card');
  await driver.sees('contacts');
  await driver.tap('hide');
  await driver.sees('cargo-list');
  await until(async () => (await driver.cargos())[0] === second, 'it is gone again');
  await driver.page.reload();
  await driver.sees('cargo-card');
  assert.ok(!(await driver.cargos()).includes(first));
  await driver.sees('list-status', /\d груз\S*, скрыто 1 · /);

  await driver.tap('quick-hidden', 'Скрытые 1');
  await driver.sees('hidden-list');
  assert.deepEqual(await driver.cargos(), [first]);
  await driver.tap('cargo-card');
  await driver.sees('contacts');
  await driver.tap('unhide', 'Вернуть в список');
  await driver.sees('hide');
  await driver.page.goBack();
  await until(async () => (await driver.cargos())[0] === first, 'it is in the list again');
  await driver.seesNo('quick-hidden');

  await cardOf(driver, first).click();
  await driver.tap('hide');
  await driver.tap('quick-hidden', 'Скрытые 1');
  await driver.tap('restore');
  await until(async () => (await driver.cargos())[0] === first, 'it is in the list again');
});

journey('a short push is a slip, one up or down scrolls, and none of them opens a cargo', async ({ phone }) => {
  const driver = await phone();
  await openList(driver);
  const cargos = await driver.cargos();
  await driver.settled();
  const card = cardOf(driver, cargos[1]);
  const { x, width } = await card.boundingBox();
  const tooShort = Math.floor(width / 3) - 8;
  for (const by of [-tooShort, tooShort]) {
    assert.equal(await push(driver, card, by), by, 'the card follows the finger');
    await until(async () => (await card.boundingBox()).x === x, 'it is back in its place');
  }
  const scrolled = await push(driver, card, 20, -200);
  assert.deepEqual([scrolled, await driver.scroll()].map(Math.sign), [0, 1]);
  await driver.sees('cargo-list');
  assert.deepEqual((await driver.cargos()).slice(0, cargos.length), cargos);
  assert.equal(await driver.stored('saved'), null);
  await driver.seesNo('cargo-screen');
});

journey('what is saved has a list of its own, as it was then', async ({ phone, product }) => {
  const driver = await phone();
  await openList(driver);
  await driver.seesNo('quick-saved');
  const [first, second] = await driver.cargos();
  await driver.tap('star');
  await driver.settled();
  await push(driver, cardOf(driver, second), 150);
  await driver.sees('toast', 'Груз в избранном');
  await driver.tap('quick-tomorrow');
  await driver.page.locator('[data-testid=quick-tomorrow][aria-pressed=true]').waitFor();
  await openFilters(driver);
  await driver.get('price_min').fill('1');
  await driver.tap('main-action');
  await driver.sees('chip-price');
  await driver.tap('quick-saved', 'Избранное 2');
  await driver.sees('saved-list');
  assert.deepEqual(await driver.cargos(), [second, first]);
  await driver.page.getByText('Фильтры здесь не действуют').waitFor();
  for (const chip of ['quick-tomorrow', 'chip-price']) await driver.seesNo(chip);
  await driver.tap('quick-saved');
  await driver.tap('chip-price');
  await driver.tap('quick-tomorrow');
  await driver.seesNo('chip-price');
  await driver.page.reload();
  await driver.sees('cargo-card');
  await driver.tap('quick-saved', 'Избранное 2');
  await driver.sees('saved-list');
  await product.sandbox('POST', `/cargotech/cargos/${second}/remove`);
  driver.expect(/status of 404/);
  await driver.tap('cargo-card');
  await driver.sees('cargo-gone');
  await driver.tap('to-list');
  await driver.sees('saved-list');
  assert.deepEqual(await driver.cargos(), [first]);
  await driver.tap('star');
  await driver.sees('cargo-list');
  await driver.seesNo('quick-saved');
});

journey('nothing of what one driver marked is there for the next', async ({ phone, product }) => {
  const driver = await phone();
  await openList(driver);
  await driver.tap('star');
  await driver.tap('cargo-card');
  await driver.sees('contacts');
  await driver.tap('hide');
  await driver.sees('cargo-list');
  driver.driver += 1_000_000;
  await product.pass(1);
  await driver.open();
  await driver.sees('cargo-card');
  for (const key of ['saved', 'hidden', 'seen']) assert.equal(await driver.stored(key), null, key);
});

journey(
  'what has come since the last visit is marked, and another price says what it was',
  async ({ phone, product }) => {
    await product.sweep();
    const driver = await phone();
    // A phone whose clock is wrong knows it as well.
    await driver.page.clock.setFixedTime(new Date('2031-01-01'));
    await openList(driver);
    await driver.seesNo('card-new');
    await product.pass(AWAY_S);
    // Dearer than all others, so that it stands first however many come meanwhile.
    const id = await product.addCargo({ ...CARGO, price_rub: 9_100_000 });
    await product.sweep();
    await openList(driver);
    await driver.get('sort').selectOption('-price');
    await until(async () => (await driver.cargos())[0] === id, 'it is the dearest');
    assert.match(await cardOf(driver, id).innerText(), /новый/);
    assert.ok((await driver.texts('card-new')).length < (await driver.cargos()).length, 'the others are not');

    await product.sandbox('PUT', `/cargotech/cargos/${id}`, { price_rub: 9_200_000 });
    await product.pass(60);
    await product.sweep();
    await driver.tap('refresh');
    await until(async () => /было 9.100.000.₽/.test(await cardOf(driver, id).innerText()), 'the price before is told');
  },
);

/** Waits for what tells of new cargos, in a list of this order; the ids of two that came. */
async function waitForNew(driver, sort) {
  const { product } = driver;
  await driver.page.clock.install();
  await openList(driver);
  await driver.get('sort').selectOption(sort);
  await driver.sees('sort-shown', sort === 'newest' ? 'Новые' : 'Дороже');
  await product.pass(60);
  const ids = [await product.addCargo(CARGO), await product.addCargo(CARGO)];
  await product.sweep();
  await driver.page.clock.fastForward(61_000);
  await driver.page
    .getByRole('status')
    .getByTestId('new-pill')
    .filter({ hasText: /\d нов/ })
    .waitFor();
  assert.ok(!(await driver.cargos()).includes(ids[0]), 'the list stays until then');
  return ids;
}

async function seesCargos(driver, ids) {
  await until(async () => {
    const cargos = await driver.cargos();
    return ids.every((id) => cargos.includes(id));
  }, 'they are there');
}

journey('cargos that came after the list are counted, and shown by a tap', async ({ phone, product }) => {
  await product.sweep();
  const driver = await phone();
  const ids = await waitForNew(driver, 'newest');
  await driver.page.evaluate(() => scrollTo(0, 1500));
  await until(async () => (await driver.scroll()) > 1000, 'it is scrolled');
  const { y, height } = await driver.get('new-pill').boundingBox();
  assert.ok(y >= 0 && y + height <= 60, `it stays in the bar at the top: ${y} ${height}`);
  await driver.page.setViewportSize({ width: 740, height: 360 });
  await until(() => driver.page.evaluate(() => innerHeight === 360), 'it is turned');
  await driver.page.evaluate(() => scrollTo(0, 1000));
  await until(async () => (await driver.scroll()) > 500, 'it is scrolled again');
  const onItsSide = await driver.get('new-pill').boundingBox();
  assert.ok(onItsSide.y >= 0 && onItsSide.y < 300, `also on a phone on its side: ${onItsSide.y}`);
  await driver.tap('new-pill');
  await seesCargos(driver, ids);
  await driver.seesNo('new-pill');
});

journey('in another order the new ones come first by a tap, and another brings the order back', async ({ phone }) => {
  const driver = await phone();
  await driver.product.sweep();
  const ids = await waitForNew(driver, '-price');
  await driver.tap('new-pill');
  await seesCargos(driver, ids);
  await driver.sees('sort-shown', 'Новые');
  await driver.page.getByRole('button', { name: 'Вернуть' }).tap();
  await driver.sees('sort-shown', 'Дороже');
  await until(async () => !(await driver.cargos()).includes(ids[0]), 'the list is as it was before');
});

journey(
  'a saved cargo shows the price at which it was seen last, and its star names it',
  async ({ phone, product }) => {
    const from = 'Якутск';
    const id = await product.addCargo({ ...CARGO, from, price_rub: 50_000 });
    await product.sweep();
    const driver = await phone();
    await driver.openCargo(id);
    assert.match(await driver.get('star').getAttribute('aria-label'), /^В избранное: Якутск → /);
    await driver.tap('star');
    await driver.tap('back');
    await product.sandbox('PUT', `/cargotech/cargos/${id}`, { price_rub: 60_000 });
    await product.pass(DETAIL_OLD_S);
    await driver.tap('quick-saved');
    assert.match(await driver.sees('cargo-card'), /50.000.₽/);
    await driver.tap('cargo-card');
    await driver.sees('cargo-screen', /60.000.₽/);
    await driver.tap('back');
    assert.match(await driver.sees('cargo-card', /60.000.₽/), /было 50.000.₽/);
  },
);
