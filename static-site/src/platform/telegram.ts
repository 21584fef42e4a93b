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

/** The state of one of Telegram's two buttons at the bottom. */
export interface BottomButton {
  text: string;
  busy: boolean;
  press: () => void;
}

/** Whether there is a client; it changes when a frame turns out to be nobody's. */
const [inTelegram, setInTelegram] = createSignal(false);
let version = '6.0';
const bottomButtons: Record<BottomName, BottomButton | null> = { main: null, secondary: null };
let pressBack: (() => void) | null = null;
let phoneRequested: ((sent: boolean) => void) | null = null;

const PHONE_ANSWER_MS = 60_000;
/** A client answers what is asked at the start in a few milliseconds. */
const BRIDGE_ANSWER_MS = 1000;

const [foreground, setForeground] = createSignal(0);

/** Counts how often the app came back to the foreground. */
export { foreground };

type BottomName = 'main' | 'secondary';

/** Whether Telegram draws that button. */
export function hasBottomButton(name: BottomName): boolean {
  return can(`web_app_setup_${name}_button`);
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
  for (const name of ['main', 'secondary'] as const) {
    onEvent(`${name}_button_pressed`, () => {
      const button = bottomButtons[name];
      if (button && !button.busy && !isTooEarly()) button.press();
    });
  }
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
  setBottomButton('main', null);
  setBottomButton('secondary', null);
  post('web_app_setup_back_button', { is_visible: false });
  setInTelegram(false);
  screenEntered();
}

/** Tells Telegram that the essential interface is drawn, so that it takes its placeholder away. */
export function telegramReady(): void {
  post('web_app_ready');
}

/** Shows one of Telegram's buttons at the bottom, or hides it with null. */
export function setBottomButton(name: BottomName, button: BottomButton | null): void {
  if (!button && !bottomButtons[name]) return;
  bottomButtons[name] = button;
  post(
    `web_app_setup_${name}_button`,
    button
      ? {
          is_visible: true,
          is_active: !button.busy,
          is_progress_visible: button.busy,
          text: button.text,
          ...(name === 'secondary' && { position: 'left' }),
          ...buttonColors[name],
        }
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
  const { available, access_requested, access_granted } = await answerTo(
    'web_app_check_location',
    'location_checked',
    BRIDGE_ANSWER_MS,
  );
  if (!available) return null;
  if (access_requested && !access_granted) return 'refused';
  const answer = await answerTo('web_app_request_location', 'location_requested', PHONE_ANSWER_MS);
  if (!answer.available) return 'refused';
  return { lat: Number(answer.latitude), lon: Number(answer.longitude) };
}

/** What the client answers; nothing when it does not. */
function answerTo(method: string, event: string, within: number): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    onEvent(event, resolve);
    setTimeout(() => resolve({}), within);
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

/** Telegram's own are not always readable. */
let buttonColors: Partial<Record<BottomName, { color: string | undefined; text_color: string | undefined }>> = {};

function applyTheme(params: ThemeParams): void {
  const theme = themeVariables(params);
  if (!theme) return;
  const { variables } = theme;
  buttonColors = {
    main: { color: variables.button, text_color: variables['button-text'] },
    secondary: { color: variables['section-bg'], text_color: variables.accent },
  };
  document.documentElement.dataset.scheme = theme.scheme;
  for (const [name, color] of Object.entries(variables)) setVariable(`--tg-theme-${name}-color`, color);
  const page = variables['secondary-bg'];
  post('web_app_set_header_color', { color_key: 'secondary_bg_color' });
  post('web_app_set_background_color', { color: page });
  post('web_app_set_bottom_bar_color', { color: page });
}
