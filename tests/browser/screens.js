/** Every screen of the app and the way to it: looked at by people as pictures, measured by tests. */
import { newDriver, TRIAL_S, until } from './harness.js';

/** How long a list is fresh. */
const LIST_TTL_S = 300;
/** Console messages about requests that fail on purpose. */
export const FAILED_REQUESTS = /Failed to load resource/;

/** @typedef {import('./harness.js').Phone} Phone */

/**
 * By name, what brings a phone to the screen. The phone is fresh, of a new driver; CargoTech is well before and after.
 * @type {Record<string, (phone: Phone) => Promise<void>>}
 */
export const SCREENS = {
  async loading(phone) {
    // A list that is fresh would come with the sign-in.
    await phone.product.pass(LIST_TTL_S);
    await phone.page.route('**/api/cargos?*', () => {});
    await phone.open();
    await phone.sees('skeletons');
  },

  async list(phone) {
    await phone.openList();
  },

  async 'list-filtered'(phone) {
    await phone.openList();
    await filterMoscow(phone);
    await phone.tap('main-action');
    await phone.sees('chip-start');
    await phone.sees('cargo-card');
  },

  async 'list-end'(phone) {
    for (const price of [411_000, 420_000, null])
      await phone.product.addCargo({ from: 'Чита', to: 'Москва', price_rub: price });
    await phone.openList();
    await openFilters(phone);
    await phone.chooseCity('start', 'Чита');
    await phone.chooseCity('finish', 'Москва');
    await phone.choose('start-radius', /300/);
    await phone.choose('finish-radius', /300/);
    await phone.tap('main-action');
    await phone.sees('chip-finish');
    await phone.sees('list-end');
    await phone.get('list-end').scrollIntoViewIfNeeded();
  },

  async filters(phone) {
    await phone.openList();
    await filterMoscow(phone);
    await phone.page.evaluate(() => scrollTo(0, 0));
  },

  async 'filters-cities'(phone) {
    await phone.openList();
    await openFilters(phone);
    await phone.get('start-city').pressSequentially('ново');
    await phone.page.getByRole('option').first().waitFor();
  },

  async 'filters-wrong'(phone) {
    await phone.openList();
    await openFilters(phone);
    await phone.get('start-city').pressSequentially('Гдетотамск');
    await phone.get('tonnes_min').fill('много');
    await phone.get('price_min').fill('90000');
    await phone.get('price_max').fill('50000');
    await phone.get('owner-inn').fill('123');
    await phone.tap('main-action');
    await phone.page.locator('.field-error').first().waitFor();
  },

  async cargo(phone) {
    await phone.openList();
    await openCargoWithPhone(phone);
  },

  async 'cargo-outage'(phone) {
    await phone.openList();
    const id = (await phone.cargos())[1];
    await phone.product.api(await phone.product.signIn(newDriver()), `cargos/${id}`);
    await phone.product.pass(3600);
    await phone.product.cargotech({ fail: { status: 503 } });
    phone.expect(FAILED_REQUESTS);
    await phone.get('cargo-card').nth(1).tap();
    await phone.sees('contacts');
    await phone.sees('banner');
  },

  async 'cargo-gone'(phone) {
    await phone.openList();
    const id = (await phone.cargos())[0];
    await phone.product.sandbox('POST', `/cargotech/cargos/${id}/remove`);
    phone.expect(FAILED_REQUESTS);
    await phone.tap('cargo-card');
    await phone.sees('cargo-gone');
  },

  async 'list-responses'(phone) {
    await phone.openList();
    const [id] = await phone.cargos();
    await haveAPhone(phone);
    await phone.openCargo(id);
    await phone.respond();
    await phone.sees('response-panel');
    await phone.product.card(id);
    await phone.tap('back');
    await phone.sees('card-response', 'Ждём ответа');
  },

  async respond(phone) {
    await phone.openCargo(await phone.product.addCargo(CARGO));
    await phone.tap('respond-more');
    await phone.sees('respond-screen');
    await phone.get('offer-phone').fill('+7 916 123-45-67');
    await phone.get('offer-price').fill('72 000');
    await phone.get('offer-comment').fill('Буду на погрузке к девяти, машина чистая');
  },

  async 'respond-wrong'(phone) {
    await phone.openCargo(await phone.product.addCargo(CARGO));
    await phone.tap('main-action');
    await phone.sees('respond-screen');
    await phone.get('offer-price').fill('много');
    await phone.tap('main-action');
    await phone.page.locator('.field-error').nth(1).waitFor();
  },

  async 'respond-changed'(phone) {
    await haveAPhone(phone);
    const id = await phone.product.addCargo(CARGO);
    await phone.openCargo(id);
    await phone.product.sandbox('PUT', `/cargotech/cargos/${id}`, { price_rub: 60_000 });
    await phone.product.pass(11);
    phone.expect(FAILED_REQUESTS);
    await phone.respond();
    await phone.sees('respond-changed');
  },

  async 'respond-leaving'(phone) {
    await haveAPhone(phone);
    await phone.page.clock.install();
    await phone.openCargo(await phone.product.addCargo(CARGO));
    await phone.tap('main-action');
    await phone.sees('respond-leaving');
    // It is looked at for longer than it lasts.
    await phone.page.clock.setFixedTime(Date.now());
  },

  async 'respond-offline'(phone) {
    await haveAPhone(phone);
    await phone.openCargo(await phone.product.addCargo(CARGO));
    // The other screens may be on their way.
    phone.expect(FAILED_REQUESTS);
    await phone.cutOff(true);
    await phone.tap('main-action');
    await phone.sees('respond-waiting');
  },

  async 'respond-failed'(phone) {
    await haveAPhone(phone);
    await phone.openCargo(await phone.product.addCargo(CARGO));
    phone.expect(FAILED_REQUESTS);
    await phone.product.sandbox('PUT', '/store', { faults: [{ error: 'InternalServerError' }] });
    await phone.respond();
    await phone.sees('respond-failed');
  },

  async 'responses-kept'(phone) {
    await haveAPhone(phone);
    await phone.openCargo(await phone.product.addCargo(CARGO));
    await screensAreLoaded(phone);
    phone.expect(FAILED_REQUESTS);
    await phone.cutOff(true);
    await phone.tap('main-action');
    await phone.tap('back');
    await phone.tap('open-responses');
    await phone.sees('kept-item');
  },

  async 'response-sent'(phone) {
    await respondWithEverything(phone);
    await phone.sees('response-state', 'Ждём ответа');
  },

  async 'response-withdraw'(phone) {
    await respondWithEverything(phone);
    await phone.tap('withdraw');
    await phone.sees('withdraw-yes');
  },

  async 'response-accepted'(phone) {
    const id = await respondWithEverything(phone);
    await phone.product.press(id, 'Принять');
    await phone.sees('response-state', 'Принят');
  },

  async 'response-rejected'(phone) {
    const id = await respondWithEverything(phone);
    await decideAsShipper(phone.product, id, { decision: 'reject', reason: 'Нужна машина с гидробортом' });
    await phone.sees('response-reason');
  },

  async 'response-gone'(phone) {
    const id = await respondWithEverything(phone);
    await phone.product.sandbox('POST', `/cargotech/cargos/${id}/remove`);
    await phone.product.pass(3600);
    phone.expect(FAILED_REQUESTS);
    await phone.openAt(`cargo_${id}`);
    await phone.sees('cargo-gone');
    await phone.sees('response-panel');
  },

  async responses(phone) {
    await haveAPhone(phone);
    const { product } = phone;
    await phone.openList();
    for (const [from, to, price_rub] of [
      ['Казань', 'Самара', 48_000],
      ['Тула', 'Пенза', 39_500],
      ['Уфа', 'Пермь', null],
      ['Псков', 'Тверь', 31_000],
    ]) {
      await respondFromElsewhere(phone, await product.addCargo({ from, to, price_rub }));
      await product.pass(600);
    }
    const ids = (await phone.responses()).map(({ cargo_id: id }) => id);
    await product.press(ids[3], 'Принять');
    await product.press(ids[2], 'Принять');
    await product.press(ids[3], 'Завершить');
    await decideAsShipper(product, ids[1], { decision: 'reject', reason: 'Машина уже нашлась' });
    await phone.openAt('responses');
    await phone.sees('response-state', 'Принят');
    await phone.get('response-more').nth(1).tap();
    await phone.sees('response-history');
  },

  async 'responses-empty'(phone) {
    await phone.openAt('responses');
    await phone.sees('responses-empty');
  },

  async 'responses-offline'(phone) {
    await respondWithEverything(phone);
    await phone.openAt('responses');
    await phone.sees('response-item');
    phone.expect(FAILED_REQUESTS);
    await phone.cutOff(true);
    await phone.sees('banner', 'Нет сети');
  },

  async shipper(phone) {
    await openShipperPage(phone);
  },

  async 'shipper-accept'(phone) {
    await openShipperPage(phone);
    await phone.tap('shipper-accept');
    await phone.sees('shipper-yes');
  },

  async 'shipper-reject'(phone) {
    await openShipperPage(phone);
    await phone.tap('shipper-reject');
    await phone.get('shipper-reason').fill('Нужна машина с гидробортом');
  },

  async 'shipper-accepted'(phone) {
    await openShipperPage(phone);
    await phone.tap('shipper-accept');
    await phone.tap('shipper-yes');
    await phone.sees('shipper-phone');
  },

  async 'shipper-offline'(phone) {
    await openShipperPage(phone);
    await phone.cutOff(true);
    await phone.tap('shipper-accept');
    await phone.tap('shipper-yes');
    await phone.sees('shipper-notice', 'Нет сети');
  },

  async 'shipper-expired'(phone) {
    const { link } = await linkToResponse(phone.product);
    await phone.product.pass(49 * 3600);
    phone.expect(FAILED_REQUESTS);
    await phone.page.goto(link);
    await phone.sees('shipper-expired');
  },

  async 'shipper-invalid'(phone) {
    phone.expect(FAILED_REQUESTS);
    await phone.page.goto(`${phone.product.url}/app/r/#none`);
    await phone.sees('shipper-invalid');
  },

  async 'list-locked'(phone) {
    await phone.product.set({ flags: { 'paid.list': { rule: 'on' }, 'paid.detail': { rule: 'on' } } });
    await loseAccess(phone);
    phone.expect(FAILED_REQUESTS);
    await phone.open();
    await phone.sees('locked');
  },

  async 'cargo-locked'(phone) {
    await openLockedCargo(phone);
    await phone.get('contacts-locked').scrollIntoViewIfNeeded();
  },

  async 'subscription-trial'(phone) {
    await openSubscription(phone);
  },

  async 'subscription-expired'(phone) {
    await phone.product.set({ receipts: RECEIPTS });
    await loseAccess(phone);
    await openSubscription(phone);
    await phone.tap('plan-3m');
  },

  async 'subscription-active'(phone) {
    await openSubscription(phone);
    await phone.tap('main-action');
    await payAtYookassa(phone.page, POOR_CARD);
    await phone.sees('payment-canceled');
    await phone.product.yookassa('settings', { fiscalization: true });
    await phone.product.set({ receipts: RECEIPTS });
    await phone.tap('main-action');
    await phone.sees('plans');
    await phone.get('receipt-email').fill('name@mail.ru');
    await phone.tap('plan-6m');
    await phone.tap('main-action');
    await payAtYookassa(phone.page, PAYING_CARD);
    await phone.sees('payment-succeeded');
    await refundLast(phone, '500.00');
    await openSubscription(phone);
    await phone.sees('subscription-state', 'активна');
    await phone.sees('payment-row');
  },

  async 'subscription-wrong'(phone) {
    await phone.product.set({ receipts: RECEIPTS });
    await openSubscription(phone);
    phone.expect(FAILED_REQUESTS);
    await phone.get('promo-code').fill('NOSUCHCODE');
    await phone.tap('promo-apply');
    await phone.page.locator('.field-error').waitFor();
    await phone.get('receipt-email').fill('name@');
    await phone.tap('main-action');
    await phone.page.locator('.field-error').nth(1).waitFor();
  },

  async 'subscription-off'(phone) {
    await phone.product.set({ payments_on: false });
    await phone.openAt('subscription');
    await phone.sees('payments-off');
  },

  async 'payment-waiting'(phone) {
    await openSubscription(phone);
    await phone.tap('main-action');
    await phone.page.getByRole('link', { name: 'Вернуться в магазин' }).click();
    await phone.sees('payment-checking', 'Оплатите на странице');
  },

  async 'payment-unknown-fate'(phone) {
    await openSubscription(phone);
    await phone.product.yookassa('faults', { fail_after: { endpoint: 'create_payment' } });
    await phone.tap('main-action');
    await phone.sees('payment-checking', 'пока не ответила');
  },

  async 'payment-succeeded'(phone) {
    await openLockedCargo(phone);
    await phone.tap('main-action');
    await phone.sees('plans');
    await phone.tap('main-action');
    await payAtYookassa(phone.page, PAYING_CARD);
    await phone.sees('payment-succeeded');
  },

  async 'payment-canceled'(phone) {
    await openSubscription(phone);
    await phone.tap('main-action');
    await payAtYookassa(phone.page, POOR_CARD);
    await phone.sees('payment-canceled');
  },

  async 'access-link'(phone) {
    await openSubscription(phone);
    await phone.tap('access-link-show');
    await phone.sees('access-link-url');
    await showAbovePayBar(phone, 'access-link');
  },

  async 'access-link-revoke'(phone) {
    await SCREENS['access-link'](phone);
    await phone.tap('access-link-revoke');
    await phone.sees('access-link-revoke-yes');
    await showAbovePayBar(phone, 'access-link');
  },

  async 'access-link-revoked'(phone) {
    await SCREENS['access-link-revoke'](phone);
    await phone.tap('access-link-revoke-yes');
    await phone.sees('access-link-state', 'отозвана');
    await showAbovePayBar(phone, 'access-link');
  },

  async 'link-asks'(phone) {
    await phone.openList();
    const { token } = await phone.stored('session');
    const { url } = (await phone.product.api(token, 'me/access-link')).body;
    // As in a browser without Telegram, where the session stays when the app is opened anew.
    await phone.page.evaluate(() => sessionStorage.clear());
    await phone.page.goto('about:blank');
    await phone.page.goto(url);
    await phone.sees('link-asks');
  },

  async 'link-invalid'(phone) {
    phone.expect(FAILED_REQUESTS);
    await phone.page.goto(`${phone.product.url}/app/#/access/none`);
    await phone.sees('link-invalid');
    await phone.sees('reopen');
  },

  async 'link-over'(phone) {
    const token = await phone.product.signIn(phone.driver, { age_s: 60 });
    const { url } = (await phone.product.api(token, 'me/access-link')).body;
    await phone.product.pass(TRIAL_S);
    phone.expect(FAILED_REQUESTS);
    await phone.page.goto(url);
    await phone.sees('link-over');
    await phone.sees('reopen');
  },

  async profile(phone) {
    await openProfileForm(phone);
    await phone.get('phone').fill('8 916 123 45 67');
    await phone.get('company').fill('ИП Морозов');
    await phone.get('email').fill('name@mail.ru');
    await phone.tap('main-action');
    await phone.sees('toast', 'Сохранено');
    await phone.sees('profile-screen', 'ИП Морозов');
  },

  async 'profile-form'(phone) {
    await openProfileForm(phone);
  },

  async 'profile-wrong'(phone) {
    await openProfileForm(phone);
    await phone.get('phone').fill('12');
    await phone.get('email').fill('name');
    await phone.tap('main-action');
    await phone.page.locator('.field-error').first().waitFor();
  },

  async 'sign-out'(phone) {
    await phone.openList();
    await phone.tap('open-profile');
    await phone.tap('sign-out');
    await phone.sees('sign-out-yes');
  },

  async empty(phone) {
    await phone.openList();
    await openFilters(phone);
    await phone.chooseCity('start', 'Чита');
    await phone.get('distance_max').fill('1');
    await phone.tap('main-action');
    await phone.sees('empty');
  },

  async error(phone) {
    await phone.product.cargotech({ fail: { status: 500 } });
    phone.expect(FAILED_REQUESTS);
    await startWithNothingCached(phone);
    await phone.sees('error');
  },

  async forbidden(phone) {
    await phone.product.cargotech({ fail: { status: 403 } });
    phone.expect(FAILED_REQUESTS);
    await startWithNothingCached(phone);
    await phone.sees('support');
  },

  async outage(phone) {
    await phone.openList();
    await phone.product.pass(3600);
    await phone.product.cargotech({ fail: { status: 503 } });
    phone.expect(FAILED_REQUESTS);
    await phone.tap('refresh');
    await phone.sees('banner');
  },

  async offline(phone) {
    await phone.openList();
    await screensAreLoaded(phone);
    await phone.cutOff(true);
    await phone.sees('banner');
  },

  async 'offline-cargo'(phone) {
    await phone.openList();
    await screensAreLoaded(phone);
    await phone.cutOff(true);
    phone.expect(FAILED_REQUESTS);
    await phone.tap('cargo-card');
    await phone.sees('cargo-unasked');
  },

  async 'session-outside'(phone) {
    phone.expect(FAILED_REQUESTS);
    await phone.page.goto(`${phone.product.url}/app/`);
    await phone.sees('reopen');
    await phone.sees('session-outside');
  },

  async 'session-expired'(phone) {
    phone.options.launch = { age_s: 172_800 };
    phone.expect(FAILED_REQUESTS);
    await phone.open();
    await phone.sees('session-expired');
  },

  async 'session-refused'(phone) {
    phone.options.launch = { overrides: { hash: 'a'.repeat(64) } };
    phone.expect(FAILED_REQUESTS);
    await phone.open();
    await phone.sees('session-refused');
  },

  async 'session-replaced'(phone) {
    await phone.openList();
    await nothingIsOnItsWay(phone);
    phone.expect(FAILED_REQUESTS);
    await phone.product.pass(1);
    await phone.product.signIn(phone.driver);
    // On a busy machine the app may ask for something by itself before the tap.
    await Promise.any([phone.sees('session-replaced'), phone.tap('refresh')]);
    await phone.sees('session-replaced');
  },

  async 'session-signed-out'(phone) {
    await phone.openList();
    phone.expect(FAILED_REQUESTS);
    await phone.tap('open-profile');
    await phone.tap('sign-out');
    await phone.tap('sign-out-yes');
    await phone.sees('session-signed_out');
    await phone.sees('reopen');
  },
};

