import { openMarket } from './marketScreens.js';

/** A truck of a driver who has described all of it, but for where home is. */
export const TRUCK = {
  capacity_kg: 20_000,
  volume_m3: 82,
  loaded_l_per_100km: 31.5,
  empty_l_per_100km: 24,
  diesel_rub_per_l: 70,
  tolls_rub_per_km: 2,
  wear_rub_per_km: 5,
  fixed_rub_per_day: 4500,
  km_per_day: 650,
  platon: true,
  tax: 'usn_income',
  vat_percent: 5,
  goal_rub_per_day: 25_000,
};

/** Moscow to Kazan, 90,000 rubles: the way of docs/profit.md. */
export const TO_KAZAN = { from: 'Москва', to: 'Казань', price_rub: 90_000, weight_kg: 20_000, volume_m3: 82 };

/** Describes a driver's truck, in the body that the dictionary calls so. */
export async function describeTruck(phone, truck = TRUCK, body = 'тент') {
  const token = await phone.product.signIn(phone.driver, { age_s: 60 });
  const { items } = (await phone.product.api(token, 'dictionaries/truck-types')).body;
  const truck_types = [items.find(({ name }) => name === body).id];
  const { status } = await phone.product.api(token, 'me', {
    method: 'PUT',
    body: { truck: { ...truck, truck_types } },
  });
  if (status !== 200) throw new Error(`me: ${status}`);
}

/** Opens a new cargo and all of what it leaves. */
async function openWorth(phone) {
  const id = await phone.product.addCargo(TO_KAZAN);
  await openMarket(phone);
  await phone.openCargo(id);
  await phone.sees('worth-net');
  await phone.tap('worth-details');
  await phone.get('worth').scrollIntoViewIfNeeded();
}

/**
 * The screens about the truck and about what it earns, by name; the product has the market turned on.
 * @type {Record<string, (phone: import('./harness.js').Phone) => Promise<void>>}
 */
export const WORTH_SCREENS = {
  async truck(phone) {
    await phone.openList();
    await phone.tap('open-profile');
    await phone.tap('open-truck');
    await phone.sees('truck-types');
  },

  async 'truck-wrong'(phone) {
    await describeTruck(phone);
    await WORTH_SCREENS.truck(phone);
    await phone.get('truck-loaded_l_per_100km').fill('3');
    await phone.get('truck-km_per_day').fill('много');
    await phone.get('home-city').pressSequentially('Гдетотамск');
    await phone.tap('main-action');
    await phone.page.locator('.field-error').nth(2).waitFor();
  },

  async 'cargo-worth'(phone) {
    await describeTruck(phone);
    await openWorth(phone);
  },

  async 'cargo-worth-assumed'(phone) {
    await openWorth(phone);
  },

  async 'cargo-worth-failed'(phone) {
    phone.expect(/Failed to load resource/);
    await phone.page.route('**/worth*', (route) => route.fulfill({ status: 500, json: { code: 'store_unavailable' } }));
    await phone.openCargo(await phone.product.addCargo(TO_KAZAN));
    await phone.sees('worth-failed');
  },

  async 'list-profit'(phone) {
    await describeTruck(phone);
    await openMarket(phone);
    await phone.sees('card-profit');
  },
};
