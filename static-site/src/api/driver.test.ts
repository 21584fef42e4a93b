import { describe, expect, it } from 'vitest';
import type { Authority, Network } from './client';
import { createApi } from './driver';
import { ApiError } from './error';

type Reply = { status?: number; body?: unknown; headers?: Record<string, string> } | 'lost';

/** A network that gives the replies in turn and notes what was asked and how long was slept. */
function scripted(replies: Reply[], given: { online?: boolean; authority?: Partial<Authority> } = {}) {
  const requests: { url: string; method: string; headers: Record<string, string>; body: unknown }[] = [];
  const slept: number[] = [];
  const network: Network = {
    fetch: async (url, init) => {
      requests.push({
        url,
        method: init.method ?? 'GET',
        headers: init.headers as Record<string, string>,
        body: init.body,
      });
      const reply = replies[requests.length - 1];
      if (reply === undefined) throw new Error('one request too many');
      if (reply === 'lost') throw new TypeError('Failed to fetch');
      const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {});
      return new Response(reply.status === 204 || reply.status === 304 ? null : text, {
        status: reply.status ?? 200,
        headers: reply.headers ?? {},
      });
    },
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
    },
    online: () => given.online ?? true,
    now: () => 1_000_000,
  };
  const authority: Authority = { token: () => 'token-1', recover: async () => false, ...given.authority };
  return { api: createApi(() => authority, network), requests, slept };
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const reason: unknown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(reason instanceof ApiError)) throw new Error(`not an ApiError: ${String(reason)}`);
  return reason;
}

const page = { items: [], total: 0, cursor: null, fetched_at: '2026-11-25T08:00:00Z', source: 'market' };

describe('a request', () => {
  it('carries the token and reads how old the answer is', async () => {
    const { api, requests } = scripted([{ body: page, headers: { age: '130', 'x-cargo-upstream': 'unavailable' } }]);
    const answer = await api.cargos('limit=20');
    expect(requests[0]).toMatchObject({
      url: '/api/cargos?limit=20',
      method: 'GET',
      headers: { authorization: 'Bearer token-1' },
    });
    expect(answer).toEqual({ ...page, askedAt: 1_000_000 - 130_000, upstreamDown: true });
  });

  it('signs in with its key and without a token', async () => {
    const { api, requests } = scripted([{ body: { session_token: 'x' } }]);
    await api.signIn('user=1&hash=2', 'key-1');
    expect(requests[0]?.headers).toEqual({ 'idempotency-key': 'key-1', 'content-type': 'application/json' });
    expect(requests[0]?.body).toBe('{"init_data":"user=1&hash=2"}');
  });

  it('escapes what goes into the path', async () => {
    const { api, requests } = scripted([{ body: { cargo: {} } }]);
    await api.cargo('a/b?c', 50_000);
    expect(requests[0]?.url).toBe('/api/cargos/a%2Fb%3Fc?seen_price_rub=50000');
  });

  it('tells what of a cargo is locked, and what has to be paid for', async () => {
    const { api } = scripted([
      { body: { cargo: { contacts: null }, locked: ['contacts'] } },
      { body: { cargo: {} } },
      { status: 402, body: { code: 'subscription_required', feature: 'detail' } },
    ]);
    expect(await api.cargo('1', null)).toMatchObject({
      cargo: { contacts: null },
      locked: ['contacts'],
      response: null,
    });
    expect((await api.cargo('1', null)).locked).toEqual([]);
    expect(await failure(api.cargo('1', null))).toMatchObject({
      code: 'subscription_required',
      status: 402,
      feature: 'detail',
    });
  });

  it('orders with its key and reads the subscription', async () => {
    const subscription = { state: 'trial', expires_at: null, source: 'trial', days_left: 3 };
    const { api, requests } = scripted([
      { status: 202, body: { payment: { id: 'p1' } } },
      { body: { ...subscription, features: { list: true }, flags: ['app.respond'] } },
    ]);
    expect(await api.order({ plan: '1m', return_to: 'browser' }, 'key-1')).toEqual({ id: 'p1' });
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: '/api/payments',
      headers: { 'idempotency-key': 'key-1' },
    });
    expect(await api.access()).toEqual({ subscription, features: { list: true }, flags: ['app.respond'] });
  });
});

