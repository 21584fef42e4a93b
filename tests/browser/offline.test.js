/** Without a network: the way back, the last list, filters, and responses that wait for it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { journeys, newDriver, plain, until } from './harness.js';
import { CARGO, FAILED_REQUESTS, haveAPhone, openFilters, screensAreLoaded } from './screens.js';

const journey = journeys();

/** Opens the list, of the cargos from a price on. */
async function openPricedList(driver) {
  await driver.openList();
  await openFilters(driver);
  await driver.get('price_min').fill('20 000');
  await driver.tap('main-action');
  await driver.sees('chip-price');
  await driver.sees('cargo-card');
  await driver.sees('list-status', /\d груз/);
}

const responseTo = (id) => `POST /api/cargos/${id}/responses`;

// --------------------------------------------------------------------------------------------- the way back

for (const telegram of [false, true]) {
  journey(
    `a screen that the network keeps away has its title and the way back${telegram ? ', in Telegram too' : ''}`,
    async ({ phone }) => {
      const driver = await phone({ telegram });
      driver.expect(FAILED_REQUESTS);
      await driver.page.route('**/assets/*Screen*', (route) => route.abort());
      await driver.openList();
      await driver.cutOff(true);
      for (const [button, title] of [
        ['cargo-card', 'Груз'],
        ['open-filters', 'Фильтры'],
        ['open-profile', 'Ещё'],
        ['open-responses', 'Мои отклики'],
      ]) {
        await driver.tap(button);
        await driver.sees('part-failed');
        assert.equal(await driver.page.locator('h1').filter({ visible: true }).innerText(), title);
        if (telegram) {
          await until(
            async () => (await driver.posted('web_app_setup_back_button')).is_visible,
            'Telegram shows its button',
          );
          await driver.emit('back_button_pressed');
        } else {
          await driver.tap(title === 'Ещё' || title === 'Мои отклики' ? 'open-list' : 'back');
        }
        await driver.sees('cargo-list');
      }
    },
  );
}

// ---------------------------------------------------------------------------------------------------- filters

journey(
  'a chip that is removed without a network stays, with the old list and a word about it, and goes when the network is back',
  async ({ phone }) => {
    const driver = await phone();
    driver.expect(FAILED_REQUESTS);
    await openPricedList(driver);
    await screensAreLoaded(driver);
    const cargos = await driver.cargos();

    await driver.cutOff(true);
    await driver.tap('chip-price');
    assert.match(
      await driver.sees('banner', 'фильтры применятся'),
      /^Нет сети, фильтры применятся, когда она появится\. Пока прежний список, данные от \d\d:\d\d$/,
    );
    await driver.sees('chip-price');
    assert.deepEqual(await driver.cargos(), cargos);
    assert.match(
      plain(await driver.get('chip-price').getAttribute('aria-label')),
      /^Вернуть фильтр: от 20 000 ₽, ждёт/,
    );
    await driver.tap('chip-price');
    await until(
      async () => /^Убрать/.test(plain(await driver.get('chip-price').getAttribute('aria-label'))),
      'a second tap takes that back',
    );
    await driver.tap('chip-price');

    await openFilters(driver);
    await driver.get('distance_max').fill('900');
    await driver.tap('main-action');
    await driver.sees('banner', 'фильтры применятся');
    assert.deepEqual(await driver.cargos(), cargos);
    await driver.tap('open-filters');
    assert.equal(await driver.get('distance_max').inputValue(), '900', 'what was chosen is not lost');
    await driver.tap('back');
    assert.match(
      plain(await driver.get('chip-distance').getAttribute('aria-label')),
      /^Убрать фильтр: до 900 км, ждёт/,
    );

    await driver.cutOff(false);
    await driver.seesNo('chip-price');
    await driver.page.getByRole('button', { name: /^Убрать фильтр: до 900.км$/ }).waitFor();
    await driver.seesNo('banner');
  },
);

journey('what is chosen without a network holds together when it is back', async ({ phone }) => {
  const driver = await phone();
  driver.expect(FAILED_REQUESTS);
  await openPricedList(driver);
  await driver.cutOff(true);
  await driver.tap('chip-price');
  await driver.sees('banner', 'фильтры применятся');
  await driver.tap('quick-tomorrow');
  await driver.page.locator('[data-testid=quick-tomorrow][aria-pressed=true]').waitFor();
  await driver.sees('chip-price');
  await driver.cutOff(false);
  await driver.seesNo('chip-price');
  await driver.seesNo('banner');
  const last = new URLSearchParams(driver.requests.findLast((each) => each.includes('/api/cargos?')).split('?')[1]);
  assert.deepEqual([last.get('price_min'), last.get('date_from') !== null], [null, true]);
});

