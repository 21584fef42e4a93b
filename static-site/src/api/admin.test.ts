import { describe, expect, it } from 'vitest';
import { createAdminApi, queryOf } from './admin';
import type { Authority, Network } from './client';
import { ApiError } from './error';

type Reply = { status?: number; body?: unknown; headers?: Record<string, string> } | 'lost';

/** The admin API over a network that gives the replies in turn and notes what was asked. */
function scripted(replies: Reply[]) {
  const requests: { url: string; method: string; headers: Record<string, string>; body: unknown }[] = [];
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
      return new Response(reply.status === 204 ? null : text, {
        status: reply.status ?? 200,
        headers: reply.headers ?? {},
      });
    },
    sleep: async () => undefined,
    online: () => true,
    now: () => 0,
  };
  const authority: Authority = { token: () => 'token-1', recover: async () => false };
  return { api: createAdminApi(() => authority, network), requests };
}

const CSV = { 'content-type': 'text/csv; charset=utf-8' };

describe('a list', () => {
  it('is asked for with its filters, without those that are empty', async () => {
    const { api, requests } = scripted([{ body: { items: [], cursor: null } }]);
    await api.list('payments', { status: 'succeeded', plan: '', id: undefined }, 'c 1');
    expect(requests[0]).toMatchObject({
      url: '/api/admin/payments?status=succeeded&cursor=c+1',
      headers: { authorization: 'Bearer token-1' },
    });
  });

  it('becomes one file of all its parts', async () => {
    const { api, requests } = scripted([
      { body: '\ufeff"Платёж"\r\n"1"\r\n', headers: { ...CSV, 'x-next-cursor': 'next' } },
      { body: '"2"\r\n', headers: CSV },
    ]);
    const heard: number[] = [];
    const file = await api.csv('payments', { status: 'pending' }, 'ru', (lines) => heard.push(lines));
    const bytes = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await file.arrayBuffer());
    expect(bytes, 'with the mark that says UTF-8').toBe('\ufeff"Платёж"\r\n"1"\r\n"2"\r\n');
    expect(requests.map(({ url }) => url)).toEqual([
      '/api/admin/payments?status=pending&format=csv',
      '/api/admin/payments?status=pending&format=csv&cursor=next',
    ]);
    expect(heard).toEqual([1, 2]);
  });

  it('is asked for in English, with commas, by who reads English', async () => {
    const { api, requests } = scripted([{ body: '', headers: CSV }]);
    await api.csv('payments', {}, 'en', () => undefined);
    expect(requests[0]?.url).toBe('/api/admin/payments?format=csv&lang=en&sep=%2C');
  });

  it('stops where a part of the file is refused', async () => {
    const { api, requests } = scripted([
      { body: '"id"\r\n', headers: { ...CSV, 'x-next-cursor': 'next' } },
      { status: 403, body: { code: 'admin_only', request_id: 'r-1' } },
    ]);
    await expect(api.csv('audit', {}, 'ru', () => undefined)).rejects.toMatchObject({
      code: 'admin_only',
      requestId: 'r-1',
    });
    expect(requests).toHaveLength(2);
  });
});

describe('a command', () => {
  it('keeps its key when the answer is lost, so that it is done once', async () => {
    const { api, requests } = scripted(['lost', { status: 201, body: { refund: {}, payment: {} } }]);
    await api.refund('a/b', { amount_rub: null, reason: 'Двойная оплата', email: null }, 'key-1');
    expect(requests).toHaveLength(2);
    for (const request of requests) {
      expect(request).toMatchObject({ url: '/api/admin/payments/a%2Fb/refund', method: 'POST' });
      expect(request.headers['idempotency-key']).toBe('key-1');
      expect(request.body).toBe('{"amount_rub":null,"reason":"Двойная оплата","email":null}');
    }
  });

  it('sends drivers of a flag only where the rule is a list of them', async () => {
    const { api, requests } = scripted([{ body: {} }, { body: {} }]);
    await api.setFlag('respond', 'off', [1], 4);
    await api.setFlag('respond', 'drivers', [1], 5);
    expect(requests.map(({ body }) => body)).toEqual([
      '{"rule":"off","version":4}',
      '{"rule":"drivers","version":5,"drivers":[1]}',
    ]);
  });

  it('that has nothing to answer answers nothing', async () => {
    const { api, requests } = scripted([{ status: 204 }]);
    expect(await api.takeRole('7')).toBeNull();
    expect(requests[0]).toMatchObject({ method: 'DELETE', url: '/api/admin/roles/7', body: undefined });
  });

  it('tells what it was refused for, field by field', async () => {
    const errors = [{ field: 'secret_key', code: 'refused', message: 'YooKassa refuses it.' }];
    const { api } = scripted([{ status: 422, body: { code: 'validation_failed', request_id: 'r-2', errors } }]);
    const error = await api.saveShop('1', 'x').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).fields).toEqual(errors);
  });
});

it('makes queries of what is not empty', () => {
  expect(queryOf({})).toBe('');
  expect(queryOf({ a: '', b: null, c: 0, d: 'х y' })).toBe('?c=0&d=%D1%85+y');
});
