/** What the design promises: tabs, cards, the head of the list, the bar of a cargo, and the list beside it on a desk. */
import assert from 'node:assert/strict';
import { journeys, until } from './harness.js';
import { CARGO, haveAPhone, openFilters, respondFromElsewhere } from './screens.js';
import { misfits, setTextSize, TEXT_SIZES } from './textSize.js';

const journey = journeys();

const colorOf = (locator) => locator.evaluate((element) => getComputedStyle(element).color);

journey('the tabs lead to each other, and back leads from each to the list', async ({ phone, product }) => {
  const driver = await phone();
  await haveAPhone(driver);
  await driver.openList();
  await respondFromElsewhere(driver, await product.addCargo(CARGO));
  await driver.tap('open-responses');
  await driver.sees('response-item', 'Ждём ответа');
  assert.match(await driver.sees('open-responses'), /ждут ответа:\s+1$/);
  await driver.tap('open-profile');
  await driver.sees('profile-screen');
  assert.equal(await driver.get('open-profile').getAttribute('aria-current'), 'page');
  await driver.page.goBack();
  await driver.sees('cargo-list');
  assert.equal(await driver.get('open-list').getAttribute('aria-current'), 'page');
  await driver.tap('cargo-card');
  await driver.sees('contacts');
  assert.equal(await driver.get('open-list').count(), 0, 'the bar of the cargo has their place');
});

journey('five cards are to be seen whole on a small phone', async ({ phone, product }) => {
  for (let at = 0; at < 6; at += 1) await product.addCargo({ from: 'Чита', to: 'Якутск', price_rub: 100_000 + at });
  const driver = await phone({ size: { width: 360, height: 696 } });
  await driver.openList();
  await openFilters(driver);
  await driver.chooseCity('start', 'Чита');
  await driver.tap('main-action');
  await driver.sees('chip-start');
  await driver.sees('cargo-card');
  await driver.page.evaluate(() => document.fonts.ready);
  const bar = await driver.get('open-list').boundingBox();
  const whole = await driver
    .get('cargo-card')
    .evaluateAll((cards, end) => cards.filter((card) => card.getBoundingClientRect().bottom <= end).length, bar.y);
  assert.ok(whole >= 5, `${whole} cards`);
});

journey('one tap asks for the way back', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  await openFilters(driver);
  await driver.chooseCity('start', 'Москва');
  await driver.choose('start-radius', /100/);
  await driver.tap('main-action');
  await driver.sees('open-route', 'Москва +100 → Куда угодно');
  await driver.tap('swap');
  await driver.sees('open-route', 'Откуда угодно → Москва +100');
  await driver.sees('chip-finish', 'Куда: Москва +100 км');
  await driver.seesNo('chip-start');
});

journey(
  'a card that was opened is paler, also after a reload, and not for another driver',
  async ({ phone, product }) => {
    const driver = await phone();
    await driver.openList();
    const [id, fresh] = await driver.cargos();
    const route = (cargo) => driver.page.locator(`[data-cargo-id="${cargo}"] .card-route`);
    await driver.tap('cargo-card');
    await driver.sees('contacts');
    await driver.tap('back');
    const isPaler = async () => (await colorOf(route(id))) !== (await colorOf(route(fresh)));
    await until(isPaler, 'it is paler');
    await driver.page.reload();
    await driver.sees('cargo-card');
    await until(isPaler, 'it stays paler');
    driver.driver += 1_000_000;
    await product.pass(1);
    await driver.open();
    await driver.sees('cargo-card');
    await until(async () => !(await isPaler()), 'the other driver has not seen it');
    assert.equal(await driver.stored('seen'), null);
  },
);

