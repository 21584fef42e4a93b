import assert from 'node:assert/strict';
import { journeys, newDriver, plain, until } from './harness.js';
import { CARGO, FAILED_REQUESTS, haveAPhone, respondFromElsewhere } from './screens.js';

const journey = journeys();

/** What one look at the responses is for the API. */
const LOOK = 'GET /api/responses';

const isLook = (url) => new URL(url).pathname === '/api/responses';
const isResponse = (url) => url.pathname.endsWith('/responses') && url.pathname.startsWith('/api/cargos/');

/** Opens a new cargo on the phone of a driver whose number is known; the cargo's id. */
async function openNewCargo(phone, cargo = CARGO) {
  await haveAPhone(phone);
  const id = await phone.product.addCargo(cargo);
  await phone.openCargo(id);
  return id;
}

/** The same, and responds to it; returns when the dispatchers have the response. */
async function respondToNewCargo(phone, cargo = CARGO) {
  const id = await openNewCargo(phone, cargo);
  await phone.respond();
  await phone.sees('response-panel');
  await phone.product.card(id);
  return id;
}

/** Waits until the driver's own response has this state on the screen of its cargo. */
function seesState(phone, text) {
  return phone.get('response-panel').getByTestId('response-state').filter({ hasText: text }).waitFor();
}

// ------------------------------------------------------------------------------------------------ the whole way

journey('a response that nobody answered in time can be given again', async ({ phone, product }) => {
  const driver = await phone();
  const id = await respondToNewCargo(driver);
  // The session ends too, and the app looks for an answer every few seconds.
  driver.expect(/status of 401/);
  await product.pass(49 * 3600);
  await product.sandbox('POST', '/schedules/jobs', { job: 'expire-responses' });
  await driver.openCargo(id);
  await seesState(driver, 'Без ответа');
  assert.match(await driver.sees('response-next'), /Можно откликнуться снова/);
  await driver.respond('Откликнуться снова');
  await seesState(driver, 'Ждём ответа');
  const ofCargo = (await driver.responses()).filter(({ cargo_id: cargo }) => cargo === id);
  assert.ok(
    ofCargo.some(({ status }) => status === 'sent' || status === 'queued'),
    JSON.stringify(ofCargo),
  );
});

journey(
  'a driver responds, a dispatcher accepts, and the answer is in the app and in the chat',
  async ({ phone, product }) => {
    const id = await product.addCargo({ ...CARGO, from: 'Рязань', to: 'Тула' });
    const desk = await phone({ desktop: true, size: { width: 1280, height: 1000 } });
    const { page } = desk;
    await page.goto(`${product.url}/?startapp=cargo_${id}`);
    const app = page.frameLocator('#web-view iframe');
    const chat = (name) => page.locator(`[data-chat=${name}]`);
    await app.getByTestId('contacts').waitFor();
    assert.match(await app.getByTestId('respond-phone').innerText(), /Telegram попросит поделиться номером/);

    await app.locator('html:not([data-entered])').waitFor({ state: 'attached' });
    await page.locator('#main-button').filter({ hasText: 'Откликнуться' }).click();
    await page.locator('#popup').getByRole('button', { name: 'Поделиться' }).click();
    await app.getByTestId('respond-leaving').waitFor();
    await app.getByTestId('response-panel').waitFor();
    const card = chat('dispatch')
      .locator('.message')
      .filter({ hasText: `№ ${id}` });
    await card.waitFor();
    assert.match(
      plain(await card.innerText()),
      /Рязань → Тула[\s\S]*68 000 ₽[\s\S]*Алексей Морозов\n\+79161234501 — подтверждён/,
    );

    // From here on nothing is touched in the app, and it is not loaded anew.
    const frame = page.frames().find((each) => each.url().includes('/_sandbox/telegram/app/'));
    await frame.evaluate(() => (window.marked = true));
    const badge = app.getByTestId('response-panel').getByTestId('response-state');
    await badge.filter({ hasText: 'Ждём ответа' }).waitFor();
    await card.getByRole('button', { name: 'Принять' }).click();
    const notice = chat('driver').locator('.message').filter({ hasText: 'Отклик принят' });
    await notice.waitFor();
    const looks = desk.sent(LOOK);
    await badge.filter({ hasText: 'Принят' }).waitFor();
    assert.ok(desk.sent(LOOK) <= looks + 1, 'the next look finds it');
    assert.ok(await frame.evaluate(() => window.marked), 'without a reload');

    await card.filter({ hasText: /Принят · Ольга Ветрова/ }).waitFor();
    assert.match(await notice.innerText(), /Рязань → Тула/);
    await page.locator('#back').click();
    await app.getByTestId('cargo-card').first().waitFor();
    await notice.getByRole('button', { name: 'Открыть груз' }).click();
    await app.getByTestId('cargo-screen').filter({ hasText: 'Рязань' }).waitFor();
    await badge.filter({ hasText: 'Принят' }).waitFor();
  },
);

