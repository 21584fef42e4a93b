import { describe, expect, it } from 'vitest';
import { send } from '../../api/client';
import { ApiError } from '../../api/error';
import { isRepriced, linkTrouble, type ShipperView, shipperRequest, takenBy, tokenIn } from './decision';

describe('the token of a link', () => {
  it('is what stands behind the #', () => {
    expect(tokenIn('#abc-DEF_1.x~y=')).toBe('abc-DEF_1.x~y=');
    for (const hash of ['', '#', '#а', '#a b', '#a\nb', `#${'a'.repeat(501)}`]) expect(tokenIn(hash)).toBeNull();
  });

  it('travels in a header and never in the address', async () => {
    const calls: [string, unknown][] = [];
    const request = (async (path: string, call: unknown) => {
      calls.push([path, call]);
      return { body: { status: 'sent' }, headers: new Headers() };
    }) as typeof send;
    await shipperRequest('t1', undefined, request);
    const decision = { decision: 'reject' as const, reason: 'Нужен тент' };
    expect(await shipperRequest('t1', decision, request)).toEqual({ status: 'sent' });
    const headers = { 'x-shipper-token': 't1' };
    expect(calls).toEqual([
      ['shipper/response', { headers }],
      ['shipper/response', { method: 'POST', headers, body: decision }],
    ]);
  });
});

describe('a link', () => {
  it('is of no use when it is unknown or too old', () => {
    expect(linkTrouble(new ApiError('link_invalid', 404))).toBe('invalid');
    expect(linkTrouble(new ApiError('link_expired', 410))).toBe('expired');
    for (const error of [
      new ApiError('offline'),
      new ApiError('response_closed', 409),
      new ApiError('rate_limited', 429),
    ]) {
      expect(linkTrouble(error)).toBeNull();
    }
  });
});

describe('a cargo that others have', () => {
  it('is told by its code, with their names and the choice to send back', async () => {
    const problem = JSON.stringify({ code: 'cargo_taken', accepted: ['Пётр', ''], choices: 3 });
    const network = {
      fetch: async () =>
        new Response(problem, { status: 409, headers: { 'content-type': 'application/problem+json' } }),
      sleep: async () => {},
      online: () => true,
      now: () => 0,
    };
    const request = (path: string, call: unknown) => send(path, call as never, network as never);
    const error = await shipperRequest('t1', { decision: 'accept', reason: null }, request as typeof send).catch(
      (reason) => reason,
    );
    expect(takenBy(error)).toEqual({ names: ['Пётр', ''], choices: 3 });
    expect(takenBy(new ApiError('response_closed', 409))).toBeNull();
  });
});

describe('the prices', () => {
  it('are two where the driver asks for another than the cargo has', () => {
    const view = (own: number | null, cargo: number | null) =>
      isRepriced({ price_rub: own, cargo: { price_rub: cargo } } as ShipperView);
    expect([view(null, 80_000), view(80_000, 80_000), view(92_000, 80_000), view(92_000, null)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});
