import assert from 'node:assert/strict';
import { journeys, newDriver, until } from './harness.js';
import { FAILED_REQUESTS } from './screens.js';

const journey = journeys();

const SIGN_IN = 'POST /api/auth/telegram';
const DAY = 86_400;

journey('a session survives a reload without a second sign-in', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  await driver.page.reload();
  await driver.sees('cargo-card');
  assert.equal(driver.sent(SIGN_IN), 1);
});

journey('who signs in gets the first page of the last search in the same answer', async ({ phone }) => {
  // Somebody has asked for the list just now.
  await (await phone()).openList();
  const driver = await phone();
  await driver.openList();
  const asked = driver.requests.filter((request) => /auth\/telegram|api\/cargos\?/.test(request));
  assert.deepEqual(asked, [SIGN_IN]);
  await driver.sees('list-status', /назад|только что/);
  await driver.tap('refresh');
  await until(() => driver.sent('GET /api/cargos?') === 1, 'the list is asked for');
});

journey('an expired session is renewed unnoticed when Telegram has opened the app anew', async ({ phone, product }) => {
  const driver = await phone();
  await driver.openList();
  await product.pass(DAY + 1);
  driver.expect(/status of 401/);
  await driver.open();
  await driver.sees('cargo-card');
  await driver.sees('list-status', 'только что');
  assert.equal(driver.sent(SIGN_IN), 2);
  assert.equal(await driver.page.locator('[data-testid^=session-]').count(), 0);
});

journey('after days in a web view one button reopens the app from the bot', async ({ phone, product }) => {
  const driver = await phone();
  await driver.openList();
  await product.pass(3 * DAY);
  driver.expect(/status of 401/);
  // Unless the app has noticed by itself, which it may at any moment.
  await driver
    .get('refresh')
    .first()
    .tap({ timeout: 2000 })
    .catch(() => undefined);
  assert.match(await driver.sees('session-expired'), /Сеанс истёк/);
  const actions = driver.page.locator('a, button').filter({ visible: true });
  assert.equal(await actions.count(), 1);
  assert.equal(await driver.get('reopen').getAttribute('href'), product.url);
  // On this machine the link to the bot is the page with the phone frame, which opens the app with new init data.
  await driver.tap('reopen');
  await driver.page.frameLocator('#web-view iframe').getByTestId('cargo-card').first().waitFor();
});

journey('init data that was old from the start leads back to the bot', async ({ phone }) => {
  const driver = await phone({ launch: { age_s: 2 * DAY } });
  driver.expect(/status of 401/);
  await driver.open();
  await driver.sees('session-expired');
  await driver.sees('reopen');
  await driver.page.reload();
  await driver.sees('session-expired');
});

journey('init data that somebody changed is not a way in', async ({ phone }) => {
  const driver = await phone({ launch: { overrides: { hash: 'a'.repeat(64) } } });
  driver.expect(/status of 401/);
  await driver.open();
  assert.match(await driver.sees('session-refused'), /Не удалось войти/);
  await driver.sees('reopen');
  assert.equal(driver.sent('GET /api/cargos'), 0);
});

journey('outside Telegram the app says where it opens', async ({ phone, product }) => {
  const driver = await phone();
  driver.expect(/status of 401/);
  await driver.page.goto(`${product.url}/app/`);
  await driver.sees('session-outside');
  assert.equal(await driver.get('reopen').getAttribute('href'), product.url);
  assert.equal(driver.sent(SIGN_IN), 0);
});

journey('a session that another phone replaced is not taken back by itself', async ({ phone, product }) => {
  const id = newDriver();
  const first = await phone({ driver: id });
  await first.openList();
  await product.pass(1);
  const second = await phone({ driver: id });
  await second.openList();

  first.expect(/status of 401/);
  await first.tap('refresh');
  assert.match(await first.sees('session-replaced'), /Вы вошли на другом устройстве/);
  await first.sees('reopen');
  await first.page.reload();
  await first.sees('session-replaced');
  await first.sees('reopen');
  assert.equal(first.sent(SIGN_IN), 1);
  await second.tap('refresh');
  await second.sees('cargo-card');

  // Only the driver takes it back, through the bot.
  await product.pass(1);
  await first.open();
  await first.sees('cargo-card');
  second.expect(/status of 401/);
  await second.tap('refresh');
  await second.sees('session-replaced');
});

journey('who signs out is out, on the server too, and a reload does not change that', async ({ phone, product }) => {
  const driver = await phone();
  await driver.openList();
  const { token } = await driver.stored('session');
  assert.equal((await product.api(token, 'me')).status, 200);
  await driver.tap('open-profile');
  await driver.tap('sign-out');
  assert.equal((await product.api(token, 'me')).status, 200, 'the question is asked first');
  driver.expect(/status of 401/);
  await driver.tap('sign-out-yes');
  await driver.sees('session-signed_out');
  await driver.sees('reopen');
  assert.equal((await product.api(token, 'me')).status, 401);
  assert.equal(await driver.stored('session'), null);
  assert.equal(await driver.stored('list'), null, 'nothing of the driver stays on the phone');
  await driver.page.reload();
  await driver.sees('session-signed_out');
  assert.equal(driver.sent(SIGN_IN), 1);
});

journey(
  'a sign-in whose answer is lost is repeated as the same attempt, for one session',
  async ({ phone, product }) => {
    const driver = await phone();
    const keys = [];
    const tokens = [];
    await driver.page.route('**/api/auth/telegram', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      const response = await route.fetch();
      tokens.push((await response.json()).session_token);
      if (keys.length === 1) await route.abort('connectionreset');
      else await route.fulfill({ response });
    });
    driver.expect(FAILED_REQUESTS);
    await driver.open();
    await driver.sees('cargo-card');
    assert.equal(keys.length, 2);
    assert.ok(keys[0] && keys[0] === keys[1]);
    const sessions = tokens.map((token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()).sid);
    assert.ok(sessions[0] && sessions[0] === sessions[1]);
    for (const token of tokens) assert.equal((await product.api(token, 'me')).status, 200);
  },
);

journey('a sign-in that fails all the way can be tried again with the same key', async ({ phone }) => {
  const driver = await phone();
  const keys = new Set();
  await driver.page.route('**/api/auth/telegram', async (route) => {
    keys.add(route.request().headers()['idempotency-key']);
    await route.abort();
  });
  driver.expect(FAILED_REQUESTS);
  await driver.open();
  await driver.sees('error', 'Сервер не ответил');
  assert.equal(driver.sent(SIGN_IN), 3);
  await driver.page.unrouteAll();
  await driver.get('error').getByRole('button', { name: 'Повторить' }).tap();
  await driver.sees('cargo-card');
  assert.equal(keys.size, 1);
});

journey('another account on the same phone sees nothing of the one before', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  await driver.tap('open-filters');
  await driver.get('price_min').fill('70000');
  await driver.tap('main-action');
  await driver.sees('chip-price');
  const { userId } = await driver.stored('session');
  driver.driver = newDriver();
  await driver.open();
  await driver.sees('cargo-card');
  await driver.seesNo('filter-chips');
  await until(async () => (await driver.stored('session')).userId !== userId, 'the new one is signed in');
  assert.equal((await driver.stored('session')).userId, String(driver.driver));
});
