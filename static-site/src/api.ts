import type { Filters } from './filters';

/** The driver as the server knows them. */
export interface Me {
  id: string | number;
  first_name: string;
  last_name: string | null;
  username: string | null;
  /** E.164. */
  phone: string | null;
  phone_confirmed: boolean;
  company: string | null;
  email: string | null;
  preferences: { filters: Record<string, unknown> | null; language: Language | null };
  /** What the driver may administer; none for nearly all. */
  roles?: string[];
}

export type Language = 'ru' | 'en';

export interface Links {
  /** The t.me link that opens the app from the bot. */
  app_url: string | null;
  support_url: string | null;
}

/** What may be paid for. */
export type Feature = 'list' | 'detail' | 'contacts' | 'respond';

/** How the driver's subscription stands. */
export interface Subscription {
  state: 'none' | 'trial' | 'active' | 'expired';
  expires_at: string | null;
  source: 'payment' | 'promo' | 'trial' | 'gift' | null;
  days_left: number;
}

/** What the driver may use now. */
export interface Access {
  subscription: Subscription;
  features: Record<Feature, boolean>;
  /** The flags that are on for the driver: what an `app.` flag is not on for is hidden. */
  flags: string[];
}

export interface Plan {
  id: string;
  name: string;
  days: number;
  price_rub: number;
  price_per_day_rub: number;
  saving_percent: number;
}

export interface Plans {
  items: Plan[];
  /** Whether anything can be paid now. */
  payments: boolean;
  /** Whether a receipt has to be sent. */
  email_needed: boolean;
}

/** `created` means that nobody knows yet whether YooKassa has it. */
export type PaymentStatus =
  | 'created'
  | 'pending'
  | 'waiting_for_capture'
  | 'succeeded'
  | 'canceled'
  | 'refused'
  | 'lost';

export interface Payment {
  id: string;
  plan: string;
  plan_name: string;
  amount_rub: number;
  status: PaymentStatus;
  /** Where to pay, while that is possible. */
  confirmation_url: string | null;
  /** Why it was canceled, in YooKassa's codes. */
  reason: string | null;
  receipt: 'pending' | 'succeeded' | 'canceled' | null;
  refunded_rub: number | null;
  created_at: string;
  updated_at: string;
}

export interface PaymentPage {
  items: Payment[];
  /** Of the next page; null at the end. */
  cursor: string | null;
}

/** What is bought, and where the driver returns to after paying. */
export interface Order {
  plan: string;
  email?: string;
  return_to: 'telegram' | 'browser';
}

/** What `PUT /api/me` takes: absent means unchanged, null means cleared. */
export interface MeChange {
  phone?: string | null;
  company?: string | null;
  email?: string | null;
  preferences?: { filters?: Filters | null; language?: Language | null };
}

/** One end of the way. `date` is the local clock time of the place, without a zone. */
export interface Place {
  city: string;
  address: string | null;
  date: string | null;
}

/** A cargo as the list shows it. */
export interface Card {
  id: string;
  title: string;
  weight_kg: number | null;
  volume_m3: number | null;
  from: Place;
  to: Place;
  distance_km: number | null;
  /** Null means "on request". */
  price_rub: number | null;
  price_per_km_rub: number | null;
  truck_types: string[];
  load_types: string[];
  /** The same in words, in Russian. */
  display: { weight_volume: string };
}

export interface Contact {
  name: string | null;
  phones: string[];
}

/** A cargo as its own screen shows it. */
export interface Cargo extends Card {
  note: string | null;
  cargo_type: string | null;
  shipper: { name: string | null; inn: string | null } | null;
  /** Null while they are locked. */
  contacts: Contact[] | null;
  extra: {
    krugoreis?: boolean;
    partial_load?: boolean;
    custom_cargo_type?: string | null;
    url?: string | null;
  } | null;
}

/** What becomes of a driver's response to a cargo. */
export type ResponseStatus = 'queued' | 'sent' | 'accepted' | 'rejected' | 'expired' | 'completed' | 'withdrawn';

