'use strict';

// Telegram's Android client, as far as the Mini App can tell, and the controls beside it.

const byId = (id) => document.getElementById(id);

/** The colours of Telegram for Android. */
const THEMES = {
  light: {
    bg_color: '#ffffff', text_color: '#222222', hint_color: '#808080', link_color: '#2678b6', button_color: '#50a8eb',
    button_text_color: '#ffffff', secondary_bg_color: '#f0f0f0', header_bg_color: '#527da3',
    bottom_bar_bg_color: '#f0f0f0', accent_text_color: '#1c93e3', section_bg_color: '#ffffff',
    section_header_text_color: '#3a95d5', section_separator_color: '#d9d9d9', subtitle_text_color: '#82868a',
    destructive_text_color: '#cc2929',
  },
  dark: {
    bg_color: '#17212b', text_color: '#f5f5f5', hint_color: '#708499', link_color: '#6ab3f3', button_color: '#5288c1',
    button_text_color: '#ffffff', secondary_bg_color: '#232e3c', header_bg_color: '#17212b',
    bottom_bar_bg_color: '#17212b', accent_text_color: '#6ab2f2', section_bg_color: '#17212b',
    section_header_text_color: '#6ab3f3', section_separator_color: '#111921', subtitle_text_color: '#708499',
    destructive_text_color: '#ec3942',
  },
};

// ------------------------------------------------------------------------------------------------- what is chosen

const KEY = 'local-phone';
const settings = {
  driver: '', language: '', age: '0', screen: '360x800', theme: 'light', network: 'fast',
  ...JSON.parse(localStorage.getItem(KEY) || '{}'),
};

function choose(name, value) {
  settings[name] = value;
  localStorage.setItem(KEY, JSON.stringify(settings));
}

async function ask(method, path, body) {
  const answer = await fetch(`/_sandbox${path}`, {
    method,
    headers: body ? { 'content-type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

// ---------------------------------------------------------------------------------------------------- the client

let frame = null;
let backButton = false;
let header = { color_key: 'bg_color' };
let bottomBar = null;
let hasTelegram = false;
let background = null;
let buttons = { main: {}, secondary: {} };

const theme = () => THEMES[settings.theme];

/** Sends an event to the app, as the client does from outside its web view. */
function emit(name, data) {
  try {
    frame?.contentWindow?.Telegram?.WebView?.receiveEvent(name, data);
  } catch (error) {
    console.error(error);
  }
}

/** What the app may ask for. What is missing here is only written down. */
const METHODS = {
  web_app_ready: () => byId('placeholder').classList.add('gone'),
  web_app_request_theme: () => emit('theme_changed', { theme_params: theme() }),
  web_app_request_viewport: sendViewport,
  web_app_request_safe_area: () => emit('safe_area_changed', { top: 0, bottom: 0, left: 0, right: 0 }),
  web_app_request_content_safe_area: () => emit('content_safe_area_changed', { top: 0, bottom: 0, left: 0, right: 0 }),
  web_app_setup_back_button({ is_visible }) {
    backButton = Boolean(is_visible);
    byId('back').setAttribute('aria-label', backButton ? 'Back' : 'Close');
    byId('back-icon').setAttribute('d', backButton ? 'M20 12H4m7-7l-7 7 7 7' : 'M6 6l12 12M18 6L6 18');
  },
  web_app_setup_settings_button({ is_visible }) {
    byId('settings').hidden = !is_visible;
  },
  web_app_setup_main_button: (parameters) => setUpButton('main', parameters),
  web_app_setup_secondary_button: (parameters) => setUpButton('secondary', parameters),
  web_app_check_location: () => emit('location_checked', { available: true, access_requested: false, access_granted: false }),
  web_app_request_location: () =>
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude } }) => emit('location_requested', { available: true, latitude, longitude }),
      () => emit('location_requested', { available: false }),
    ),
  web_app_open_location_settings: () => toast('Telegram opens', 'the settings of the location'),
  web_app_set_header_color(color) {
    header = color;
    paint();
  },
  web_app_set_background_color({ color }) {
    background = color;
    paint();
  },
  web_app_set_bottom_bar_color({ color }) {
    bottomBar = color;
    paint();
  },
  web_app_trigger_haptic_feedback({ type, notification_type }) {
    const blink = byId('haptic');
    const colors = { error: '#e5484d', success: '#30a46c', warning: '#f5a524' };
    blink.style.setProperty('--haptic', colors[notification_type] || '#50a8eb');
    blink.dataset.last = notification_type || type;
    blink.classList.remove('on');
    void blink.offsetWidth;
    blink.classList.add('on');
  },
  web_app_open_popup: openPopup,
  web_app_open_link({ url }) {
    if (!openApp(url)) toast('The browser opens', new URL(url, location.href).href);
  },
  web_app_open_tg_link: ({ path_full }) => toast('Telegram opens', `https://t.me${path_full}`),
  web_app_close() {
    frame?.remove();
    frame = null;
    byId('closed').hidden = false;
    reset();
  },
  web_app_request_phone: requestPhone,
  web_app_request_write_access: () => emit('write_access_requested', { status: 'allowed' }),
  web_app_read_text_from_clipboard: ({ req_id }) => emit('clipboard_text_received', { req_id, data: null }),
  async web_app_invoke_custom_method({ req_id, method }) {
    if (method !== 'getRequestedContact') {
      emit('custom_method_invoked', { req_id, error: 'METHOD_UNKNOWN' });
      return;
    }
    // Empty until the person has shared the contact.
    const shared = contactShared && (await ask('POST', '/telegram/requested-contact', { driver_id: Number(settings.driver) }));
    emit('custom_method_invoked', { req_id, result: shared ? shared.response : '' });
  },
};