/** Cards of YooKassa's test shop: one that pays, one without money. */
export const PAYING_CARD = '5555555555554444';
export const POOR_CARD = '5555555555554600';

/** How receipts are made, as admins set it. */
export const RECEIPTS = {
  vat_code: 1,
  tax_system_code: null,
  payment_subject: 'service',
  payment_mode: 'full_payment',
  measure: 'piece',
};

/** Pays on YooKassa's page, which the page is on its way to; from there it leads back by itself. */
export async function payAtYookassa(page, card) {
  await page.locator('[name=card]').fill(card);
  await page.locator('[name=expiry]').fill('12/39');
  await page.locator('[name=csc]').fill('123');
  await page.getByRole('button', { name: /^Заплатить/ }).click();
}

/** Gives back a part of what was paid last, in YooKassa's cabinet; returns when the product knows. */
export async function refundLast(phone, value) {
  const { items } = await phone.product.sandbox('GET', '/yookassa/payments');
  await phone.product.sandbox('POST', `/yookassa/payments/${items.at(-1).object.id}/refund`, { value });
  await until(async () => {
    // A driver may ask ten times a second, and the app asks as well.
    await new Promise((resolve) => setTimeout(resolve, 300));
    return (await phone.api('payments')).body.items[0].refunded_rub;
  }, 'the refund is known');
}

