/** Every screen of the app and the way to it: looked at by people as pictures, measured by tests. */
import { newDriver, until } from './harness.js';

/** Console messages about requests that fail on purpose. */
export const FAILED_REQUESTS = /Failed to load resource/;

/** @typedef {import('./harness.js').Phone} Phone */

/**
 * By name, what brings a phone to the screen. The phone is fresh, of a new driver; CargoTech is well before and after.
 * @type {Record<string, (phone: Phone) => Promise<void>>}
 */
export const SCREENS = {
  async loading(phone) {
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
    for (const price of [411_000, 420_000, null]) await phone.product.addCargo({ from: 'Чита', to: 'Москва', price_rub: price });
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
    await phone.choose('weight-volume', 'свой');
    await phone.get('tonnes').fill('5');
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

  async profile(phone) {
    await phone.openList();
    await phone.tap('open-profile');
    await phone.get('phone').fill('8 916 123 45 67');
    await phone.get('company').fill('ИП Морозов');
    await phone.get('email').fill('name@mail.ru');
    await phone.tap('main-action');
    await phone.sees('toast', 'Сохранено');
    await phone.seesNo('main-action');
  },

  async 'profile-wrong'(phone) {
    await phone.openList();
    await phone.tap('open-profile');
    await phone.get('phone').fill('12');
    await phone.get('email').fill('name');
    await phone.tap('main-action');
    await phone.page.locator('.field-error').first().waitFor();
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
    await phone.sees('error');
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
    await phone.product.pass(1);
    await phone.product.signIn(phone.driver);
    phone.expect(FAILED_REQUESTS);
    await phone.tap('refresh');
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

/** Waits until the app has fetched its other screens ahead. */
export async function screensAreLoaded(phone) {
  const names = ['CargoScreen', 'FiltersScreen', 'ProfileScreen'];
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

/** Opens the sheet and waits for its dictionaries. */
export async function openFilters(phone) {
  await phone.tap('open-filters');
  await phone.sees('truck-types');
  await phone.sees('load-types');
}

/** The sheet, filled in as a driver from Moscow does. */
async function filterMoscow(phone) {
  await openFilters(phone);
  await phone.chooseCity('start', 'Москва');
  await phone.choose('start-radius', /100/);
  await phone.choose('weight-volume', /15–20/);
  await phone.choose('truck-types', /тент/i);
}

let unique = 0;

/** Starts with remembered filters for which no cache of the server holds an answer. */
export async function startWithNothingCached(phone) {
  unique += 1;
  await phone.remember('filters', { filters: { distance_max: 9000 - unique }, unsaved: true });
  await phone.open();
}
