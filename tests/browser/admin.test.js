import assert from 'node:assert/strict';
import { journeys, newDriver, until } from './harness.js';
import { FAILED_REQUESTS, PAYING_CARD, payAtYookassa, RECEIPTS } from './screens.js';

const OWNER = 7_000_000_001;
/** The demo driver with whom the page of `cargo dev` begins. */
const DEMO_OWNER = 310_482_771;
const journey = journeys({ ADMIN_TELEGRAM_IDS: `${OWNER},${DEMO_OWNER}` });
const WIDE = { desktop: true, size: { width: 1280, height: 800 } };

/** For whom a flag is on. */
const ruleOf = ({ body }, name) => body.items.find(({ flag }) => flag === name).rule;

/** A driver whose trial is over and who has bought a month; the phone is at the end of that. */
async function buyer(phone, product) {
  const driver = await phone({ driver: await product.driverWithoutAccess() });
  await driver.openAt('subscription');
  await driver.sees('plans');
  await driver.tap('plan-1m');
  await driver.tap('main-action');
  await payAtYookassa(driver.page, PAYING_CARD);
  await driver.sees('payment-succeeded');
  return driver;
}

// ------------------------------------------------------------------------------------------------------- who may in

journey('who is no admin is refused, told so, and shown nothing', async ({ phone }) => {
  const stranger = await phone();
  stranger.expect(FAILED_REQUESTS);
  await stranger.page.goto((await stranger.address()).replace('/app/#', '/app/admin/#'));
  assert.match(await stranger.sees('refused'), /для администраторов[\s\S]*Код запроса/);
  await stranger.seesNo('nav-payments');
  assert.equal(stranger.sent('GET /api/admin/overview'), 0);
  await stranger.openList();
  await stranger.tap('open-profile');
  await stranger.sees('profile-screen');
  await stranger.seesNo('open-admin');
});

journey('in a browser without a session the page sends to the bot', async ({ phone, product }) => {
  const stranger = await phone(WIDE);
  stranger.expect(FAILED_REQUESTS);
  await stranger.page.goto(`${product.url}/app/admin/`);
  assert.match(await stranger.sees('session-outside'), /Откройте приложение из бота/);
  assert.match(await stranger.get('reopen').getAttribute('href'), /startapp=admin$/);
});