/** A cargo of a test's own. */
export const CARGO = { from: 'Казань', to: 'Самара', price_rub: 68_000, weight_kg: 20_000, volume_m3: 82 };

/** Gives a phone that is not opened yet a driver whose number is known and confirmed. */
export async function haveAPhone(phone) {
  phone.driver = await phone.product.driverWithPhone();
}

/** Gives a phone that is not opened yet a driver whose trial is over. */
async function loseAccess(phone) {
  phone.driver = await phone.product.driverWithoutAccess();
}

/** Opens a new cargo, whose contacts and response are locked. */
async function openLockedCargo(phone) {
  await loseAccess(phone);
  await phone.openCargo(await phone.product.addCargo(CARGO));
  await phone.sees('contacts-locked');
  await phone.sees('respond-locked');
}

/** Opens the subscription and waits until everything of it is there. */
async function openSubscription(phone) {
  await phone.openAt('subscription');
  await phone.sees('plans');
  await phone.sees('subscription-state');
}

/** Scrolls to the end of a panel, which the bar with the button to pay would else hide. */
async function showAbovePayBar(phone, testId) {
  await phone
    .get(testId)
    .evaluate((panel) => scrollTo(0, scrollY + panel.getBoundingClientRect().bottom - innerHeight + 160));
}

