/**
 * The harness of the browser tests: a whole product on a free port, one browser, and phones that are signed in.
 *
 * Tests read as sentences; what they say of the product they see on a phone's screen, or through the product's own addresses.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = process.env.LOCAL_PROGRAM ?? join(root, 'target/debug/local');
const browserProgram = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const shotsFolder = fileURLToPath(new URL('shots/', import.meta.url));

const START_MS = 60_000;
/** How long anything may take to show; far above what it takes. */
const PATIENCE_MS = 15_000;

/** The screens that the app is made for. */
export const SIZES = [
  { width: 360, height: 800 },
  { width: 412, height: 915 },
];
export const THEMES = /** @type {const} */ (['light', 'dark']);

/** Telegram's own colours, as its Android client sends them. */
export const TELEGRAM_THEMES = {
  light: {
    bg_color: '#ffffff',
    text_color: '#222222',
    hint_color: '#a8a8a8',
    link_color: '#2678b6',
    button_color: '#50a8eb',
    button_text_color: '#ffffff',
    secondary_bg_color: '#f0f0f0',
    header_bg_color: '#527da3',
    accent_text_color: '#1c93e3',
    section_bg_color: '#ffffff',
    destructive_text_color: '#cc2929',
  },
  dark: {
    bg_color: '#17212b',
    text_color: '#f5f5f5',
    hint_color: '#708499',
    link_color: '#6ab3f3',
    button_color: '#5288c1',
    button_text_color: '#ffffff',
    secondary_bg_color: '#232e3c',
    header_bg_color: '#17212b',
    accent_text_color: '#6ab2f2',
    section_bg_color: '#17212b',
    destructive_text_color: '#ec3942',
  },
};

// ---------------------------------------------------------------------------------------------------- the product

/** Where the store has what admins set. */
const SETTINGS_KEY = { pk: { S: 'SETTINGS' }, sk: { S: '-' } };
/** What holds until an admin sets something. */
const SETTINGS = {
  payments_on: true,
  plans: [
    ['1m', '1 месяц', 30, 49_900],
    ['3m', '3 месяца', 90, 129_900],
    ['6m', '6 месяцев', 180, 239_900],
    ['12m', '12 месяцев', 365, 399_900],
  ].map(([id, name, days, price_kopecks]) => ({ id, name, days, price_kopecks })),
  trial_days: 3,
  flags: {},
  receipts: null,
  version: 1,
};
/** How long a trial lasts. */
export const TRIAL_S = 3 * 86_400;

/** A running product, with the sandboxes of the services around it. */
export class Product {
  #troubled = false;
  #wrote = false;
  #shopChanged = false;
  #settingsChanged = false;