journey('the link to the bot for admins opens their page', async ({ phone }) => {
  const owner = await phone({ driver: OWNER });
  await owner.openAt('admin');
  await owner.page.waitForURL(/\/app\/admin\//);
  await owner.sees('nav-payments');
  // From then on the profile leads there too.
  owner.options.launch = {};
  await owner.openList();
  await owner.tap('open-profile');
  await owner.tap('open-admin');
  await owner.sees('nav-payments');
});

journey(
  'in the phone of cargo dev the page is inside Telegram as the app is, and follows its theme',
  async ({ phone, product }) => {
    const { page } = await phone({ desktop: true, size: { width: 1280, height: 1000 } });
    await page.goto(`${product.url}/`);
    const app = page.frameLocator('#web-view iframe');
    await app.getByTestId('open-profile').waitFor();
    await page.getByText('Dark', { exact: true }).click();
    await app.locator('html[data-scheme=dark]').waitFor();
    await app.getByTestId('open-profile').click();
    await app.getByTestId('open-admin').click();
    await app.getByTestId('nav-payments').last().waitFor();
    await app.locator('html[data-scheme=dark]').waitFor();
    await page.getByText('Light', { exact: true }).click();
    await app.locator('html[data-scheme=light]').waitFor();
  },
);

// ------------------------------------------------------------------------------------------------------------ money

journey(
  'an admin finds a payment and gives a part of it back, once, however often it is pressed',
  async ({ phone, product }) => {
    const driver = await buyer(phone, product);
    const owner = await phone({ driver: OWNER });
    await owner.openAdmin(`payments?driver_id=${driver.driver}`);
    assert.match(await owner.sees('payment-row'), /Оплачен[\s\S]*499 ₽[\s\S]*1 месяц/);
    await owner.page.locator('[data-testid=payment-row] a.row-link').first().tap();
    await owner.sees('payment');
    await owner.tap('refund');
    await owner.page.getByTestId('refund-part').getByText('Часть').tap();
    await owner.get('amount_rub').fill('500');
    await owner.tap('dialog-submit');
    assert.deepEqual(await owner.errors(), ['Можно вернуть не больше 499 ₽', 'Напишите причину']);
    assert.equal(owner.sent('POST /api/admin'), 0);
    await owner.get('amount_rub').fill('150,50');
    await owner.get('reason').fill('Не работал звонок');
    assert.match(await owner.sees('refund-confirmation'), /150,50 ₽ вернётся водителю/);
    await owner.sees('refund-confirmation', `Водитель (${driver.driver})`);
    // The answer to the first try is lost on the way.
    owner.expect(FAILED_REQUESTS);
    let lost = 0;
    await owner.page.route('**/refund', async (route) => {
      const answer = await route.fetch();
      lost += 1;
      return lost === 1 ? route.abort() : route.fulfill({ response: answer });
    });
    await owner.page.getByTestId('dialog-submit').evaluate((button) => {
      button.click();
      button.click();
    });
    await owner.sees('toast', 'Деньги возвращены');
    await owner.seesNo('refund-dialog');
    assert.equal(lost, 2);
    assert.match(await owner.sees('refunded'), /150,50 ₽/);
    assert.equal(await owner.get('asked-refund').count(), 1);
    assert.match(await owner.sees('refundable'), /348,50 ₽/);
    const { items } = (await driver.api('payments')).body;
    assert.equal(items[0].refunded_rub, 150.5);
    await owner.page.unrouteAll();

    // All that is left, after which nothing can be asked for.
    await owner.tap('refund');
    await owner.get('reason').fill('Вернули остаток');
    await owner.tap('dialog-submit', '348,50 ₽');
    await owner.sees('toast', 'Деньги возвращены');
    await until(async () => (await owner.get('asked-refund').count()) === 2, 'both refunds are there');
    await owner.seesNo('refund');
    assert.equal((await driver.api('payments')).body.items[0].refunded_rub, 499);
  },
);

journey(
  'a tile leads to a list of the same days with as many rows, and a refund says who may read its reason',
  async ({ phone, product }) => {
    await product.set({ receipts: RECEIPTS });
    await product.yookassa('settings', { fiscalization: true });
    const driver = await phone({ driver: await product.driverWithoutAccess() });
    await driver.openAt('subscription');
    await driver.get('receipt-email').fill('driver@mail.ru');
    await driver.tap('plan-1m');
    await driver.tap('main-action');
    await payAtYookassa(driver.page, PAYING_CARD);
    await driver.sees('payment-succeeded');
    const owner = await phone({ driver: OWNER });
    await owner.openAdmin();
    const tile = (name) =>
      owner.page.locator('[data-testid=tiles] a.tile, [data-testid=tiles] div.tile').filter({ hasText: name });
    assert.match(await tile('Оплатили после пробного').innerText(), /рано|из/);
    const { paid } = (await owner.api('admin/overview')).body.totals;
    await tile('Выручка').tap();
    await owner.sees('payment-row');
    assert.equal(await owner.get('payment-row').count(), paid);
    assert.match(await owner.sees('totals'), new RegExp(`^${paid} плат`));
    await owner.page.goBack();
    const active = Number(await tile('Платных подписок').locator('.tile-value').innerText());
    await tile('Платных подписок').tap();
    await until(
      async () => (await owner.get('subscription-row').count()) === active,
      'each active subscription is a row',
    );

    const id = (await driver.api('payments')).body.items[0].id;
    await owner.openAdmin(`payments/${id}`);
    await owner.tap('refund');
    assert.match(await owner.sees('refund-dialog'), /Банк может показать её водителю/);
    await owner.page.getByTestId('refund-part').getByText('Часть').tap();
    await owner.get('amount_rub').fill('100');
    await owner.get('email').fill('driver@nowhere.invalid');
    await owner.get('reason').fill('Просит');
    owner.expect(FAILED_REQUESTS);
    await owner.tap('dialog-submit');
    await until(
      async () => (await owner.errors()).some((error) => /ЮKassa этого не приняла/.test(error)),
      'the field is told',
    );
    await owner.get('email').fill('driver@mail.ru');
    await owner.tap('dialog-submit');
    await owner.sees('toast', 'Деньги возвращены');
  },
);

journey('a refund whose fate YooKassa does not tell is shown as being checked', async ({ phone, product }) => {
  const driver = await buyer(phone, product);
  const id = (await driver.api('payments')).body.items[0].id;
  const owner = await phone({ driver: OWNER });
  owner.expect(FAILED_REQUESTS);
  await owner.openAdmin(`payments/${id}`);
  await owner.tap('refund');
  await owner.get('reason').fill('Ошибка');
  // Its notification would tell.
  await product.yookassa('notifications', { hold: true });
  await product.yookassa('faults', { fail_after: { endpoint: 'create_refund' } });
  await owner.tap('dialog-submit');
  await owner.sees('toast', 'Проверяем');
  assert.match(await owner.sees('asked-refund'), /проверяем/);
});

journey('what is dangerous needs a recent sign-in, which the way over the bot brings', async ({ phone, product }) => {
  const driver = await buyer(phone, product);
  const id = (await driver.api('payments')).body.items[0].id;
  const owner = await phone({ driver: OWNER });
  await owner.openAdmin(`payments/${id}`);
  await owner.sees('payment');
  await product.pass(3601);
  owner.expect(FAILED_REQUESTS);
  await owner.tap('refund');
  await owner.get('reason').fill('Ошибка');
  await owner.tap('dialog-submit');
  assert.match(await owner.sees('error'), /Нужен свежий вход[\s\S]*Код запроса/);
  assert.match(await owner.get('reopen').getAttribute('href'), /startapp=admin$/);
  assert.equal(await owner.get('reason').inputValue(), 'Ошибка', 'what was typed stays');

  await owner.openAt('admin');
  await owner.page.waitForURL(/\/app\/admin\//);
  await owner.openAdmin(`payments/${id}`);
  await owner.tap('refund');
  await owner.get('reason').fill('Ошибка');
  await owner.tap('dialog-submit');
  await owner.sees('toast', 'Деньги возвращены');
});

journey('a list of payments becomes a file', async ({ phone, product }) => {
  const driver = await buyer(phone, product);
  const owner = await phone({ driver: OWNER, ...WIDE });
  await owner.openAdmin(`payments?driver_id=${driver.driver}`);
  await owner.sees('payment-row');
  const [file] = await Promise.all([owner.page.waitForEvent('download'), owner.get('csv').click()]);
  assert.equal(file.suggestedFilename(), 'payments.csv');
  const chunks = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'the mark by which Excel knows UTF-8, once');
  const lines = bytes.subarray(3).toString().trim().split('\r\n');
  assert.equal(lines.length, 2);
  assert.match(lines[0], /^"Платёж";"Водитель, ID";.*"Сумма, ₽".*"Создан \(МСК\)"/);
  assert.match(lines[1], new RegExp(`;"${driver.driver}";.*;"499";.*;"\\d\\d\\.\\d\\d\\.\\d{4} \\d\\d:\\d\\d:\\d\\d"`));
});

// ------------------------------------------------------------------------------------------------------ promo codes

journey(
  'a promo code that an admin makes is redeemed by a driver, and off it is refused',
  async ({ phone, product }) => {
    // First, because days pass for it, and sessions end.
    const [first, second] = [await product.driverWithoutAccess(), await product.driverWithoutAccess()];
    const owner = await phone({ driver: OWNER });
    await owner.openAdmin('promo-codes');
    await owner.tap('promo-create');
    await owner.get('code').fill('o');
    await owner.tap('dialog-submit');
    assert.deepEqual(await owner.errors(), ['От 3 до 32 латинских букв и цифр']);
    await owner.get('code').fill('oseni26');
    await owner.get('days').fill('45');
    await owner.get('max_uses').fill('2');
    await owner.tap('dialog-submit');
    await owner.sees('toast', 'Промокод OSENI26 создан');
    assert.match(await owner.sees('promo-row'), /OSENI26[\s\S]*45 дней[\s\S]*0 из 2/);

    const driver = await phone({ driver: first });
    await driver.openAt('subscription');
    await driver.get('promo-code').fill('oseni26');
    await driver.tap('promo-apply');
    await driver.sees('toast', '45 дней');

    await owner.openAdmin('promo-codes/OSENI26');
    assert.match(await owner.sees('promo-uses'), /1 из 2/);
    assert.match(await owner.sees('promo-use'), new RegExp(String(driver.driver)));
    await owner.openAdmin('promo-codes');
    await owner.tap('enabled-OSENI26');
    await owner.sees('toast', 'Промокод выключен');
    const other = await phone({ driver: second });
    other.expect(FAILED_REQUESTS);
    await other.openAt('subscription');
    await other.get('promo-code').fill('OSENI26');
    await other.tap('promo-apply');
    await other.page.locator('.field-error').waitFor();
  },
);

// ------------------------------------------------------------------------------------------------ settings and flags

journey('a flag that an admin switches changes the app within half a minute, without a reload', async ({ phone }) => {
  const driver = await phone();
  await driver.openAt('subscription');
  await driver.sees('promo-code');
  await driver.mark();
  const owner = await phone({ driver: OWNER });
  await owner.openAdmin('flags');
  await owner.page.getByTestId('rule-app.promo_codes').getByText('Никому').tap();
  await owner.sees('toast', 'Переключено');
  const started = Date.now();
  await driver.page.getByTestId('promo-code').waitFor({ state: 'detached', timeout: 30_000 });
  assert.ok(Date.now() - started < 30_000);
  assert.ok(await driver.isMarked());

  // For one driver alone, who has a page of it again.
  await owner.page.getByTestId('rule-app.promo_codes').getByText('Списку').tap();
  await owner.get('drivers').fill(`${driver.driver}, ${newDriver()}`);
  await owner.tap('dialog-submit');
  await owner.seesNo('dialog');
  await driver.openAt('subscription');
  await driver.sees('promo-code');
  const other = await phone();
  await other.openAt('subscription');
  await other.sees('plans');
  await other.seesNo('promo-code');

  await owner.page.getByTestId('rule-app.promo_codes').getByText('Всем').tap();
  await until(async () => ruleOf(await owner.api('admin/flags'), 'app.promo_codes') === 'on', 'it is on for all again');
});

journey('who responds while that is switched off is told so', async ({ phone, product }) => {
  const id = await product.addCargo({ from: 'Казань', to: 'Самара', price_rub: 68_000 });
  const driver = await phone({ driver: await product.driverWithPhone() });
  await driver.openCargo(id);
  await driver.sees('respond-phone');
  const owner = await phone({ driver: OWNER });
  await owner.openAdmin('flags');
  await owner.page.getByTestId('rule-app.respond').getByText('Никому').tap();
  await owner.sees('toast', 'Переключено');
  driver.expect(FAILED_REQUESTS);
  await driver.tap('main-action');
  assert.match(await driver.sees('respond-failed'), /Сейчас это отключено/);
  assert.equal((await driver.responses()).length, 0);
  await driver.openCargo(id);
  await driver.seesNo('respond-more');
  await owner.page.getByTestId('rule-app.respond').getByText('Всем').tap();
  await until(async () => ruleOf(await owner.api('admin/flags'), 'app.respond') === 'on', 'it is on for all again');
});

journey(
  'settings show old and new before they are saved, and what somebody else changed meanwhile',
  async ({ phone, product }) => {
    const owner = await phone({ driver: OWNER });
    await owner.openAdmin('settings');
    await owner.get('plan-price-1').fill('1199');
    assert.match(await owner.sees('plan-preview-1'), /13,33 ₽ в день · выгода 19 %/);
    await owner.get('trial_days').fill('500');
    await owner.tap('settings-review');
    assert.deepEqual(await owner.errors(), ['Число от 0 до 90']);
    await owner.get('trial_days').fill('5');
    await owner.tap('settings-review');
    const changes = await owner.sees('changes');
    assert.match(changes, /3 месяца: 90 дней, 1 299 ₽ → 3 месяца: 90 дней, 1 199 ₽/);
    assert.match(changes, /3 дня → 5 дней/);
    assert.doesNotMatch(changes, /499/);
    await owner.tap('dialog-cancel');
    assert.equal(owner.sent('PUT /api/admin/settings'), 0);

    // Another owner, meanwhile.
    const { version } = (await owner.api('admin/settings')).body;
    const other = await owner.api('admin/settings', { method: 'PUT', body: { version, response_expiry_hours: 24 } });
    assert.equal(other.status, 200);
    owner.expect(FAILED_REQUESTS);
    await owner.tap('settings-review');
    await owner.tap('dialog-submit');
    assert.match(await owner.sees('settings-conflict'), /48 часов → 24 часа/);
    assert.equal(await owner.get('plan-price-1').inputValue(), '1199');
    assert.equal(await owner.get('response_expiry_hours').inputValue(), '24');
    await owner.tap('settings-review');
    assert.doesNotMatch(await owner.sees('changes'), /24 часа/);
    await owner.tap('dialog-submit');
    await owner.sees('toast', 'Настройки сохранены');

    const driver = await phone();
    await driver.openAt('subscription');
    assert.match(await driver.sees('plan-3m'), /1 199 ₽/);
    const { settings } = (await owner.api('admin/settings')).body;
    assert.equal(settings.response_expiry_hours, 24);
    assert.equal(settings.trial_days, 5);
    // As they were, for the tests after this one.
    await product.set({});
  },
);

journey('a key that YooKassa refuses is not kept, and no key is ever shown', async ({ phone }) => {
  const owner = await phone({ driver: OWNER });
  await owner.openAdmin('settings');
  const before = await owner.sees('shop-id');
  await owner.tap('shop-change');
  await owner.get('secret_key').fill('test_wrong_key_of_a_shop_0000');
  owner.expect(FAILED_REQUESTS);
  await owner.tap('dialog-submit');
  await owner.page.locator('.field-error').waitFor();
  assert.match((await owner.errors())[0], /ЮKassa этого не приняла/);
  await owner.tap('dialog-cancel');
  assert.equal(await owner.sees('shop-id'), before);
  assert.doesNotMatch(await owner.page.content(), /test_wrong_key/);
});

// ------------------------------------------------------------------------------------------------------ the keyboard

journey('the page is used by keyboard: dialogs hold the focus, Escape closes them, Enter sends', async ({ phone }) => {
  const owner = await phone({ driver: OWNER, ...WIDE });
  await owner.openAdmin('promo-codes');
  const { keyboard } = owner.page;
  await owner.get('promo-create').focus();
  await keyboard.press('Enter');
  await owner.sees('promo-dialog');
  const inDialog = () => owner.page.evaluate(() => !!document.activeElement?.closest('[role=dialog]'));
  for (let at = 0; at < 14; at += 1) {
    assert.ok(await inDialog(), `after ${at} tabs`);
    await keyboard.press('Tab');
  }
  await keyboard.press('Escape');
  await owner.seesNo('promo-dialog');
  assert.equal(await owner.page.evaluate(() => document.activeElement?.dataset.testid), 'promo-create');
  await keyboard.press('Enter');
  await owner.get('code').fill('KLAVA26');
  await keyboard.press('Enter');
  await owner.sees('toast', 'KLAVA26');
});

// ------------------------------------------------------------------------------------------------------------- bytes

/** The page without its charts, compressed: an admin waits for it on the road as well. */
const ENTRY_BYTES = 60_000;

journey('the admin page comes within its bytes, and drivers load nothing of it', async ({ phone }) => {
  const owner = await phone({ driver: OWNER });
  const cdp = await owner.context.newCDPSession(owner.page);
  await cdp.send('Network.enable');
  const urls = new Map();
  const files = [];
  cdp.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url));
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
    files.push([new URL(urls.get(requestId)).pathname, encodedDataLength]),
  );
  await owner.openAdmin('promo-codes');
  await owner.sees('section-promo-codes');
  const entry = files.filter(([path]) => path.startsWith('/app/') && !path.includes('charts'));
  const bytes = entry.reduce((sum, [, size]) => sum + size, 0);
  console.log(`# admin page: ${bytes} bytes\n# ${entry.map(([path, size]) => `${size} ${path}`).join('\n# ')}`);
  assert.ok(entry.length >= 3, 'something is counted');
  assert.ok(bytes <= ENTRY_BYTES, `${bytes} bytes`);

  const driver = await phone();
  await driver.openList();
  const own = new Set(entry.map(([path]) => path));
  assert.deepEqual(
    driver.requests.filter((request) => own.has(request.split(' ')[1])),
    [],
  );
});