// ------------------------------------------------------------------------------------------------- the number

journey('with a known number a response takes one tap', async ({ phone, product }) => {
  const driver = await phone({ telegram: true });
  const id = await openNewCargo(driver);
  assert.match(await driver.sees('respond-phone'), /Ваш номер: \+7 9/);
  await driver.emit('main_button_pressed');
  await driver.sendNow();
  await driver.sees('response-panel');
  assert.match((await product.card(id)).text, /\+79\d{9} — подтверждён/);
  assert.equal(await driver.posted('web_app_request_phone'), undefined, 'nothing was asked');
  assert.equal(driver.sent(`POST /api/cargos/${id}/responses`), 1);
});

journey(
  'in Telegram the number is asked for once, and what Telegram says of it is believed',
  async ({ phone, product }) => {
    const driver = await phone({ telegram: true });
    const id = await product.addCargo(CARGO);
    await driver.openCargo(id);
    await driver.emit('main_button_pressed');
    await until(() => driver.posted('web_app_request_phone'), 'Telegram is asked');
    assert.equal(driver.sent('POST /api/cargos/'), 0, 'nothing is sent without a number');
    await product.sandbox('POST', `/telegram/chats/${driver.driver}/contact`, {});
    await driver.emit('phone_requested', { status: 'sent' });
    await driver.sendNow();
    await driver.sees('response-panel', 'подтверждён');
    assert.match((await product.card(id)).text, /подтверждён/);

    const next = await product.addCargo(CARGO);
    await product.pass(1);
    await driver.openCargo(next);
    await driver.emit('main_button_pressed');
    await driver.sendNow();
    await driver.sees('response-panel');
    assert.equal(await driver.posted('web_app_request_phone'), undefined);
  },
);

journey('who does not share the number types it, and it counts as not confirmed', async ({ phone, product }) => {
  const driver = await phone({ telegram: true });
  const id = await product.addCargo(CARGO);
  await driver.openCargo(id);
  await driver.emit('main_button_pressed');
  await until(() => driver.posted('web_app_request_phone'), 'Telegram is asked');
  await driver.emit('phone_requested', { status: 'cancelled' });
  await driver.sees('respond-phone', 'Без номера с вами не свяжутся');
  await driver.tap('respond-more', 'Ввести номер');
  await driver.get('offer-phone').fill('8 916 123 45 67');
  await driver.emit('main_button_pressed');
  await driver.sendNow();
  assert.match(await driver.sees('response-panel', 'не подтверждён'), /\+7 916 123-45-67, не подтверждён/);
  assert.match((await product.card(id)).text, /\+79161234567 — не подтверждён/);
});