/** Responds to a new cargo in the app, with a comment and a price; the cargo's id, once the dispatchers have the response. */
async function respondWithEverything(phone) {
  await haveAPhone(phone);
  const id = await phone.product.addCargo(CARGO);
  await phone.openCargo(id);
  await phone.tap('respond-more');
  await phone.get('offer-price').fill('72000');
  await phone.get('offer-comment').fill('Буду на погрузке к девяти, машина чистая');
  await phone.respond();
  await phone.sees('response-panel');
  await phone.product.card(id);
  return id;
}

/** Responds with the session of a phone that is open, but not in its app. */
export async function respondFromElsewhere(phone, id, offer = {}) {
  const { status } = await phone.api(`cargos/${id}/responses`, { method: 'POST', body: offer });
  if (status !== 200 && status !== 201) throw new Error(`respond: ${status}`);
  await phone.product.card(id);
}

/** A response to a new cargo whose dispatcher has made a link for the shipper. */
export async function linkToResponse(product, { cargo = CARGO, offer = {} } = {}) {
  const token = await product.signIn(await product.driverWithPhone());
  const id = await product.addCargo(cargo);
  const { status, body } = await product.api(token, `cargos/${id}/responses`, { method: 'POST', body: offer });
  if (status !== 200 && status !== 201) throw new Error(`respond: ${status} ${JSON.stringify(body)}`);
  return { id, token, link: await product.shipperLink(id) };
}

