import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { journeys, until } from './harness.js';

const OWNER = 7_000_000_001;
const journey = journeys({ ADMIN_TELEGRAM_IDS: `${OWNER}` });
const WIDE = { desktop: true, size: { width: 1280, height: 800 } };

journey('what support may not give alone waits until an owner confirms it', async ({ phone, product }) => {
  const who = await product.driverWithPhone();
  const support = await product.driverWithPhone();
  const token = await product.signIn(OWNER);
  await product.api(token, `admin/roles/${support}`, { method: 'PUT', body: { role: 'support' } });
  const helper = await phone({ driver: support });
  await helper.openAdmin(`drivers/${who}`);
  await helper.tap('gift');
  await helper.get('days').fill('60');
  await helper.get('reason').fill('Сбой');
  await helper.tap('dialog-submit');
  await helper.sees('toast', 'запрос отправлен владельцу');
  await helper.openAdmin('requests');
  await helper.sees('request-row', '60 дней');
  await helper.seesNo('confirm');

  const owner = await phone({ driver: OWNER, ...WIDE });
  await owner.openAdmin('');
  assert.match(await owner.sees('requests-wait'), /1 запрос/);
  await owner.get('requests-wait').click();
  await owner.get('confirm').click();
  await owner.get('dialog-submit').click();
  await owner.sees('toast', 'дни начислены');
  await owner.seesNo('request-row');
  await owner.openAdmin(`drivers/${who}`);
  assert.match(await owner.sees('ledger'), /60 дней/);
});

journey('an admin is signed in here and in the app, on a phone and at a desk, at once', async ({ phone }) => {
  const inPocket = await phone({ driver: OWNER });
  await inPocket.openList();
  await inPocket.tap('open-profile');
  await inPocket.tap('open-admin');
  await inPocket.sees('nav-payments');
  const desk = await phone({ driver: OWNER, ...WIDE });
  await desk.openAdmin('payments');
  await desk.sees('section-payments');
  await inPocket.openAdmin('drivers');
  await inPocket.sees('driver-row');
  inPocket.options.launch = {};
  await inPocket.openList();
});

journey('all responses are looked through, and back leads to the list as it was', async ({ phone, product }) => {
  const who = await product.driverWithPhone();
  const token = await product.signIn(who);
  const cargos = [];
  for (let at = 0; at < 3; at += 1) {
    cargos.push(await product.addCargo({ from: 'Казань', to: 'Самара', price_rub: 68_000 + at }));
    const answer = await product.api(token, `cargos/${cargos[at]}/responses`, {
      method: 'POST',
      body: {},
      key: randomUUID(),
    });
    assert.equal(answer.status, 201);
  }
  await product.press(cargos[0], 'Принять');
  const owner = await phone({ driver: OWNER });
  await owner.openAdmin('responses?status=accepted');
  assert.match(await owner.sees('all-response-row'), /принят[\s\S]*Ольга Ветрова/);
  await owner.openAdmin('responses');
  await until(async () => (await owner.get('all-response-row').count()) >= 3, 'all of them');
  // A tap that a screen just entered ignores is tried again, at another place of the page.
  await owner.settled();
  await owner.page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  const place = await owner.page.evaluate(() => window.scrollY);
  await owner.page.locator('[data-testid=all-response-row] a.row-link').last().tap();
  assert.match(await owner.sees('response-history'), /водитель/);
  const asked = owner.sent('GET /api/admin/responses');
  await owner.page.goBack();
  await owner.sees('all-response-row');
  assert.equal(owner.sent('GET /api/admin/responses'), asked, 'the list is as it was left');
  await until(
    async () => Math.abs((await owner.page.evaluate(() => window.scrollY)) - place) < 3,
    'and so is its place',
  );
  await owner.openAdmin('responses?view=deciders');
  assert.match(await owner.sees('decider-row'), /Ольга Ветрова[\s\S]*1[\s\S]*100/);
});

journey('edits of the settings are not lost unasked', async ({ phone }) => {
  const owner = await phone({ driver: OWNER, ...WIDE });
  await owner.openAdmin('flags');
  await owner.sees('section-flags');
  await owner.get('nav-settings').click();
  await owner.get('support_contact').fill('+7 999 123 45');
  await owner.get('settings-review').click();
  assert.deepEqual(await owner.errors(), ['Нужно @имя, телефон с + или адрес https://']);
  await owner.get('nav-audit').click();
  await owner.sees('leave-dialog');
  await owner.get('leave-stay').click();
  assert.equal(await owner.get('support_contact').inputValue(), '+7 999 123 45');
  await owner.page.goBack();
  await owner.sees('leave-dialog');
  await owner.get('leave-stay').click();
  await owner.get('support_contact').fill('+7 999 123 45 67');
  await owner.get('settings-review').click();
  await owner.get('dialog-submit').click();
  await owner.sees('toast', 'сохранены');
  assert.equal(await owner.get('support_contact').inputValue(), '+79991234567');
  await owner.get('trial_days').fill('9');
  await owner.get('nav-audit').click();
  await owner.get('leave-go').click();
  await owner.sees('section-audit');
});