journey('outside Telegram the number is typed once and kept in the profile', async ({ phone, product }) => {
  const driver = await phone();
  const id = await product.addCargo(CARGO);
  await driver.openCargo(id);
  await driver.tap('main-action');
  await driver.sees('respond-screen');
  assert.equal(await driver.get('share-phone').count(), 0);
  assert.deepEqual(await driver.errors(), [], 'nothing is wrong before anything is typed');
  await driver.tap('main-action', 'Отправить отклик');
  await until(async () => (await driver.errors()).length > 0, 'what is missing is told after the attempt');
  assert.deepEqual(await driver.errors(), ['Введите номер, по которому вам позвонят']);
  await driver.get('offer-phone').fill('12');
  await driver.tap('main-action');
  await until(async () => /Проверьте номер/.test((await driver.errors()).join()), 'a wrong number is told');
  await driver.get('offer-phone').fill('+7 (916) 123-45-67');
  await driver.respond();
  await driver.sees('response-panel', 'не подтверждён');
  assert.match((await product.card(id)).text, /\+79161234567 — не подтверждён/);
  await until(async () => (await driver.api('me')).body.phone === '+79161234567', 'the profile has it');
  assert.equal((await driver.api('me')).body.phone_confirmed, false);
});

// -------------------------------------------------------------------------------------------------- the offer

journey("a comment and a price of one's own go along, and are not lost on the way", async ({ phone, product }) => {
  const driver = await phone();
  const id = await openNewCargo(driver);
  await driver.tap('respond-more', 'Своя цена');
  await driver.get('offer-comment').fill('Буду к девяти <b>утра</b>');
  await driver.get('offer-price').fill('семьдесят');
  await driver.tap('main-action');
  await until(async () => (await driver.errors()).length === 1, 'a wrong price is told');
  await driver.get('offer-price').fill('72 500');
  await driver.tap('back');
  await driver.tap('respond-more', 'Изменить');
  assert.equal(await driver.get('offer-comment').inputValue(), 'Буду к девяти <b>утра</b>');
  await driver.respond();
  assert.match(await driver.sees('response-panel'), /Ваша цена: 72 500 ₽\nКомментарий: Буду к девяти <b>утра<\/b>/);
  const { text } = await product.card(id);
  assert.match(plain(text), /Цена водителя: 72 500 ₽/);
  assert.match(text, /Буду к девяти <b>утра<\/b>/);
  await driver.tap('back');
  await driver.sees('cargo-list');
});

journey('tapping twice sends one response', async ({ phone, product }) => {
  const driver = await phone();
  const id = await openNewCargo(driver);
  await driver.page.route(isResponse, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue();
  });
  const button = driver.get('main-action');
  await driver.settled();
  await Promise.all([button.dispatchEvent('click'), button.dispatchEvent('click'), button.dispatchEvent('click')]);
  await driver.sendNow();
  await driver.sees('response-panel');
  assert.equal(driver.sent(`POST /api/cargos/${id}/responses`), 1);
  await product.card(id);
  assert.equal((await product.cards(id)).length, 1);
});

journey('a response whose answer was lost is sent again and stays one', async ({ phone, product }) => {
  const driver = await phone();
  driver.expect(FAILED_REQUESTS);
  const id = await openNewCargo(driver);
  let lost = 0;
  await driver.page.route(isResponse, async (route) => {
    if (lost > 0) return route.continue();
    lost += 1;
    await route.fetch();
    return route.abort();
  });
  await driver.respond();
  await driver.sees('response-panel');
  assert.equal(lost, 1);
  await until(() => driver.sent(`POST /api/cargos/${id}/responses`) >= 2, 'it was sent again');
  await product.card(id);
  assert.equal((await product.cards(id)).length, 1);
  assert.equal((await driver.responses()).length, 1);
});

journey('a changed price is shown, and the response goes out only after that', async ({ phone, product }) => {
  const driver = await phone();
  driver.expect(/status of 409/);
  const id = await openNewCargo(driver);
  await product.sandbox('PUT', `/cargotech/cargos/${id}`, { price_rub: 60_000 });
  // What was looked up a moment ago is good enough for the server.
  await product.pass(11);
  await driver.respond();
  assert.equal(await driver.sees('respond-changed'), 'Цена изменилась: было 68 000 ₽, стало 60 000 ₽.');
  assert.deepEqual(await driver.responses(), []);
  await driver.page
    .locator('.cargo-price')
    .filter({ hasText: /60.000/ })
    .waitFor();
  await driver.respond(/Откликнуться: 60.000/);
  await driver.sees('response-panel');
  assert.match(plain((await product.card(id)).text), /Цена груза: 60 000 ₽/);
});

