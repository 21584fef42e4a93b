/**
 * How messages travel between the page and the Telegram client. What they mean is for telegram.ts to know.
 *
 * Telegram's own script would come from a host that is often unreachable, and a library for all of its methods costs a
 * fifth of what a driver on 3G waits for.
 */

interface ClientWindow {
  /** Android, iOS, macOS and the newer desktop. */
  TelegramWebviewProxy?: { postEvent(method: string, params: string | undefined): void };
  /** The older desktop. */
  external?: { notify?: (message: string) => void };
  /** Where clients deliver events, by their age. */
  Telegram?: { WebView?: object };
  TelegramGameProxy?: object;
  TelegramGameProxy_receiveEvent?: Receive;
}

type Receive = (name: string, data: unknown) => void;
type Handler = (data: Record<string, unknown>) => void;

/** The version of the client since which it knows a method; those not named here it has always known. */
const SINCE: Record<string, string> = {
  web_app_open_tg_link: '6.1',
  web_app_set_background_color: '6.1',
  web_app_set_header_color: '6.1',
  web_app_setup_back_button: '6.1',
  web_app_trigger_haptic_feedback: '6.1',
  web_app_setup_closing_behavior: '6.2',
  web_app_request_phone: '6.9',
  web_app_setup_swipe_behavior: '7.7',
  web_app_set_bottom_bar_color: '7.10',
  web_app_setup_secondary_button: '7.10',
  web_app_check_location: '8.0',
  web_app_open_location_settings: '8.0',
  web_app_request_content_safe_area: '8.0',
  web_app_request_location: '8.0',
  web_app_request_safe_area: '8.0',
};

const handlers = new Map<string, Handler>();

/** Whether a client of `version` knows `method`. */
export function supports(method: string, version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [sinceMajor = 0, sinceMinor = 0] = (SINCE[method] ?? '6.0').split('.').map(Number);
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}

/** Whether there is a client to talk to. */
export function hasClient(): boolean {
  const page = window as ClientWindow;
  return isFramed() || !!page.TelegramWebviewProxy || typeof page.external?.notify === 'function';
}

export function isFramed(): boolean {
  return window.parent !== window;
}

/** Sends a method to the client. In a frame, too, Telegram's own script asks for the proxy first. */
export function postEvent(method: string, params?: object): void {
  const page = window as ClientWindow;
  const message = JSON.stringify({ eventType: method, eventData: params });
  if (page.TelegramWebviewProxy) page.TelegramWebviewProxy.postEvent(method, JSON.stringify(params));
  // To whoever frames us, as Telegram's own script does: its web clients have several addresses (web., webk., weba.), and who
  // may frame the page is for its content security policy to say.
  else if (isFramed()) window.parent.postMessage(message, '*');
  else page.external?.notify?.(message);
}

/** Calls `handler` with the data of every event of this name; some clients send none where they should. */
export function onEvent(name: string, handler: Handler): void {
  handlers.set(name, handler);
}

/** Whether the client can only be heard by what it answers: a frame may be anybody's. */
export function mustAnswer(): boolean {
  return isFramed() && !(window as ClientWindow).TelegramWebviewProxy;
}

/** Makes the page reachable for the client, on every path that a client may take; `onAny` hears that there is one. */
export function receiveEvents(onAny: () => void = () => undefined): void {
  const receive: Receive = (name, data) => {
    onAny();
    handlers.get(name)?.((data ?? {}) as Record<string, unknown>);
  };
  const page = window as ClientWindow;
  const receiver = { receiveEvent: receive };
  page.Telegram = { ...page.Telegram, WebView: { ...page.Telegram?.WebView, ...receiver } };
  page.TelegramGameProxy = { ...page.TelegramGameProxy, ...receiver };
  page.TelegramGameProxy_receiveEvent = receive;
  window.addEventListener('message', ({ source, data }) => {
    if (source !== window.parent) return;
    try {
      const { eventType, eventData } = JSON.parse(data as string) as { eventType?: unknown; eventData: unknown };
      if (typeof eventType === 'string') receive(eventType, eventData);
    } catch {
      // Other scripts of the client talk to each other in the same way.
    }
  });
}