  /** Starts one with an empty store, and the web app as it was built last. `env` is added to the environment. */
  static async start(env = {}) {
    if (!existsSync(program)) throw new Error(`${program} is missing: build it with \`cargo build -p local\``);
    const product = new Product();
    product.folder = mkdtempSync(join(tmpdir(), 'cargotech-'));
    product.child = spawn(program, ['--port', '0', '--data-dir', product.folder, '--no-web-build'], {
      // A whole journey takes a test two seconds: more requests at once than any thumb makes. Tests of the market turn it on.
      env: { ...process.env, LOG_LEVEL: 'warn', RATE_LIMIT_PER_S: '30', MARKET_CALLS_PER_MIN: '0', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // A test run that is broken off must not leave it behind.
    process.once('exit', () => product.child.kill('SIGKILL'));
    product.url = await product.#address();
    // What a test counts must not change in its middle: it sweeps when it wants to.
    await product.sandbox('PUT', '/schedules/market', { enabled: false });
    return product;
  }

  #address() {
    const said = [];
    return new Promise((resolve, reject) => {
      const failed = (why) => reject(new Error(`The product ${why}:\n${said.join('\n')}`));
      const timer = setTimeout(() => failed('did not start'), START_MS);
      this.child.once('error', reject);
      this.child.once('exit', () => failed('ended'));
      // Read to the end, so that the product never waits for its log to be taken.
      createInterface({ input: this.child.stderr }).on('line', (line) => {
        said.push(line);
        const address = /The product runs at (http:\/\/127\.0\.0\.1:\d+)/.exec(line);
        if (!address) return;
        clearTimeout(timer);
        resolve(address[1]);
      });
    });
  }

  /** Stops it, as Ctrl-C does. */
  async stop() {
    if (this.child.exitCode === null) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGINT');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A request to `/_sandbox`. */
  async sandbox(method, path, body) {
    const answer = await fetch(`${this.url}/_sandbox${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Changes how CargoTech behaves, until the end of the test. */
  cargotech(settings) {
    this.#troubled = true;
    return this.sandbox('PUT', '/cargotech', settings);
  }

  /** Moves the server's clock ahead; the phones' clocks stay. */
  async pass(seconds) {
    await this.sandbox('POST', '/clock', { advance_s: seconds });
  }

  /** Init data as Telegram signs it; `launch` as `POST /_sandbox/telegram/init-data` takes it. */
  async initData(launch = {}) {
    return (await this.sandbox('POST', '/telegram/init-data', launch)).init_data;
  }

  /** A cargo of the test's own: `{from, to, price_rub, weight_kg, …}`; its id. */
  async addCargo(cargo = {}) {
    return String((await this.sandbox('POST', '/cargotech/cargos', cargo)).id);
  }

  /** Copies CargoTech's open cargos into the market now; only where a test turned the market on. */
  async sweep() {
    const run = () => this.sandbox('POST', '/schedules/market');
    // On a busy machine the store may not answer the first time; the next run does the same.
    await run().catch(() => new Promise((resolve) => setTimeout(resolve, 3000)).then(run));
  }

  // The bot's chats.

  /** What was written in a chat, the oldest first. */
  async chat(id) {
    // Nobody has written to a driver whom the bot does not know.
    const { items } = await this.sandbox('GET', '/telegram/chats');
    if (!items.some((chat) => chat.id === id)) return [];
    return (await this.sandbox('GET', `/telegram/chats/${id}`)).messages;
  }

  /** The dispatchers' chat. */
  async dispatchChat() {
    this.dispatchers ??= (await this.sandbox('GET', '/telegram/dispatchers')).items;
    this.dispatchChatId ??= (await this.sandbox('GET', '/telegram/bot')).dispatch_chat_id;
    return this.dispatchChatId;
  }

  /** All that the dispatchers were shown about responses to a cargo. */
  async cards(cargoId) {
    return (await this.chat(await this.dispatchChat())).filter(({ text }) => text?.includes(`№ ${cargoId}`));
  }

  /** Waits until the dispatchers are shown a response to the cargo, and say `text` in it if that is given. */
  async card(cargoId, text = '') {
    this.#wrote = true;
    return until(async () => {
      const found = (await this.cards(cargoId)).findLast((card) => card.text.includes(text));
      // Each message to a group keeps the next one waiting for some seconds of the server's time.
      if (!found) await this.pass(1);
      return found;
    }, `the dispatchers see the response to ${cargoId} ${text}`);
  }

  /** A dispatcher presses a button under the response to a cargo; what the bot answers to that. */
  async press(cargoId, button, dispatcher = 0) {
    const card = await until(
      async () => (await this.cards(cargoId)).findLast((each) => buttonOf(each, button)),
      `the response to ${cargoId} has a button "${button}"`,
    );
    this.#wrote = true;
    // Nobody presses at once.
    await this.pass(7);
    const { answer } = await this.sandbox('POST', '/telegram/press', {
      chat_id: this.dispatchChatId,
      message_id: card.message_id,
      from: this.dispatchers[dispatcher].id,
      data: buttonOf(card, button).callback_data,
    });
    return answer;
  }

  /** A dispatcher asks for the link to forward to the shipper of a cargo; its address. */
  async shipperLink(cargoId, button = 'Ссылка для грузоотправителя') {
    const chat = await this.dispatchChat();
    const before = (await this.chat(chat)).length;
    await this.press(cargoId, button);
    const linkIn = ({ text }) => /http:\S+#\S+/.exec(text ?? '')?.[0];
    return until(async () => {
      // The edited response has its turn in the group as well.
      await this.pass(3);
      return (await this.chat(chat)).slice(before).map(linkIn).find(Boolean);
    }, 'the link comes');
  }

  /** Changes how Telegram behaves, until the end of the test. */
  telegram(faults) {
    this.#troubled = true;
    return this.sandbox('PUT', '/telegram/faults', faults);
  }

  // Money.

  /** Changes how YooKassa behaves, until the end of the test: its `notifications`, `settings` or `faults`. */
  yookassa(what, changes) {
    this.#shopChanged = true;
    return this.sandbox('PUT', `/yookassa/${what}`, changes);
  }

  /** Sets what admins set, until the end of the test. */
  async set(changes) {
    this.#settingsChanged = true;
    const body = { ...SETTINGS, ...changes };
    await this.#store('PutItem', { Item: { ...SETTINGS_KEY, body: { S: JSON.stringify(body) } } });
  }

  /** A call of the store, as the AWS SDK makes them. */
  async #store(operation, request) {
    const answer = await fetch(`${this.url}/_aws`, {
      method: 'POST',
      headers: { 'x-amz-target': `DynamoDB_20120810.${operation}`, 'content-type': 'application/x-amz-json-1.0' },
      body: JSON.stringify({ TableName: 'app', ...request }),
    });
    if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`);
  }

  /** A driver with a confirmed phone whose trial is over. */
  async driverWithoutAccess() {
    const id = await this.driverWithPhone();
    await this.pass(TRIAL_S);
    return id;
  }

  /** All well again. */
  async calm() {
    await this.sandbox('DELETE', '/store');
    if (this.#shopChanged) {
      this.#shopChanged = false;
      await this.sandbox('DELETE', '/yookassa/faults');
      await this.sandbox('PUT', '/yookassa/settings', { fiscalization: false, receipts: 'succeeded' });
      await this.sandbox('PUT', '/yookassa/notifications', { hold: false });
    }
    if (this.#settingsChanged) {
      this.#settingsChanged = false;
      await this.#store('DeleteItem', { Key: SETTINGS_KEY });
    }
    if (this.#wrote) {
      this.#wrote = false;
      // A group gets twenty messages a minute and no more: the next test is not to wait for that.
      await this.pass(60);
    }
    if (!this.#troubled) return;
    this.#troubled = false;
    await Promise.all([this.sandbox('POST', '/cargotech/reset'), this.sandbox('DELETE', '/telegram/faults')]);
    // After a failure the server leaves CargoTech alone for a while.
    await this.pass(120);
  }

  /** A session made without a phone: its token. */
  async signIn(driverId, launch = {}) {
    const answer = await fetch(`${this.url}/api/auth/telegram`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ init_data: await this.initData({ driver_id: driverId, ...launch }) }),
    });
    if (!answer.ok) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).session_token;
  }