journey('a cargo that is gone is told, and nobody is asked to wait for it', async ({ phone, product }) => {
  const driver = await phone();
  // On a slow machine what the driver may see comes late, and the cargo is asked for once more.
  driver.expect(/status of (409|404)/);
  const id = await openNewCargo(driver);
  await product.sandbox('POST', `/cargotech/cargos/${id}/remove`);
  await product.pass(11);
  await driver.respond();
  await driver.sees('cargo-gone', 'Этого груза больше нет');
  await driver.seesNo('main-action');
  assert.deepEqual(await driver.responses(), []);
  await driver.get('cargo-gone').getByRole('button').tap();
  await driver.sees('cargo-list');
});

journey('who has responded already is shown that response', async ({ phone, product }) => {
  const driver = await phone();
  driver.expect(/status of 409/);
  const id = await openNewCargo(driver);
  await respondFromElsewhere(driver, id, { comment: 'с другого телефона' });
  await driver.respond();
  await driver.sees('toast', 'Вы уже откликнулись на этот груз');
  await driver.sees('response-panel', 'с другого телефона');
  assert.equal((await product.cards(id)).length, 1);
});

// ------------------------------------------------------------------------------------------------- taking it back

journey('a response is taken back after a question, and another can be given', async ({ phone, product }) => {
  const driver = await phone();
  const id = await respondToNewCargo(driver);
  await driver.tap('withdraw');
  await driver.get('response-panel').getByRole('button', { name: 'Отмена' }).tap();
  await driver.tap('withdraw');
  await driver.tap('withdraw-yes');
  await seesState(driver, 'Отозван');
  const old = await product.card(id, 'Отозван');
  await driver.respond('Откликнуться снова');
  await driver.sees('withdraw');
  await until(async () => {
    await product.pass(1);
    const [now, ...others] = await product.cards(id);
    return now && now.message_id !== old.message_id && others.length === 0;
  }, 'the dispatchers have the new one, and the old one says no more of whom it was');
  const all = await product.chat(await product.dispatchChat());
  assert.match(all.find(({ message_id }) => message_id === old.message_id).text, /Водитель откликнулся заново/);
  assert.equal((await driver.responses()).length, 1);
});

journey('what was decided meanwhile cannot be taken back, and the answer is shown', async ({ phone, product }) => {
  const driver = await phone();
  driver.expect(/status of 409/);
  const id = await respondToNewCargo(driver);
  // Nothing tells the app of it before the driver taps.
  await driver.page.route('**/api/responses', () => {});
  await driver.tap('withdraw');
  await product.press(id, 'Принять');
  await driver.tap('withdraw-yes');
  await driver.sees('toast', 'Ответ уже пришёл');
  await seesState(driver, 'Принят');
});

// ----------------------------------------------------------------------------------------------------- trouble

journey('trouble of ours is told as ours, and a second tap is enough when it is over', async ({ phone, product }) => {
  const driver = await phone();
  driver.expect(/status of 503/);
  const id = await openNewCargo(driver);
  await driver.tap('respond-more');
  await driver.get('offer-comment').fill('Два водителя');
  await product.sandbox('PUT', '/store', { faults: [{ error: 'InternalServerError' }] });
  await driver.respond();
  assert.match(await driver.sees('respond-failed'), /^Отклик не отправлен\. У нас сбой/);
  await driver.tap('respond-more', 'Изменить');
  assert.equal(await driver.get('offer-comment').inputValue(), 'Два водителя');
  await product.calm();
  await driver.respond();
  await driver.sees('response-panel');
  assert.match((await product.card(id)).text, /Два водителя/);
});