journey('filters that wait for an answer wait also while the app is closed', async ({ phone }) => {
  const driver = await phone();
  driver.expect(FAILED_REQUESTS);
  await openPricedList(driver);
  await driver.page.route('**/api/cargos?*', (route) => route.abort());
  await driver.tap('chip-price');
  await driver.sees('banner', 'фильтры применятся');
  await driver.sees('chip-price');
  const saved = () => driver.sent('PUT /api/me');
  const before = saved();
  await driver.open();
  await driver.seesNo('chip-price');
  await driver.sees('cargo-card');
  await driver.seesNo('banner');
  const last = driver.requests.findLast((each) => each.includes('/api/cargos?'));
  assert.doesNotMatch(last, /price_min/);
  await until(() => saved() > before, 'the server learns of them');
  assert.equal(await driver.stored('wanted'), null);
});

journey('a server that fails keeps the old list when a filter is removed, and is asked again', async ({ phone }) => {
  const driver = await phone();
  driver.expect(FAILED_REQUESTS);
  await openPricedList(driver);
  await driver.page.route('**/api/cargos?*', (route) => route.fulfill({ status: 500, body: '{}' }));
  await driver.tap('chip-price');
  await driver.sees('banner', 'Сервер не ответил, фильтры применятся, когда ответит');
  await driver.sees('chip-price');
  assert.ok((await driver.cargos()).length > 0);
  await driver.tap('refresh');
  await driver.sees('banner', 'Сервер не ответил');
  await driver.page.unrouteAll();
  await driver.tap('refresh');
  await driver.seesNo('chip-price');
  await driver.seesNo('banner');
});

// -------------------------------------------------------------------------------------------------- responses

/** Opens a new cargo, loses the network and responds; the cargo's id. */
async function respondOffline(driver) {
  await haveAPhone(driver);
  const id = await driver.product.addCargo(CARGO);
  await driver.openCargo(id);
  await screensAreLoaded(driver);
  driver.expect(FAILED_REQUESTS);
  await driver.cutOff(true);
  await driver.tap('main-action');
  const said = driver.page.getByTestId(/^respond-(leaving|waiting)$/).first();
  assert.match(await said.innerText(), /Отклик сохранён на телефоне/, 'and not that it goes in some seconds');
  return id;
}

journey(
  'a response made without a network waits in sight and is sent once when it is back',
  async ({ phone, product }) => {
    const driver = await phone();
    const id = await respondOffline(driver);
    assert.equal(driver.sent(responseTo(id)), 0);
    await driver.tap('back');
    await driver.tap('open-responses');
    await driver.sees('kept-item', 'Ждёт отправки');
    await driver.cutOff(false);
    await driver.sees('response-item', 'Ждём ответа');
    await driver.seesNo('kept-item');
    await product.card(id);
    assert.equal(driver.sent(responseTo(id)), 1);
    assert.equal((await product.cards(id)).length, 1);
    assert.equal(await driver.stored('outbox'), null);
  },
);

journey('a cargo that was only seen in the list can be responded to without a network', async ({ phone, product }) => {
  const driver = await phone();
  await haveAPhone(driver);
  await driver.openList();
  await screensAreLoaded(driver);
  const [id] = await driver.cargos();
  const price = plain(await driver.page.locator('.card-price').first().innerText());
  driver.expect(FAILED_REQUESTS);
  await driver.cutOff(true);
  await driver.tap('cargo-card');
  await driver.sees('cargo-unasked', 'Контакты загрузятся, когда появится сеть');
  assert.ok((await driver.sees('cargo-screen')).includes(price), 'what the list knows is there');
  assert.deepEqual(await driver.stored('seen'), [id], 'it counts as opened');
  await driver.tap('main-action');
  await driver.sees('respond-waiting', 'Отклик сохранён на телефоне');
  await driver.cutOff(false);
  await driver.sees('response-panel', 'Ждём ответа');
  await driver.sees('contacts');
  await product.card(id);
  assert.equal(driver.sent(responseTo(id)), 1);
});

