/** What a driver pays for, how, and what they have of it. The payment page is the one of YooKassa's sandbox. */
import assert from 'node:assert/strict';
import { journeys, newDriver, until } from './harness.js';
import { FAILED_REQUESTS, PAYING_CARD, POOR_CARD, payAtYookassa, RECEIPTS, refundLast } from './screens.js';

const ADMIN = newDriver();
const journey = journeys({ ADMIN_TELEGRAM_IDS: String(ADMIN) });

/** What one look at a payment is for the API. */
const LOOK = 'GET /api/payments/';

/** A cargo whose owner has a phone. */
async function cargoWithPhone(product) {
  const token = await product.signIn(newDriver());
  for (const { id } of (await product.api(token, 'cargos?limit=9')).body.items) {
    const { cargo } = (await product.api(token, `cargos/${id}`)).body;
    if (cargo.contacts.some(({ phones }) => phones.length > 0)) return id;
  }
  throw new Error('None of the first cargos has a phone');
}

/** Opens the subscription and waits until its plans are there. */
async function openPlans(driver) {
  await driver.openAt('subscription');
  await driver.sees('plans');
}

/** Pays for a plan; returns when the app knows. */
async function buy(driver, plan, card = PAYING_CARD) {
  await driver.tap(`plan-${plan}`);
  await driver.tap('main-action');
  await payAtYookassa(driver.page, card);
}

/** The driver's payments as the screen tells them, newest first. */
async function history(driver) {
  await driver.sees('payment-row');
  return driver.texts('payment-row');
}

// ---------------------------------------------------------------------------------------------------------- paying

for (const [name, notified] of [
  ['a driver without a subscription pays for one from a locked cargo and has it back unlocked', true],
  ['a payment of which nobody notifies us is found out all the same', false],
]) {
  journey(name, async ({ phone, product }) => {
    if (!notified) await product.yookassa('notifications', { hold: true });
    const driver = await phone({ driver: await product.driverWithoutAccess() });
    const id = await cargoWithPhone(product);
    await driver.openCargo(id);
    assert.match(await driver.sees('contacts-locked'), /открываются с подпиской/);
    assert.match(await driver.sees('respond-locked'), /нужна подписка/);
    assert.equal((await driver.get('call').count()) + (await driver.get('note').count()), 0);

    await driver.tap('main-action', 'Открыть контакты');
    assert.match(await driver.sees('subscription-state'), /^Пробный доступ закончился/);
    await driver.tap('plan-3m');
    await driver.sees('main-action', 'Оплатить 1 299 ₽');
    await driver.tap('main-action');
    await payAtYookassa(driver.page, PAYING_CARD);
    const looks = driver.sent(LOOK);
    assert.match(await driver.sees('payment-succeeded'), /Оплата прошла\s+Доступ открыт до/);
    // The server may have asked YooKassa a moment before it was paid; three seconds later it asks again.
    assert.ok(driver.sent(LOOK) - looks <= 3, `known after ${driver.sent(LOOK) - looks} looks`);

    await driver.tap('main-action', 'Вернуться к грузу');
    await driver.sees('call');
    await driver.seesNo('contacts-locked');
    await driver.sees('main-action', 'Откликнуться');
    await driver.tap('main-action');
    await driver.sees('response-panel');

    await driver.openAt('subscription');
    assert.match(await driver.sees('subscription-state', 'активна'), /осталось 90 дней/);
    assert.match((await history(driver))[0], /^1 299 ₽\s+Оплачен\s+3 месяца/);
    assert.equal((await history(driver)).length, 1);
  });
}

journey(
  'a driver who closes the payment page can go on paying, and who pays late sees it without a tap',
  async ({ phone, product }) => {
    const driver = await phone();
    await openPlans(driver);
    await driver.tap('main-action');
    await driver.page.getByRole('link', { name: 'Вернуться в магазин' }).tap();
    await driver.sees('payment-checking', 'Оплатите на странице ЮKassa');
    await driver.sees('main-action', 'Перейти к оплате');
    await openPlans(driver);
    assert.match((await history(driver))[0], /Ждёт оплаты/);
    await driver.tap('open-payment');
    await driver.sees('payment-checking');
    const { items } = await product.sandbox('GET', '/yookassa/payments');
    await product.sandbox('POST', `/yookassa/payments/${items.at(-1).object.id}/pay`, {});
    await driver.sees('payment-succeeded');
    assert.equal(driver.sent('POST /api/payments'), 1);
  },
);

journey('a declined card is told in words with another try, which works', async ({ phone, product }) => {
  const driver = await phone({ driver: await product.driverWithoutAccess() });
  await openPlans(driver);
  await buy(driver, '1m', POOR_CARD);
  assert.match(
    await driver.sees('payment-canceled'),
    /Оплата не прошла\s+На карте не хватает денег.\s+Деньги не списаны./,
  );
  await driver.tap('main-action', 'Попробовать ещё раз');
  assert.match(await driver.sees('subscription-state'), /закончился/);
  assert.match((await history(driver))[0], /499 ₽\s+Не оплачен[\s\S]*На карте не хватает денег/);
  await buy(driver, '1m');
  await driver.sees('payment-succeeded');
  await driver.openAt('subscription');
  await driver.sees('subscription-state', 'активна');
  const [paid, declined] = await history(driver);
  assert.match(paid, /Оплачен/);
  assert.match(declined, /Не оплачен/);
});