/** Opens the app at a link to the bot, which here is this very page; other links are not ours to open. */
function openApp(url) {
  const link = new URL(url, location.href);
  if (link.origin !== location.origin || link.pathname !== '/') return false;
  launch({ startapp: link.searchParams.get('startapp') || '' });
  return true;
}

let contactShared = false;

/** Asks as the client does, and shares the contact with the bot before the app is told. */
function requestPhone() {
  if (!hasTelegram) {
    emit('phone_requested', { status: 'cancelled' });
    return;
  }
  const buttons = [{ id: 'cancel', text: 'Отмена' }, { id: 'share', text: 'Поделиться' }];
  const text = 'Бот узнает номер телефона, на который зарегистрирован ваш Telegram.';
  showDialog({ title: 'Поделиться номером?', message: text, buttons }, async (id) => {
    let status = 'cancelled';
    if (id === 'share') {
      const chat = `/telegram/chats/${settings.driver}`;
      try {
        // Who shares the number lets the bot write again.
        await ask('POST', `${chat}/unblock`);
        await ask('POST', `${chat}/contact`, {});
        [contactShared, status] = [true, 'sent'];
      } catch (error) {
        console.error(error);
      }
    }
    emit('phone_requested', { status });
  });
}

function sendViewport() {
  const box = byId('web-view').getBoundingClientRect();
  emit('viewport_changed', { height: box.height, width: box.width, is_state_stable: true, is_expanded: true });
}

function openPopup(parameters) {
  showDialog(parameters, (id) => emit('popup_closed', id === undefined ? {} : { button_id: id }));
}

/** Shows a dialog over the app and says which button closed it. */
function showDialog({ title, message, buttons = [] }, done) {
  const popup = byId('popup');
  popup.querySelector('h2').textContent = title || '';
  popup.querySelector('h2').hidden = !title;
  popup.querySelector('p').textContent = message || '';
  const texts = { ok: 'OK', close: 'Close', cancel: 'Cancel' };
  const close = (id) => {
    popup.close();
    done(id);
  };
  popup.querySelector('.popup-buttons').replaceChildren(
    ...buttons.map(({ id, type, text }) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = type;
      button.textContent = text || texts[type] || id;
      button.onclick = () => close(id);
      return button;
    }),
  );
  popup.oncancel = (event) => {
    event.preventDefault();
    close();
  };
  if (!popup.open) popup.show();
}

function setUpButton(name, parameters) {
  Object.assign(buttons[name], parameters);
  drawButtons();
}

function drawButtons() {
  const wasHidden = byId('bottom-bar').hidden;
  byId('bottom-bar').hidden = !buttons.main.is_visible && !buttons.secondary.is_visible;
  const colors = {
    main: [theme().button_color, theme().button_text_color],
    secondary: [theme().bottom_bar_bg_color, theme().button_color],
  };
  for (const [name, shown] of Object.entries(buttons)) {
    const button = byId(`${name}-button`);
    button.hidden = !shown.is_visible;
    button.querySelector('span').textContent = shown.text || 'Continue';
    button.disabled = shown.is_active === false;
    button.classList.toggle('busy', Boolean(shown.is_progress_visible));
    button.style.setProperty('--button', shown.color || colors[name][0]);
    button.style.setProperty('--button-text', shown.text_color || colors[name][1]);
  }
  if (wasHidden !== byId('bottom-bar').hidden) sendViewport();
}