journey('it survives the end of the app, and can be called back', async ({ phone, product }) => {
  const driver = await phone();
  const id = await respondOffline(driver);
  let tried = 0;
  await driver.page.route('**/api/cargos/*/responses', (route) => {
    tried += 1;
    return route.abort();
  });
  await driver.cutOff(false);
  await until(() => tried > 0, 'it is tried');
  await driver.openAt('responses');
  await driver.page.unrouteAll();
  await driver.sees('response-item', 'Ждём ответа');
  await product.card(id);
  assert.equal((await product.cards(id)).length, 1);

  const other = await phone();
  const recalled = await respondOffline(other);
  // Who taps on at once wants it to go.
  await other.page.waitForTimeout(2000);
  await other.tap('main-action', 'Отменить');
  await other.sees('toast', 'Отклик отменён');
  await other.cutOff(false);
  await other.page.waitForTimeout(1000);
  assert.equal(other.sent(responseTo(recalled)), 0);
});

journey('a price that changed meanwhile is told, and nothing is sent for it', async ({ phone, product }) => {
  const driver = await phone();
  const id = await respondOffline(driver);
  await product.sandbox('PUT', `/cargotech/cargos/${id}`, { price_rub: 60_000 });
  await product.pass(11);
  await driver.cutOff(false);
  assert.equal(await driver.sees('respond-changed'), 'Цена изменилась: было 68 000 ₽, стало 60 000 ₽.');
  assert.deepEqual(await driver.responses(), []);
  await driver.respond(/Откликнуться: 60.000/);
  await driver.sees('response-panel');
});

journey('a cargo that is gone meanwhile is told, also to who is elsewhere by then', async ({ phone, product }) => {
  const driver = await phone();
  const id = await respondOffline(driver);
  await product.sandbox('POST', `/cargotech/cargos/${id}/remove`);
  await product.pass(11);
  await driver.tap('back');
  await driver.cutOff(false);
  await driver.sees('toast', 'Отклик не отправлен: Казань → Самара');
  await driver.tap('open-responses');
  await driver.sees('kept-item', 'этого груза больше нет');
  await driver.tap('kept-cancel', 'Убрать');
  await driver.sees('responses-empty');
});

journey('what waits on the phone is gone with its driver', async ({ phone, product }) => {
  const driver = await phone();
  const id = await respondOffline(driver);
  assert.match(JSON.stringify(await driver.stored('outbox')), new RegExp(id));
  await driver.page.route('**/api/cargos/*/responses', (route) => route.abort());
  await driver.cutOff(false);
  driver.driver = newDriver();
  driver.options.launch = {};
  await product.pass(1);
  await driver.open();
  await driver.sees('cargo-card');
  assert.equal(await driver.stored('outbox'), null);
  await driver.tap('open-responses');
  await driver.sees('responses-empty');
});

journey(
  'a session that ends takes along what was seen in it, and a response waits for its driver',
  async ({ phone, product }) => {
    const driver = await phone();
    const id = await respondOffline(driver);
    assert.ok(id && (await driver.stored('list')));
    await driver.page.route('**/api/cargos/*/responses', (route) => route.abort());
    await product.pass(1);
    await product.signIn(driver.driver);
    await driver.cutOff(false);
    await driver.sees('session-replaced');
    for (const key of ['list', 'responses', 'access']) assert.equal(await driver.stored(key), null, key);
    await driver.page.unrouteAll();
    await product.pass(1);
    await driver.open();
    await product.card(id);
    assert.equal((await product.cards(id)).length, 1);
    assert.equal(await driver.stored('outbox'), null);
  },
);

journey('a response that waits is of nobody else, also when the session ended before', async ({ phone, product }) => {
  const driver = await phone();
  const id = await respondOffline(driver);
  await driver.page.route('**/api/cargos/*/responses', (route) => route.abort());
  await product.pass(1);
  await product.signIn(driver.driver);
  await driver.cutOff(false);
  await driver.sees('session-replaced');
  await driver.page.unrouteAll();
  const tried = driver.sent(responseTo(id));
  driver.driver = newDriver();
  driver.options.launch = {};
  await driver.open();
  await driver.sees('cargo-card');
  assert.equal(await driver.stored('outbox'), null);
  assert.equal(driver.sent(responseTo(id)), tried);
});

// ------------------------------------------------------------------------------------------ starts and releases

const site = fileURLToPath(new URL('../../static-site/', import.meta.url));