it('tells the session when an admin keeps the driver out', async () => {
  let told = 0;
  const { api } = scripted(
    [
      { status: 403, body: { code: 'driver_blocked' } },
      { status: 403, body: { code: 'forbidden' } },
    ],
    {
      authority: { blocked: () => (told += 1) },
    },
  );
  expect(await failure(api.cargos(''))).toMatchObject({ code: 'driver_blocked' });
  expect(told).toBe(1);
  expect(await failure(api.cargos(''))).toMatchObject({ code: 'forbidden' });
  expect(told).toBe(1);
});

describe('a response', () => {
  const offer = { phone: null, comment: 'Буду к 8', price_rub: null, seen_price_rub: 50_000 };

  it('is sent again with the same body and key when the answer was lost', async () => {
    const { api, requests } = scripted(['lost', { status: 200, body: { response: { id: 'r1' } } }]);
    expect(await api.respond('7', offer, 'key')).toEqual({ id: 'r1' });
    expect(requests.map(({ method, url, body, headers }) => [method, url, body, headers['idempotency-key']])).toEqual(
      Array(2).fill(['POST', '/api/cargos/7/responses', JSON.stringify(offer), 'key']),
    );
  });

  it('says what stands in its way', async () => {
    const there = { status: 409, body: { code: 'response_exists', response: { id: 'r1' } } };
    expect(await failure(scripted([there]).api.respond('7', offer, 'key'))).toMatchObject({
      code: 'response_exists',
      response: { id: 'r1' },
    });
    const changed = { status: 409, body: { code: 'cargo_changed', price_rub: 45_000 } };
    expect(await failure(scripted([changed]).api.respond('7', offer, 'key'))).toMatchObject({
      code: 'cargo_changed',
      price: 45_000,
    });
    const open = { status: 409, body: { code: 'cargo_changed', price_rub: null } };
    expect(await failure(scripted([open]).api.respond('7', offer, 'key'))).toMatchObject({ price: null });
  });

  it('is withdrawn', async () => {
    const { api, requests } = scripted([{ body: { response: { id: 'r1', status: 'withdrawn' } } }]);
    expect((await api.withdraw('7')).status).toBe('withdrawn');
    expect(requests[0]).toMatchObject({ method: 'DELETE', url: '/api/cargos/7/responses', body: undefined });
  });

  it('is listed once and afterwards only when something changed', async () => {
    const { api, requests } = scripted([
      { body: { items: [], cursor: 'a b' }, headers: { etag: '"1"' } },
      { status: 304 },
    ]);
    expect(await api.responses(null, null)).toEqual({ items: [], cursor: 'a b', etag: '"1"' });
    expect(await api.responses('a b', '"1"')).toBeNull();
    expect(requests.map(({ url }) => url)).toEqual(['/api/responses', '/api/responses?cursor=a%20b']);
    expect(requests[1]?.headers).toMatchObject({ 'if-none-match': '"1"' });
  });

  it('comes with its cargo', async () => {
    const { api } = scripted([
      { body: { cargo: { id: '7' }, response: { id: 'r1' } } },
      { body: { cargo: { id: '8' } } },
    ]);
    expect((await api.cargo('7', null)).response).toEqual({ id: 'r1' });
    expect((await api.cargo('8', null)).response).toBeNull();
  });
});