function paint() {
  const style = byId('phone').style;
  const headerColor = header.color || theme()[header.color_key] || theme().bg_color;
  style.setProperty('--header', headerColor);
  style.setProperty('--on-header', isDark(headerColor) ? '#ffffff' : '#1c242c');
  style.setProperty('--bg', background || theme().bg_color);
  style.setProperty('--bottom', bottomBar || theme().bottom_bar_bg_color);
  style.setProperty('--popup-text', theme().text_color);
  drawButtons();
}

function isDark(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 < 150;
}

let toastTimer = 0;
function toast(text, href) {
  const box = byId('toast');
  const link = document.createElement('a');
  Object.assign(link, { href, textContent: href, target: '_blank', rel: 'noopener' });
  box.replaceChildren(`${text} `, link);
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (box.hidden = true), 6000);
}

/** Back to how the client looks before an app has said anything. */
function reset() {
  header = { color_key: 'bg_color' };
  [background, bottomBar, buttons] = [null, null, { main: {}, secondary: {} }];
  METHODS.web_app_setup_back_button({ is_visible: false });
  METHODS.web_app_setup_settings_button({ is_visible: false });
  byId('toast').hidden = true;
  byId('popup').close();
  paint();
}

window.addEventListener('message', ({ source, data }) => {
  if (!frame || source !== frame.contentWindow || data?.source !== 'web-view') return;
  let parameters = {};
  try {
    parameters = JSON.parse(data.data || '{}') || {};
  } catch {
    // Some methods have no parameters.
  }
  write(data.name, data.data);
  METHODS[data.name]?.(parameters);
});

function write(name, data) {
  const line = document.createElement('li');
  const bold = document.createElement('b');
  bold.textContent = name;
  line.append(bold, data && data !== '{}' && data !== '""' ? ` ${data}` : '');
  const events = byId('events');
  events.prepend(line);
  while (events.children.length > 100) events.lastChild.remove();
}

/**
 * Opens the app anew, as a tap in the chat does: a new web view with init data signed for it. A link's start parameter is
 * signed with the rest; the address of a button is not, and its `query` reaches the app as it is.
 */
async function launch({ startapp = byId('startapp').value.trim(), query = '' } = {}) {
  byId('startapp').value = startapp;
  const { init_data } = await ask('POST', '/telegram/init-data', {
    driver_id: Number(settings.driver),
    ...(startapp && { start_param: startapp }),
    ...(settings.language && { language_code: settings.language }),
    ...(settings.age !== '0' && { age_s: Number(settings.age) }),
  });
  const hash = new URLSearchParams({
    tgWebAppData: init_data,
    tgWebAppVersion: '9.1',
    tgWebAppPlatform: 'android',
    tgWebAppThemeParams: JSON.stringify(theme()),
  });
  const search = startapp ? `?${new URLSearchParams({ tgWebAppStartParam: startapp })}` : query;
  // A new web view has an empty session storage; this page and the frame share one.
  sessionStorage.clear();
  contactShared = false;
  frame?.remove();
  reset();
  byId('closed').hidden = true;
  byId('placeholder').classList.remove('gone');
  byId('events').replaceChildren();
  frame = document.createElement('iframe');
  frame.title = 'Mini App';
  frame.allow = 'clipboard-write';
  // URLSearchParams writes a space as a plus; the app's own parser takes both.
  frame.src = `/_sandbox/telegram/app/${search}#${hash}`;
  frame.onload = () => setTimeout(() => byId('placeholder').classList.add('gone'), 1500);
  byId('web-view').append(frame);
}

byId('back').onclick = () => (backButton ? emit('back_button_pressed') : METHODS.web_app_close());
byId('settings').onclick = () => emit('settings_button_pressed');
byId('main-button').onclick = () => emit('main_button_pressed');
byId('secondary-button').onclick = () => emit('secondary_button_pressed');
byId('reopen').onclick = () => launch();
byId('launch').onclick = () => launch();
byId('reload').onclick = () => {
  if (!frame) return;
  reset();
  byId('placeholder').classList.remove('gone');
  frame.contentWindow.location.reload();
};

// -------------------------------------------------------------------------------------------------- the controls

for (const name of ['driver', 'language', 'age']) {
  byId(name).onchange = () => {
    choose(name, byId(name).value);
    launch();
    if (name === 'driver') dispatchEvent(new Event('driver'));
  };
}
byId('startapp').onchange = () => launch();

