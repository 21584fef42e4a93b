import { afterEach, describe, expect, it, vi } from 'vitest';
import { hasClient, onEvent, postEvent, receiveEvents, supports } from './bridge';

/** A page as a client shows it. */
function pageIn(given: object) {
  const listeners: ((event: { source: unknown; data: unknown }) => void)[] = [];
  const page: Record<string, unknown> = {
    addEventListener: (_: string, listener: (typeof listeners)[0]) => listeners.push(listener),
    ...given,
  };
  page.parent ??= page;
  vi.stubGlobal('window', page);
  return {
    page,
    hears: (source: unknown, data: unknown) => {
      for (const listener of listeners) listener({ source, data });
    },
  };
}

afterEach(() => vi.unstubAllGlobals());

describe('a method', () => {
  it('is known to a client from its version on', () => {
    expect(supports('web_app_ready', '6.0')).toBe(true);
    expect(supports('web_app_request_phone', '6.8')).toBe(false);
    expect(supports('web_app_request_phone', '6.9')).toBe(true);
    expect(supports('web_app_set_bottom_bar_color', '7.9')).toBe(false);
    expect(supports('web_app_set_bottom_bar_color', '7.10')).toBe(true);
    expect(supports('web_app_request_safe_area', '10.2')).toBe(true);
    expect(supports('web_app_request_phone', 'odd')).toBe(false);
  });

  it('goes to the proxy of an app, to the parent of a frame, or to the older desktop', () => {
    const sent: unknown[] = [];
    const note = (...what: unknown[]) => sent.push(what);
    const parent = { postMessage: note };
    pageIn({ parent, TelegramWebviewProxy: { postEvent: note } });
    postEvent('web_app_open_link', { url: 'https://a' });
    pageIn({ parent });
    postEvent('web_app_ready');
    pageIn({ external: { notify: note } });
    postEvent('web_app_ready');
    expect(sent).toEqual([
      ['web_app_open_link', '{"url":"https://a"}'],
      ['{"eventType":"web_app_ready"}', '*'],
      ['{"eventType":"web_app_ready"}'],
    ]);
  });

  it('has nobody to go to in a plain browser', () => {
    pageIn({ external: {} });
    expect(hasClient()).toBe(false);
    postEvent('web_app_ready');
  });
});

describe('an event', () => {
  it('arrives on every path of a client, and without data as an empty one', () => {
    const heard: unknown[] = [];
    onEvent('phone_requested', (data) => heard.push(data));
    const { page } = pageIn({ Telegram: { WebView: { initParams: 1 } } });
    receiveEvents();
    type Receiver = { receiveEvent(name: string, data?: unknown): void };
    const view = (page.Telegram as { WebView: Receiver & { initParams: number } }).WebView;
    view.receiveEvent('phone_requested', { status: 'sent' });
    (page.TelegramGameProxy as Receiver).receiveEvent('phone_requested', { status: 'cancelled' });
    (page.TelegramGameProxy_receiveEvent as Receiver['receiveEvent'])('phone_requested', null);
    view.receiveEvent('unheard_of');
    expect(heard).toEqual([{ status: 'sent' }, { status: 'cancelled' }, {}]);
    expect(view.initParams).toBe(1);
  });

  it('is taken from the parent frame alone, and only when it is one', () => {
    const heard: unknown[] = [];
    onEvent('theme_changed', (data) => heard.push(data));
    const parent = {};
    const { hears } = pageIn({ parent });
    let answers = 0;
    receiveEvents(() => (answers += 1));
    hears(parent, '{"eventType":"theme_changed","eventData":{"theme_params":{}}}');
    hears({}, '{"eventType":"theme_changed","eventData":{}}');
    hears(parent, 'not json');
    hears(parent, { some: 'object' });
    hears(parent, '{"other":1}');
    expect(heard).toEqual([{ theme_params: {} }]);
    expect(answers).toBe(1);
  });
});
