import assert from 'node:assert/strict';
import { seriousViolations } from './accessibility.js';
import { journeys, plain, TELEGRAM_THEMES, THEMES, until } from './harness.js';
import { CARGO, openCargoWithPhone, openFilters } from './screens.js';

const APP_URL = 'https://t.me/cargotech_bot/app';
const journey = journeys({ TELEGRAM_APP_URL: APP_URL });

/** Waits until the app has last said this with a method. */
async function says(driver, method, expected) {
  const agrees = (data) => data && Object.entries(expected).every(([key, value]) => data[key] === value);
  await until(async () => agrees(await driver.posted(method)), `${method} ${JSON.stringify(expected)}`);
}

journey('in Telegram the main button shows the cargos and the back button leads back', async ({ phone }) => {
  const driver = await phone({ telegram: true });
  await driver.openList();
  assert.ok(await driver.posted('web_app_ready'), 'Telegram may take its placeholder away');
  await openFilters(driver);
  await says(driver, 'web_app_setup_main_button', { is_visible: true, is_active: true, text: 'Показать' });
  await says(driver, 'web_app_setup_back_button', { is_visible: true });
  assert.equal(
    (await driver.get('main-action').count()) + (await driver.get('back').count()),
    0,
    'each button is there once',
  );
  await driver.choose('weight-volume', 'до 10 т, до 60 м³');
  await says(driver, 'web_app_trigger_haptic_feedback', { type: 'selection_change' });
  await driver.emit('main_button_pressed');
  await driver.sees('chip-weight_volume');
  await says(driver, 'web_app_setup_main_button', { is_visible: false });
  await says(driver, 'web_app_setup_back_button', { is_visible: false });

  await driver.tap('cargo-card');
  await driver.sees('contacts');
  await says(driver, 'web_app_setup_back_button', { is_visible: true });
  await driver.emit('back_button_pressed');
  await driver.sees('cargo-list');
});

journey(
  'in Telegram the main button of a cargo responds to it, and calls its owner after that',
  async ({ phone, product }) => {
    const driver = await phone({ telegram: true, driver: await product.driverWithPhone() });
    await driver.openList();
    await openCargoWithPhone(driver);
    await says(driver, 'web_app_setup_main_button', { is_visible: true, is_active: true, text: 'Откликнуться' });
    assert.equal(await driver.get('main-action').count(), 0, 'the button is there once');
    await says(driver, 'web_app_setup_secondary_button', { is_visible: true, text: 'Позвонить', position: 'left' });
    assert.equal(await driver.get('call-first').count(), 0, 'and the call once');
    await driver.emit('main_button_pressed');
    await says(driver, 'web_app_setup_secondary_button', { is_visible: false });
    await driver.sendNow();
    await driver.sees('response-panel');
    await says(driver, 'web_app_trigger_haptic_feedback', { type: 'notification', notification_type: 'success' });
    await says(driver, 'web_app_setup_main_button', {
      is_visible: true,
      is_progress_visible: false,
      text: 'Позвонить',
    });
    const number = await driver.get('call').first().getAttribute('href');
    // The call itself would leave the browser.
    await driver.page.evaluate(() => {
      HTMLAnchorElement.prototype.click = function () {
        window.called = this.href;
      };
    });
    await driver.emit('main_button_pressed');
    assert.equal(await driver.page.evaluate(() => window.called), number);
  },
);

journey('in Telegram a cargo is shared as a link that opens it', async ({ phone }) => {
  const driver = await phone({ telegram: true });
  await driver.openList();
  const [id] = await driver.cargos();
  await driver.tap('cargo-card');
  await driver.tap('share');
  const { path_full: path } = await until(() => driver.posted('web_app_open_tg_link'), 'Telegram is asked to share');
  const shared = new URL(path, 'https://t.me');
  assert.equal(shared.pathname, '/share/url');
  assert.equal(shared.searchParams.get('url'), `${APP_URL}?startapp=cargo_${id}`);
  assert.match(plain(shared.searchParams.get('text')), / → /);
});

journey('the app wears the colours of Telegram, also when they change', async ({ phone }) => {
  const driver = await phone({ telegram: true, theme: 'light' });
  await driver.openList();
  const look = () =>
    driver.page.evaluate(() => ({
      scheme: document.documentElement.dataset.scheme,
      page: getComputedStyle(document.documentElement).backgroundColor,
    }));
  assert.deepEqual(await look(), { scheme: 'light', page: 'rgb(240, 240, 240)' });
  await driver.emit('theme_changed', { theme_params: TELEGRAM_THEMES.dark });
  assert.deepEqual(await look(), { scheme: 'dark', page: 'rgb(35, 46, 60)' });
  await says(driver, 'web_app_set_background_color', { color: '#232e3c' });
});

for (const theme of THEMES) {
  journey(`everything can be read in the ${theme} colours of Telegram`, async ({ phone }) => {
    const driver = await phone({ telegram: true, theme });
    await driver.openList();
    assert.deepEqual(await seriousViolations(driver.page), []);
    await openFilters(driver);
    assert.deepEqual(await seriousViolations(driver.page), []);
    await driver.emit('back_button_pressed');
    await openCargoWithPhone(driver);
    assert.deepEqual(await seriousViolations(driver.page), []);
    await driver.emit('back_button_pressed');
    await driver.tap('open-profile');
    await driver.sees('profile-screen');
    assert.deepEqual(await seriousViolations(driver.page), []);
  });

  journey(`a response and its form can be read in the ${theme} colours of Telegram`, async ({ phone, product }) => {
    const driver = await phone({ telegram: true, theme, driver: await product.driverWithPhone() });
    const id = await product.addCargo(CARGO);
    await driver.openCargo(id);
    assert.deepEqual(await seriousViolations(driver.page), []);
    await driver.tap('respond-more');
    await driver.get('offer-price').fill('дорого');
    await driver.emit('main_button_pressed');
    await until(async () => (await driver.errors()).length > 0, 'a wrong price is told');
    assert.deepEqual(await seriousViolations(driver.page), []);
    await driver.get('offer-price').fill('70000');
    await driver.emit('main_button_pressed');
    await driver.sendNow();
    await driver.sees('response-panel');
    await driver.tap('withdraw');
    assert.deepEqual(await seriousViolations(driver.page), []);
    await product.press(id, 'Отклонить');
    await driver.openAt('responses');
    await driver.sees('response-state', 'Отказ');
    assert.deepEqual(await seriousViolations(driver.page), []);
  });
}

