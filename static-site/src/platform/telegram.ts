import { createSignal } from 'solid-js';
import { hasClient, isFramed, mustAnswer, onEvent, postEvent, receiveEvents, supports } from './bridge';
import type { Launch } from './launch';
import { isTooEarly, screenEntered } from './pressGuard';
import { type ThemeParams, themeVariables } from './theme';

/**
 * The one place that talks to the Telegram client. Every call does nothing where the client is too old for it or where
 * there is no Telegram, so screens never ask before they call.
 */

/** What a haptic says: a choice was made, something worked, something failed. */
export type Haptic = 'selection' | 'success' | 'error';

/** The state of Telegram's main button. */
export interface MainButton {
  text: string;
  busy: boolean;
  press: () => void;
}

/** Whether there is a client; it changes when a frame turns out to be nobody's. */
const [inTelegram, setInTelegram] = createSignal(false);
let version = '6.0';
let mainButton: MainButton | null = null;
let pressBack: (() => void) | null = null;
let phoneRequested: ((sent: boolean) => void) | null = null;

const PHONE_ANSWER_MS = 60_000;
/** A client answers what is asked at the start in a few milliseconds. */
const BRIDGE_ANSWER_MS = 1000;

const [foreground, setForeground] = createSignal(0);

/** Counts how often the app came back to the foreground. */
export { foreground };

/** Whether Telegram draws the main button. */
export function hasMainButton(): boolean {
  return can('web_app_setup_main_button');
}

/** Whether Telegram draws the back button. */
export function hasBackButton(): boolean {
  return can('web_app_setup_back_button');
}

function can(method: string): boolean {
  return inTelegram() && supports(method, version);
}

function post(method: string, params?: object): void {
  if (!can(method)) return;
  try {
    postEvent(method, params);
  } catch {
    // A client that promises and then refuses: the app works without.
  }
}

/** Connects to the client that `launch` came from and follows its theme, viewport and safe areas. */
export function startTelegram(launch: Launch): void {
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) setForeground((count) => count + 1);
  });
  version = launch.version;
  if (launch.platform === null || !hasClient()) return;
  setInTelegram(true);
  let answered = !mustAnswer();
  receiveEvents(() => (answered = true));
  if (!answered) setTimeout(() => !answered && doWithoutClient(), BRIDGE_ANSWER_MS);

  applyTheme(launch.theme);
  onEvent('theme_changed', ({ theme_params }) => applyTheme((theme_params ?? {}) as ThemeParams));
  onEvent('viewport_changed', ({ height, is_state_stable }) => {
    if (is_state_stable) setVariable('--tg-viewport-stable-height', `${Number(height)}px`);
  });
  onEvent('safe_area_changed', (insets) => applyInsets('--tg-safe-area-inset-', insets));
  onEvent('content_safe_area_changed', (insets) => applyInsets('--tg-content-safe-area-inset-', insets));
  onEvent('main_button_pressed', () => {
    if (mainButton && !mainButton.busy && !isTooEarly()) mainButton.press();
  });
  onEvent('back_button_pressed', () => pressBack?.());
  onEvent('phone_requested', ({ status }) => phoneRequested?.(status === 'sent'));
  onEvent('reload_iframe', () => {
    post('iframe_will_reload');
    location.reload();
  });
  if (isFramed()) post('iframe_ready', { reload_supported: true });
  post('web_app_expand');
  post('web_app_request_theme');
  post('web_app_request_viewport');
  post('web_app_request_safe_area');
  post('web_app_request_content_safe_area');
  // A pull on the list refreshes it; it must not minimise the app.
  post('web_app_setup_swipe_behavior', { allow_vertical_swipe: false });
}

/** Nobody answers: the app draws its own buttons. Telegram's are taken back, should it only have been slow. */
function doWithoutClient(): void {
  setMainButton(null);
  post('web_app_setup_back_button', { is_visible: false });
  setInTelegram(false);
  screenEntered();
}

/** Tells Telegram that the essential interface is drawn, so that it takes its placeholder away. */
export function telegramReady(): void {
  post('web_app_ready');
}

