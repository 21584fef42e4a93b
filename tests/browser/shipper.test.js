import assert from 'node:assert/strict';
import { journeys, plain, until } from './harness.js';
import { FAILED_REQUESTS, linkToResponse } from './screens.js';

const journey = journeys();

/** What became of the response, as its driver is told. */
async function statusOf(product, { token }) {
  return (await product.api(token, 'responses')).body.items[0];
}

/** Presses a decision and answers its question. */
async function decide(shipper, button) {
  await shipper.tap(button);
  await shipper.tap('shipper-yes');
}

journey('a shipper looks at a response, accepts it, and then has the number', async ({ phone, product }) => {
  const response = await linkToResponse(product, { offer: { comment: 'Буду к девяти', price_rub: 72_000 } });
  const shipper = await phone();
  const sent = [];
  shipper.context.on('request', (request) => sent.push({ url: request.url(), referer: request.headers().referer }));
  await shipper.page.goto(response.link);
  assert.match(await shipper.sees('shipper-cargo'), /Казань → Самара[\s\S]*20 т \/ 82 м³[\s\S]*68 000 ₽/);
  assert.match(await shipper.sees('shipper-driver'), /Водитель[\s\S]*72 000 ₽[\s\S]*Буду к девяти/);
  assert.equal(await shipper.sees('shipper-state'), 'Ждёт вашего решения');
  assert.doesNotMatch(await shipper.page.content(), /\+7\s?9/, 'the number is not in the page yet');
  assert.equal(await shipper.get('shipper-phone').count(), 0);

  // The driver's price is the one for which the cargo is carried.
  assert.match(plain(await shipper.sees('shipper-cargo')), /Цена груза\s+68 000 ₽/);
  assert.match(plain(await shipper.sees('shipper-driver')), /Цена водителя\s+72 000 ₽/);
  await shipper.sees('shipper-accept', /^Принять за 72.000.₽$/);
  await shipper.tap('shipper-accept');
  await shipper.sees('shipper-yes', /^Принять за 72.000.₽$/);
  await shipper.page.getByRole('button', { name: 'Отмена' }).tap();
  assert.equal(shipper.sent('POST '), 0, 'a question is asked first');
  await decide(shipper, 'shipper-accept');
  assert.match(await shipper.sees('shipper-phone'), /^\+7 9\d\d \d{3}-\d\d-\d\d$/);
  assert.match(await shipper.get('shipper-call').getAttribute('href'), /^tel:\+79\d{9}$/);
  await shipper.sees('shipper-state', 'Отклик принят');
  await shipper.sees('shipper-agreed', /^72.000.₽$/);
  assert.equal(await shipper.get('shipper-accept').count(), 0);
  assert.equal((await statusOf(product, response)).status, 'accepted');
  await product.card(response.id, 'Принят');

  // Whoever reads the logs of a server or of a proxy does not get the key to the page. Other hosts fail every journey.
  const key = new URL(response.link).hash.slice(1);
  assert.ok(sent.some(({ url }) => url.endsWith('/api/shipper/response')));
  for (const { url, referer = '' } of sent) {
    assert.ok(!new URL(url).pathname.includes(key) && !new URL(url).search.includes(key), url);
    assert.ok(!referer.includes('/app/r/'), referer);
  }
});

