/** Every screen of the admin page and the way to it, on a product in which something has happened. */
import { randomUUID } from 'node:crypto';
import { until } from './harness.js';
import { CARGO, FAILED_REQUESTS, nothingIsOnItsWay } from './screens.js';

/** @typedef {import('./harness.js').Phone} Phone */

/** The demo driver whom `cargo dev` makes an owner. */
const OWNER = 310_482_771;
/** Other demo drivers. */
const [RUSTAM, NIKOLAI, SEMYON] = [5_214_907_336, 1_094_553_208, 7_881_240_519];

/** A phone, and a laptop. */
export const ADMIN_SIZES = [
  { width: 360, height: 800 },
  { width: 1280, height: 800 },
];

const furnished = new WeakMap();

/** Makes things happen in a product, once: drivers who pay, respond and redeem, and an admin who does something about it. */
function furnish(product) {
  if (!furnished.has(product)) furnished.set(product, happen(product));
  return furnished.get(product);
}

async function happen(product) {
  const tokens = {};
  for (const id of [RUSTAM, NIKOLAI, SEMYON]) {
    tokens[id] = await product.signIn(id, { age_s: 60 });
    await product.sandbox('POST', `/telegram/chats/${id}/contact`, {});
    await until(async () => (await product.api(tokens[id], 'me')).body.phone, 'the profile has the phone');
  }
  const buy = async (id, plan, paid) => {
    const order = await product.api(tokens[id], 'payments', {
      method: 'POST',
      body: { plan, return_to: 'browser' },
      key: randomUUID(),
    });
    expect(order, 'order');
    const { items } = await product.sandbox('GET', '/yookassa/payments');
    if (paid) await product.sandbox('POST', `/yookassa/payments/${items.at(-1).object.id}/pay`, {});
    const ours = order.body.payment.id;
    const { body } = await until(async () => {
      await new Promise((resolve) => setTimeout(resolve, 250));
      const answer = await product.api(tokens[id], `payments/${ours}`);
      return (!paid || answer.body.payment?.status === 'succeeded') && answer;
    }, 'the payment is paid');
    return body.payment.id;
  };
  const payment = await buy(RUSTAM, '3m', true);
  await buy(NIKOLAI, '1m', true);
  await buy(SEMYON, '12m', false);
  const owner = await product.signIn(OWNER, { age_s: 60 });
  const admin = async (path, body, method = 'POST') => {
    const answer = await product.api(owner, `admin/${path}`, { method, body, key: randomUUID() });
    expect(answer, path);
    return answer.body;
  };
  await admin(`payments/${payment}/refund`, { amount_rub: 300, reason: 'Два дня не работал звонок' });
  await admin('promo-codes', { code: 'VESNA', action: 'extend', days: 30, max_uses: 1000 });
  await admin('promo-codes', { code: 'DRUZYA7', action: 'trial', days: 7, max_uses: 50, enabled: false });
  await product.api(tokens[NIKOLAI], 'promo-codes/redeem', { method: 'POST', body: { code: 'VESNA' } });
  await admin(`drivers/${RUSTAM}/subscription`, { action: 'gift', days: 7, reason: 'Извинились за сбой' });
  await admin(`drivers/${SEMYON}/block`, { blocked: true, reason: 'Жалобы грузовладельцев' });
  await admin(`roles/${NIKOLAI}`, { role: 'support' }, 'PUT');
  const asks = { action: 'gift', days: 60, reason: 'Неделю не работали звонки' };
  expect(
    await product.api(tokens[NIKOLAI], `admin/drivers/${RUSTAM}/subscription`, {
      method: 'POST',
      body: asks,
      key: randomUUID(),
    }),
    'a request',
  );
  // An answer that does not reach its driver.
  const cargo = await product.addCargo(CARGO);
  await product.api(tokens[RUSTAM], `cargos/${cargo}/responses`, { method: 'POST', body: {} });
  await product.card(cargo);
  await product.sandbox('PUT', '/telegram/faults', { fail: { status: 400, times: 1, method: 'sendMessage' } });
  await product.press(cargo, 'Принять');
  await until(async () => {
    // A message has its turn in the bot's queue.
    await product.pass(3);
    return (await product.api(owner, 'admin/deliveries')).body.items.length > 0;
  }, 'the message to the driver fails');
  await product.sandbox('DELETE', '/telegram/faults');
  await product.pass(60);
  return { payment, driver: RUSTAM };
}

function expect({ status, body }, what) {
  if (status >= 300) throw new Error(`${what}: ${status} ${JSON.stringify(body)}`);
}

/** Opens a place of the admin page as an owner, and waits for something there. */
function at(place, testId, then = async () => undefined) {
  return async (phone) => {
    const things = await furnish(phone.product);
    phone.driver = OWNER;
    await phone.openAdmin(typeof place === 'function' ? place(things) : place);
    await phone.sees(testId);
    await phone.seesNo('skeleton');
    await then(phone, things);
  };
}

const press = (phone, testId) => phone.get(testId).first().click();

/**
 * By name, what brings a fresh phone or laptop to the screen.
 * @type {Record<string, (phone: Phone) => Promise<void>>}
 */