journey('the bar of a cargo calls, and an address leads to a navigator', async ({ phone, product }) => {
  const id = await product.addCargo(CARGO);
  const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString();
  await product.sandbox('PUT', `/cargotech/cargos/${id}/sent`, {
    contacts: [{ phone: '8 916 123-45-67' }],
    points: {
      start: { address: 'ул. Ленина, 5', first_date: inDays(1) },
      finish: { address: 'ул. Мира, 7', first_date: inDays(3) },
    },
  });
  const driver = await phone();
  await haveAPhone(driver);
  await driver.openCargo(id);
  assert.equal(await driver.get('call-first').getAttribute('href'), 'tel:+79161234567');
  assert.match(await driver.get('call-first').getAttribute('aria-label'), /916/);
  await driver.sees('way', /км · .* в пути$/);
  await driver.get('address').first().tap();
  const links = driver.get('cargo-screen').locator('.address[open] a');
  const [own, yandex] = await links.evaluateAll((each) => each.map(({ href }) => href));
  assert.match(own, /^geo:0,0\?q=/);
  assert.match(yandex, /^https:\/\/yandex\.ru\//);
});

journey("a price of one's own is two taps away", async ({ phone, product }) => {
  const driver = await phone();
  await haveAPhone(driver);
  const id = await product.addCargo(CARGO);
  await driver.openCargo(id);
  await driver.tap('respond-more', 'Своя цена');
  // In front of the cargo, which takes no press meanwhile.
  await driver.sees('cargo-screen');
  assert.equal(await driver.get('cargo-screen').evaluate((cargo) => cargo.inert), true);
  await driver.page.locator('.backdrop').tap({ position: { x: 180, y: 60 } });
  await driver.seesNo('respond-screen');
  await driver.tap('respond-more');
  await driver.choose('offer-percent', /\+5.%/);
  assert.equal(await driver.get('offer-price').inputValue(), '71400');
  await driver.respond();
  await driver.sees('response-panel', 'Ваша цена');
  await product.card(id);
  await product.press(id, 'Принять');
  await driver.sees('response-state', 'Принят');
});

journey('whom to call comes first once a response is accepted', async ({ phone, product }) => {
  const driver = await phone();
  await haveAPhone(driver);
  const id = await product.addCargo(CARGO);
  await product.sandbox('PUT', `/cargotech/cargos/${id}/sent`, { contacts: [{ phone: '8 916 123-45-67' }] });
  await driver.openCargo(id);
  await driver.respond();
  await driver.sees('response-panel');
  await driver.seesNo('call-accepted');
  await product.press(id, 'Принять');
  await driver.sees('call-accepted', 'Позвонить');
  assert.equal(await driver.get('call-accepted').getAttribute('href'), 'tel:+79161234567');
  await driver.seesNo('main-action');
});

journey('a desk has the list beside the cargo, which leaves it where it is', async ({ phone }) => {
  const driver = await phone({ desktop: true, size: { width: 1280, height: 720 } });
  await driver.openList();
  const hint = await driver.get('desk-hint').boundingBox();
  assert.ok(hint.x >= 400 && hint.width > 800, `what will stand beside it is told: ${hint.x} ${hint.width}`);
  const card = driver.get('cargo-card').nth(12);
  await card.scrollIntoViewIfNeeded();
  const place = await driver.scroll();
  assert.ok(place > 300);
  await driver.settled();
  await card.click();
  await driver.sees('contacts');
  assert.equal(await driver.scroll(), place);
  assert.equal(await card.getAttribute('aria-current'), 'page');
  await driver.seesNo('desk-hint');
  const list = await driver.get('list-screen').boundingBox();
  const cargo = await driver.get('cargo-screen').boundingBox();
  assert.ok(list.width <= 400 && cargo.x >= 400, `${list.width} ${cargo.x}`);
  const [back, title, panel] = await Promise.all(
    ['[data-testid=back]', '.cargo-screen h1', '.cargo-screen .panel'].map((each) =>
      driver.page.locator(each).first().boundingBox(),
    ),
  );
  assert.ok(Math.abs(back.x - panel.x) <= 2, `the way back stands above the panels: ${back.x} ${panel.x}`);
  assert.ok(title.x - (back.x + back.width) <= 8, `and the title beside it: ${back.x} ${title.x}`);
  await driver.sees('open-profile');
  await driver.settled();
  await driver.get('open-profile').click();
  await driver.sees('profile-screen');
  await driver.sees('cargo-card');
});

journey('a phone on its side has one bar', async ({ phone }) => {
  const driver = await phone({ size: { width: 740, height: 360 } });
  await driver.openList();
  await driver.page.evaluate(() => scrollTo(0, 400));
  await until(async () => (await driver.scroll()) > 300, 'it is scrolled');
  const fixed = await driver.page.evaluate(
    () =>
      [...document.querySelectorAll('.list-header, .tab-bar')].filter((bar) => {
        const { bottom, height } = bar.getBoundingClientRect();
        return bottom > 0 && height > 0;
      }).length,
  );
  assert.equal(fixed, 1);
  assert.ok((await driver.page.locator('.tab-bar').boundingBox()).height <= 52.5);
});

journey('the longest kind of truck fits beside the other facts of a cargo', async ({ phone, product }) => {
  const id = await product.addCargo(CARGO);
  const driver = await phone();
  await driver.page.route(`**/api/cargos/${id}*`, async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    body.cargo.truck_types = ['цельнометаллический'];
    await route.fulfill({ response: answer, json: body });
  });
  await driver.openCargo(id);
  assert.match(await driver.sees('cargo-screen'), /цельнометаллический/);
  for (const size of TEXT_SIZES) {
    await setTextSize(driver, size);
    assert.deepEqual((await misfits(driver)).found, [], `text of ${size} %`);
  }
});
