import assert from 'node:assert/strict';
import { journeys, newDriver, until } from './harness.js';
import { FAILED_REQUESTS, openProfileForm } from './screens.js';

const journey = journeys();

journey('the profile is saved, and is there on the next day and the next phone', async ({ phone, product }) => {
  const id = newDriver();
  const driver = await phone({ driver: id });
  await openProfileForm(driver);
  await driver.seesNo('main-action');
  await driver.get('phone').fill('8 (916) 123-45-67');
  await driver.get('company').fill('ИП Морозов');
  await driver.get('email').fill('morozov@mail.ru');
  await driver.tap('main-action');
  await driver.sees('toast', 'Сохранено');
  await driver.sees('profile-screen', /\+7\s916\s123-45-67 · ИП Морозов · morozov@mail.ru/);
  await product.pass(1);
  const other = await phone({ driver: id });
  await openProfileForm(other);
  await other.sees('edit-screen');
  assert.equal((await other.get('phone').inputValue()).replace(/\s/g, ' '), '+7 916 123-45-67');
  assert.equal(await other.get('company').inputValue(), 'ИП Морозов');
  assert.equal(await other.get('email').inputValue(), 'morozov@mail.ru');
});

journey('what is wrong in the profile is said at its field, by the app and by the server', async ({ phone }) => {
  const driver = await phone();
  await openProfileForm(driver);
  await driver.get('phone').fill('+7 916 123-45-6');
  await driver.get('email').fill('morozov');
  await driver.tap('main-action');
  await until(async () => (await driver.errors()).length === 2, 'both are told');
  assert.match((await driver.errors()).join('\n'), /Проверьте номер[\s\S]*Проверьте адрес/);
  assert.equal(driver.sent('PUT /api/me'), 0);

  driver.expect(/status of 422/);
  await driver.get('phone').fill('');
  await driver.get('email').fill('');
  await driver.get('company').fill('Я'.repeat(101));
  await driver.tap('main-action');
  await until(async () => (await driver.errors()).length === 1, 'the server is heard');
  assert.deepEqual(await driver.errors(), ['Одна строка, не больше 100 знаков']);
  await driver.get('company').fill('Я'.repeat(100));
  await driver.tap('main-action');
  await driver.sees('toast', 'Сохранено');
  await driver.sees('profile-screen');
});

journey('a profile that cannot be saved is not lost', async ({ phone }) => {
  const driver = await phone();
  await openProfileForm(driver);
  await driver.get('company').fill('ООО Рейс');
  driver.expect(FAILED_REQUESTS);
  await driver.cutOff(true);
  await driver.tap('main-action');
  await driver.sees('toast', 'Нет сети');
  assert.equal(await driver.get('company').inputValue(), 'ООО Рейс');
  await driver.cutOff(false);
  await driver.tap('main-action');
  await driver.sees('toast', 'Сохранено');
});

journey('the language is switched, kept, and follows the driver', async ({ phone, product }) => {
  const id = newDriver();
  const driver = await phone({ driver: id });
  await driver.openList();
  await driver.tap('open-profile');
  const saved = driver.page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.ok());
  await driver.choose('language', 'English');
  await driver.page.getByRole('heading', { name: 'More' }).waitFor();
  await saved;
  await driver.tap('open-list');
  assert.match(await driver.sees('list-status', /\d cargo/), /· (just now|\d+ min ago)/);
  await driver.sees('open-list', 'Cargos');
  assert.equal(await driver.page.evaluate(() => document.documentElement.lang), 'en');
  await driver.page.reload();
  await driver.sees('open-list', 'Cargos');
  await product.pass(1);
  const other = await phone({ driver: id });
  await other.openList();
  await other.sees('open-list', 'Cargos');
});

journey('a driver whose Telegram speaks English is met in English', async ({ phone }) => {
  const driver = await phone({ launch: { language_code: 'en' } });
  await driver.openList();
  await driver.sees('open-list', 'Cargos');
});