journey(
  'while Telegram is down the app says that the response is on its way, and later that it arrived',
  async ({ phone, product }) => {
    const driver = await phone();
    await product.telegram({ down: true });
    const id = await openNewCargo(driver);
    await driver.respond();
    await driver.sees('response-next', 'Передаём отклик диспетчеру. Приложение можно закрыть.');
    await seesState(driver, 'Отправляем');
    await product.sandbox('DELETE', '/telegram/faults');
    await until(async () => {
      // The pauses between attempts are the server's time.
      await product.pass(5);
      return (await product.cards(id)).length > 0;
    }, 'the dispatchers have it');
    await seesState(driver, 'Ждём ответа');
    assert.equal((await product.cards(id)).length, 1);
  },
);

// --------------------------------------------------------------------------------------------- looking for answers

journey('answers are looked for only while one can come and the driver looks', async ({ phone, product }) => {
  const driver = await phone();
  await haveAPhone(driver);
  await driver.page.clock.install();
  let answered = 0;
  // Not `driver.answered`: an answer without a body is not read to its end.
  driver.page.on('response', (answer) => (answered += isLook(answer.url()) ? 1 : 0));
  const id = await product.addCargo(CARGO);
  await driver.openCargo(id);
  /** How often the responses are asked for while the phone's clock moves this far. */
  const looksIn = async (seconds) => {
    const before = driver.sent(LOOK);
    const answeredBefore = answered;
    for (let passed = 0; passed < seconds; passed += 1) {
      await driver.page.clock.runFor(1000);
      // The answer to a question plans the next one.
      await until(() => answered - answeredBefore >= driver.sent(LOOK) - before, 'every look is answered');
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    return driver.sent(LOOK) - before;
  };
  await until(() => driver.sent(LOOK) >= 1, 'what is known elsewhere is asked for once');
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(await looksIn(60), 0, 'nothing is open');

  await driver.respond();
  await driver.sees('response-panel');
  await product.card(id);
  const open = await looksIn(30);
  assert.ok(open >= 4 && open <= 8, `${open} looks in half a minute`);

  await driver.putAway(true);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await looksIn(60), 0, 'nobody looks');
  await product.press(id, 'Отклонить');
  const before = driver.sent(LOOK);
  await driver.putAway(false);
  await seesState(driver, 'Отказ');
  assert.ok(driver.sent(LOOK) > before, 'at once');
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(await looksIn(60), 0, 'it is decided');
});

journey('an answer that comes while another screen is open is told there', async ({ phone, product }) => {
  const driver = await phone();
  const id = await respondToNewCargo(driver, { ...CARGO, from: 'Орёл', to: 'Курск' });
  await driver.tap('back');
  await driver.sees('cargo-list');
  await product.press(id, 'Принять');
  await driver.sees('toast', 'Отклик принят: Орёл → Курск');
});

// ------------------------------------------------------------------------------------------------ my responses

journey('all responses are in one list, with what became of each and why', async ({ phone, product }) => {
  const driver = await phone();
  await haveAPhone(driver);
  await driver.openList();
  const ids = [];
  for (const [from, to] of [
    ['Псков', 'Тверь'],
    ['Уфа', 'Пермь'],
    ['Тула', 'Пенза'],
  ]) {
    ids.push(await product.addCargo({ ...CARGO, from, to }));
    await respondFromElsewhere(driver, ids.at(-1));
    await product.pass(5);
  }
  await product.press(ids[0], 'Принять');
  await product.press(ids[1], 'Отклонить');
  const reply = await product.card(ids[1], 'Отклонён');
  await product.sandbox('POST', `/telegram/chats/${await product.dispatchChat()}/messages`, {
    from: product.dispatchers[1].id,
    text: 'Машина уже нашлась',
    reply_to_message_id: reply.message_id,
  });
  await until(async () => (await driver.responses()).some(({ reason }) => reason), 'the reason is known');

  await driver.tap('open-responses');
  await driver.sees('response-item', 'Причина: Машина уже нашлась');
  const items = await driver.texts('response-item');
  assert.equal(items.length, 3);
  assert.match(items[0], /Тула → Пенза[\s\S]*Ждём ответа[\s\S]*68 000 ₽/);
  assert.match(items[1], /Уфа → Пермь[\s\S]*Отказ[\s\S]*Причина: Машина уже нашлась/);
  assert.match(items[2], /Псков → Тверь[\s\S]*Принят/);
  await driver.get('response-more').nth(2).tap();
  assert.match(
    await driver.sees('response-history'),
    /Создан\s+вы, [\s\S]*Передан диспетчеру[\s\S]*Принят\s+диспетчер, /,
  );

  await driver.get('response-cargo').nth(2).tap();
  await driver.sees('cargo-screen', 'Псков');
  await driver.sees('response-panel', 'Принят');
  await driver.tap('back');
  await driver.sees('responses');
  await driver.tap('open-list');
  await driver.sees('cargo-list');
});