/** A driver's response to a cargo, with what both were when it was sent. */
export interface DriverResponse {
  id: string;
  cargo_id: string;
  status: ResponseStatus;
  created_at: string;
  updated_at: string;
  /** Until when an answer is waited for. */
  expires_at: string;
  /** Why it was rejected, if somebody said so. */
  reason: string | null;
  offer: { name: string; phone: string; phone_confirmed: boolean; comment: string | null; price_rub: number | null };
  /** The price for which the cargo is carried when it is accepted: the driver's own, else the cargo's. */
  agreed_price_rub: number | null;
  cargo: ResponseCargo;
  history: { status: ResponseStatus; at: string; by: 'driver' | 'dispatcher' | 'shipper' | 'admin' | 'system' }[];
}

/** A cargo as it was when it was responded to: it may be gone by now. */
export interface ResponseCargo {
  title: string;
  /** `Москва → Казань` */
  route: string;
  weight_volume: string;
  price_rub: number | null;
  from_date: string | null;
  to_date: string | null;
}

/** What a driver sends; null stands for what the profile says, or for nothing. */
export interface Offer {
  phone: string | null;
  comment: string | null;
  price_rub: number | null;
  /** The price that the driver saw, 0 for "on request": the server refuses when it is another one by now. */
  seen_price_rub: number;
}

export interface ResponsePage {
  items: DriverResponse[];
  /** Of the next page; null at the end. */
  cursor: string | null;
  etag: string | null;
}

/** A city or region; CargoTech tells ids apart only together with the type. */
export interface City {
  id: string | number;
  type: string | number;
  name: string;
}

/** A truck type or a load type. */
export interface Choice {
  id: string | number;
  name: string;
  short_name: string | null;
}

/** How old an answer is and whether CargoTech itself stands behind it. */
export interface Freshness {
  /** When CargoTech was asked, in milliseconds of this phone's clock. */
  askedAt: number;
  /** CargoTech does not answer; this came from the server's cache. */
  upstreamDown: boolean;
}

export interface CardPage extends Freshness {
  items: Card[];
  total: number | null;
}

/** A cargo as opened, and what of it has to be paid for. */
export interface OpenCargo extends Freshness {
  cargo: Cargo;
  locked: Feature[];
  /** The driver's response was rejected because another had the cargo, and nobody has it any more. */
  freed: boolean;
}

export interface FieldError {
  field: string;
  code: string;
  message: string;
}

/** On what the admin page is open: each has one session. */
export type Seat = 'phone' | 'desk';

export interface SignInAnswer {
  session_token: string;
  expires_at: string;
  driver: Me;
  links: Links;
  subscription: Subscription;
  features: Access['features'];
  flags: Access['flags'];
  /** The first page of the search that was sent along, if the server had it at hand. */
  list?: { age_s: number; page: { items: Card[]; total: number | null } };
}

/**
 * A request that did not succeed. `code` is the server's, or `offline` (the phone has no network), `network` (no answer)
 * or `unreadable` (an answer that is not ours, as from a captive portal).
 */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status = 0,
    readonly detail: string | null = null,
    readonly requestId: string | null = null,
    readonly fields: FieldError[] = [],
    /** Seconds after which a repeat makes sense. */
    readonly retryAfter: number | null = null,
    readonly appUrl: string | null = null,
    /** The response that stands in the way of this one. */
    readonly response: DriverResponse | null = null,
    /** The cargo's price now, when it is another one than the driver saw. */
    readonly price: number | null = null,
    /** What would have to be paid for. */
    readonly feature: Feature | null = null,
    /** Who was accepted for the cargo, for a shipper who would accept one more. */
    readonly taken: { names: string[]; choices: number } | null = null,
  ) {
    super(code);
  }
}

/** The outside world of the client; tests replace it. */
export interface Network {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  sleep: (milliseconds: number) => Promise<void>;
  online: () => boolean;
  now: () => number;
}

/** Who vouches for the driver: the session. */
export interface Authority {
  token(): string | null;
  /** After a 401 of `token`: true when there is another token to try. */
  recover(error: ApiError, token: string | null): Promise<boolean>;
  /** An admin keeps the driver out. */
  blocked?(): void;
}