/** A row of buttons of which one is pressed. */
function choice(name, apply) {
  const draw = () => {
    for (const button of byId(name).children) button.setAttribute('aria-pressed', String(button.value === settings[name]));
    apply(settings[name]);
  };
  byId(name).onclick = ({ target }) => {
    if (!target.value) return;
    choose(name, target.value);
    draw();
  };
  draw();
}

choice('screen', (size) => {
  const [width, height] = size.split('x');
  Object.assign(byId('phone').style, { width: `${width}px`, height: `${height}px` });
  sendViewport();
});
choice('theme', () => {
  // The colours of the app's last wish belong to the theme before.
  [background, bottomBar] = [null, null];
  paint();
  emit('theme_changed', { theme_params: theme() });
});
choice('network', (network) => {
  document.cookie = `sandbox_network=${network}; path=/; samesite=lax`;
  byId('phone-network').textContent = network === '3g' ? '3G' : 'LTE';
});

/** The faults of CargoTech that a button switches: whether one is on, and what switches it on and off. */
const FAULTS = {
  slow: { isOn: (s) => s.latency_ms.min >= 3000, on: { latency_ms: 3000 }, off: { latency_ms: 0 } },
  'fail-500': fails(500),
  'fail-429': fails(429),
  'fail-503': fails(503),
  broken: {
    isOn: (s) => (s.malformed?.kind || s.malformed) === 'broken_json', on: { malformed: 'broken_json' }, off: { malformed: null },
  },
  flat: { isOn: (s) => s.shape === 'flat', on: { shape: 'flat' }, off: { shape: 'nested' } },
};

function fails(status) {
  return { isOn: (s) => s.fail?.status === status, on: { fail: { status } }, off: { fail: null } };
}

let cargotech = null;

function drawCargotech(state) {
  cargotech = state.settings;
  for (const button of byId('cargotech-faults').children) {
    button.setAttribute('aria-pressed', String(FAULTS[button.dataset.fault].isOn(cargotech)));
  }
  byId('cargotech-state').textContent = `cargos: ${state.cargos}, live tokens: ${state.live_tokens}`;
}

byId('cargotech-faults').onclick = async ({ target }) => {
  const fault = FAULTS[target.dataset.fault];
  if (fault) drawCargotech(await ask('PUT', '/cargotech', fault.isOn(cargotech) ? fault.off : fault.on));
};
byId('kill-token').onclick = async () => {
  await ask('POST', '/cargotech/kill-token');
  drawCargotech(await ask('GET', '/cargotech'));
};
byId('cargotech-reset').onclick = async () => drawCargotech(await ask('POST', '/cargotech/reset'));

let offset = 0;
function drawClock(clock) {
  offset = clock.offset_s;
  const days = Math.floor(offset / 86400);
  const rest = new Date((offset % 86400) * 1000).toISOString().slice(11, 19);
  byId('clock-state').textContent = offset === 0 ? 'as it is' : `${days ? `${days} d ` : ''}${rest} ahead`;
  byId('clock-state').classList.toggle('moved', offset !== 0);
  tick();
}
byId('clock').onclick = async ({ target }) => {
  if (target.value) drawClock(await ask('POST', '/clock', { advance_s: Number(target.value) }));
};
function tick() {
  const now = new Date(Date.now() + offset * 1000);
  byId('phone-time').textContent = now.toLocaleTimeString('ru-RU', { hour: '2-digit', minute: '2-digit' });
}
setInterval(tick, 5000);

/** What others may have changed meanwhile. */
async function refresh() {
  if (document.hidden) return;
  drawClock(await ask('GET', '/clock'));
  if (!byId('cargotech').hidden) drawCargotech(await ask('GET', '/cargotech'));
}
setInterval(() => refresh().catch(() => {}), 5000);

async function start() {
  const [{ items }, overview] = await Promise.all([ask('GET', '/telegram/drivers'), ask('GET', '')]);
  byId('driver').replaceChildren(
    ...items.map(({ id, first_name, last_name, username }) => {
      const option = new Option(`${first_name} ${last_name}`.trim(), String(id));
      option.title = username ? `@${username}` : 'has no username';
      return option;
    }),
  );
  if (!items.some(({ id }) => String(id) === settings.driver)) settings.driver = String(items[0].id);
  for (const name of ['driver', 'language', 'age']) byId(name).value = settings[name];
  byId('cargotech').hidden = !overview.cargotech;
  hasTelegram = overview.telegram;
  if (hasTelegram) startChats();
  await refresh();
  await launch({ startapp: new URLSearchParams(location.search).get('startapp') || '' });
}
// All scripts have run by then.
addEventListener('DOMContentLoaded', start);
