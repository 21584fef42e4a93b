/** The access link: who comes in by it, what they may do, and how its owner shuts it. */
import assert from 'node:assert/strict';
import { journeys, newDriver, until } from './harness.js';
import { FAILED_REQUESTS, nothingIsOnItsWay } from './screens.js';

const OWNER = newDriver();
const journey = journeys({ ADMIN_TELEGRAM_IDS: String(OWNER) });

const DAY = 86_400;
const ACCESS_LINK = 'GET /api/me/access-link';
const LINK_SIGN_IN = 'POST /api/auth/access-token';

/** Shows the link on the screen of the subscription; its address. */
async function showLink(driver) {
  await driver.tap('access-link-show');
  return driver.sees('access-link-url');
}

const tokenOf = (url) => /#\/access\/([\w-]+)$/.exec(url)[1];

/** That the token is nowhere in the browser's history, and was in no address that a server saw. */
async function keepsToItself(guest, token) {
  const cdp = await guest.context.newCDPSession(guest.page);
  const { entries } = await cdp.send('Page.getNavigationHistory');
  assert.ok(entries.length > 0);
  assert.deepEqual(
    entries.filter(({ url }) => url.includes(token)),
    [],
  );
  assert.deepEqual(
    guest.requests.filter((request) => request.includes(token)),
    [],
  );
}

journey(
  'the access link opens the app in a browser without Telegram, until it is revoked',
  async ({ phone, product }) => {
    const driver = await phone();
    await driver.openAt('subscription');
    await driver.sees('access-link-show');
    await driver.sees('plans');
    assert.equal(driver.sent(ACCESS_LINK), 0, 'it is shown when it is asked for');
    const url = await showLink(driver);
    assert.match(await driver.sees('access-link'), /Никому её не пересылайте/);

    // One session for a driver: the guest's ends that of the app, and Telegram's comes back from the bot.
    driver.expect(/status of 401/);
    const guest = await phone();
    await guest.page.goto(url);
    await guest.sees('cargo-card');
    await keepsToItself(guest, tokenOf(url));
    assert.equal(String((await guest.stored('session')).driver.id), String(driver.driver));
    await guest.page.reload();
    await guest.sees('cargo-card');
    assert.equal(guest.sent(LINK_SIGN_IN), 1, 'the session outlives a reload');
    assert.equal(guest.sent('POST /api/auth/telegram'), 0);

    await driver.page.reload();
    await driver.sees('session-replaced');
    guest.expect(/status of 401/);
    await product.pass(1);
    await driver.openAt('subscription');
    await driver.sees('plans');
    await showLink(driver);
    await driver.tap('access-link-revoke');
    await driver.tap('access-link-revoke-yes');
    assert.match(await driver.sees('access-link-state'), /Ссылка отозвана/);
    await driver.seesNo('access-link-url');

    const late = await phone();
    late.expect(/status of 401/);
    await late.page.goto(url);
    assert.match(await late.sees('link-invalid'), /Её отозвали или скопировали не целиком/);
    assert.equal(await late.get('reopen').getAttribute('href'), product.url);
    await keepsToItself(late, tokenOf(url));

    const newer = await showLink(driver);
    assert.notEqual(newer, url);
    // The first guest is out by now; the new link is put into the address of the page that is open.
    await guest.page.reload();
    assert.match(await guest.sees('session-replaced'), /откройте свою ссылку/);
    await guest.page.evaluate((to) => (location.href = to), newer);
    await guest.sees('cargo-card');
    await keepsToItself(guest, tokenOf(newer));
    // A bad link signs nobody out, and is asked about before anybody knows that it is bad.
    await guest.page.evaluate((to) => (location.href = to), url);
    await guest.tap('link-take');
    await guest.sees('link-invalid');
    await guest.tap('go-on');
    await guest.sees('cargo-card');
  },
);

journey('an access link waits for the network, and for a subscription', async ({ phone, product }) => {
  const driver = await phone();
  await driver.openAt('subscription');
  const url = await showLink(driver);
  const guest = await phone();
  guest.expect(FAILED_REQUESTS);
  await guest.page.route('**/api/auth/access-token', (route) => route.abort());
  await guest.page.goto(url);
  await guest.sees('error', 'Сервер не ответил');
  await guest.page.unrouteAll();
  await guest.get('error').getByRole('button', { name: 'Повторить' }).tap();
  await guest.sees('cargo-card');

  driver.expect(FAILED_REQUESTS);
  await product.pass(3 * DAY);
  const late = await phone();
  late.expect(FAILED_REQUESTS);
  await late.page.goto(url);
  assert.match(await late.sees('link-over'), /Подписка закончилась/);
  assert.equal(await late.get('reopen').getAttribute('href'), product.url);
  await driver.openAt('subscription');
  assert.match(await driver.sees('access-link-locked'), /пока действует подписка/);
  await driver.seesNo('access-link-show');
});

journey('a subscription that ends while the screen is open shows no link', async ({ phone, product }) => {
  const driver = await phone();
  await driver.openAt('subscription');
  await driver.sees('access-link-show');
  await nothingIsOnItsWay(driver, '/api/payments');
  // Within one session, which ends after a day without use.
  for (let day = 0; day < 4; day += 1) {
    await product.pass(DAY - 60);
    assert.equal((await driver.api('me')).status, 200);
  }
  driver.expect(/status of 402/);
  await driver.tap('access-link-show');
  await driver.sees('access-link-locked');
  assert.match(await driver.sees('subscription-state'), /закончился/);
});