  /** What the API says to the driver of `token`. */
  async api(token, path, { method = 'GET', body, key } = {}) {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json' }),
      ...(key && { 'idempotency-key': key }),
    };
    const answer = await fetch(`${this.url}/api/${path}`, { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
  }

  /** A driver whose profile has a phone: the one given, or the one of Telegram, confirmed. */
  async driverWithPhone(phone = null) {
    const id = newDriver();
    // The phone signs in anew, with launch data of another second.
    const token = await this.signIn(id, { age_s: 60 });
    if (phone) await this.api(token, 'me', { method: 'PUT', body: { phone } });
    else await this.sandbox('POST', `/telegram/chats/${id}/contact`, {});
    await until(async () => (await this.api(token, 'me')).body.phone, 'the profile has the phone');
    return id;
  }
}

/** The button of a message whose text has this in it. */
function buttonOf(message, text) {
  return message.reply_markup?.inline_keyboard.flat().find((button) => button.text.includes(text));
}

// ----------------------------------------------------------------------------------------------------- the phones

let lastDriver = 6_000_000_000;

/** The Telegram id of a driver whom nothing knows yet; beyond 32 bits, as Telegram's are. */
export function newDriver() {
  lastDriver += 1;
  return lastDriver;
}

/** What stands in for Telegram's Android client: it writes down what the app posts. */
function clientProxy() {
  window.posted = [];
  window.TelegramWebviewProxy = {
    postEvent: (name, data) => window.posted.push({ name, data: JSON.parse(data ?? '{}') ?? {} }),
  };
}

/**
 * @typedef {object} PhoneOptions
 * @property {number} [driver] Telegram's id of who holds it; a new driver without it.
 * @property {boolean} [telegram] Inside Telegram's web view, whose buttons and colours are used then.
 * @property {string} [version] Of that Telegram.
 * @property {boolean} [desktop] No phone, but the computer of who works on the product.
 * @property {'light' | 'dark'} [theme]
 * @property {{width: number, height: number}} [size]
 * @property {string} [locale] The browser's language.
 * @property {'allow' | 'block'} [serviceWorkers] Whether the app is kept for starts without a network; not without this.
 * @property {object} [launch] More for the init data: `start_param`, `age_s`, `language_code`, …
 */

/** A phone: a browser context of its own, with its own storage. */
export class Phone {
  /** @param {Product} product @param {import('playwright-core').BrowserContext} context */
  constructor(product, context, options) {
    this.product = product;
    this.context = context;
    this.options = options;
    this.driver = options.driver ?? newDriver();
    /** What went wrong that the test does not expect. */
    this.problems = [];
    /** Requests, as `GET /api/cargos?limit=20`. */
    this.requests = [];
    /** Addresses of requests that are answered to the end. */
    this.answered = [];
    this.expected = [];
  }