// ---------------------------------------------------------------------------------------------------------- drivers

journey(
  'an admin gives days to a driver, who has them at once, and sees which rule decides',
  async ({ phone, product }) => {
    const driver = await phone({ driver: await product.driverWithoutAccess() });
    await driver.openAt('subscription');
    await driver.sees('subscription-state', 'закончился');
    const owner = await phone({ driver: OWNER });
    await owner.openAdmin('drivers');
    await owner.get('search').fill(String(driver.driver));
    await owner.get('search').press('Enter');
    await until(async () => (await owner.get('driver-row').count()) === 1, 'one driver is found');
    await owner.page.locator('[data-testid=driver-row] a.row-link').tap();
    assert.match(await owner.sees('feature-contacts'), /нет\s+нет подписки/);
    await owner.tap('gift');
    await owner.page.getByTestId('gift-days').getByText('7 дней').tap();
    await owner.get('reason').fill('Извинились за сбой');
    await owner.page.getByTestId('dialog-submit').evaluate((button) => {
      button.click();
      button.click();
    });
    await owner.sees('toast', 'Дни подарены');
    await until(async () => /7 дней/.test(await owner.sees('days-left')), 'seven days are left');
    assert.match(await owner.sees('feature-contacts'), /да\s+есть подписка/);
    const ledger = await owner.sees('ledger');
    assert.match(ledger, /\+7 дней\s+подарок\s+Извинились за сбой/);
    assert.equal(ledger.match(/подарок/g).length, 1);
    await driver.openAt('subscription');
    await driver.sees('subscription-state', 'осталось 7 дней');

    await owner.tap('revoke');
    await owner.get('days').fill('3');
    await owner.get('reason').fill('Ошиблись водителем');
    await owner.tap('dialog-submit');
    await owner.sees('toast', 'Дни забраны');
    await until(async () => /4 дня/.test(await owner.sees('days-left')), 'four days are left');
  },
);