journey('inside Telegram an access link is nothing but the app', async ({ phone }) => {
  const other = await phone();
  await other.openAt('subscription');
  const token = tokenOf(await showLink(other));
  const driver = await phone({ telegram: true });
  const address = (await driver.address()).replace('#', `#/access/${token}?`);
  await driver.page.goto(address);
  await driver.sees('cargo-card');
  assert.equal(driver.sent(LINK_SIGN_IN), 0);
  assert.equal((await driver.stored('session')).userId, String(driver.driver));
  await keepsToItself(driver, token);
});

journey('the access link is copied, and sent through Telegram where there is one', async ({ phone }) => {
  const driver = await phone({ telegram: true });
  await driver.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await driver.openAt('subscription');
  const url = await showLink(driver);
  await driver.tap('access-link-copy');
  await driver.sees('toast', 'Ссылка скопирована');
  assert.equal(await driver.page.evaluate(() => navigator.clipboard.readText()), url);
  await driver.tap('access-link-share');
  const { path_full: path } = await driver.posted('web_app_open_tg_link');
  assert.equal(new URL(path, 'https://t.me').searchParams.get('url'), url);
});

// ------------------------------------------------------------------------------------- when somebody else has the link

/** A driver with this link, in a browser of their own. */
async function guestBy(phone, url) {
  const guest = await phone();
  await guest.page.goto(url);
  await guest.sees('cargo-card');
  return guest;
}

/** Asks for the list anew, unless the app asked something by itself meanwhile, and is shown that the session is over. */
async function isOut(guest) {
  await Promise.race([guest.tap('refresh'), guest.sees('session-outside')]);
  await guest.sees('session-outside');
}

/** The address of a driver's link. */
async function linkOf(product, id) {
  const token = await product.signIn(id, { age_s: 60 });
  return (await product.api(token, 'me/access-link')).body.url;
}

journey('a browser in which somebody is signed in asks before a link replaces them', async ({ phone, product }) => {
  const other = newDriver();
  const url = await linkOf(product, other);
  const driver = await guestBy(phone, await linkOf(product, newDriver()));
  const before = await driver.stored('session');
  await driver.page.evaluate((to) => (location.href = to), url);
  const asked = await driver.sees('link-asks');
  assert.ok(asked.includes(before.driver.first_name), asked);
  assert.equal(driver.sent(LINK_SIGN_IN), 1, 'nothing is sent before the answer');
  await keepsToItself(driver, tokenOf(url));
  await driver.tap('link-keep');
  await driver.sees('cargo-card');
  assert.equal((await driver.stored('session')).token, before.token);

  await driver.page.goto('about:blank');
  await driver.page.goto(url);
  await driver.sees('link-asks');
  await driver.tap('link-take');
  await driver.sees('cargo-card');
  assert.equal(String((await driver.stored('session')).driver.id), String(other));
  await driver.page.reload();
  await driver.sees('cargo-card');
  await driver.seesNo('link-asks');
});

journey('who came by a link can shut nobody out, and is shown why', async ({ phone, product }) => {
  const id = newDriver();
  const token = await product.signIn(id, { age_s: 120 });
  const own = { phone: '+79161234567', email: 'own@example.org' };
  assert.equal((await product.api(token, 'me', { method: 'PUT', body: own })).status, 200);
  const guest = await guestBy(phone, await linkOf(product, id));
  await guest.tap('open-profile');
  await guest.tap('edit');
  assert.match(await guest.sees('edit-screen'), /Вы вошли по ссылке/);
  for (const field of ['phone', 'email']) assert.equal(await guest.get(field).getAttribute('readonly'), '', field);
  await guest.get('company').fill('ИП Морозов');
  await guest.tap('main-action');
  await guest.sees('toast', 'Сохранено');
  const { body } = await guest.api('me');
  assert.deepEqual([body.phone, body.email, body.company], [own.phone, own.email, 'ИП Морозов']);
  await guest.tap('open-subscription');
  await showLink(guest);
  assert.match(await guest.sees('access-link-hint'), /Отозвать её можно в Telegram/);
  await guest.seesNo('access-link-revoke');
});

journey('the bot tells of the opening, and one press ends it', async ({ phone, product }) => {
  const id = newDriver();
  const guest = await guestBy(phone, await linkOf(product, id));
  const message = await until(
    async () => (await product.chat(id)).find(({ text }) => text?.includes('по вашей личной ссылке')),
    'the bot tells of it',
  );
  const [[button]] = message.reply_markup.inline_keyboard;
  assert.equal(button.text, '🔒 Закрыть доступ');
  const press = { chat_id: id, message_id: message.message_id, from: id, data: button.callback_data };
  guest.expect(/status of 401/);
  await product.sandbox('POST', '/telegram/press', press);
  await isOut(guest);
  await guest.page.reload();
  await guest.sees('session-outside');
});

journey('an admin revokes a link, and who came by it is out', async ({ phone, product }) => {
  const id = newDriver();
  const guest = await guestBy(phone, await linkOf(product, id));
  const owner = await phone({ driver: OWNER });
  await owner.openAdmin(`drivers/${id}`);
  assert.match(await owner.sees('session'), /по личной ссылке/);
  guest.expect(/status of 401/);
  await owner.tap('revoke-link');
  await owner.get('reason').fill('Ссылка утекла');
  await owner.tap('dialog-submit');
  await owner.sees('toast', 'Ссылка отозвана');
  await until(async () => /не вошёл/.test(await owner.sees('session')), 'nobody is signed in by it');
  await isOut(guest);
});