  /** @param {Product} product @param {PhoneOptions} options */
  static async make(product, options = {}) {
    const context = await browser.newContext({
      viewport: options.size ?? SIZES[0],
      colorScheme: options.theme ?? 'light',
      locale: options.locale ?? 'ru-RU',
      timezoneId: 'Europe/Moscow',
      isMobile: !options.desktop,
      hasTouch: !options.desktop,
      serviceWorkers: options.serviceWorkers ?? 'block',
    });
    context.setDefaultTimeout(PATIENCE_MS);
    if (options.telegram) await context.addInitScript(clientProxy);
    const phone = new Phone(product, context, options);
    phone.#watch();
    phone.page = await context.newPage();
    return phone;
  }

  #watch() {
    this.context.on('console', (message) => {
      // A violation of the content security policy is an error in the console as well.
      if (message.type() === 'error') this.#note(`console: ${message.text()} ${message.location().url}`);
    });
    this.context.on('weberror', (error) => this.#note(`page: ${error.error().stack}`));
    this.context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol === 'data:') return;
      this.requests.push(`${request.method()} ${url.pathname}${url.search}`);
      if (url.origin !== this.product.url) this.#note(`another host: ${request.url()}`);
    });
    this.context.on('requestfinished', (request) => this.answered.push(request.url()));
  }

  #note(problem) {
    if (!this.expected.some((pattern) => pattern.test(problem))) this.problems.push(problem);
  }

  /** From here on, such a problem is part of the test. */
  expect(pattern) {
    this.expected.push(pattern);
  }

  /** The address with which Telegram opens the app now. */
  async address() {
    const { telegram, version = '9.1', theme = 'light', launch } = this.options;
    const hash = new URLSearchParams({
      tgWebAppData: await this.product.initData({ driver_id: this.driver, ...launch }),
    });
    if (telegram) {
      hash.set('tgWebAppVersion', version);
      hash.set('tgWebAppPlatform', 'android');
      hash.set('tgWebAppThemeParams', JSON.stringify(TELEGRAM_THEMES[theme]));
    }
    return `${this.product.url}/app/#${hash}`;
  }

  /** Opens the app as Telegram does, in a web view of its own: nothing of an earlier launch is left but what the app stored. */
  async open() {
    if (this.page.url() !== 'about:blank') {
      await this.page.close();
      this.page = await this.context.newPage();
    }
    await this.page.goto(await this.address());
  }

  /** Opens the app at what a link to the bot names: `cargo_<id>`, `responses`. */
  async openAt(startParam) {
    this.options = { ...this.options, launch: { ...this.options.launch, start_param: startParam } };
    await this.open();
  }

  /** Opens a cargo and waits until it can be responded to, or has been. */
  async openCargo(id) {
    await this.openAt(`cargo_${id}`);
    await this.sees('contacts');
  }

  /** Opens the app and waits for the list. */
  async openList() {
    await this.open();
    await this.sees('cargo-card');
  }

  /** Opens the admin page at a place, `payments?status=pending`: the first time with launch data, as from the bot. */
  async openAdmin(place = '') {
    if (!this.page.url().includes('/app/admin/')) {
      await this.page.goto((await this.address()).replace('/app/#', '/app/admin/#'));
      await this.page.locator('h1').waitFor();
    }
    await this.page.evaluate((hash) => (location.hash = hash), `#/${place}`);
  }

  /** The element with this test id. */
  get(testId) {
    return this.page.getByTestId(testId).filter({ visible: true });
  }

  /** Waits until it is on the screen; answers with its text. */
  async sees(testId, text) {
    const found = text === undefined ? this.get(testId) : this.get(testId).filter({ hasText: text });
    await found.first().waitFor();
    return plain(await found.first().innerText());
  }

  /** Waits until it is not on the screen. */
  async seesNo(testId) {
    await this.page.waitForFunction(
      (id) => ![...document.querySelectorAll(`[data-testid="${id}"]`)].some((element) => element.checkVisibility()),
      testId,
    );
  }

  /** Taps it. */
  async tap(testId, text) {
    const found = text === undefined ? this.get(testId) : this.get(testId).filter({ hasText: text });
    await found.first().tap();
  }

  /** Taps one of a row of choices. */
  async choose(testId, text) {
    await this.get(testId).getByRole('button', { name: text, exact: true }).tap();
  }

  /** Types into the field of a city and takes the first that is offered. */
  async chooseCity(end, typed) {
    await this.get(`${end}-city`).pressSequentially(typed);
    const option = this.page
      .getByRole('option')
      .filter({ visible: true, hasText: new RegExp(typed, 'i') })
      .first();
    const name = await option.innerText();
    await option.tap();
    return name;
  }

  /** The texts of all that are on the screen. */
  async texts(testId) {
    return (await this.get(testId).allInnerTexts()).map(plain);
  }

  /** What the fields on the screen are said to be wrong about. */
  async errors() {
    return (await this.page.locator('.field-error').allInnerTexts()).map(plain);
  }

  /** Ids of the cargos in the list. */
  async cargos() {
    return this.page.$$eval('[data-testid=cargo-card]', (cards) => cards.map((card) => card.dataset.cargoId));
  }

  /** How many requests of this kind were sent: `POST /api/auth/telegram`. */
  sent(start) {
    return this.requests.filter((request) => request.startsWith(start)).length;
  }

  /** How far the page is scrolled down. */
  async scroll() {
    return this.page.evaluate(() => scrollY);
  }

  /** Whether the page was loaded anew between two calls is told by a mark in it. */
  async mark() {
    await this.page.evaluate(() => (window.marked = true));
  }

  async isMarked() {
    return this.page.evaluate(() => window.marked === true);
  }

  /** Puts the app away, or gets it out again, as the phone tells its pages. */
  async putAway(hidden) {
    await this.page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  }

  /** Waits until the screen has stood there for so long that the app takes presses on it. */
  async settled() {
    await this.page.locator('html:not([data-entered])').waitFor({ state: 'attached' });
  }

  /** Waits until the app has asked for all that it asks for by itself, or five seconds. */
  async quiet() {
    await this.page.waitForLoadState('networkidle', { timeout: 5000 }).catch(() => undefined);
  }

  /** Responds with the button at the bottom, and puts the phone away for a moment: the response leaves at once then. */
  async respond(text) {
    await this.tap('main-action', text);
    await this.sendNow();
  }

  /** Puts the phone away for a moment: what waits to be called back leaves at once. */
  async sendNow() {
    await this.sees('respond-leaving');
    await this.putAway(true);
    await this.putAway(false);
  }

  /** What the app stored under `key`. */
  async stored(key) {
    return this.page.evaluate((key) => JSON.parse(localStorage.getItem(`cargotech.${key}`)), key);
  }

  /** What the API says to the session of this phone. */
  async api(path, call) {
    // The admin page has a session of its own.
    const own = path.startsWith('admin/') ? await this.stored('admin.session') : null;
    return this.product.api((own ?? (await this.stored('session'))).token, path, call);
  }

  /** The driver's responses, as the API tells them. */
  async responses() {
    return (await this.api('responses')).body.items;
  }

  /** Puts what an earlier run of the app would have stored, before the next opening. */
  async remember(key, value) {
    const body = '<link rel="icon" href="data:," />';
    await this.page.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body }));
    await this.page.goto(`${this.product.url}/blank`);
    await this.page.evaluate(
      ([key, value]) => localStorage.setItem(`cargotech.${key}`, JSON.stringify(value)),
      [key, value],
    );
  }

  // Telegram's side.

  /** Sends an event as the client does; nobody presses its button in the moment in which it comes. */
  async emit(name, data) {
    if (name === 'main_button_pressed') await this.settled();
    await this.page.evaluate(([name, data]) => window.Telegram.WebView.receiveEvent(name, data), [name, data]);
  }

  /** What the app last said with this method; undefined when it never did. */
  async posted(name) {
    return this.page.evaluate((name) => window.posted.filter((event) => event.name === name).at(-1)?.data, name);
  }

  /** Takes the network away, or gives it back. */
  async cutOff(offline) {
    await this.context.setOffline(offline);
  }

  /** Makes a picture of the screen, or of all of the page. */
  async shot(name, options = {}) {
    mkdirSync(shotsFolder, { recursive: true });
    await this.page.screenshot({ path: join(shotsFolder, `${name}.png`), animations: 'disabled', ...options });
  }

  async close() {
    await this.context.close();
  }
}