export interface Call {
  method?: 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** Goes on when the page is closed. */
  keepalive?: boolean;
}

export interface Answer {
  body: unknown;
  headers: Headers;
}

const ATTEMPTS = 3;
/** The server answers within 10 s; the rest is the radio's. */
const TIMEOUT_MS = 20_000;
/** A longer wait than this is for the driver to decide. */
const LONGEST_WAIT_S = 5;

export const realNetwork: Network = {
  fetch: (url, init) => fetch(url, init),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  online: () => navigator.onLine !== false,
  now: () => Date.now(),
};

export type Api = ReturnType<typeof createApi>;
export type SessionApi = ReturnType<typeof createSessionApi>;

/** One request with the driver's token, once more when the session could be renewed. */
export type Authorised = (path: string, call?: Call) => Promise<Answer>;

export function createAuthorised(authority: () => Authority, network: Network = realNetwork): Authorised {
  return async (path, call = {}) => {
    const token = authority().token();
    try {
      return await send(path, withToken(call, token), network);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'driver_blocked') authority().blocked?.();
      if (error.status !== 401 || !(await authority().recover(error, token))) throw error;
      return send(path, withToken(call, authority().token()), network);
    }
  };
}

/** What a session needs of the server, on whichever page it is. */
export function createSessionApi(authority: () => Authority, network: Network = realNetwork) {
  return {
    /**
     * Exchanges initData for a session; `key` is the same for every repeat of one attempt. `search` is the query of the list
     * that is shown next, if it is.
     */
    async signIn(initData: string, key: string, search?: string | null): Promise<SignInAnswer> {
      const body = { init_data: initData, search: search ?? undefined };
      const headers = { 'idempotency-key': key };
      const answer = await send('auth/telegram', { method: 'POST', body, headers }, network);
      return answer.body as SignInAnswer;
    },

    /** The same for the admin page alone; the driver's session stays. */
    async signInToAdmin(initData: string, key: string, admin: Seat): Promise<SignInAnswer> {
      const call: Call = { method: 'POST', body: { init_data: initData, admin }, headers: { 'idempotency-key': key } };
      return (await send('auth/telegram', call, network)).body as SignInAnswer;
    },

    /** A session of the admin page for whoever has this one of the app. */
    async openAdmin(token: string, admin: Seat): Promise<SignInAnswer> {
      return (await send('auth/admin', withToken({ method: 'POST', body: { admin } }, token), network))
        .body as SignInAnswer;
    },

    /** Exchanges the token of an access link for a session. */
    async signInByLink(token: string): Promise<SignInAnswer> {
      const { body } = await send('auth/access-token', { method: 'POST', body: { access_token: token } }, network);
      return body as SignInAnswer;
    },

    /** A new token for the same session. */
    async refresh(): Promise<{ session_token: string }> {
      return (await createAuthorised(authority, network)('auth/refresh', { method: 'POST' })).body as {
        session_token: string;
      };
    },

    async signOut(): Promise<void> {
      await send('auth/logout', withToken({ method: 'POST' }, authority().token()), network);
    },

    /** Asks without a session, only to learn from the refusal where the app is opened. */
    async appUrl(): Promise<string | null> {
      try {
        await send('me', {}, network);
        return null;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return error.appUrl;
        throw error;
      }
    },
  };
}

