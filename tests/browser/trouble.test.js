import assert from 'node:assert/strict';
import { journeys, until } from './harness.js';
import { FAILED_REQUESTS, screensAreLoaded, startWithNothingCached } from './screens.js';

const journey = journeys();

journey(
  'while CargoTech does not answer, the list says of what time it is, and recovers by itself',
  async ({ phone, product }) => {
    const driver = await phone();
    await driver.page.clock.install();
    await driver.openList();
    await driver.mark();
    const cargos = await driver.cargos();
    await product.pass(7230);
    await product.cargotech({ fail: { status: 503 } });
    await driver.tap('refresh');
    const text = await driver.sees('banner', 'CargoTech не отвечает, данные от');
    // Of yesterday, if it is night.
    const [, hours, minutes] = /от (?:\d+ [а-я]+, )?(\d\d):(\d\d)$/.exec(text);
    const told = await driver.page.evaluate(
      ([h, m]) => new Date().setHours(h, m, 0, 0),
      [Number(hours), Number(minutes)],
    );
    // The server's clock went ahead, the phone's did not: by its clock the data are two hours old.
    const age = (Date.now() - told + 86_400_000) % 86_400_000;
    assert.ok(Math.abs(age - 7_230_000) < 180_000, `${text}: ${age} ms`);
    assert.match(await driver.sees('list-status', /\d груз/), /· 2 ч назад/);
    assert.deepEqual(await driver.cargos(), cargos);

    await product.calm();
    await until(async () => {
      await driver.page.clock.fastForward(11_000);
      return (await driver.get('banner').count()) === 0;
    }, 'the banner goes');
    assert.match(await driver.sees('list-status', 'только что'), /\d груз/);
    assert.ok(await driver.isMarked());
  },
);

journey('the last list of another day says of which', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  driver.expect(FAILED_REQUESTS);
  await driver.page.clock.setFixedTime(Date.now() + 3 * 86_400_000);
  await driver.page.route('**/api/**', (route) => route.abort());
  await driver.page.reload();
  const today = new Intl.DateTimeFormat('ru', { day: 'numeric', timeZone: 'Europe/Moscow' }).format(new Date());
  assert.match(await driver.sees('banner', 'данные от'), new RegExp(`данные от ${today} [а-я]+, \\d\\d:\\d\\d$`));
  await driver.sees('list-status', '3 дня назад');
});

journey('a cargo that was seen before opens while CargoTech is down', async ({ phone, product }) => {
  const driver = await phone();
  await driver.openList();
  await driver.tap('cargo-card');
  await driver.sees('contacts');
  await driver.tap('back');
  await product.pass(3600);
  await product.cargotech({ fail: { status: 500 } });
  await driver.page.reload();
  await driver.sees('banner', 'CargoTech не отвечает');
  await driver.tap('cargo-card');
  await driver.sees('contacts');
  await driver.sees('banner', 'CargoTech не отвечает');
});

journey(
  'with nothing cached the driver reads why, tries again, and gets the list once CargoTech is back',
  async ({ phone, product }) => {
    const driver = await phone();
    driver.expect(/status of 503/);
    await product.cargotech({ fail: { status: 500 } });
    await startWithNothingCached(driver);
    const retry = driver.get('error').getByRole('button', { name: 'Повторить' });
    assert.match(await driver.sees('error'), /CargoTech сейчас не отвечает[\s\S]*Код запроса: [0-9a-f]{8}$/);
    const before = driver.sent('GET /api/cargos?');
    await retry.tap();
    await until(() => driver.sent('GET /api/cargos?') > before, 'it is asked for again');
    await driver.sees('error');
    await product.calm();
    await retry.tap();
    await driver.sees('cargo-card');
    await driver.seesNo('error');
  },
);

journey('when CargoTech refuses us, the driver is sent to support', async ({ phone, product }) => {
  const driver = await phone();
  driver.expect(/status of 502/);
  await product.cargotech({ fail: { status: 403 } });
  await startWithNothingCached(driver);
  assert.match(await driver.sees('error'), /Доступ закрыт, обратитесь в поддержку/);
  assert.equal(await driver.get('support').getAttribute('href'), 'https://example.org/support');
});

journey(
  'without a network the last list stays, says so, and is renewed when the network is back',
  async ({ phone }) => {
    const driver = await phone();
    await driver.openList();
    await screensAreLoaded(driver);
    await driver.cutOff(true);
    await driver.sees('banner', /Нет сети, данные от \d\d:\d\d/);
    await driver.tap('refresh');
    await driver.sees('banner', 'Нет сети');
    assert.ok((await driver.cargos()).length > 0);
    await driver.tap('cargo-card');
    await driver.sees('cargo-unasked', 'когда появится сеть');
    await driver.tap('back');
    const before = driver.sent('GET /api/cargos?');
    await driver.cutOff(false);
    await driver.seesNo('banner');
    await until(() => driver.sent('GET /api/cargos?') > before, 'it is asked for again');
  },
);

journey('a start with a network that answers nothing shows the last list', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  const cargos = await driver.cargos();
  driver.expect(FAILED_REQUESTS);
  await driver.page.route('**/api/**', (route) => route.abort());
  await driver.page.reload();
  await driver.sees('cargo-card');
  await driver.sees('banner', 'Обновить не удалось, данные от');
  assert.deepEqual(await driver.cargos(), cargos);
  await driver.page.unrouteAll();
  await driver.tap('refresh');
  await driver.seesNo('banner');
});

journey('a screen that the network kept away comes when it is back', async ({ phone }) => {
  const driver = await phone();
  await driver.page.route('**/assets/CargoScreen*', (route) => route.abort());
  driver.expect(FAILED_REQUESTS);
  await driver.openList();
  await driver.cutOff(true);
  await driver.tap('cargo-card');
  await driver.sees('part-failed', 'Нет сети');
  await driver.page.unrouteAll();
  await driver.cutOff(false);
  await driver.sees('contacts');
  const row = driver.page.locator('.cargo-screen .facts > div').first();
  assert.equal(
    await row.evaluate((each) => getComputedStyle(each).display),
    'flex',
    'its style sheet is there as well',
  );
});

journey('a slow CargoTech keeps the outline of a list on the screen, then the list', async ({ phone, product }) => {
  const driver = await phone();
  await product.cargotech({ latency_ms: 1000 });
  await startWithNothingCached(driver);
  await driver.sees('skeletons');
  await driver.sees('cargo-card');
  await driver.seesNo('skeletons');
});

journey('trouble in our own store is ours, and passes', async ({ phone, product }) => {
  const driver = await phone();
  driver.expect(/status of 503/);
  await product.sandbox('PUT', '/store', { faults: [{ error: 'InternalServerError' }] });
  await driver.open();
  await driver.sees('error', 'У нас сбой');
  await product.calm();
  await driver.get('error').getByRole('button', { name: 'Повторить' }).tap();
  await driver.sees('cargo-card');
});