journey('the page is for nobody but who has the link', async ({ phone, product }) => {
  const shipper = await phone();
  shipper.expect(FAILED_REQUESTS);
  await shipper.page.goto(`${product.url}/app/r`);
  assert.equal(new URL(shipper.page.url()).pathname, '/app/r/');
  await shipper.sees('shipper-invalid', 'Ссылка не подходит');
  assert.equal(await shipper.page.getAttribute('meta[name=robots]', 'content'), 'noindex,nofollow');
  assert.equal(await shipper.page.getAttribute('meta[name=referrer]', 'content'), 'no-referrer');
  assert.equal(shipper.sent('GET /api/'), 0, 'nothing is asked without a token');

  const { link } = await linkToResponse(product);
  // A messenger that cuts the link, and a hand that changes it.
  for (const wrong of [
    link.slice(0, -5),
    link.replace(/#./, (start) => (start === '#A' ? '#B' : '#A')),
    `${link}%20`,
  ]) {
    await shipper.page.goto('about:blank');
    await shipper.page.goto(wrong);
    await shipper.sees('shipper-invalid');
  }
  // The right link in the same tab.
  await shipper.page.goto(link);
  await shipper.sees('shipper-accept');
});

journey('a shipper rejects a response, and the driver reads why', async ({ phone, product }) => {
  const response = await linkToResponse(product);
  const shipper = await phone();
  await shipper.page.goto(response.link);
  await shipper.tap('shipper-reject');
  await shipper.get('shipper-reason').fill('Нужен гидроборт');
  await shipper.tap('shipper-yes');
  await shipper.sees('shipper-state', 'Отклик отклонён');
  await shipper.sees('shipper-driver', 'Причина: Нужен гидроборт');
  assert.equal(await shipper.get('shipper-phone').count(), 0);
  const { status, reason } = await statusOf(product, response);
  assert.deepEqual({ status, reason }, { status: 'rejected', reason: 'Нужен гидроборт' });
  assert.match((await product.card(response.id, 'Отклонён')).text, /грузоотправитель[\s\S]*Нужен гидроборт/);

  await shipper.page.reload();
  await shipper.sees('shipper-state', 'Отклик отклонён');
  assert.equal(await shipper.get('shipper-accept').count(), 0, 'one decision');
});

journey('a shipper who is later than the dispatcher is told so and sees the decision', async ({ phone, product }) => {
  const response = await linkToResponse(product);
  const shipper = await phone();
  shipper.expect(/status of 409/);
  await shipper.page.goto(response.link);
  await shipper.tap('shipper-accept');
  await product.press(response.id, 'Отклонить');
  await shipper.tap('shipper-yes');
  await shipper.sees('shipper-state', 'Отклик отклонён');
  await shipper.sees('shipper-notice', 'Решение уже принято.');
  assert.equal((await statusOf(product, response)).status, 'rejected');
});

journey('a shipper is asked before a second driver has the cargo', async ({ phone, product }) => {
  const first = await linkToResponse(product, { offer: { name: 'Пётр Первый' } });
  const token = await product.signIn(await product.driverWithPhone());
  await product.api(token, `cargos/${first.id}/responses`, { method: 'POST', body: { name: 'Иван Второй' } });
  await product.card(first.id, 'Иван Второй');
  const link = await product.shipperLink(first.id);
  const shipper = await phone();
  shipper.expect(/status of 409/);
  await shipper.page.goto(link);
  const second = await shipper.sees('shipper-driver', /Пётр|Иван/);
  const other = second.includes('Иван') ? 'Пётр Первый' : 'Иван Второй';
  const cards = await product.cards(first.id);
  const card = cards.findLast(({ text }) => text.includes(other));
  const accept = card.reply_markup.inline_keyboard.flat().find(({ text }) => text.includes('Принять'));
  await product.sandbox('POST', '/telegram/press', {
    chat_id: await product.dispatchChat(),
    message_id: card.message_id,
    from: product.dispatchers[0].id,
    data: accept.callback_data,
  });
  await decide(shipper, 'shipper-accept');
  assert.match(await shipper.sees('shipper-taken'), new RegExp(`Уже принят ${other}\\. Принять ещё\\?`));
  await shipper.tap('shipper-not-too');
  await shipper.sees('shipper-state', 'Ждёт вашего решения');
  await decide(shipper, 'shipper-accept');
  // The second tap of a double tap falls where the question has come.
  const { x, y, width, height } = await shipper.get('shipper-too').first().boundingBox();
  await shipper.page.touchscreen.tap(x + width / 2, y + height / 2);
  await shipper.page.waitForTimeout(1000);
  await shipper.sees('shipper-taken');
  assert.equal(await shipper.get('shipper-phone').count(), 0);
  await shipper.tap('shipper-too');
  await shipper.sees('shipper-phone');
  await shipper.sees('shipper-state', 'Отклик принят');
});

journey('who did not accept sees no phone when a dispatcher does', async ({ phone, product }) => {
  const response = await linkToResponse(product);
  await product.press(response.id, 'Принять');
  const shipper = await phone();
  await shipper.page.goto(response.link);
  await shipper.sees('shipper-state', 'Отклик принят');
  await shipper.sees('shipper-not-mine', 'Телефон водителя спросите у него');
  assert.equal(await shipper.get('shipper-phone').count(), 0);
  assert.doesNotMatch(await shipper.page.content(), /\+7\s?9/);
});

journey('a response that the driver took back cannot be decided on', async ({ phone, product }) => {
  const response = await linkToResponse(product);
  const shipper = await phone();
  await shipper.page.goto(response.link);
  await shipper.sees('shipper-accept');
  await product.api(response.token, `cargos/${response.id}/responses`, { method: 'DELETE' });
  // Whoever comes back to the page sees what has become of it.
  await shipper.putAway(true);
  await shipper.putAway(false);
  await shipper.sees('shipper-state', 'Водитель отозвал отклик');
  assert.equal(await shipper.get('shipper-accept').count(), 0);
});

journey('a link ends by a dispatcher, by a newer one and by time', async ({ phone, product }) => {
  const shipper = await phone();
  shipper.expect(/status of 410/);
  const look = async (link, testId) => {
    await shipper.page.goto('about:blank');
    await shipper.page.goto(link);
    await shipper.sees(testId);
  };
  const { id, link: first } = await linkToResponse(product);
  const second = await product.shipperLink(id, 'Новая ссылка');
  await look(first, 'shipper-expired');
  await look(second, 'shipper-accept');
  // A page that is open already finds out when it is used.
  await product.press(id, 'Отозвать ссылку');
  await decide(shipper, 'shipper-accept');
  await shipper.sees('shipper-expired', 'Попросите диспетчера прислать новую');
  const third = await product.shipperLink(id);
  await look(third, 'shipper-accept');
  await product.pass(49 * 3600);
  await look(third, 'shipper-expired');
});

journey(
  'without a network the decision is not said to be sent, and is sent by a second tap',
  async ({ phone, product }) => {
    const response = await linkToResponse(product);
    const shipper = await phone();
    shipper.expect(FAILED_REQUESTS);
    await shipper.page.goto(response.link);
    await shipper.sees('shipper-reject');
    await shipper.cutOff(true);
    await shipper.tap('shipper-reject');
    await shipper.get('shipper-reason').fill('Уже увезли');
    await shipper.tap('shipper-yes');
    await shipper.sees('shipper-notice', 'Решение не отправлено. Нет сети.');
    assert.equal(await shipper.get('shipper-reason').inputValue(), 'Уже увезли');
    assert.equal((await statusOf(product, response)).status, 'sent');
    await shipper.cutOff(false);
    await shipper.tap('shipper-yes');
    await shipper.sees('shipper-state', 'Отклик отклонён');
    await shipper.sees('shipper-driver', 'Причина: Уже увезли');
  },
);

journey('a page that opens without an answer can be tried again', async ({ phone, product }) => {
  const { link } = await linkToResponse(product);
  const shipper = await phone();
  shipper.expect(FAILED_REQUESTS);
  await product.sandbox('PUT', '/store', { faults: [{ error: 'InternalServerError' }] });
  await shipper.page.goto(link);
  await shipper.sees('shipper-error');
  await product.calm();
  await shipper.get('shipper-error').getByRole('button', { name: 'Повторить' }).tap();
  await shipper.sees('shipper-accept');
});

journey('a decision whose answer was lost is sent again and counts once', async ({ phone, product }) => {
  const response = await linkToResponse(product);
  const shipper = await phone();
  shipper.expect(FAILED_REQUESTS);
  let lost = 0;
  await shipper.page.route('**/api/shipper/response', async (route) => {
    if (route.request().method() !== 'POST' || lost > 0) return route.continue();
    lost += 1;
    await route.fetch();
    return route.abort();
  });
  await shipper.page.goto(response.link);
  await decide(shipper, 'shipper-accept');
  await shipper.sees('shipper-phone');
  assert.equal(lost, 1);
  assert.equal(await shipper.get('shipper-notice').filter({ hasText: /./ }).count(), 0);
  const { history } = await statusOf(product, response);
  assert.deepEqual(
    history.map(({ status }) => status),
    ['queued', 'sent', 'accepted'],
  );
});

journey("the driver who looks at the cargo sees the shipper's answer by itself", async ({ phone, product }) => {
  const driver = await phone({ driver: await product.driverWithPhone() });
  const id = await product.addCargo({ from: 'Псков', to: 'Тверь', price_rub: 31_000 });
  await driver.openCargo(id);
  await driver.tap('main-action');
  await driver.sees('response-panel', 'Ждём ответа');
  const shipper = await phone();
  await shipper.page.goto(await product.shipperLink(id));
  await decide(shipper, 'shipper-accept');
  await shipper.sees('shipper-phone');
  await driver.sees('response-panel', 'Принят');
  assert.match(await driver.sees('response-history'), /Принят\s+грузовладелец/);
  const notice = await until(
    async () => (await product.chat(driver.driver)).find(({ text }) => text?.includes('Отклик принят')),
    'the chat says so',
  );
  assert.match(plain(notice.text), /Псков → Тверь/);
});

journey('a shipper whose browser is in English reads English', async ({ phone, product }) => {
  const { link } = await linkToResponse(product);
  const shipper = await phone({ locale: 'en-GB' });
  await shipper.page.goto(link);
  await shipper.sees('shipper-state', /decision/i);
  assert.equal(await shipper.page.getAttribute('html', 'lang'), 'en');
});
