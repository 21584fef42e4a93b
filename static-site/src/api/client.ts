import { ApiError, type Problem } from './error';

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

export interface Reply {
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

/** One request with the driver's token, once more when the session could be renewed. */
export type Authorised = (path: string, call?: Call) => Promise<Reply>;

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

/** The call as somebody who is signed in makes it. */
export function withToken(call: Call, token: string | null): Call {
  return token === null ? call : { ...call, headers: { ...call.headers, authorization: `Bearer ${token}` } };
}

/** Sends one request, repeating it with backoff while a repeat can help. An abort comes through as the AbortError it is. */
export async function send(path: string, call: Call, network: Network = realNetwork): Promise<Reply> {
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
  if (error.code === 'payments_off' || error.code === 'market_unavailable') return false;
  if (error.status === 429 || error.status === 503) return (error.retryAfter ?? 0) <= LONGEST_WAIT_S;
  // A gateway's own page; when our server says 502, it has its reasons.
  return error.code === 'unreadable' && (error.status === 502 || error.status === 504);
}

async function sendOnce(path: string, call: Call, network: Network): Promise<Reply> {
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
    throw new ApiError('unreadable', response.status, { request_id: response.headers.get('x-request-id') });
  }
}

/** The error of a refused request; a proxy's own page tells no more than its status. */
function problemOf(response: Response, text: string): ApiError {
  let problem: Problem = {};
  try {
    problem = (JSON.parse(text) as Problem | null) ?? {};
  } catch {
    // The status says enough.
  }
  const retryAfter = response.headers.get('retry-after');
  return new ApiError(
    problem.code ?? 'unreadable',
    response.status,
    { ...problem, request_id: problem.request_id ?? response.headers.get('x-request-id') },
    retryAfter === null ? null : Number(retryAfter) || 0,
  );
}
