/** What an English reader sees has no Russian units in it. */
import assert from 'node:assert/strict';
import { journeys, plain } from './harness.js';
import { CARGO, haveAPhone, linkToResponse, openFilters, respondFromElsewhere, SCREENS } from './screens.js';

const journey = journeys();

/** Tonnes, cubic metres, kilometres and "on request" as Russian has them. */
const RUSSIAN = /\d\s?(т|км|м³)(?![а-яё])|по запросу|^Груз\b/mu;

/** What people write stays as they wrote it. */
const FREE_TEXT = '[data-testid=note], .contact, [data-testid=offer-comment]';

const REACH = {
  list: SCREENS.list,
  async filters(phone) {
    await phone.openList();
    await openFilters(phone);
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
  journey(`the English screen "${name}" has no Russian units`, async ({ phone }) => {
    const driver = await phone({ locale: 'en-US', launch: { language_code: 'en' } });
    await reach(driver);
    const text = await driver.page.evaluate((free) => {
      for (const each of document.querySelectorAll(free)) each.remove();
      return document.body.innerText;
    }, FREE_TEXT);
    assert.match(text, /[a-z]{4}/i);
    assert.doesNotMatch(plain(text), RUSSIAN);
  });
}