journey('while payments are switched off nobody is led to pay', async ({ phone, product }) => {
  const driver = await phone({ driver: await product.driverWithoutAccess() });
  await openPlans(driver);
  await product.set({ payments_on: false });
  driver.expect(FAILED_REQUESTS);
  // Who has the plans on the screen already is told at the tap.
  await driver.tap('main-action');
  assert.match(await driver.sees('payments-off'), /Оплата временно не работает/);
  await driver.openAt('subscription');
  await driver.sees('payments-off');
  await driver.sees('promo-code');
  await driver.seesNo('plans');
  await driver.seesNo('main-action');
});

journey(
  'where receipts are made the e-mail for them is asked for, checked and remembered',
  async ({ phone, product }) => {
    await product.set({ receipts: RECEIPTS });
    await product.yookassa('settings', { fiscalization: true, receipts: 'pending' });
    const driver = await phone();
    await openPlans(driver);
    for (const wrong of ['', 'name@', 'name mail.ru']) {
      await driver.get('receipt-email').fill(wrong);
      await driver.tap('main-action');
      await until(async () => (await driver.errors()).length > 0, `"${wrong}" is refused`);
    }
    assert.equal(driver.sent('POST /api/payments'), 0);
    await driver.get('receipt-email').fill(' driver@mail.ru ');
    assert.deepEqual(await driver.errors(), [], 'it is not called wrong while it is mended');
    await buy(driver, '1m');
    await driver.sees('payment-succeeded');
    const { request } = (await product.sandbox('GET', '/yookassa/payments')).items.at(-1);
    assert.equal(request.receipt.customer.email, 'driver@mail.ru');

    await openPlans(driver);
    assert.equal(await driver.get('receipt-email').inputValue(), 'driver@mail.ru');
    assert.match((await history(driver))[0], /Оплачен[\s\S]*Чек готовится/);
    await driver.page.goBack();
    await driver.tap('open-profile');
    await driver.tap('edit');
    assert.equal(await driver.get('email').inputValue(), 'driver@mail.ru');

    await refundLast(driver, '100.00');
    await openPlans(driver);
    assert.match((await history(driver))[0], /Возвращено 100 ₽/);
  },
);

journey('an address that mail cannot go to leads to its field, whoever finds that out', async ({ phone, product }) => {
  await product.set({ receipts: RECEIPTS });
  await product.yookassa('settings', { fiscalization: true });
  const driver = await phone();
  await openPlans(driver);
  const focused = () => driver.page.evaluate(() => document.activeElement?.dataset.testid);
  const leads = async (typed, words) => {
    await driver.get('receipt-email').fill(typed);
    await driver.page.evaluate(() => document.activeElement.blur());
    await driver.tap('main-action');
    await until(async () => (await driver.errors()).some((error) => words.test(error)), `"${typed}" is told`);
    assert.equal(await focused(), 'receipt-email');
  };
  await leads('водитель@mail.ru', /латинскими буквами/);
  assert.equal(driver.sent('POST /api/payments'), 0);
  // Which addresses take no mail only YooKassa knows.
  driver.expect(FAILED_REQUESTS);
  await leads('driver@nowhere.invalid', /ЮKassa не приняла этот адрес/);
  assert.equal(driver.sent('POST /api/payments'), 1);
  await driver.get('receipt-email').fill('driver@mail.ru');
  await buy(driver, '1m');
  await driver.sees('payment-succeeded');
});

// ----------------------------------------------------------------------------------------------------- promo codes

journey('a promo code opens access once; a wrong one says what is wrong', async ({ phone, product }) => {
  const driver = await phone({ driver: await product.driverWithoutAccess() });
  const admin = await product.signIn(ADMIN);
  const made = await product.api(admin, 'admin/promo-codes', {
    method: 'POST',
    body: { code: 'VESNA', action: 'extend', days: 30, max_uses: 5 },
  });
  assert.equal(made.status, 201);
  driver.expect(FAILED_REQUESTS);
  await driver.openAt('subscription');
  assert.match(await driver.sees('subscription-state'), /закончился/);
  const refusal = async (code) => {
    await driver.get('promo-code').fill(code);
    await driver.tap('promo-apply');
    await driver.page.locator('.field-error').waitFor();
    return (await driver.errors())[0];
  };
  assert.match(await refusal('  '), /Введите код/);
  assert.match(await refusal('NOSUCHCODE'), /Такого промокода нет/);
  await driver.get('promo-code').fill('vesna');
  assert.deepEqual(await driver.errors(), []);
  await driver.tap('promo-apply');
  await driver.sees('toast', 'Промокод применён: 30 дней');
  assert.match(await driver.sees('subscription-state', 'активна'), /осталось 30 дней · по промокоду/);
  assert.equal(await driver.get('promo-code').inputValue(), '');
  assert.match(await refusal('VESNA'), /Вы уже применили/);

  await driver.openCargo(await cargoWithPhone(product));
  await driver.sees('call');
});