export const ADMIN_SCREENS = {
  'admin-overview': at('', 'charts', (phone) => phone.page.locator('.u-over').nth(3).waitFor()),
  'admin-menu': at('menu', 'section-menu'),
  'admin-payments': at('payments', 'payment-row'),
  'admin-payments-filters': at('payments?status=succeeded', 'payment-row', (phone) => press(phone, 'filters')),
  'admin-payments-empty': at('payments?status=lost', 'empty'),
  'admin-payment': at(({ payment }) => `payments/${payment}`, 'payment'),
  'admin-refund': at(
    ({ payment }) => `payments/${payment}`,
    'payment',
    async (phone) => {
      await press(phone, 'refund');
      await phone.page.getByTestId('refund-part').getByText('Часть').click();
      await phone.get('amount_rub').fill('200');
      await phone.get('reason').fill('Не работал звонок');
    },
  ),
  'admin-refund-wrong': at(
    ({ payment }) => `payments/${payment}`,
    'payment',
    async (phone) => {
      await press(phone, 'refund');
      await phone.page.getByTestId('refund-part').getByText('Часть').click();
      await phone.get('amount_rub').fill('5000');
      await press(phone, 'dialog-submit');
    },
  ),
  'admin-differences': at('differences', 'section-differences'),
  'admin-drivers': at('drivers', 'driver-row'),
  'admin-driver': at(({ driver }) => `drivers/${driver}`, 'driver-subscription'),
  'admin-driver-gift': at(
    ({ driver }) => `drivers/${driver}`,
    'driver-subscription',
    (phone) => press(phone, 'gift'),
  ),
  'admin-driver-erase': at(
    ({ driver }) => `drivers/${driver}`,
    'driver-subscription',
    (phone) => press(phone, 'erase'),
  ),
  'admin-driver-blocked': at(`drivers/${SEMYON}`, 'block-reason'),
  'admin-driver-responses': at(({ driver }) => `drivers/${driver}/responses`, 'response-row'),
  'admin-driver-audit': at(({ driver }) => `drivers/${driver}/audit`, 'audit-row'),
  'admin-requests': at('requests', 'request-row'),
  'admin-request-confirm': at('requests', 'request-row', (phone) => press(phone, 'confirm')),
  'admin-responses': at('responses', 'all-response-row'),
  'admin-dispatchers': at('responses?view=deciders', 'decider-row'),
  async 'admin-response'(phone) {
    await at('responses', 'all-response-row')(phone);
    await phone.page.locator('[data-testid=all-response-row] a.row-link').first().click();
    await phone.sees('response-history');
  },
  'admin-subscriptions': at('subscriptions', 'subscription-row'),
  'admin-promo-codes': at('promo-codes', 'promo-row'),
  'admin-promo-create': at('promo-codes', 'promo-row', (phone) => press(phone, 'promo-create')),
  'admin-promo-code': at('promo-codes/VESNA', 'promo-use'),
  'admin-promo-change': at('promo-codes/VESNA', 'promo-use', (phone) => press(phone, 'promo-change')),
  'admin-reminders': at('deliveries?state=reminders', 'delivery-row'),
  'admin-deliveries': at('deliveries', 'section-deliveries'),
  'admin-settings': at('settings', 'settings-form'),
  'admin-settings-review': at('settings', 'settings-form', async (phone) => {
    await phone.get('plan-price-1').fill('1199');
    await phone.get('trial_days').fill('5');
    await press(phone, 'settings-review');
    await phone.sees('changes');
  }),
  'admin-settings-leave': at('settings', 'settings-form', async (phone) => {
    await phone.get('trial_days').fill('5');
    await phone.page.evaluate(() => (location.hash = '#/audit'));
    await phone.sees('leave-dialog');
  }),
  'admin-settings-shop': at('settings', 'settings-form', (phone) => press(phone, 'shop-change')),
  'admin-flags': at('flags', 'flag-app.respond'),
  'admin-roles': at('roles', 'role-row'),
  'admin-audit': at('audit', 'audit-row'),
  'admin-audit-filters': at('audit', 'audit-row', (phone) => press(phone, 'filters')),
  'admin-audit-row': at('audit', 'audit-row', async (phone) => {
    await press(phone, 'audit-open');
    await phone.sees('audit-detail');
  }),
  'admin-health': at('health', 'health-cargotech'),
  async 'admin-in-profile'(phone) {
    await at('menu', 'section-menu')(phone);
    await phone.openList();
    await press(phone, 'open-profile');
    await phone.sees('open-admin');
    await phone.get('open-admin').scrollIntoViewIfNeeded();
  },
  /** What a driver sees whom an admin keeps out. */
  async blocked(phone) {
    await phone.openList();
    await nothingIsOnItsWay(phone);
    phone.expect(FAILED_REQUESTS);
    const owner = await phone.product.signIn(OWNER);
    expect(
      await phone.product.api(owner, `admin/drivers/${phone.driver}/block`, {
        method: 'POST',
        body: { blocked: true, reason: 'Жалобы' },
      }),
      'block',
    );
    await phone.get('refresh').click();
    await phone.sees('blocked');
    await phone.sees('support');
  },
  async 'admin-refused'(phone) {
    phone.expect(FAILED_REQUESTS);
    await phone.page.goto((await phone.address()).replace('/app/#', '/app/admin/#'));
    await phone.sees('refused');
  },
  async 'admin-error'(phone) {
    await furnish(phone.product);
    phone.driver = OWNER;
    phone.expect(FAILED_REQUESTS);
    const body = JSON.stringify({ code: 'store_unavailable', request_id: '0b7c2f0e-5b7e-4c0e-9a43-7d1c5a0b9f11' });
    await phone.page.route('**/api/admin/payments*', (route) =>
      route.fulfill({ status: 500, contentType: 'application/problem+json', body }),
    );
    await phone.openAdmin('payments');
    await phone.sees('error');
  },
};