/** The API of the server. All calls may be repeated: each is idempotent by nature or by its key. */
export function createApi(authority: () => Authority, network: Network = realNetwork) {
  const authorised = createAuthorised(authority, network);

  function freshness(headers: Headers): Freshness {
    return {
      askedAt: network.now() - (Number(headers.get('age')) || 0) * 1000,
      upstreamDown: headers.get('x-cargo-upstream') === 'unavailable',
    };
  }

  return {
    ...createSessionApi(authority, network),

    async me(): Promise<Me & { links: Links }> {
      return (await authorised('me')).body as Me & { links: Links };
    },

    async saveMe(change: MeChange): Promise<Me & { links: Links }> {
      return (await authorised('me', { method: 'PUT', body: change })).body as Me & { links: Links };
    },

    /** One page of the list; `query` is made by `toQuery`. */
    async cargos(query: string, signal?: AbortSignal): Promise<CardPage> {
      const { body, headers } = await authorised(`cargos?${query}`, { signal });
      const { items, total } = body as { items: Card[]; total: number | null };
      return { items, total, ...freshness(headers) };
    },

    /** One cargo; `seenPrice` lets the server notice that a cached list is out of date. */
    async cargo(id: string, seenPrice: number | null): Promise<OpenCargo & { response: DriverResponse | null }> {
      const query = seenPrice === null ? '' : `?seen_price_rub=${seenPrice}`;
      const { body, headers } = await authorised(cargoPath(id) + query);
      const opened = body as { cargo: Cargo; response?: DriverResponse | null; locked?: Feature[]; freed?: boolean };
      const { cargo, response = null, locked = [], freed = false } = opened;
      return { cargo, response, locked, freed, ...freshness(headers) };
    },

    /** Responds to a cargo; `key` is the same for every repeat, which gets the response that the first one made. */
    async respond(id: string, offer: Offer, key: string): Promise<DriverResponse> {
      const call: Call = { method: 'POST', body: offer, headers: { 'idempotency-key': key }, keepalive: true };
      return responseIn(await authorised(`${cargoPath(id)}/responses`, call));
    },

    async withdraw(id: string): Promise<DriverResponse> {
      return responseIn(await authorised(`${cargoPath(id)}/responses`, { method: 'DELETE' }));
    },

    /** A page of the driver's responses, newest first; null when it is still the one with this `etag`. */
    async responses(cursor: string | null, etag: string | null): Promise<ResponsePage | null> {
      const query = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
      const { body, headers } = await authorised(
        `responses${query}`,
        etag === null ? {} : { headers: { 'if-none-match': etag } },
      );
      return body === null ? null : { ...(body as Omit<ResponsePage, 'etag'>), etag: headers.get('etag') };
    },

    /** How the subscription stands and what it opens. */
    async access(): Promise<Access> {
      const { features, flags, ...subscription } = (await authorised('subscription')).body as Subscription &
        Pick<Access, 'features' | 'flags'>;
      return { subscription, features, flags };
    },

    /** The link that opens the app without Telegram. */
    async accessLink(): Promise<string> {
      return ((await authorised('me/access-link')).body as { url: string }).url;
    },

    /** Ends that link; the next one is another. */
    async revokeAccessLink(): Promise<void> {
      await authorised('me/access-link', { method: 'DELETE' });
    },

    async plans(): Promise<Plans> {
      return (await authorised('plans')).body as Plans;
    },

    /** Orders a plan; `key` is the same for every repeat of one order. */
    async order(order: Order, key: string): Promise<Payment> {
      return paymentIn(
        await authorised('payments', { method: 'POST', body: order, headers: { 'idempotency-key': key } }),
      );
    },

    async payment(id: string): Promise<Payment> {
      return paymentIn(await authorised(`payments/${encodeURIComponent(id)}`));
    },

    /** A page of the driver's payments, newest first. */
    async payments(cursor: string | null): Promise<PaymentPage> {
      const query = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
      return (await authorised(`payments${query}`)).body as PaymentPage;
    },

    async redeem(code: string): Promise<{ subscription: Subscription; days_added: number }> {
      const { body } = await authorised('promo-codes/redeem', { method: 'POST', body: { code } });
      return body as { subscription: Subscription; days_added: number };
    },

    async cities(text: string, signal: AbortSignal): Promise<City[]> {
      const { body } = await authorised(`dictionaries/cities?q=${encodeURIComponent(text)}`, { signal });
      return (body as { items: City[] }).items;
    },

    async choices(name: 'truck-types' | 'load-types'): Promise<Choice[]> {
      return ((await authorised(`dictionaries/${name}`)).body as { items: Choice[] }).items;
    },
  };
}

function cargoPath(id: string): string {
  return `cargos/${encodeURIComponent(id)}`;
}