describe('a repeat', () => {
  it('follows lost answers, later each time, and gives up after three', async () => {
    const { api, requests, slept } = scripted(['lost', 'lost', 'lost']);
    expect((await failure(api.cargos(''))).code).toBe('network');
    expect(requests).toHaveLength(3);
    expect(slept).toHaveLength(2);
    expect(slept[0]).toBeGreaterThanOrEqual(375);
    expect(slept[1]).toBeGreaterThan(slept[0] as number);
  });

  it('keeps the key of a sign-in', async () => {
    const { api, requests } = scripted(['lost', { body: {} }]);
    await api.signIn('x', 'key-1');
    expect(requests.map((request) => request.headers['idempotency-key'])).toEqual(['key-1', 'key-1']);
  });

  it('waits as long as the server asks', async () => {
    const busy = { status: 429, body: { code: 'rate_limited' }, headers: { 'retry-after': '4' } };
    const { api, slept } = scripted([busy, { body: page }]);
    await api.cargos('');
    expect(slept).toEqual([4000]);
  });

  it('is left to the driver when the wait is long, and when the server has already tried for long', async () => {
    for (const [code, wait] of [
      ['store_unavailable', 15],
      ['upstream_unavailable', 1],
    ] as const) {
      const down = { status: 503, body: { code, request_id: 'r1' }, headers: { 'retry-after': String(wait) } };
      const { api, requests } = scripted([down]);
      expect(await failure(api.cargos(''))).toMatchObject({ code, requestId: 'r1', retryAfter: wait });
      expect(requests).toHaveLength(1);
    }
  });

  it('does not follow a refusal', async () => {
    const fields = [{ field: 'price_min', code: 'malformed', message: '…' }];
    for (const [status, code] of [
      [404, 'cargo_gone'],
      [422, 'validation_failed'],
      [500, 'internal'],
      [502, 'upstream_forbidden'],
    ] as const) {
      const { api, requests } = scripted([{ status, body: { code, errors: fields } }]);
      expect(await failure(api.cargos(''))).toMatchObject({ status, code, fields });
      expect(requests).toHaveLength(1);
    }
  });

  it('does not follow an abort', async () => {
    const { api, requests } = scripted(['lost', { body: page }]);
    const controller = new AbortController();
    controller.abort();
    await expect(api.cargos('', controller.signal)).rejects.not.toBeInstanceOf(ApiError);
    expect(requests).toHaveLength(1);
  });

  it('does not happen without a network', async () => {
    const { api, requests } = scripted([], { online: false });
    expect((await failure(api.cargos(''))).code).toBe('offline');
    expect(requests).toHaveLength(0);
  });
});

describe('an answer that is not ours', () => {
  it('is an error, whatever its status', async () => {
    const portal = '<html>Войдите в Wi-Fi</html>';
    expect((await failure(scripted([{ body: portal }]).api.cargos(''))).code).toBe('unreadable');
    expect(await failure(scripted([{ status: 403, body: portal }]).api.cargos(''))).toMatchObject({
      code: 'unreadable',
      status: 403,
    });
    const { api, requests } = scripted([{ status: 502, body: portal }, { body: page }]);
    await api.cargos('');
    expect(requests).toHaveLength(2);
  });
});

describe('a 401', () => {
  const expired = { status: 401, body: { code: 'session_expired', app_url: 'https://t.me/bot/app' } };

  it('is repeated with the new token when the session was renewed', async () => {
    let token = 'old';
    const authority = {
      token: () => token,
      recover: async (error: ApiError, refused: string | null) => {
        expect([error.code, refused]).toEqual(['session_expired', 'old']);
        token = 'new';
        return true;
      },
    };
    const { api, requests } = scripted([expired, { body: page }], { authority });
    await api.cargos('');
    expect(requests.map((request) => request.headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  it('comes through when it was not', async () => {
    const { api } = scripted([expired]);
    expect(await failure(api.cargos(''))).toMatchObject({ code: 'session_expired', appUrl: 'https://t.me/bot/app' });
  });

  it('without a token tells where the app is opened', async () => {
    const { api, requests } = scripted([expired]);
    expect(await api.appUrl()).toBe('https://t.me/bot/app');
    expect(requests[0]?.headers.authorization).toBeUndefined();
  });
});

describe('the market', () => {
  it('counts nothing while it does not answer, and is not asked again at once', async () => {
    const counted = { total: 5, truck_types: [{ id: 1, name: 'тент', count: 5 }] };
    const { api, requests } = scripted([
      { status: 503, body: { code: 'market_unavailable' } },
      { body: counted },
      { status: 500, body: {} },
    ]);
    const { signal } = new AbortController();
    expect(await api.facets('price_min=5', signal)).toBeNull();
    expect(await api.facets('price_min=5', signal)).toEqual(counted);
    expect(requests[1]?.url).toBe('/api/cargos/facets?price_min=5');
    expect((await failure(api.facets('', signal))).status).toBe(500);
  });

  it('learns where the driver is to a kilometre and no better', async () => {
    const { api, requests } = scripted([{ body: { items: [] } }]);
    expect(await api.nearest(55.790_123, 49.114_987)).toEqual([]);
    expect(requests[0]?.url).toBe('/api/places/nearest?lat=55.79&lon=49.11&limit=1');
  });
});