journey('a blocked driver is told who helps, and is back when unblocked', async ({ phone, product }) => {
  const driver = await phone({ driver: await product.driverWithPhone() });
  await driver.openList();
  const owner = await phone({ driver: OWNER });
  await owner.openAdmin(`drivers/${driver.driver}`);
  await owner.tap('block');
  await owner.tap('dialog-submit');
  assert.deepEqual(await owner.errors(), ['Напишите причину']);
  await owner.get('reason').fill('Тайная причина');
  driver.expect(FAILED_REQUESTS);
  await owner.tap('dialog-submit');
  await owner.sees('driver-blocked');
  await driver.tap('refresh');
  const told = await driver.sees('blocked');
  assert.match(told, /Доступ закрыт[\s\S]*Причину подскажет поддержка/);
  assert.doesNotMatch(told, /Тайная причина/);
  await driver.sees('support');
  await driver.open();
  await driver.sees('blocked');
  await owner.tap('unblock');
  await owner.get('reason').fill('Разобрались');
  await owner.tap('dialog-submit');
  await owner.seesNo('driver-blocked');
  await driver.tap('blocked-retry');
  await driver.sees('cargo-card');
});

journey('personal data is deleted only when the id is typed, and then is gone', async ({ phone, product }) => {
  const id = await product.driverWithPhone();
  const owner = await phone({ driver: OWNER });
  await owner.openAdmin(`drivers/${id}`);
  await owner.tap('erase');
  await owner.get('reason').fill('Просьба водителя');
  await owner.get('confirm').fill('123');
  await owner.tap('dialog-submit');
  assert.deepEqual(await owner.errors(), ['Не совпадает с Telegram ID водителя']);
  assert.equal(owner.sent('POST /api/admin'), 0);
  await owner.get('confirm').fill(String(id));
  await owner.tap('dialog-submit');
  await owner.sees('toast', 'Данные удалены');
  assert.match(await owner.sees('driver-name', 'данные удалены'), /Без имени/);
});