/** Shows Telegram's main button, or hides it with null. */
export function setMainButton(button: MainButton | null): void {
  if (!button && !mainButton) return;
  mainButton = button;
  post(
    'web_app_setup_main_button',
    button
      ? { is_visible: true, is_active: !button.busy, is_progress_visible: button.busy, text: button.text }
      : { is_visible: false },
  );
}

/** Shows Telegram's back button, or hides it with null. */
export function setBackButton(press: (() => void) | null): void {
  pressBack = press;
  post('web_app_setup_back_button', { is_visible: press !== null });
}

/** A short vibration; nothing where the phone or the client has none. */
export function haptic(kind: Haptic): void {
  post(
    'web_app_trigger_haptic_feedback',
    kind === 'selection' ? { type: 'selection_change' } : { type: 'notification', notification_type: kind },
  );
}

/** Makes Telegram ask before the app is closed, while something typed is not saved. */
export function confirmClosing(needed: boolean): void {
  post('web_app_setup_closing_behavior', { need_confirmation: needed });
}

/** Opens a t.me link inside Telegram; false when there is no Telegram to do it. */
export function openTelegramLink(url: string): boolean {
  const link = /^https:\/\/t\.me(\/.*)$/.exec(url);
  if (!link || !can('web_app_open_tg_link')) return false;
  post('web_app_open_tg_link', { path_full: link[1] });
  return true;
}

/** Opens a page in the phone's browser; call it from a tap only. */
export function openLink(url: string): void {
  if (can('web_app_open_link')) post('web_app_open_link', { url });
  else window.open(url, '_blank', 'noopener');
}

/** Whether Telegram shows the app and opens pages beside it. */
export function isInTelegram(): boolean {
  return inTelegram();
}

/** Closes the app. */
export function closeApp(): void {
  post('web_app_close');
}

/** Whether the driver's phone can be asked from Telegram. */
export function canRequestPhone(): boolean {
  return can('web_app_request_phone');
}

/** Asks the driver to share their number with the bot; whether they did. Call it from a tap. */
export function requestPhone(): Promise<boolean> {
  return new Promise((resolve) => {
    phoneRequested = resolve;
    // Some clients say nothing when the question is swiped away.
    setTimeout(() => resolve(false), PHONE_ANSWER_MS);
    post('web_app_request_phone');
  });
}

/** Whether Telegram may know where the phone is. */
export function canAskPosition(): boolean {
  return can('web_app_request_location');
}

/** Asks Telegram where the phone is; null where it has no way to know. The driver may be asked for permission. */
export async function askTelegramPosition(): Promise<{ lat: number; lon: number } | 'refused' | null> {
  const { available, access_requested, access_granted } = await answerTo('web_app_check_location', 'location_checked');
  if (!available) return null;
  if (access_requested && !access_granted) return 'refused';
  const answer = await answerTo('web_app_request_location', 'location_requested');
  if (!answer.available) return 'refused';
  return { lat: Number(answer.latitude), lon: Number(answer.longitude) };
}

/** What the client answers; nothing when it does not. */
function answerTo(method: string, event: string): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    onEvent(event, resolve);
    setTimeout(() => resolve({}), PHONE_ANSWER_MS);
    post(method);
  });
}

/** What opens Telegram's settings of that permission from a tap; null where there are none. */
export function openLocationSettings(): (() => void) | null {
  return can('web_app_open_location_settings') ? () => post('web_app_open_location_settings') : null;
}

function setVariable(name: string, value: string): void {
  document.documentElement.style.setProperty(name, value);
}

function applyInsets(prefix: string, insets: object): void {
  for (const [side, size] of Object.entries(insets)) setVariable(prefix + side, `${Number(size) || 0}px`);
}

function applyTheme(params: ThemeParams): void {
  const theme = themeVariables(params);
  if (!theme) return;
  document.documentElement.dataset.scheme = theme.scheme;
  for (const [name, color] of Object.entries(theme.variables)) setVariable(`--tg-theme-${name}-color`, color);
  const page = theme.variables['secondary-bg'];
  post('web_app_set_header_color', { color_key: 'secondary_bg_color' });
  post('web_app_set_background_color', { color: page });
  post('web_app_set_bottom_bar_color', { color: page });
}
