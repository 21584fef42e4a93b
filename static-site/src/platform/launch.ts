import type { KeyValue } from './storage';

/** What Telegram (or a link in a plain browser) handed over when it opened the page. */
export interface Launch {
  /** The signed query string as received, or null outside Telegram. */
  initData: string | null;
  /** Tells one initData from another: its `hash` field. */
  initDataHash: string | null;
  /** The Telegram user whom initData names; unverified, good only for telling accounts apart. */
  userId: string | null;
  languageCode: string | null;
  version: string;
  platform: string | null;
  theme: Record<string, string>;
  /** `cargo_<id>` and the like, only on the launch itself and not on a reload. */
  startParam: string | null;
  /** Whether the URL itself carried the launch; a reload finds it in the storage. */
  fresh: boolean;
}

const KEY = 'launch';

/**
 * Reads the launch parameters from the URL's hash, or from `storage` after a reload, because the hash becomes the route.
 * Nothing is validated beyond what is read: an unknown field or an odd colour of some client must not keep a driver out.
 */
export function readLaunch(url: { hash: string; search: string }, storage: KeyValue): Launch {
  const hash = url.hash.replace(/^#/, '');
  const fresh = /(^|[?&])tgWebApp(Data|Version|Platform)=/.test(hash);
  if (fresh) storage.set(KEY, hash);
  const stored = storage.get(KEY);
  const raw = fresh ? hash : typeof stored === 'string' ? stored : '';
  const parameters = new URLSearchParams(raw.replace(/^[^?]*\?/, ''));
  const initData = parameters.get('tgWebAppData') || null;
  const signed = new URLSearchParams(initData ?? '');
  const user = parseObject(signed.get('user'));
  const search = new URLSearchParams(url.search);
  return {
    initData,
    initDataHash: signed.get('hash'),
    userId: user.id === undefined ? null : String(user.id),
    languageCode: typeof user.language_code === 'string' ? user.language_code : null,
    version: parameters.get('tgWebAppVersion') ?? '6.0',
    platform: parameters.get('tgWebAppPlatform'),
    theme: parseObject(parameters.get('tgWebAppThemeParams')) as Record<string, string>,
    startParam: fresh
      ? (signed.get('start_param') ?? parameters.get('tgWebAppStartParam') ?? search.get('tgWebAppStartParam'))
      : search.get('startapp'),
    fresh,
  };
}

function parseObject(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