// ------------------------------------------------------------------------------------------------------------ audit

journey('an audit trail leads from a payment to everything that one request did', async ({ phone, product }) => {
  const driver = await buyer(phone, product);
  const id = (await driver.api('payments')).body.items[0].id;
  // What comes of the refund is noted by the first who hears of it, under the id of that request; here nobody else does.
  await product.yookassa('notifications', { hold: true });
  const owner = await phone({ driver: OWNER });
  await owner.openAdmin(`payments/${id}`);
  await owner.tap('refund');
  await owner.get('reason').fill('Проверка журнала');
  await owner.tap('dialog-submit');
  await owner.sees('toast', 'Деньги возвращены');
  await owner.tap('payment-audit');
  const row = owner.page.getByTestId('audit-row').filter({ hasText: 'возврат запрошен' });
  await row.getByTestId('audit-open').tap();
  const detail = await owner.sees('audit-detail');
  assert.match(detail, new RegExp(`${OWNER}[\\s\\S]*payment/${id}`));
  await owner.page.locator('[data-testid=audit-detail] summary').tap();
  assert.match(await owner.sees('audit-detail'), /"kind": "payment"/);
  await owner.tap('detail-follow');
  await owner.seesNo('audit-detail');
  await owner.sees('following');
  const requests = await until(async () => {
    const links = await owner.page
      .getByTestId('audit-follow')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    return links.length >= 2 && links;
  }, 'what was asked and what became of it are there');
  assert.equal(new Set(requests).size, 1, 'all of one request');
  await owner.page.goBack();
  await owner.seesNo('following');
});