journey('nothing lies under a notch, under Telegram or under the gesture bar', async ({ phone }) => {
  const driver = await phone({ telegram: true });
  await driver.openList();
  await driver.emit('safe_area_changed', { top: 40, bottom: 34, left: 0, right: 0 });
  await driver.emit('content_safe_area_changed', { top: 46, bottom: 0, left: 0, right: 0 });
  const box = (selector) => driver.page.locator(selector).first().boundingBox();
  assert.ok((await box('[data-testid=open-route]')).y >= 86);
  const filters = await box('[data-testid=open-filters]');
  assert.ok(filters.y >= 86);
  const tab = await box('[data-testid=open-responses]');
  assert.ok(tab.y + tab.height <= 800 - 34);
  await driver.tap('cargo-card');
  await driver.sees('contacts');
  assert.ok((await box('.screen-header')).y >= 86);
});

journey('Telegram asks before what is typed into a response is lost', async ({ phone, product }) => {
  const driver = await phone({ telegram: true, driver: await product.driverWithPhone() });
  await driver.openCargo(await product.addCargo(CARGO));
  await driver.tap('respond-more');
  await driver.get('offer-comment').fill('Буду к девяти');
  await says(driver, 'web_app_setup_closing_behavior', { need_confirmation: true });
  await driver.emit('main_button_pressed');
  await driver.sendNow();
  await driver.sees('response-panel');
  await says(driver, 'web_app_setup_closing_behavior', { need_confirmation: false });
});

journey('Telegram asks before what is typed in the profile is lost', async ({ phone }) => {
  const driver = await phone({ telegram: true });
  await driver.openList();
  await driver.tap('open-profile');
  await driver.tap('edit');
  await driver.get('company').fill('ИП Морозов');
  await says(driver, 'web_app_setup_closing_behavior', { need_confirmation: true });
  await driver.emit('main_button_pressed');
  await driver.sees('toast', 'Сохранено');
  await says(driver, 'web_app_setup_closing_behavior', { need_confirmation: false });
});

journey('after days in the web view one button has Telegram open the app anew', async ({ phone, product }) => {
  const driver = await phone({ telegram: true });
  await driver.openList();
  // What the app asks for after the list would find the session over before the driver does.
  await driver.page.waitForLoadState('networkidle');
  await product.pass(3 * 86_400);
  driver.expect(/status of 401/);
  await driver.tap('refresh');
  await driver.sees('session-expired');
  await driver.tap('reopen');
  await says(driver, 'web_app_open_tg_link', { path_full: new URL(APP_URL).pathname });
  assert.ok(await driver.posted('web_app_close'));
});

journey("an old client of Telegram without a back button gets the app's own", async ({ phone }) => {
  const driver = await phone({ telegram: true, version: '6.0' });
  await driver.openList();
  await openFilters(driver);
  await says(driver, 'web_app_setup_main_button', { is_visible: true, text: 'Показать' });
  assert.equal(await driver.posted('web_app_setup_back_button'), undefined);
  await driver.tap('back');
  await driver.sees('cargo-list');
});

journey('the page with the phone frame lets one use the app as in Telegram', async ({ phone, product }) => {
  const desk = await phone({ desktop: true, size: { width: 1280, height: 1000 } });
  await desk.page.goto(product.url);
  const app = desk.page.frameLocator('#web-view iframe');
  await app.getByTestId('cargo-card').first().click();
  await app.getByTestId('contacts').waitFor();
  await desk.page.locator('#back[aria-label=Back]').click();
  await app.getByTestId('cargo-card').first().waitFor();
  await app.getByTestId('open-filters').click();
  await app.locator('html:not([data-entered])').waitFor({ state: 'attached' });
  await desk.page.locator('#main-button').filter({ hasText: 'Показать' }).click();
  await app.getByTestId('cargo-list').waitFor();
  await desk.page.getByRole('button', { name: 'Dark' }).click();
  await app.locator('html[data-scheme=dark]').waitFor();

  const before = desk.sent('POST /api/auth/telegram');
  await desk.page.getByRole('button', { name: 'Reload the web view' }).click();
  await app.getByTestId('cargo-card').first().waitFor();
  assert.equal(desk.sent('POST /api/auth/telegram'), before, 'the session survives');
  await desk.page.getByRole('button', { name: 'Open anew' }).click();
  await app.getByTestId('cargo-card').first().waitFor();
});

journey('the page with the phone frame opens a deep link', async ({ phone, product }) => {
  const id = await product.addCargo({ from: 'Рязань', to: 'Тула', price_rub: 12_345 });
  const desk = await phone({ desktop: true, size: { width: 1280, height: 1000 } });
  await desk.page.goto(`${product.url}/?startapp=cargo_${id}`);
  await desk.page.frameLocator('#web-view iframe').getByTestId('cargo-screen').filter({ hasText: 'Рязань' }).waitFor();
});
