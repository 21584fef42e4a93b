/** What an English reader sees has no Russian units, kinds of trucks or places in it. */
import assert from 'node:assert/strict';
import { journeys, plain } from './harness.js';
import { CARGO, haveAPhone, linkToResponse, openFilters, respondFromElsewhere, SCREENS } from './screens.js';

const journey = journeys();

/** Tonnes, cubic metres, kilometres and "on request" as Russian has them. */
const RUSSIAN = /\d\s?(т|км|м³)(?![а-яё])|по запросу|^Груз\b/mu;

/** Truck types and load types, without those that are also goods. */
const RUSSIAN_TYPES = /тент|изотерм|рефрижератор|фургон|бортовой|цельнометалл|задняя|верхняя|боковая|аппарели/i;

/** What has nothing of what people write in it. */
const OURS =
  'h1, .card-route, .stops > li > b, .response-title, [data-testid=shipper-cargo] .shipper-route, .route-pill, .chip, [role=option]';

/** What people write stays as they wrote it. */
const FREE_TEXT = '[data-testid=note], .contact, [data-testid=offer-comment]';

const REACH = {
  list: SCREENS.list,
  async filters(phone) {
    await phone.openList();
    await openFilters(phone);
    await phone.sees('truck-types', 'curtainsider');
    await phone.chooseCity('start', 'Kazan');
    await phone.choose('truck-types', 'curtainsider');
    await phone.get('finish-city').pressSequentially('Пермь');
    await phone.page.getByRole('option').filter({ visible: true }).first().waitFor();
  },
  cargo: SCREENS.cargo,
  respond: SCREENS.respond,
  'response-gone': SCREENS['response-gone'],
  async responses(phone) {
    await haveAPhone(phone);
    await phone.openList();
    for (const price_rub of [68_000, null])
      await respondFromElsewhere(phone, await phone.product.addCargo({ ...CARGO, weight_kg: 17_500, price_rub }));
    await phone.openAt('responses');
    await phone.sees('response-item');
  },
  shipper: SCREENS.shipper,
  'shipper-accepted': SCREENS['shipper-accepted'],
  async 'shipper-open-price'(phone) {
    const { link } = await linkToResponse(phone.product, { cargo: { ...CARGO, weight_kg: 17_500, price_rub: null } });
    await phone.page.goto(link);
    await phone.sees('shipper-cargo');
  },
  subscription: SCREENS['subscription-trial'],
};

for (const [name, reach] of Object.entries(REACH)) {
  journey(`the English screen "${name}" has no Russian units, kinds or places`, async ({ phone }) => {
    const driver = await phone({ locale: 'en-US', launch: { language_code: 'en' } });
    await reach(driver);
    const ours = await driver.page.locator(OURS).filter({ visible: true }).allInnerTexts();
    assert.deepEqual(
      ours.filter((each) => /[а-яё]/i.test(each)),
      [],
    );
    const text = await driver.page.evaluate((free) => {
      for (const each of document.querySelectorAll(free)) each.remove();
      return document.body.innerText;
    }, FREE_TEXT);
    assert.match(text, /[a-z]{4}/i);
    assert.doesNotMatch(plain(text), RUSSIAN);
    assert.doesNotMatch(plain(text), RUSSIAN_TYPES);
  });
}

journey('a city is remembered by its Russian name, for whoever changes the language', async ({ phone }) => {
  const driver = await phone({ locale: 'en-US', launch: { language_code: 'en' } });
  await driver.openList();
  await openFilters(driver);
  assert.match(await driver.chooseCity('start', 'Nizhniy Novgorod'), /^Nizhniy Novgorod/);
  await driver.tap('main-action');
  await driver.sees('chip-start', 'From: Nizhniy Novgorod +50 km');
  await driver.sees('open-route', 'Nizhniy Novgorod +50');
  assert.equal((await driver.stored('filters')).filters.from_place_name, 'Нижний Новгород');
  await driver.remember('language', 'ru');
  await driver.openList();
  await driver.sees('chip-start', 'Откуда: Нижний Новгород +50 км');
});