journey('the id under an error is found in the audit log', async ({ phone }) => {
  const stranger = await phone();
  stranger.expect(FAILED_REQUESTS);
  await stranger.page.goto((await stranger.address()).replace('/app/#', '/app/admin/#'));
  const [, id] = /Код запроса: (\S+)/.exec(await stranger.sees('refused'));
  const owner = await phone({ driver: OWNER });
  await owner.openAdmin('audit');
  await owner.get('search').fill(id);
  await owner.get('search').press('Enter');
  assert.match(await owner.sees('following'), /по одному запросу/);
  await until(async () => (await owner.get('audit-row').count()) === 1, 'one row is found');
  assert.match(
    await owner.sees('audit-row'),
    new RegExp(`Доступ к администрированию[\\s\\S]*не администратор[\\s\\S]*${stranger.driver}`),
  );
});

// ------------------------------------------------------------------------------------------------------------ roles

journey('a role opens its sections and no others, and is taken away at once', async ({ phone, product }) => {
  const marketer = await phone({ driver: await product.driverWithPhone() });
  const owner = await phone({ driver: OWNER });
  await owner.openAdmin('roles');
  await owner.tap('role-give');
  await owner.get('driver_id').fill(String(marketer.driver));
  await owner.get('role').selectOption('marketing');
  await owner.tap('dialog-submit');
  await owner.sees('toast', 'Роль дана');
  await owner.sees('role-row', String(marketer.driver));

  await marketer.openAdmin('menu');
  await marketer.sees('section-menu');
  assert.deepEqual(
    await marketer.page.locator('.menu [data-testid]').evaluateAll((links) => links.map((link) => link.dataset.testid)),
    ['nav-overview', 'nav-promo-codes', 'nav-health', 'to-app'],
  );
  await marketer.openAdmin('drivers');
  await marketer.sees('not-here');
  assert.equal(marketer.sent('GET /api/admin/drivers'), 0);

  await owner.page
    .getByTestId('role-row')
    .filter({ hasText: String(marketer.driver) })
    .getByTestId('role-take')
    .tap();
  await owner.tap('dialog-submit');
  await owner.sees('toast', 'Роль забрана');
  marketer.expect(FAILED_REQUESTS);
  await marketer.page.reload();
  await marketer.sees('refused');
});