/** Builds the web app with another name on it: another release. Its folder. */
function release(name) {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  for (const each of ['src', 'index.html', 'serviceWorker.js', 'package.json', 'tsconfig.json', 'vite.config.ts']) {
    cpSync(join(site, each), join(folder, each), { recursive: true });
  }
  symlinkSync(join(site, 'node_modules'), join(folder, 'node_modules'));
  const words = join(folder, 'src/features/shell/messages/ru.ts');
  writeFileSync(words, readFileSync(words, 'utf8').replace("app: 'Грузы'", `app: '${name}'`));
  execFileSync('npx', ['vite', 'build', '--logLevel', 'error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return folder;
}

const KINDS = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** The product behind another address, whose web app is what `files` leads to, with the headers of the product's own. */
async function serveReleases(product, files) {
  const headersOf = async (path) => (await fetch(product.url + path, { method: 'HEAD' })).headers;
  const page = await headersOf('/app/');
  const server = createServer((incoming, outgoing) => {
    const path = new URL(incoming.url, 'http://a').pathname;
    if (!path.startsWith('/app/')) {
      const headers = { ...incoming.headers, host: new URL(product.url).host };
      if (headers.origin) headers.origin = product.url;
      const onward = request(product.url + incoming.url, { method: incoming.method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      return incoming.pipe(onward);
    }
    const name = path === '/app/' ? 'index.html' : path.slice('/app/'.length);
    const isAsset = name.startsWith('assets/');
    const body = files()
      .map((folder) => read(join(folder, 'dist', name)))
      .find(Boolean);
    if (!body) return outgoing.writeHead(404).end();
    outgoing.writeHead(200, {
      'content-type': KINDS[extname(name)] ?? 'application/octet-stream',
      'cache-control': isAsset ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-security-policy': page.get('content-security-policy'),
    });
    outgoing.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

journey(
  'a start without a network shows the last list, and after a release nobody gets the old app',
  async ({ phone, product }) => {
    const releases = ['Грузы', 'Новые грузы'].map(release);
    // The newest first; assets of the releases before stay.
    let live = [releases[0]];
    const { server, url } = await serveReleases(product, () => live);
    try {
      const driver = await phone({ serviceWorkers: 'allow' });
      driver.expect(FAILED_REQUESTS);
      driver.expect(/another host/);
      const title = () => driver.page.locator('.list-header h1').innerText();
      const kept = () => driver.page.evaluate(() => caches.keys());
      await driver.page.goto((await driver.address()).replace(product.url, url));
      await driver.sees('cargo-card');
      const cargos = await driver.cargos();
      await driver.tap('star');
      await until(
        async () => (await kept()).length === 1 && driver.page.evaluate(() => !!navigator.serviceWorker.controller),
        'the app is kept',
      );
      const [first] = await kept();

      await driver.cutOff(true);
      await driver.page.close();
      driver.page = await driver.context.newPage();
      await driver.page.goto(`${url}/app/`);
      await driver.sees('cargo-card');
      assert.deepEqual(await driver.cargos(), cargos);
      await driver.sees('banner', /Нет сети, данные от/);
      await driver.tap('quick-saved', 'Избранное 1');
      await driver.sees('saved-list');
      await driver.tap('quick-saved');
      await driver.tap('open-filters');
      await driver.sees('filters-screen');
      await driver.tap('back');
      assert.doesNotMatch(
        await driver.page.evaluate(async () => {
          const urls = [];
          for (const name of await caches.keys())
            for (const { url } of await (await caches.open(name)).keys()) urls.push(url);
          return urls.join('\n');
        }),
        /\/api\//,
        'nothing of the server is in it',
      );

      await driver.cutOff(false);
      live = [releases[1], releases[0]];
      await driver.page.goto(`${url}/app/?again`);
      await driver.sees('cargo-card');
      assert.equal(await title(), 'Новые грузы', 'the first start after a release has it');
      await until(
        async () => (await kept()).length === 1 && (await kept())[0] !== first,
        'the new one is kept, the old one is not',
      );

      await driver.cutOff(true);
      await driver.page.goto(`${url}/app/`);
      await driver.sees('cargo-card');
      assert.equal(await title(), 'Новые грузы');
      await driver.cutOff(false);

      // A network that answers nothing does not hold the app up.
      await driver.page.goto('about:blank');
      server.removeAllListeners('request');
      server.on('request', () => undefined);
      await driver.page.goto(`${url}/app/`);
      await driver.sees('cargo-card');
    } finally {
      server.closeAllConnections();
      server.close();
      for (const folder of releases) rmSync(folder, { recursive: true, force: true });
    }
  },
);
