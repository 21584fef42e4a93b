/** A presumed double tap does nothing, and a response can be called back before it leaves. */
import assert from 'node:assert/strict';
import { journeys, until } from './harness.js';
import { CARGO, FAILED_REQUESTS, haveAPhone, linkToResponse } from './screens.js';

const journey = journeys();

/** Presses on "Cancel" that follow each other faster are of one who is impatient, and call nothing back. */
const IMPATIENT_MS = 1600;

const responseTo = (id) => `POST /api/cargos/${id}/responses`;

/** Opens a new cargo on the phone of a driver whose number is known; the cargo's id. */
async function openNewCargo(phone) {
  await haveAPhone(phone);
  const id = await phone.product.addCargo(CARGO);
  await phone.openCargo(id);
  return id;
}

/** Two taps at one place, as fast as fingers do. */
async function doubleTap(phone, testId) {
  await phone.settled();
  const { x, y, width, height } = await phone.get(testId).first().boundingBox();
  await phone.page.touchscreen.tap(x + width / 2, y + height / 2);
  await phone.page.waitForTimeout(120);
  await phone.page.touchscreen.tap(x + width / 2, y + height / 2);
}

journey('tapping a card twice opens it and sends nothing, wherever the card lies', async ({ phone }) => {
  const driver = await phone();
  await haveAPhone(driver);
  await driver.openList();
  await driver.tap('cargo-card');
  await driver.sees('contacts');
  await driver.tap('back');
  // The lowest place where there is a card, just above where the bar of the cargo is.
  const { x, y: bar } = await driver.get('open-responses').boundingBox();
  const y = bar - 6;
  const cardAt = () =>
    driver.page.evaluate(([x, y]) => document.elementFromPoint(x, y)?.closest('.card')?.dataset.cargoId, [x, y]);
  await driver.settled();
  for (const pause of [40, 150, 350]) {
    const id = await until(async () => {
      await driver.page.evaluate(() => scrollBy(0, 40));
      return cardAt();
    }, 'a card lies there');
    // From the second time on the cargo is there at once: nothing but the time holds the second tap back.
    for (const time of ['first', 'second']) {
      await driver.page.touchscreen.tap(x, y);
      await driver.page.waitForTimeout(pause);
      await driver.page.touchscreen.tap(x, y);
      await driver.sees('contacts');
      await driver.settled();
      assert.match(driver.page.url(), new RegExp(`#/cargo/${id}$`));
      assert.equal(await driver.get('respond-leaving').count(), 0, `${pause} ms, the ${time} time`);
      await driver.tap('back');
      await driver.settled();
    }
  }
  assert.equal(driver.sent('POST /api/cargos/'), 0);
});

journey(
  'pressing "Respond" twice does not call the response back, and a press a moment later does',
  async ({ phone }) => {
    const driver = await phone();
    const id = await openNewCargo(driver);
    await doubleTap(driver, 'main-action');
    await driver.sees('respond-leaving');
    assert.match(await driver.sees('main-action'), /Отменить/);
    await driver.page.waitForTimeout(IMPATIENT_MS);
    await driver.tap('main-action', 'Отменить');
    await driver.sees('toast', 'Отклик отменён');
    await driver.sees('main-action', 'Откликнуться');
    await driver.page.waitForTimeout(5500);
    assert.equal(driver.sent(responseTo(id)), 0);
    assert.deepEqual(await driver.responses(), []);
  },
);

journey('who presses on because nothing seems to happen has responded', async ({ phone, product }) => {
  const driver = await phone();
  const id = await openNewCargo(driver);
  await driver.settled();
  const { x, y, width, height } = await driver.get('main-action').first().boundingBox();
  for (let at = 0; at < 4; at += 1) {
    await driver.page.touchscreen.tap(x + width / 2, y + height / 2);
    await driver.page.waitForTimeout(900);
  }
  await product.card(id);
  assert.equal(driver.sent(responseTo(id)), 1);
});

journey('in Telegram its own button is held back as ours are', async ({ phone }) => {
  const driver = await phone({ telegram: true });
  const id = await openNewCargo(driver);
  await driver.settled();
  await driver.page.evaluate(() => {
    for (let at = 0; at < 3; at += 1) window.Telegram.WebView.receiveEvent('main_button_pressed');
  });
  await driver.sees('respond-leaving');
  assert.equal((await driver.posted('web_app_setup_main_button')).text, 'Отменить');
  await driver.page.waitForTimeout(IMPATIENT_MS);
  await driver.emit('main_button_pressed');
  await driver.seesNo('respond-leaving');
  assert.equal(driver.sent(responseTo(id)), 0);
  // And right after a screen was entered.
  await openList(driver);
  await driver.page.evaluate(() => {
    document.querySelector('[data-testid=cargo-card]').click();
    window.Telegram.WebView.receiveEvent('main_button_pressed');
  });
  await driver.sees('contacts');
  await driver.settled();
  assert.equal(await driver.get('respond-leaving').count(), 0);
});

async function openList(driver) {
  await driver.emit('back_button_pressed');
  await driver.sees('cargo-card');
  await driver.settled();
}