journey('a market that is switched off is no trouble', async ({ phone }) => {
  const owner = await phone({ driver: OWNER });
  await owner.openAdmin('health');
  await owner.sees('market-state', 'выключен');
  await owner.seesNo('market-accept');
});

journey('an owner undoes an acceptance, and the driver reads why', async ({ phone, product }) => {
  const id = await product.addCargo({ from: 'Казань', to: 'Самара', price_rub: 68_000 });
  const who = await product.driverWithPhone();
  const token = await product.signIn(who);
  await product.api(token, `cargos/${id}/responses`, { method: 'POST', body: { price_rub: 72_000 } });
  const shipper = await phone();
  await shipper.page.goto(await product.shipperLink(id));
  await shipper.tap('shipper-accept');
  await shipper.tap('shipper-yes');
  await shipper.sees('shipper-phone');
  const owner = await phone({ driver: OWNER });
  await owner.openAdmin(`drivers/${who}/responses`);
  assert.match(await owner.sees('response-row'), /72 000 ₽[\s\S]*68 000 ₽/);
  await owner.tap('undo-acceptance');
  await owner.tap('dialog-submit');
  await owner.get('reason').fill('Груз снят');
  await owner.tap('dialog-submit');
  await owner.sees('response-row', 'принятие отменено');
  assert.match(await owner.sees('response-row'), /Груз снят/);
  await owner.seesNo('undo-acceptance');
  const notice = await until(
    async () => (await product.chat(who)).find(({ text }) => text?.includes('Принятие отклика отменено')),
    'the chat says so',
  );
  assert.match(notice.text, /Причина: Груз снят/);
  const driver = await phone({ driver: who });
  await driver.openCargo(id);
  assert.match(await driver.sees('response-next'), /Принятие отменили/);
  assert.match(await driver.sees('response-history'), /Принятие отменено\s+администратор/);
  // The shipper who had accepted reads what has become of it.
  await shipper.page.reload();
  await shipper.sees('shipper-state', 'Принятие отменено');
  assert.match(await shipper.sees('shipper-undone'), /этот водитель не приедет/);
  assert.equal(await shipper.get('shipper-phone').count(), 0);
  // It may have been a mistake.
  await driver.respond('Откликнуться снова');
  await driver.sees('withdraw');
});

