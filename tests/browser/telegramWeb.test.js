/** The app in a frame, as Telegram's web clients show it, at the addresses that those clients have. */
import assert from 'node:assert/strict';
import { journeys, TELEGRAM_THEMES, until } from './harness.js';
import { CARGO, FAILED_REQUESTS } from './screens.js';

const journey = journeys();

/**
 * A page that frames the app and talks to it as Telegram Web does: it keeps what it is told in `told`, and answers what is
 * asked for unless it is `silent`.
 */
const client = (app, silent) => `<!doctype html><title>Telegram Web</title><link rel="icon" href="data:,">
<style>body { margin: 0 } iframe { border: 0; width: 100vw; height: 90vh }</style>
<iframe id="app"></iframe>
<script>
  window.told = [];
  const frame = document.getElementById('app');
  window.tell = (eventType, eventData) => frame.contentWindow.postMessage(JSON.stringify({ eventType, eventData }), '*');
  addEventListener('message', ({ source, data }) => {
    if (source !== frame.contentWindow) return;
    const { eventType, eventData } = JSON.parse(data);
    told.push({ name: eventType, data: eventData });
    if (${silent}) return;
    if (eventType === 'web_app_request_theme') tell('theme_changed', { theme_params: ${JSON.stringify(TELEGRAM_THEMES.dark)} });
    if (eventType === 'web_app_request_viewport') tell('viewport_changed', { height: innerHeight, is_expanded: true, is_state_stable: true });
  });
  frame.src = ${JSON.stringify(app)};
</script>`;

/** Opens the app in a frame of a page at `origin`; the frame. */
async function openFramed(phone, origin, { silent = false } = {}) {
  const app = `${await phone.address()}&tgWebAppVersion=9.1&tgWebAppPlatform=web`;
  phone.expect(new RegExp(`another host: ${origin}/`));
  await phone.page.route(`${origin}/**`, (route) =>
    route.fulfill({ contentType: 'text/html', body: client(app, silent) }),
  );
  // The product runs on this machine, the page does not.
  await phone.context.grantPermissions(['local-network-access'], { origin });
  await phone.page.goto(`${origin}/k/`);
  return phone.page.frameLocator('#app');
}

const lastTold = (phone, name) =>
  phone.page.evaluate((name) => told.filter((each) => each.name === name).at(-1)?.data, name);

for (const origin of ['https://web.telegram.org', 'https://webk.telegram.org', 'https://weba.telegram.org']) {
  journey(`at ${origin} the buttons are Telegram's, and they work`, async ({ phone, product }) => {
    const id = await product.addCargo(CARGO);
    const driver = await phone({ driver: await product.driverWithPhone(), launch: { start_param: `cargo_${id}` } });
    const app = await openFramed(driver, origin);
    await app.getByTestId('contacts').waitFor();
    await app.locator('html[data-scheme=dark]').waitFor({ state: 'attached' });
    await until(
      async () => (await lastTold(driver, 'web_app_setup_main_button'))?.text === 'Откликнуться',
      'Telegram shows the button',
    );
    assert.ok(
      (await lastTold(driver, 'web_app_ready')) === undefined &&
        (await driver.page.evaluate(() => told.some(({ name }) => name === 'web_app_ready'))),
    );
    assert.equal(
      (await app.getByTestId('main-action').count()) + (await app.getByTestId('back').count()),
      0,
      'each button is there once',
    );
    await app.locator('html:not([data-entered])').waitFor({ state: 'attached' });
    await driver.page.evaluate(() => tell('main_button_pressed'));
    await app.getByTestId('response-panel').waitFor();
    await product.card(id);
    await driver.page.evaluate(() => tell('back_button_pressed'));
    await app.getByTestId('cargo-card').first().waitFor();
    await until(async () => (await lastTold(driver, 'web_app_setup_back_button'))?.is_visible === false, 'back goes');
  });
}

journey('where a frame answers nothing, the buttons of the app itself appear', async ({ phone, product }) => {
  const id = await product.addCargo(CARGO);
  const driver = await phone({ driver: await product.driverWithPhone(), launch: { start_param: `cargo_${id}` } });
  // The second of silence ends when Telegram's button is there, however late the cargo comes.
  await driver.page.addInitScript(() => {
    const { setTimeout } = window;
    window.setTimeout = (run, ms, ...rest) => {
      if (ms === 1000) window.endSilence = run;
      return setTimeout(run, ms === 1000 ? 60_000 : ms, ...rest);
    };
  });
  const app = await openFramed(driver, 'https://webk.telegram.org', { silent: true });
  await app.getByTestId('contacts').waitFor();
  await until(
    async () => (await lastTold(driver, 'web_app_setup_main_button'))?.is_visible,
    'Telegram is asked for the button',
  );
  await app.locator('html').evaluate(() => window.endSilence());
  await app.getByTestId('main-action').filter({ hasText: 'Откликнуться' }).tap();
  await app.getByTestId('response-panel').waitFor();
  await product.card(id);
  for (const button of ['web_app_setup_main_button', 'web_app_setup_back_button']) {
    await until(async () => (await lastTold(driver, button))?.is_visible === false, `${button} is taken back`);
  }
  await app.getByTestId('back').tap();
  await app.getByTestId('cargo-card').first().waitFor();
});

journey('nobody but Telegram frames the app', async ({ phone }) => {
  const driver = await phone();
  driver.expect(FAILED_REQUESTS);
  driver.expect(/frame-ancestors|ERR_BLOCKED_BY_RESPONSE|chrome-error/);
  const app = await openFramed(driver, 'https://telegram.org.example', { silent: true });
  await until(() => driver.requests.some((each) => each.startsWith('GET /app/')), 'it was tried');
  await driver.page.waitForTimeout(500);
  assert.equal(await app.getByTestId('list-screen').count(), 0);
});