/** Opens a shipper's link, with all that a driver can say. */
async function openShipperPage(phone) {
  const offer = { name: 'Алексей Морозов', price_rub: 72_000, comment: 'Буду на погрузке к девяти, машина чистая' };
  const { link } = await linkToResponse(phone.product, { offer });
  await phone.page.goto(link);
  await phone.sees('shipper-accept');
}

/** Decides as the shipper's page does, without one. */
async function decideAsShipper(product, cargoId, decision) {
  const token = new URL(await product.shipperLink(cargoId)).hash.slice(1);
  const answer = await fetch(`${product.url}/api/shipper/response`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-shipper-token': token },
    body: JSON.stringify(decision),
  });
  if (!answer.ok) throw new Error(`decide: ${answer.status} ${await answer.text()}`);
}

/** Waits for the answer to what a screen asks for last when it opens: then nothing is on its way. */
export function nothingIsOnItsWay(phone, last = '/api/responses') {
  return until(() => phone.answered.some((url) => new URL(url).pathname === last), `${last} is answered`);
}

/** Waits until the app has fetched its other screens ahead. */
export async function screensAreLoaded(phone) {
  const names = ['CargoScreen', 'FiltersScreen', 'ProfileScreen', 'EditScreen', 'ResponsesScreen'];
  await until(
    () => names.every((name) => phone.answered.some((url) => url.includes(name) && url.endsWith('.js'))),
    'the other screens are fetched ahead',
  );
}