journey('a response leaves after five seconds', async ({ phone, product }) => {
  const driver = await phone();
  await haveAPhone(driver);
  await driver.page.clock.install();
  const id = await product.addCargo(CARGO);
  await driver.openCargo(id);
  await driver.tap('main-action');
  assert.match(await driver.sees('respond-leaving'), /Отклик уйдёт через 5 с/);
  await driver.page.clock.pauseAt(Date.now() + 3000);
  assert.equal(driver.sent(responseTo(id)), 0);
  await driver.page.clock.runFor(5000);
  await driver.page.clock.resume();
  await driver.sees('response-panel');
  await product.card(id);
  assert.equal(driver.sent(responseTo(id)), 1);
});

journey(
  'a response whose driver goes to the list leaves all the same, and can be called back from "My responses"',
  async ({ phone, product }) => {
    const driver = await phone();
    const id = await openNewCargo(driver);
    await driver.tap('main-action');
    await driver.sees('respond-leaving');
    await driver.tap('back');
    await driver.tap('open-responses');
    await driver.sees('kept-item', 'Казань → Самара');
    await driver.tap('kept-cancel', 'Отменить');
    await driver.sees('responses-empty');
    await driver.tap('open-list');

    const other = await product.addCargo(CARGO);
    await product.pass(1);
    await driver.openCargo(other);
    await driver.tap('main-action');
    await driver.sees('respond-leaving');
    await driver.tap('back');
    await driver.sees('toast', 'Отклик отправлен');
    await product.card(other);
    assert.equal(driver.sent(responseTo(id)), 0);
  },
);

journey(
  'who puts the phone away has decided: the response leaves at once, also when the app is closed',
  async ({ phone, product }) => {
    const driver = await phone();
    const id = await openNewCargo(driver);
    await driver.tap('main-action');
    await driver.sees('respond-leaving');
    await driver.page.close({ runBeforeUnload: true });
    await product.card(id);
    await product.pass(1);
    driver.page = await driver.context.newPage();
    await driver.openCargo(id);
    await driver.sees('response-panel');
    assert.equal((await product.cards(id)).length, 1);
  },
);

// ------------------------------------------------------------------------------------------- questions

journey('a question is not answered by the tap that asked it', async ({ phone, product }) => {
  const driver = await phone();
  const id = await openNewCargo(driver);
  await driver.respond();
  await driver.sees('response-panel');
  await product.card(id);
  await answersNothing(driver, 'withdraw', 'withdraw-yes');
  assert.equal(driver.sent(`DELETE /api/cargos/${id}/responses`), 0);

  await driver.tap('back');
  await driver.tap('open-profile');
  await answersNothing(driver, 'sign-out', 'sign-out-yes');
  assert.equal(driver.sent('POST /api/auth/logout'), 0);

  const { link } = await linkToResponse(product);
  const shipper = await phone();
  for (const button of ['shipper-accept', 'shipper-reject']) {
    await shipper.page.goto('about:blank');
    await shipper.page.goto(link);
    await answersNothing(shipper, button, 'shipper-yes');
  }
  assert.equal(shipper.sent('POST '), 0);
});

/** Presses a button twice, the second time where the answer to its question stands by then. */
async function answersNothing(phone, question, answer) {
  await phone.sees(question);
  await phone.settled();
  await phone.page.evaluate(
    ([asks, answers]) => {
      const press = (id) =>
        document
          .querySelector(`[data-testid=${id}]`)
          .dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
      press(asks);
      press(answers);
    },
    [question, answer],
  );
  await phone.sees(answer);
}

journey('dangerous buttons of the admin page are held back as well', async ({ phone, product }) => {
  const desk = await phone({ desktop: true, size: { width: 1280, height: 800 }, driver: 310_482_771 });
  const token = await product.signIn(7_000_000_001);
  const { id } = (await product.api(token, 'me')).body;
  await desk.openAdmin(`drivers/${id}`);
  await desk.sees('end-session');
  await desk.settled();
  const posts = desk.sent('POST /api/admin/');
  await desk.page.evaluate(() => {
    document.querySelector('[data-testid=end-session]').click();
    document.querySelector('[data-testid=dialog-submit]').click();
  });
  await desk.sees('dialog-submit');
  assert.deepEqual(await desk.errors(), [], 'not even what is missing is told');
  assert.equal(desk.sent('POST /api/admin/'), posts);
  await desk.settled();
  await desk.get('dialog-submit').click();
  await until(async () => (await desk.errors()).length > 0, 'a moment later it is');
});

// --------------------------------------------------------------------------------------------- the server

journey('what the server refuses after the driver has left is told where the driver is', async ({ phone, product }) => {
  const driver = await phone();
  driver.expect(FAILED_REQUESTS);
  const id = await openNewCargo(driver);
  await product.sandbox('PUT', `/cargotech/cargos/${id}`, { price_rub: 60_000 });
  await product.pass(11);
  await driver.tap('main-action');
  await driver.sees('respond-leaving');
  await driver.tap('back');
  await driver.sees('toast', 'Отклик не отправлен: Казань → Самара');
  await driver.tap('open-responses');
  await driver.sees('kept-item', 'Цена изменилась: было 68 000 ₽, стало 60 000 ₽.');
  await driver.get('kept-item').getByRole('link').tap();
  await driver.respond(/Откликнуться: 60.000/);
  await driver.sees('response-panel');
  await until(async () => (await driver.responses()).length === 1, 'it is there');
});