journey('a cargo that is gone is told in the list of responses', async ({ phone, product }) => {
  const driver = await phone();
  driver.expect(FAILED_REQUESTS);
  const id = await respondToNewCargo(driver);
  await product.sandbox('POST', `/cargotech/cargos/${id}/remove`);
  await product.pass(3600);
  await driver.openAt('responses');
  await driver.sees('response-gone', 'Этого груза больше нет');
  await driver.sees('response-state', 'Ждём ответа');
});

journey('who has not responded yet is led to the cargos', async ({ phone }) => {
  const driver = await phone();
  await driver.openList();
  await driver.tap('open-responses');
  await driver.sees('responses-empty', 'Откликов пока нет');
  await driver.tap('to-list');
  await driver.sees('cargo-list');
});

journey('a link of the bot opens the responses, and back leads to the list', async ({ phone }) => {
  const driver = await phone();
  const id = await respondToNewCargo(driver);
  await driver.openAt('responses');
  await driver.sees('response-item', 'Казань → Самара');
  await driver.page.goBack();
  await driver.sees('cargo-list');
  await driver.tap('open-profile');
  await driver.tap('open-responses');
  await driver.tap('response-cargo');
  await driver.sees('response-panel');
  assert.match(driver.page.url(), new RegExp(`#/cargo/${id}$`));
});

journey(
  'without a network the responses are there, with a word that they may have changed',
  async ({ phone, product }) => {
    const driver = await phone();
    driver.expect(FAILED_REQUESTS);
    const id = await respondToNewCargo(driver);
    await driver.openAt('responses');
    await driver.sees('response-item');
    await driver.cutOff(true);
    await driver.sees('banner', 'Нет сети, ответы могли измениться');
    await driver.sees('response-state', 'Ждём ответа');
    await product.press(id, 'Принять');
    await driver.cutOff(false);
    await driver.sees('response-state', 'Принят');
    await driver.seesNo('banner');
  },
);

// The last one, since the dispatchers' chat takes all its messages only by and by.
journey('older responses come a page at a time, each once', async ({ phone, product }) => {
  const id = newDriver();
  const token = await product.signIn(id, { age_s: 60 });
  await product.api(token, 'me', { method: 'PUT', body: { phone: '+79161234567' } });
  for (let at = 0; at < 23; at += 1) {
    const cargo = await product.addCargo(CARGO);
    const { status } = await product.api(token, `cargos/${cargo}/responses`, { method: 'POST', body: {} });
    assert.equal(status, 201);
    // A driver has ten requests a second.
    await product.pass(1);
  }
  const driver = await phone({ driver: id });
  await driver.openAt('responses');
  await until(async () => (await driver.get('response-item').count()) === 20, 'the first page');
  await driver.tap('responses-next');
  await until(async () => (await driver.get('response-item').count()) === 23, 'the second page');
  await driver.seesNo('responses-next');
  const cargos = await driver.page.$$eval('[data-testid=response-item]', (items) =>
    items.map((item) => item.dataset.cargoId),
  );
  assert.equal(new Set(cargos).size, 23);
});