/** Opens the first cargo in the list whose owner has a phone; not every one has. */
export async function openCargoWithPhone(phone) {
  for (let at = 0; at < 20; at += 1) {
    await phone.get('cargo-card').nth(at).tap();
    await phone.sees('contacts');
    if ((await phone.get('call').count()) > 0) return;
    await phone.page.goBack();
    await phone.sees('cargo-list');
  }
  throw new Error('None of the first cargos has a phone');
}

/** Opens the form with the driver's phone and company. */
export async function openProfileForm(phone) {
  await phone.openList();
  await phone.tap('open-profile');
  await phone.tap('edit');
}

/** Opens the sheet and waits for its dictionaries. */
export async function openFilters(phone) {
  await phone.tap('open-filters');
  await phone.sees('truck-types');
  // What most never ask for; it is open where it was asked for.
  if ((await phone.get('load-types').count()) === 0) await phone.tap('filters-more');
  await phone.sees('load-types');
}

/** The sheet, filled in as a driver from Moscow does. */
async function filterMoscow(phone) {
  await openFilters(phone);
  await phone.chooseCity('start', 'Москва');
  await phone.choose('start-radius', /100/);
  await phone.choose('weight-volume', /до 15 т|up to 15 t/);
  await phone.choose('truck-types', /тент/i);
}

let unique = 0;

/** Starts with remembered filters for which no cache of the server holds an answer. */
export async function startWithNothingCached(phone) {
  unique += 1;
  await phone.remember('filters', { filters: { distance_max: 9000 - unique }, unsaved: true });
  await phone.open();
}
