import { applyPolyfills, on, postEvent, supports } from '@tma.js/bridge';
import { createSignal } from 'solid-js';
import type { Launch } from './launch';
import { themeVariables, type ThemeParams } from './theme';

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

type Post = (method: string, params?: object) => void;
interface ClientProxy {
  postEvent(method: string, params: string | undefined): void;
}
type Supports = (method: string, version: string) => boolean;

let inTelegram = false;
let version = '6.0';
let mainButton: MainButton | null = null;
let pressBack: (() => void) | null = null;

const [foreground, setForeground] = createSignal(0);
/** Counts how often the app came back to the foreground. */
export { foreground };

/** Whether Telegram draws the main button; fixed once `startTelegram` ran. */
export function hasMainButton(): boolean {
  return can('web_app_setup_main_button');
}

/** Whether Telegram draws the back button; fixed once `startTelegram` ran. */
export function hasBackButton(): boolean {
  return can('web_app_setup_back_button');
}

function can(method: string): boolean {
  return inTelegram && (supports as Supports)(method, version);
}

function post(method: string, params?: object): void {
  if (!can(method)) return;
  try {
    // In a frame the bridge speaks to the parent alone; Telegram's own script asks the client's proxy first.
    const proxy = (window as { TelegramWebviewProxy?: ClientProxy }).TelegramWebviewProxy;
    if (proxy) proxy.postEvent(method, JSON.stringify(params));
    else (postEvent as Post)(method, params);
  } catch {
    // A client that promises and then refuses: the app works without.
  }
}

/** Connects to the client that `launch` came from and follows its theme, viewport and safe areas. */
export function startTelegram(launch: Launch): void {
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) setForeground((count) => count + 1);
  });
  const framed = window.parent !== window;
  inTelegram = launch.platform !== null && (framed || 'TelegramWebviewProxy' in window || hasNotify());
  version = launch.version;
  if (!inTelegram) return;
  applyPolyfills();

  applyTheme(launch.theme);
  on('theme_changed', ({ theme_params }) => applyTheme(theme_params as ThemeParams));
  on('viewport_changed', ({ height, is_state_stable }) => {
    if (is_state_stable) setVariable('--tg-viewport-stable-height', `${height}px`);
  });
  on('safe_area_changed', (insets) => applyInsets('--tg-safe-area-inset-', insets));
  on('content_safe_area_changed', (insets) => applyInsets('--tg-content-safe-area-inset-', insets));
  on('main_button_pressed', () => {
    if (mainButton && !mainButton.busy) mainButton.press();
  });
  on('back_button_pressed', () => pressBack?.());
  on('reload_iframe', () => {
    post('iframe_will_reload');
    location.reload();
  });
  if (framed) post('iframe_ready', { reload_supported: true });
  post('web_app_expand');
  post('web_app_request_theme');
  post('web_app_request_viewport');
  post('web_app_request_safe_area');
  post('web_app_request_content_safe_area');
  // A pull on the list refreshes it; it must not minimise the app.
  post('web_app_setup_swipe_behavior', { allow_vertical_swipe: false });
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

/** Closes the app. */
export function closeApp(): void {
  post('web_app_close');
}

/** Telegram Desktop's older transport. */
function hasNotify(): boolean {
  return typeof (window as { external?: { notify?: unknown } }).external?.notify === 'function';
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