journey('a driver who was passed over responds anew once the cargo is free again', async ({ phone, product }) => {
  const id = await product.addCargo({ from: 'Казань', to: 'Самара', price_rub: 68_000 });
  const [chosen, other] = [await product.driverWithPhone(), await product.driverWithPhone()];
  for (const who of [other, chosen]) {
    await product.api(await product.signIn(who), `cargos/${id}/responses`, { method: 'POST', body: {} });
    await product.card(id, who === chosen ? 'Ещё 1 отклик' : 'Казань');
  }
  const owner = await phone({ driver: OWNER });
  const driver = await phone({ driver: other });
  await driver.openCargo(id);
  await driver.sees('response-next');
  await product.press(id, 'Принять за');
  await product.press(id, 'Отказать остальным');
  await driver.sees('response-next', 'Этот рейс не ваш');
  assert.equal(await driver.get('main-action').filter({ hasText: 'Откликнуться' }).count(), 0);

  await owner.openAdmin(`drivers/${chosen}/responses`);
  await owner.tap('undo-acceptance');
  await owner.tap('dialog-submit');
  await owner.get('reason').fill('Не тот');
  await owner.tap('dialog-submit');
  await owner.sees('response-row', 'принятие отменено');
  await driver.openCargo(id);
  await driver.sees('response-next', 'Груз снова свободен');
  await driver.respond('Откликнуться снова');
  await driver.sees('withdraw');
});