/** Thin and no-break spaces and hyphens as plain ones, to be compared. */
export function plain(text) {
  return text
    .replace(/[\u00a0\u202f]/g, ' ')
    .replaceAll('\u2011', '-')
    .trim();
}

/** Waits until `look` answers with something true, and answers with that. */
export async function until(look, what) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`In ${PATIENCE_MS} ms it did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

// ------------------------------------------------------------------------------------------------------ the tests

/** @type {import('playwright-core').Browser} */
let browser;

/** Starts the browser. */
export async function openBrowser() {
  browser = await chromium.launch({
    executablePath: browserProgram,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--lang=ru',
    ],
  });
  return browser;
}

/**
 * The product and the browser of a file of tests. Answers with how its tests are written:
 *
 *     journey('a driver does this and sees that', async ({ phone, product }) => { … });
 *
 * `phone(options)` gives a new phone. When the test is over, a problem on any of them that it did not expect fails it.
 */
export function journeys(env = {}) {
  /** @type {Product} */
  let product;
  before(async () => {
    [product] = await Promise.all([Product.start(env), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await product?.stop();
  });

  return (name, run) =>
    test(name, async () => {
      const phones = [];
      const phone = async (options) => {
        // A new phone ends the session of the driver's others: what those still ask for would fail.
        const others = phones.filter((other) => other.driver === options?.driver);
        await Promise.all(others.map((other) => other.quiet()));
        phones.push(await Phone.make(product, options));
        return phones.at(-1);
      };
      try {
        await run({ product, phone });
        const problems = phones.flatMap((each) => each.problems);
        if (problems.length > 0) throw new Error(`Unexpected on a phone:\n${problems.join('\n')}`);
      } catch (error) {
        const at = phones.at(-1);
        if (at) await at.shot(`failed: ${name.replaceAll('/', ' ')}`).catch(() => undefined);
        throw error;
      } finally {
        await Promise.all(phones.map((each) => each.close()));
        await product.calm();
      }
    });
}