function responseIn({ body }: Answer): DriverResponse {
  return (body as { response: DriverResponse }).response;
}

function paymentIn({ body }: Answer): Payment {
  return (body as { payment: Payment }).payment;
}

function withToken(call: Call, token: string | null): Call {
  return token === null ? call : { ...call, headers: { ...call.headers, authorization: `Bearer ${token}` } };
}

/** Sends one request, repeating it with backoff while a repeat can help. An abort comes through as the AbortError it is. */
export async function send(path: string, call: Call, network: Network = realNetwork): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendOnce(path, call, network);
    } catch (error) {
      if (!(error instanceof ApiError) || attempt === ATTEMPTS || !worthRepeating(error)) throw error;
      const backoff = 500 * 3 ** (attempt - 1) * (0.75 + Math.random() / 2);
      await network.sleep(Math.max(backoff, (error.retryAfter ?? 0) * 1000));
      if (call.signal?.aborted) throw new DOMException('', 'AbortError');
    }
  }
}

function worthRepeating(error: ApiError): boolean {
  if (error.code === 'network') return true;
  // The server has already spent all the time on it that a driver waits.
  if (error.code === 'upstream_unavailable') return false;
  // Somebody switched them off, and not for a second.
  if (error.code === 'payments_off') return false;
  if (error.status === 429 || error.status === 503) return (error.retryAfter ?? 0) <= LONGEST_WAIT_S;
  // A gateway's own page; when our server says 502, it has its reasons.
  return error.code === 'unreadable' && (error.status === 502 || error.status === 504);
}

async function sendOnce(path: string, call: Call, network: Network): Promise<Answer> {
  if (!network.online()) throw new ApiError('offline');
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), TIMEOUT_MS);
  const stop = () => timeout.abort();
  call.signal?.addEventListener('abort', stop);
  const headers = { ...call.headers };
  const init: RequestInit = { method: call.method ?? 'GET', headers, signal: timeout.signal };
  if (call.keepalive) init.keepalive = true;
  if (call.body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(call.body);
  }
  try {
    const response = await network.fetch(`/api/${path}`, init);
    if (response.status === 204 || response.status === 304) return { body: null, headers: response.headers };
    // A file is kept byte for byte: read as text it would lose the mark by which Excel knows UTF-8.
    if (response.ok && response.headers.get('content-type')?.startsWith('text/csv')) {
      return { body: await response.blob(), headers: response.headers };
    }
    const text = await response.text();
    if (!response.ok) throw problemOf(response, text);
    return { body: parseJson(text, response), headers: response.headers };
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (call.signal?.aborted) throw error;
    throw new ApiError(network.online() ? 'network' : 'offline');
  } finally {
    clearTimeout(timer);
    call.signal?.removeEventListener('abort', stop);
  }
}

function parseJson(text: string, response: Response): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError('unreadable', response.status, null, response.headers.get('x-request-id'));
  }
}

interface Problem {
  code?: string;
  detail?: string;
  request_id?: string;
  errors?: FieldError[];
  app_url?: string;
  response?: DriverResponse | null;
  price_rub?: number | null;
  feature?: Feature;
  /** Whom somebody accepted for the cargo, and which choice that is. */
  accepted?: string[];
  choices?: number;
}

function problemOf(response: Response, text: string): ApiError {
  let problem: Problem = {};
  try {
    problem = (JSON.parse(text) as Problem | null) ?? {};
  } catch {
    // A proxy's own error page: the status says enough.
  }
  const retryAfter = response.headers.get('retry-after');
  return new ApiError(
    problem.code ?? 'unreadable',
    response.status,
    problem.detail ?? null,
    problem.request_id ?? response.headers.get('x-request-id'),
    problem.errors ?? [],
    retryAfter === null ? null : Number(retryAfter) || 0,
    problem.app_url ?? null,
    problem.response ?? null,
    problem.price_rub ?? null,
    problem.feature ?? null,
    problem.choices === undefined ? null : { names: problem.accepted ?? [], choices: problem.choices },
  );
}
